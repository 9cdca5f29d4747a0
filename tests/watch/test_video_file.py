from collections import namedtuple

import cv2
import numpy as np
import pytest

from crumple.watch.errors import VideoError
from crumple.watch.video_file import video_file
from tests.watch.videos import texture

Usage = namedtuple("Usage", "total used free")


def read(path):
    capture, frames = cv2.VideoCapture(str(path)), []
    fps = capture.get(cv2.CAP_PROP_FPS)
    while True:
        more, bgr = capture.read()
        if not more:
            return frames, fps
        frames.append(bgr[..., ::-1])


def test_frames_at_irregular_times_play_at_true_speed(tmp_path):
    shades = {0.0: 40, 0.1: 80, 0.5: 160, 0.6: 240}
    with video_file(tmp_path / "v.mp4", 10) as film:
        for seconds, shade in shades.items():
            film.write(np.full((60, 80, 3), shade, np.uint8), seconds)
    frames, fps = read(tmp_path / "v.mp4")
    assert fps == 10 and [round(frame.mean() / 40) * 40 for frame in frames] == [40, 80, 80, 80, 80, 160, 240]


def test_odd_sides_and_other_sizes_are_made_to_fit(tmp_path):
    with video_file(tmp_path / "v.mp4", 10) as film:
        film.write(texture(width=161, height=121), 0.0)
        film.write(texture(width=80, height=60), 0.1)
    frames, _ = read(tmp_path / "v.mp4")
    assert [frame.shape for frame in frames] == [(120, 160, 3)] * 2


def test_nothing_written_is_no_file(tmp_path):
    with video_file(tmp_path / "v.mp4", 10):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1, 1, 1000))
    with pytest.raises(VideoError, match="the disk is full"), video_file(tmp_path / "v.mp4", 10) as film:
        film.write(texture(), 0.0)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_hold_what_was_written_is_told(tmp_path, monkeypatch):
    with pytest.raises(VideoError, match="holds 0 of 1 frames"), video_file(tmp_path / "v.mp4", 10) as film:
        film.write(texture(), 0.0)
        monkeypatch.setattr(film, "_path", tmp_path / "elsewhere.mp4")
    assert list(tmp_path.iterdir()) == []
