import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crumple.cli.main import run
from tests.fakes import save_model
from tests.prepare.photos import photo_file, write_photos
from tests.prepare.pictures import scene

pytestmark = pytest.mark.slow


def command(*arguments, capsys):
    with pytest.raises(SystemExit) as end:
        run(["prepare", *map(str, arguments)])
    said = capsys.readouterr()
    return end.value.code or 0, said.out, said.err


def test_a_folder_with_a_model(tmp_path, capsys):
    raw = tmp_path / "raw"
    raw.mkdir()
    for seed in range(3):  # bright ones: the model's score is how bright they are
        (raw / f"{seed}.jpg").write_bytes(photo_file(scene(seed) // 2 + 127))
    (raw / "poison.jpg").write_bytes(b"no photo")
    model = tmp_path / "model"
    model.mkdir()
    save_model(model)
    code, said, complaint = command(raw, "--out", tmp_path / "clean", "--model", model, "--workers", 2, capsys=capsys)
    assert (code, complaint) == (0, "")
    assert said == f"3 kept, 1 rejected (1 unreadable): {tmp_path}/clean/summary.html\n"
    from pyarrow import parquet

    rows = parquet.read_table(tmp_path / "clean" / "manifest.parquet").to_pylist()
    assert {row["view"] for row in rows} == {"left"} and all(0 < row["vehicle_share"] < 1 for row in rows)


def test_not_one_photo_kept_is_exit_code_1(tmp_path, capsys):
    raw = write_photos(tmp_path / "raw", range(2))
    out = tmp_path / "clean"
    code, said, _ = command(raw, "--out", out, "--no-vehicle", "--min-side", 2000, capsys=capsys)
    assert code == 1 and said.startswith("0 kept, 2 rejected (2 too small)") and (out / "rejects.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--out", "x"], "nowhere: there is no such folder; give a folder of photos"),
        (["file.jpg", "--out", "x"], "file.jpg: is a file, not a folder; give a folder of photos"),
        (["empty", "--out", "x", "--no-vehicle"], "empty: no photo in it; give a folder with photos, or one that"),
        (["empty", "--out", "empty", "--no-vehicle"], "empty: is the folder of the source or one above it"),
        (["empty", "--out", "x", "--splits", "a=1,b=1"], "--splits a=1,b=1: the shares must add up to 1"),
        (["empty", "--out", "x", "--model", "nowhere"], "nowhere: there is no such folder"),
        (["empty", "--out", "x", "--runner", "DataflowRunner"], "--runner DataflowRunner needs --project"),
        (["empty", "--out", "x", "--project", "p"], "--project does nothing without --runner DataflowRunner; leave it"),
        (
            ["gs://a/b", "--out", "gs://a/c", "--runner", "DataflowRunner", "--processes"],
            "--processes does nothing without --runner local; leave it",
        ),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_left(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.jpg").touch()
    code, said, complaint = command(*arguments, capsys=capsys)
    assert code == 2 and said == "" and complaint.startswith(f"error: {message}") and complaint.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file.jpg"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_only_what_the_next_one_goes_on_from(number, code, tmp_path):
    raw = write_photos(tmp_path / "raw", range(5))
    big = (raw / "000.jpg").read_bytes()
    for i in range(1500):  # far more than are done before the signal comes
        (raw / f"copy{i}.jpg").write_bytes(big)
    out = tmp_path / "clean"
    arguments = ["-m", "crumple", "prepare", str(raw), "--out", str(out), "--no-vehicle", "--workers", "1"]
    process = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.PIPE, text=True)
    wait_for(out / ".staging")
    process.send_signal(number)
    complaint = process.communicate(timeout=60)[1]
    assert process.returncode == code, complaint
    assert "Traceback" not in complaint and {path.name for path in out.iterdir()} == {".staging"}


def wait_for(folder: Path):
    end = time.monotonic() + 60
    while not folder.is_dir():
        assert time.monotonic() < end
        time.sleep(0.02)
