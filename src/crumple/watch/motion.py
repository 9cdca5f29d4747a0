"""How the camera moved between two frames: corners followed by sparse optical flow, and the homography they agree on.

N points; a homography (3, 3) takes pixels of the earlier frame to pixels of the later one.
"""

import cv2
import numpy as np
import numpy.typing as npt

LOOK_SIDE = 480  # pixels of the longer side on which points are followed
POINTS = 300
MIN_POINTS = 16  # that must agree, or the motion is not known
TOLERANCE = 2.0  # pixels of the small picture
WINDOW = (21, 21)
LEVELS = 4  # of the image pyramid: movements up to about 21 * 2^4 / 2 small pixels are followed

Homography = npt.NDArray[np.float64]


class CameraMotion:
    """Call it with one frame after the other."""

    def __init__(self) -> None:
        self._before: npt.NDArray[np.uint8] | None = None

    def __call__(self, rgb: npt.NDArray[np.uint8]) -> Homography | None:
        """The motion since the last frame; None for the first one, and where the two do not show the same scene."""
        scale = min(1.0, LOOK_SIDE / max(rgb.shape[:2]))
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        after = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        before, self._before = self._before, after
        if before is None or before.shape != after.shape:
            return None
        found = _homography(before, after)
        if found is None:
            return None
        # Coordinates are continuous, with pixel i covering [i, i + 1), whereas OpenCV's points are pixel centres.
        to_small = np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])
        motion = np.linalg.inv(to_small) @ found @ to_small
        return motion / motion[2, 2]


def _homography(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> Homography | None:
    corners = cv2.goodFeaturesToTrack(before, POINTS, 0.01, 7)
    if corners is None or len(corners) < MIN_POINTS:
        return None
    options = {"winSize": WINDOW, "maxLevel": LEVELS}
    there, seen, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, None, **options)  # type: ignore[call-overload]
    back, seen_back, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None, **options)  # type: ignore[call-overload]
    # A point that does not come back to where it started was lost on the way.
    kept = (np.linalg.norm(back - corners, axis=-1) < 1).ravel() & (seen.ravel() > 0) & (seen_back.ravel() > 0)
    if kept.sum() < MIN_POINTS:
        return None
    found, agreeing = cv2.findHomography(corners[kept], there[kept], cv2.RANSAC, TOLERANCE)
    if found is None or agreeing.sum() < MIN_POINTS or not plausible(found, before.shape):
        return None
    return np.asarray(found, np.float64)


def plausible(homography: npt.NDArray[np.floating], shape: tuple[int, ...]) -> bool:
    """Whether it leaves a picture of `shape` (height, width) a picture: not folded, and at most 3 times as large."""
    height, width = shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    moved = move_points(frame, homography)
    if not np.isfinite(moved).all() or not cv2.isContourConvex(moved.astype(np.float32)):
        return False
    return 1 / 3 < cv2.contourArea(moved.astype(np.float32), oriented=True) / (height * width) < 3


def move_points(points: npt.NDArray[np.floating], homography: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(N, 2) -> (N, 2)."""
    ones = np.ones((len(points), 1))
    moved = np.concatenate([points, ones], axis=1) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return moved[:, :2] / moved[:, 2:]


def move_box(box: npt.NDArray[np.floating], homography: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The box (4,) xyxy round the middles of the moved box's sides: round its corners it would grow at every turn."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    middles = move_points(np.array([[x, top], [right, y], [x, bottom], [left, y]]), homography)
    return np.concatenate([middles.min(axis=0), middles.max(axis=0)])
