"""Which photos are pushed: those of a clean set, of any folder, or of a bucket that CVAT reads itself."""

import hashlib
import json

import fsspec
import pyarrow
import pytest
from pyarrow import parquet

from crumple.errors import CrumpleError, DataError
from crumple.label.cvat.cloud import find_storage, key_prefix, split_url
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.remembered import all_remembered, remember, remembered
from crumple.label.photos import read_photos
from crumple.storage import RemoteFolder, open_folder
from tests.label.cvat.cvat_project import Heard, logged_in, push_all, shapes, write_photos
from tests.label.cvat.fake_cvat import FakeCvat


def prepared(folder, count=3, shard=""):
    """A clean set as `crumple prepare` writes it, as far as labelling reads it."""
    write_photos(folder, count)
    rows = [
        {
            "file": f"p{i}.jpg",
            "jpeg_sha256": hashlib.sha256((folder / f"p{i}.jpg").read_bytes()).hexdigest(),
            "group": "claim 7" if i else "",
            "split": "val" if i else "train",
            "hash": i,
            "shard": shard,
            "licence": "CC0-1.0" if i else "",
            "licence_url": "https://cc0" if i else "",
        }
        for i in range(count)
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "manifest.parquet")
    return open_folder(folder)


def test_a_clean_set(tmp_path):
    folder = prepared(tmp_path)
    (tmp_path / "stranger.jpg").write_bytes(b"not in the manifest")
    photos = read_photos(folder)
    assert [(p.name, p.group, p.split, p.hash) for p in photos] == [
        ("p0.jpg", None, "train", 0), ("p1.jpg", "claim 7", "val", 1), ("p2.jpg", "claim 7", "val", 2)
    ]  # fmt: skip
    assert [p.licence for p in photos] == [None, ("CC0-1.0", "https://cc0"), ("CC0-1.0", "https://cc0")]
    assert photos[0].sha256 == hashlib.sha256((tmp_path / "p0.jpg").read_bytes()).hexdigest()


def test_any_folder_and_what_collect_knows(tmp_path):
    write_photos(tmp_path / "a", 2)
    (tmp_path / "a" / "notes.txt").write_text("no photo")
    assert [(p.name, p.group) for p in read_photos(open_folder(tmp_path / "a"))] == [("p0.jpg", None), ("p1.jpg", None)]
    lines = [{"file": "p0.jpg", "group": "claim 1"}, {"file": "p1.jpg"}]
    (tmp_path / "a" / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [p.group for p in read_photos(open_folder(tmp_path / "a"))] == ["claim 1", None]


def test_a_copy_counts_once(tmp_path):
    write_photos(tmp_path, 1)
    (tmp_path / "z.jpg").write_bytes((tmp_path / "p0.jpg").read_bytes())
    assert [p.name for p in read_photos(open_folder(tmp_path))] == ["p0.jpg"]


def test_what_is_no_set_of_photos(tmp_path):
    for place, match in [
        (tmp_path / "none", "there is no such folder"),
        (tmp_path, "holds no photo"),
    ]:
        with pytest.raises(DataError, match=match):
            read_photos(open_folder(place))
    prepared(tmp_path / "shards", shard="shards/train-00000.tar")
    with pytest.raises(DataError, match="lie in tar files; prepare them with --format folder"):
        read_photos(open_folder(tmp_path / "shards"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match="is no manifest of crumple prepare"):
        read_photos(open_folder(tmp_path / "broken"))


def test_where_photos_lie_is_remembered_without_secrets(tmp_path, monkeypatch):
    assert remembered("http://cvat", 7) == []  # no cache in tests
    remember("http://cvat", 7, "/data")
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path))
    assert remembered("http://cvat", 7) == []
    for place in ("/data", "/more", "/data"):
        remember("http://cvat/", 7, place)
    remember("http://cvat", 8, "/other")
    assert remembered("http://cvat", 7) == ["/more", "/data"]
    assert all_remembered() == {"/data", "/more", "/other"}
    for path in (tmp_path / "label").iterdir():
        assert json.loads(path.read_text()).keys() == {"url", "project", "photos"}
        path.write_text("broken")
    assert remembered("http://cvat", 7) == [] and all_remembered() == set()


class Bucket(RemoteFolder):
    """gs:// or s3://, played by fsspec's memory."""

    def __init__(self, url, root):
        self.url, self.files, self.root = url, fsspec.filesystem("memory"), root


@pytest.fixture
def bucket(tmp_path):
    """Three photos in s3://cars/clean, which the server can read too."""
    local = prepared(tmp_path / "local")
    folder = Bucket("s3://cars/clean", f"/{tmp_path.name}/clean")
    for name in local.sizes():
        folder.write(name, local.read(name))
    with FakeCvat() as fake:
        fake.state.bucket = {f"clean/{name}": local.read(name) for name in local.sizes()}
        yield fake, folder


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


def test_a_bucket_is_registered_once_and_its_photos_are_not_uploaded(bucket):
    fake, folder = bucket
    pushed = push_all(fake, folder)
    assert pushed.photos == 3 and len(shapes(fake)) == 6
    assert [[name for name, _ in frames] for frames in fake.state.frames.values()] == [
        ["clean/p0.jpg"], ["clean/p1.jpg", "clean/p2.jpg"]
    ]  # fmt: skip
    (storage,) = fake.state.storages
    assert (storage["provider_type"], storage["resource"], storage["credentials_type"]) == (
        "AWS_S3_BUCKET", "cars", "ANONYMOUS_ACCESS"
    )  # fmt: skip
    assert push_all(fake, folder).photos == 0
    assert len(fake.state.storages) == 1


def test_keys_are_handed_over_only_if_it_is_said(bucket, monkeypatch):
    fake, folder = bucket
    with pytest.raises(CvatError, match="--hand-over-keys needs AWS_ACCESS_KEY_ID"):
        push_all(fake, folder, hand_over_keys=True)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-annie")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "more-secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    push_all(fake, folder, hand_over_keys=True)
    (storage,) = fake.state.storages
    assert storage["credentials_type"] == "KEY_SECRET_KEY_PAIR"
    assert storage["specific_attributes"] == "region=eu-west-1&endpoint_url=http://minio:9000"


def test_a_key_file_of_google(bucket, monkeypatch, tmp_path):
    fake, _ = bucket
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    folder = Bucket("gs://cars", "/x")
    with logged_in(fake) as server:
        with pytest.raises(CvatError, match="GOOGLE_APPLICATION_CREDENTIALS"):
            find_storage(server, folder, True)
        (tmp_path / "key.json").write_text('{"type": "service_account"}')
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        assert find_storage(server, folder, True) == fake.state.storages[0]["id"]
    assert fake.state.storages[0]["credentials_type"] == "KEY_FILE_PATH"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("gs://cars", ("GOOGLE_CLOUD_STORAGE", "cars", "")),
        ("s3://cars/a/b", ("AWS_S3_BUCKET", "cars", "a/b/")),
    ],
)
def test_urls_of_buckets(url, parts):
    assert split_url(Bucket(url, "/x")) == parts


def test_the_copy_of_a_bucket_is_known_by_its_keys(tmp_path):
    """Of the folder that was pushed, or of the whole bucket."""
    copy = open_folder(tmp_path)
    assert key_prefix(copy, "s3://cars/a/b") == "a/b/"
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert key_prefix(copy, "s3://cars/a/b") == ""
    assert {key_prefix(copy, pushed) for pushed in ("s3://cars", "/data/clean", None)} == {""}
    assert key_prefix(Bucket("gs://cars/c", "/x"), None) == "c/"


def test_other_stores_are_refused():
    with pytest.raises(CrumpleError, match="CVAT reads gs:// and s3:// itself, not memory://"):
        split_url(Bucket("memory://cars", "/x"))


def test_a_bucket_whose_photos_cvat_cannot_read(bucket):
    fake, folder = bucket
    del fake.state.bucket["clean/p2.jpg"]
    with pytest.raises(CvatError, match=r"Could not find a file clean/p2.jpg on the cloud storage"):
        push_all(fake, folder, heard=Heard())
