"""The whole pipeline, on this machine: what comes out, and that it is always the same."""

import io
import json
import tarfile
from io import BytesIO
from shutil import copytree

import pytest
from PIL import Image

from crumple.beam.runner import cause, local_options
from crumple.errors import CrumpleError
from crumple.folder_lock import only_process
from crumple.prepare import pipeline, publish
from crumple.prepare.records import FIELDS
from crumple.prepare.run import run
from crumple.prepare.settings import Settings
from crumple.prepare.tfrecord import read_tfrecord
from tests.prepare.photos import photo_file, with_gps, write_photos
from tests.prepare.pictures import scene

pytestmark = pytest.mark.slow

SETTINGS = Settings(size=320, vehicle=False)
ONE, THREADS, PROCESSES = local_options(1), local_options(3), local_options(2, processes=True)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Twelve photos of four authors, a copy, a twin, one in the dark, poison, and one photo that is missing."""
    folder = write_photos(tmp_path_factory.mktemp("raw"), range(10))
    (folder / "gps.jpg").write_bytes(with_gps(scene(10)))
    (folder / "copy.jpg").write_bytes(photo_file(scene(3)[16:-16, 20:-20], quality=40))
    (folder / "twin.jpg").write_bytes((folder / "005.jpg").read_bytes())
    (folder / "dark.png").write_bytes(photo_file(scene(11) // 8, "PNG"))
    (folder / "poison.jpg").write_bytes((folder / "000.jpg").read_bytes()[:4000])
    (folder / "unnamed.jpg").write_bytes(photo_file(scene(12)))
    names = sorted(path.name for path in folder.iterdir() if path.name != "unnamed.jpg")
    lines = [
        {"file": name, "source": "test", "id": i, "author": f"author {i % 4}", "licence": "CC0-1.0"}
        for i, name in enumerate([*names, "missing.jpg"])
    ]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture(scope="module")
def clean(raw, tmp_path_factory):
    out = tmp_path_factory.mktemp("clean") / "out"
    run(str(raw), str(out), SETTINGS, ONE)
    return out


def rows(out):
    from pyarrow import parquet

    return parquet.read_table(out / "manifest.parquet").to_pylist()


def content(folder):
    """Every file, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_comes_out(clean):
    kept = rows(clean)
    assert {row["name"] for row in kept} == {f"{i:03d}.jpg" for i in range(10)} | {"gps.jpg"}
    assert list(kept[0]) == [field.name for field in FIELDS]
    for row in kept:
        data = (clean / row["file"]).read_bytes()
        image = Image.open(BytesIO(data))
        assert image.size == (row["width"], row["height"]) == (320, 240) and image.mode == "RGB"
        assert b"Secret" not in data and b"Exif" not in data
        assert row["file"] == f"photos/{row['split']}/{row['id']}.jpg" and row["licence"] == "CC0-1.0"
    copies = {row["name"]: row["copies"] for row in kept if row["copies"]}
    assert copies == {"003.jpg": 1, "005.jpg": 1}
    assert {row["together"] for row in kept} <= {f"author test author {i}" for i in range(4)}


def test_what_does_not_is_told_why(clean):
    lines = (clean / "rejects.jsonl").read_text().splitlines()
    found = {row["name"]: (row["reasons"], row["duplicate_of"]) for row in map(json.loads, lines)}
    assert found == {
        "copy.jpg": (["duplicate"], "003.jpg"),
        "twin.jpg": (["duplicate"], "005.jpg"),
        "dark.png": (["too_dark", "blurred"], None),
        "poison.jpg": (["unreadable"], None),
        "missing.jpg": (["unreadable"], None),
    }
    assert "cut off or damaged" in (clean / "rejects.jsonl").read_text()
    page = (clean / "summary.html").read_text()
    assert (
        "poison.jpg: the JPEG is cut off" in page and "CC0-1.0" in page and page.count("data:image/jpeg") == 11 + 4 + 1
    )
    assert "http" not in page.replace("http-equiv", "")


def test_nothing_else_is_left(clean):
    files = {name for name in content(clean) if not name.startswith("photos/")}
    assert files == {"manifest.parquet", "prepare.json", "rejects.jsonl", "summary.html"}
    assert len(content(clean)) == 4 + 11


def test_threads_give_the_same_bytes(raw, clean, tmp_path):
    run(str(raw), str(tmp_path / "out"), SETTINGS, THREADS)
    assert content(tmp_path / "out") == content(clean)


def test_elements_are_never_sent_by_halves(tmp_path, monkeypatch):
    from apache_beam.runners.portability.fn_api_runner import worker_handlers

    # What Beam would send every second, and here a thousand times as often, is also sent in the middle of an element.
    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 1)
    raw = tmp_path / "raw"
    raw.mkdir()
    small = photo_file(scene(0, (48, 64)))
    for i in range(300):
        (raw / f"{i}.jpg").write_bytes(small + bytes([i % 256, i // 256]))
    run(str(raw), str(tmp_path / "out"), Settings(size=64, vehicle=False), THREADS)
    assert len((tmp_path / "out" / "rejects.jsonl").read_text().splitlines()) == 300  # too small, all of them


def test_processes_give_the_same_bytes(raw, clean, tmp_path):
    run(str(raw), str(tmp_path / "out"), SETTINGS, PROCESSES)
    assert content(tmp_path / "out") == content(clean)


def test_another_run_replaces_the_first_one_whole(raw, clean, tmp_path):
    out = tmp_path / "out"
    run(str(raw), str(out), Settings(size=200, vehicle=False, format="webdataset", shard=4), THREADS)
    (out / ".staging" / "of-other-settings").mkdir(parents=True)
    (out / ".staging" / "of-other-settings" / "left-by-a-killed-run.jpg").touch()
    shards = rows(out)
    names = {row["shard"] for row in shards}
    assert names == {str(path.relative_to(out)) for path in out.glob("shards/*")} and len(names) >= 3
    for row in shards:
        with tarfile.open(out / row["shard"]) as tar:
            image = Image.open(io.BytesIO(tar.extractfile(row["file"]).read()))
            about = json.loads(tar.extractfile(row["id"] + ".json").read())
        assert image.size == (200, 150) and about["name"] == row["name"] and about["author"] == row["author"]
    run(str(raw), str(out), SETTINGS, ONE)
    assert content(out) == content(clean)


def test_tfrecord_shards(raw, clean, tmp_path):
    out = tmp_path / "out"
    run(str(raw), str(out), Settings(size=320, vehicle=False, format="tfrecord", shard=4), ONE)
    kept = rows(out)
    examples = [one for shard in sorted(out.glob("shards/*")) for one in read_tfrecord(shard)]
    assert len(examples) == len(kept) == 11 and all(row["shard"].endswith(".tfrecord") for row in kept)
    photos = {path.stem: path.read_bytes() for path in clean.glob("photos/*/*")}
    for row, example in zip(sorted(kept, key=lambda row: (row["shard"], row["id"])), examples, strict=True):
        assert example["image/encoded"] == photos[row["id"]] and example["image/format"] == b"jpeg"
        assert (
            example["name"].decode() == row["name"]
            and example["width"] == 320
            and example["hash"] % 2**64 == row["hash"]
        )
        assert example["sharpness"] == pytest.approx(row["sharpness"]) and "view" not in example


def test_a_run_that_fails_leaves_the_earlier_one_as_it_was(raw, clean, tmp_path, monkeypatch):
    out = tmp_path / "out"
    copytree(clean, out)
    before = content(out)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pipeline, "make_plan", full)
    with pytest.raises(CrumpleError, match=r"^the pipeline stopped: OSError: \[Errno 28\] No space left on device$"):
        run(str(raw), str(out), Settings(size=100, vehicle=False), ONE)
    assert {name: data for name, data in content(out).items() if not name.startswith(".staging")} == before


def test_a_run_that_dies_while_it_publishes_is_visibly_not_whole(raw, clean, tmp_path, monkeypatch):
    out = tmp_path / "out"
    copytree(clean, out)
    with monkeypatch.context() as patch:
        patch.setattr(publish, "summary_html", lambda *args: 1 / 0)
        with pytest.raises(CrumpleError, match="ZeroDivisionError"):
            run(str(raw), str(out), SETTINGS, ONE)
    assert not (out / "manifest.parquet").exists()
    run(str(raw), str(out), SETTINGS, ONE)
    assert content(out) == content(clean)


def test_no_photo_at_all(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(CrumpleError, match="raw: no photo in it"):
        run(str(tmp_path / "raw"), str(tmp_path / "out"), SETTINGS, ONE)
    assert not (tmp_path / "out").exists()


def test_a_folder_is_one_runs_at_a_time(raw, tmp_path):
    with (
        only_process(tmp_path / "out", "prepares there"),
        pytest.raises(CrumpleError, match="another process prepares there"),
    ):
        run(str(raw), str(tmp_path / "out"), SETTINGS, ONE)
    assert not (tmp_path / "out").exists()


def test_the_cause_is_found_in_a_worker_s_traceback():
    text = (
        'Traceback (most recent call last):\n  File "x"\ncrumple.errors.ModelError: m: not JSON [while running "a"]\n'
    )
    assert cause(RuntimeError(text)) == "m: not JSON"
    assert cause(CrumpleError("plain [while running 'list']")) == "plain"
    assert cause(ValueError("plain")) == "the pipeline stopped: ValueError: plain"
    assert cause(ValueError()) == "the pipeline stopped: ValueError: no reason given"
