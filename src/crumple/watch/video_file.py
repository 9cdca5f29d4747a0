"""An annotated video: frames at irregular times in, a file of a constant frame rate out, which plays at true speed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from crumple.files import write_aside
from crumple.watch.errors import VideoError

CODEC = "mp4v"  # MPEG-4: what every build of OpenCV can write; players show it, some browsers do not
FREE = 20_000_000  # bytes that must be free before each frame: OpenCV does not tell when a disk is full


class VideoFile:
    """Write frames to it; each fills the time until the next one."""

    def __init__(self, path: Path, fps: float) -> None:
        self._path, self._fps = path, fps
        self._writer: cv2.VideoWriter | None = None
        self._size: tuple[int, int] | None = None
        self._last: npt.NDArray[np.uint8] | None = None
        self.written = 0

    def write(self, rgb: npt.NDArray[np.uint8], seconds: float) -> None:
        """Add a picture (H, W, 3) uint8 shown from `seconds` on. Raises VideoError when the disk is full."""
        if shutil.disk_usage(self._path.parent).free < FREE:
            raise VideoError(f"{self._path.parent}: the disk is full; give another --out, or --no-video")
        # The format halves colour both ways, so sides are even; all frames are of the first one's size.
        height, width = rgb.shape[:2]
        self._size = self._size or (max(2, width // 2 * 2), max(2, height // 2 * 2))
        if (width, height) != self._size:
            rgb = np.asarray(cv2.resize(rgb, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        if self._writer is None:
            self._writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*CODEC), self._fps, self._size)
            if not self._writer.isOpened():
                raise VideoError(f"{self._path.parent}: no video can be written there; give --no-video")
        while self._last is not None and self.written < round(seconds * self._fps):
            self._put(self._writer, self._last)
        self._last = rgb

    def close(self) -> None:
        """Write the last frame, and read back whether the file holds what was written. Raises VideoError."""
        if self._writer is None or self._last is None:
            return
        self._put(self._writer, self._last)
        self._writer.release()
        check = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        held = int(check.get(cv2.CAP_PROP_FRAME_COUNT)) if check.isOpened() else 0
        check.release()
        if held != self.written:
            raise VideoError(
                f"{self._path.parent}: the video holds {held} of {self.written} frames, the disk may be full; "
                "give another --out, or --no-video"
            )

    def _put(self, writer: cv2.VideoWriter, rgb: npt.NDArray[np.uint8]) -> None:
        writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        self.written += 1


@contextmanager
def video_file(path: Path, fps: float) -> Iterator[VideoFile]:
    """A video at `path`, whole or not at all; none if nothing was written."""
    written = None
    try:
        with write_aside(path) as temporary:
            written = VideoFile(temporary, fps)
            yield written
            written.close()
            if not written.written:
                raise _Nothing
    except _Nothing:
        pass


class _Nothing(Exception):
    """Unwinds `write_aside`, so that no empty file takes the name."""
