"""The same verbs do the same whatever the folder is: local, S3, Cloud Storage or memory."""

import subprocess
import sys

import pytest

from crumple.storage import LocalFolder, StorageError, open_folder
from tests.stores import gs_bucket, s3_bucket

KINDS = ["local", "memory", "s3", "gs"]


@pytest.fixture(scope="module")
def buckets():
    with s3_bucket() as s3, gs_bucket() as gs:
        yield {"s3": s3, "gs": gs, "memory": "memory://crumple-tests"}


@pytest.fixture(params=KINDS)
def folder(request, tmp_path, buckets):
    if request.param == "local":
        return open_folder(tmp_path / "data" / "raw")
    return open_folder(f"{buckets[request.param]}/{tmp_path.name}/raw/")


def test_what_is_written_is_read(folder):
    assert folder.sizes() == {} and folder.sizes("images") == {} and not folder.exists("images/a.jpg")
    folder.write("images/b.jpg", b"bb")
    folder.write("images/a.jpg", b"a")
    folder.write("notes.txt", b"old and longer")
    folder.write("notes.txt", b"new")
    assert folder.read("notes.txt") == b"new"
    with folder.open("images/b.jpg") as file:
        assert file.read() == b"bb"
    assert folder.exists("images/a.jpg") and not folder.exists("images")
    assert folder.sizes() == {"images/a.jpg": 1, "images/b.jpg": 2, "notes.txt": 3}
    assert folder.sizes("images") == {"images/a.jpg": 1, "images/b.jpg": 2}
    assert (folder / "images").sizes() == {"a.jpg": 1, "b.jpg": 2}
    assert str(folder / "images") == f"{folder}/images" == folder.where("images")


def test_append_makes_a_file_longer(folder):
    folder.append("manifest.jsonl", b"one\n")
    folder.append("manifest.jsonl", b"two\n")
    assert folder.read("manifest.jsonl") == b"one\ntwo\n"


def test_delete_is_fine_without_the_file(folder):
    folder.write("a", b"a")
    folder.delete("a")
    folder.delete("a")
    assert folder.sizes() == {}


def test_a_missing_file_is_named(folder):
    for read in (folder.read, lambda name: folder.open(name).read()):
        with pytest.raises(FileNotFoundError) as error:
            read("missing.txt")
        assert error.value.filename == folder.where("missing.txt")


def test_a_file_appears_when_it_is_whole(folder):
    with folder.create("tar/shard.tar") as file:
        file.write(b"whole")
        assert folder.sizes() == {}
    assert folder.read("tar/shard.tar") == b"whole"


def test_a_failed_block_leaves_what_was_there(folder):
    folder.write("shard.tar", b"old")
    with pytest.raises(KeyboardInterrupt), folder.create("shard.tar") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert folder.read("shard.tar") == b"old" and folder.sizes() == {"shard.tar": 3}


def test_hidden_files_are_not_listed(folder):
    folder.write("images/.a.jpg.half", b"x")
    folder.write("images/a.jpg", b"x")
    assert list(folder.sizes()) == ["images/a.jpg"]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../../x", "..", "a\\b"])
def test_no_name_leads_out_of_the_folder(folder, name):
    for verb in (folder.read, folder.exists, folder.delete, lambda name: folder.write(name, b"")):
        with pytest.raises(StorageError, match="no name of a file"):
            verb(name)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("", "an empty path is no folder"),
        ("http://host/folder", "http:// are not supported; give a local folder, gs://... or s3://..."),
        ("s3://", "names no bucket"),
        ("gs:/bucket/folder", "names no bucket"),
    ],
)
def test_a_place_that_is_none_is_refused(place, why):
    with pytest.raises(StorageError, match=why):
        open_folder(place)


def test_a_local_folder_needs_no_package_and_is_made_with_its_first_file(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    folder = open_folder(tmp_path / "new")
    assert isinstance(folder, LocalFolder) and folder.path == tmp_path / "new" and not folder.path.exists()
    folder.write("a", b"")
    assert (tmp_path / "new" / "a").exists()


@pytest.mark.parametrize(("scheme", "package", "extra"), [("gs", "gcsfs", "gcp"), ("s3", "s3fs", "s3")])
@pytest.mark.parametrize("without", ["its own", "fsspec"])
def test_a_missing_package_names_its_extra(scheme, package, extra, without):
    missing = package if without == "its own" else "fsspec"
    done = _python(f"""
import sys
sys.modules[{missing!r}] = None
from crumple.storage import MissingExtraError, open_folder
try:
    open_folder("{scheme}://bucket/folder")
except MissingExtraError as error:
    print(error)
""")
    assert done == f"{missing} is not installed: pip install 'crumple[{extra}]'\n"


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_a_bucket_that_is_not_there_is_told_in_one_line(buckets, scheme):
    folder = open_folder(f"{scheme}://no-such-bucket/raw")
    for write in (folder.write, folder.append):
        with pytest.raises(StorageError, match=rf"^{scheme}://no-such-bucket/raw/a: there is no such bucket; make it"):
            write("a", b"a")


def test_warnings_of_a_stores_client_do_not_go_to_stderr():
    program = "sys.stderr = sys.stdout; import crumple.storage; logging.getLogger('gcsfs').warning('no credentials')"
    assert _python(f"import logging, sys; {program}") == ""


def test_an_append_that_the_disk_cannot_hold_leaves_the_file_as_it_was(tmp_path):
    done = _python(f"""
import resource
from crumple.storage import open_folder
folder = open_folder({str(tmp_path)!r})
folder.append("manifest.jsonl", b"x" * 99 + b"\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, (150, resource.RLIM_INFINITY))
try:
    folder.append("manifest.jsonl", b"y" * 99 + b"\\n")
except OSError as error:
    print(error.strerror)
""")
    assert done == "File too large\n"
    assert (tmp_path / "manifest.jsonl").read_bytes() == b"x" * 99 + b"\n"


def _python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
