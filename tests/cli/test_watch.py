import json
import signal
import subprocess
import sys

import pytest

from crumple.cli.main import run
from tests.fakes import Thing, fake_detector, save_model
from tests.watch.videos import write_video

THINGS = [
    Thing("parts", "hood", (10, 10, 90, 90), 0.9),
    Thing("damage", "dent", (20, 20, 40, 45), 0.8),
]


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setattr("crumple.detect.detector.load_detector", lambda *_, **__: fake_detector(THINGS))


def call(*arguments):
    with pytest.raises(SystemExit) as caught:
        run(["watch", *map(str, arguments)])
    return caught.value.code or 0


def test_a_video_gives_a_report(tmp_path, model, capsys):
    assert call(write_video(tmp_path / "walk.mp4"), "--out", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("frames", "frames.jsonl", "index.html", "video.mp4")
    ]
    printed = capsys.readouterr().out
    assert "dent on hood" in printed and "12 frames looked at of 12" in printed and "1 finding" in printed


def test_stream_prints_lines_as_they_come(tmp_path, model, capsys):
    video = write_video(tmp_path / "walk.mp4", frames=4)
    assert call(video, "--out", tmp_path / "out", "--stream", "--no-video") == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("frame") for line in printed] == [0, 1, 2, 3, None] and len(printed[-1]["findings"]) == 1


@pytest.mark.parametrize(("source", "words"), [("absent.mp4", "there is no such file"), ("97", "camera 97")])
def test_a_bad_source_is_one_line(tmp_path, source, words, capsys):
    assert call(source, "--out", tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ") and words in told and told.count("\n") == 1 and not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be(tmp_path, model, capsys):
    (tmp_path / "out").touch()
    assert call(write_video(tmp_path / "walk.mp4"), "--out", tmp_path / "out") == 2
    assert "is a file, not a folder" in capsys.readouterr().err


def test_ctrl_c_finishes_the_files(tmp_path):
    """A real process, stopped in the middle of a video that plays at its own speed."""
    save_model(tmp_path, size=(100, 200))
    video = write_video(tmp_path / "walk.mp4", frames=1200)
    command = [sys.executable, "-m", "crumple", "watch", video, "--out", tmp_path / "out", "--model", tmp_path]
    process = subprocess.Popen(
        [*map(str, command), "--paced", "--stream"],
        stdout=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    assert json.loads(first)["parts"][0]["label"] == "front_left_door"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert json.loads(rest.splitlines()[-1])["ended"] == "interrupted"
    assert (tmp_path / "out" / "index.html").is_file() and (tmp_path / "out" / "video.mp4").is_file()
