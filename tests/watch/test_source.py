import os

import numpy as np
import pytest

from crumple.watch.errors import VideoError
from crumple.watch.source import MAX_SIDE, open_source
from tests.watch.videos import write_video


def read_all(source):
    frames = []
    while source.advance():
        frames.append((source.number, round(source.seconds, 3), source.picture()))
    return frames


def test_a_file_gives_its_frames_with_their_times(tmp_path):
    source = open_source(str(write_video(tmp_path / "walk.mp4", frames=7, fps=5)))
    assert (source.name, source.live, source.fps, source.expected) == ("walk.mp4", False, 5, 7)
    frames = read_all(source)
    assert [number for number, _, _ in frames] == list(range(7))
    assert [seconds for _, seconds, _ in frames] == pytest.approx([i / 5 for i in range(7)])
    assert all(rgb.shape == (100, 200, 3) and rgb.dtype == np.uint8 for _, _, rgb in frames)


def test_a_large_video_comes_scaled_down(tmp_path):
    source = open_source(str(write_video(tmp_path / "walk.mp4", frames=1, width=1600, height=80)))
    [(_, _, rgb)] = read_all(source)
    assert rgb.shape == (64, MAX_SIDE, 3)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.mp4", "there is no such file"),
        ("folder", "is a folder"),
        ("text.mp4", "is no video that can be read"),
        ("empty.mp4", "is no video that can be read"),
        ("pipe", "is a device or pipe"),
    ],
)
def test_what_is_no_video_is_told_in_one_line(tmp_path, name, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.mp4").write_text("no video " * 100)
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VideoError, match=words) as caught:
        open_source(str(tmp_path / name))
    assert "\n" not in str(caught.value) and name in str(caught.value)


def test_a_camera_that_is_absent():
    with pytest.raises(VideoError, match="camera 97: cannot be opened"):
        open_source("97")


def test_a_stream_that_cannot_be_reached_keeps_its_password():
    with pytest.raises(VideoError, match="no stream can be reached") as caught:
        open_source("rtsp://user:secret@127.0.0.1:9/garage")  # the port that nothing listens on
    assert "secret" not in str(caught.value) and "rtsp://127.0.0.1:9/garage" in str(caught.value)
