"""A video file, a camera or a network stream as moments in time, of which only those that are wanted are decoded."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crumple.watch.errors import VideoError

MAX_SIDE = 1280  # pixels; the network looks at fewer, and pictures for a person need no more
PATIENCE = 5000  # milliseconds that a network stream may take to open, and between frames


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    number: its position in the source, from 0. seconds: since the source's first frame. rgb: (H, W, 3) uint8, upright,
    its longer side at most MAX_SIDE pixels.
    """

    number: int
    seconds: float
    rgb: npt.NDArray[np.uint8]


class Source:
    """An opened source. `advance` to the next frame, which is cheap, then `picture` if it is wanted.

    name: what to call it. live: whether it goes on without being asked. fps: frames a second as it states them, 0 if it
    does not. expected: frames that a file says it has, 0 if it does not say.
    """

    def __init__(self, name: str, capture: "object", live: bool) -> None:
        import cv2

        self.name, self.live = name, live
        self._capture: cv2.VideoCapture = capture  # type: ignore[assignment]
        self.fps = self._stated(cv2.CAP_PROP_FPS)
        self.expected = 0 if live else int(self._stated(cv2.CAP_PROP_FRAME_COUNT))
        self.number, self.seconds = -1, 0.0
        self._clock = cv2.CAP_PROP_POS_MSEC
        self._start: float | None = None

    def advance(self) -> bool:
        """Move on to the next frame; False when there is none."""
        if not self._capture.grab():
            return False
        now = time.monotonic() if self.live else self._capture.get(self._clock) / 1000
        self._start = now if self._start is None else self._start
        self.number += 1
        # A file without times, or with times that jump back, goes by its frame rate.
        by_rate = self.number / self.fps if self.fps and not self.live else 0.0
        self.seconds = now - self._start if now - self._start > self.seconds or not by_rate else by_rate
        return True

    def picture(self) -> npt.NDArray[np.uint8] | None:
        """The present frame's pixels; None if it is damaged."""
        import cv2

        whole, bgr = self._capture.retrieve()
        if not whole:
            return None
        scale = MAX_SIDE / max(bgr.shape[:2])
        if scale < 1:
            bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]

    def close(self) -> None:
        self._capture.release()

    def _stated(self, what: int) -> float:
        value = self._capture.get(what)
        return value if np.isfinite(value) and 0 < value < 1e9 else 0.0


def open_source(source: str) -> Source:
    """Open a video file, a camera by its number ("0"), or a stream by its address ("rtsp://...", "http://...").

    Raises VideoError in one line when there is nothing to see.
    """
    # FFmpeg and OpenCV tell their troubles on stderr, in many lines; the one line that counts is raised here.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    if source.isdecimal():
        return _opened(source, cv2.VideoCapture(int(source)), True, f"camera {source}: cannot be opened", "plug it in")
    if re.match(r"[a-z][a-z0-9+.-]*://", source):
        patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE, cv2.CAP_PROP_READ_TIMEOUT_MSEC, PATIENCE]
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, patience)
        name = _without_password(source)
        return _opened(name, capture, True, f"{name}: no stream can be reached there", "check address and network")
    path = Path(source)
    if path.is_dir():
        raise VideoError(f"{path}: is a folder; give a video file, or assess its photos with `crumple assess`")
    if not path.exists():
        raise VideoError(f"{path}: there is no such file; give a video file, a camera's number or a stream's address")
    if not path.is_file():
        raise VideoError(f"{path}: is a device or pipe; give a camera by its number, as in `crumple watch 0`")
    if not os.access(path, os.R_OK):
        raise VideoError(f"{path}: cannot be read: no permission")
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    return _opened(path.name, capture, False, f"{path}: is no video that can be read", "give an MP4, MOV, AVI or WebM")


def _opened(name: str, capture: "object", live: bool, trouble: str, advice: str) -> Source:
    if not capture.isOpened():  # type: ignore[attr-defined]
        raise VideoError(f"{trouble}; {advice}")
    return Source(name, capture, live)


def _without_password(address: str) -> str:
    """The address as it may be shown and written: cameras have their password in it."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)
