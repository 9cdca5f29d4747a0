"""One photo laid onto another: keypoints of the vehicle, which of them are the same spot, and the map that takes one
photo to the other, as a whole or round a damage.

N, M: keypoints of two photos. Points and maps are in pixels of the small pictures that keypoints are found in, at most
`SIDE` long. A map is (3, 3): points of the first photo to the second.

Sources: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011 (finding); Lowe, "Distinctive image
features from scale-invariant keypoints", IJCV 2004 (describing, the ratio test); Arandjelovic & Zisserman, "Three
things everyone should know to improve object retrieval", CVPR 2012 (square roots of descriptors); Barath et al.,
"MAGSAC++, a fast, reliable and accurate robust estimator", CVPR 2020.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 640  # pixels of the small picture's longer side
CANDIDATES = 5000  # corners of a photo, of which the best spread ones are described
MOST = 900  # keypoints of a photo
CELL = 12  # pixels: of the corners of one cell the strongest come first
STEP = 1.26  # from one size of the picture to the next: three to an octave
SIZES = 7
RATIO = 0.9  # the best match must be this much nearer than the second best; round a damage, where few compete:
RATIO_NEAR = 0.95
TURN = 35.0  # degrees by which matches may be turned against what most of them are
TOLERANCE = 6.0  # pixels off the map
FEWEST = 8  # keypoints that agree on a map, below which there is none; round a damage:
FEWEST_NEAR = 6
ITERATIONS = 500
GROW = 2.5  # what is round a damage: this many times its box, and at least
LEAST_WINDOW = 200  # pixels
MOST_STRETCH = 4.0  # of a map round a damage, one way against the other
MOST_ZOOM = 10.0

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Of one photo. points (N, 2) float32 xy; angles (N,) float32 degrees; descriptors (N, 128) float16 of length 1."""

    points: npt.NDArray[np.float32]
    angles: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class Alignment:
    """A map from one photo to another, and how many keypoints agree on it."""

    map: Floats
    count: int


def small(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A photo (H, W, 3) at most `SIDE` long, as it is where it is smaller."""
    scale = SIDE / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def find_keypoints(
    picture: npt.NDArray[np.uint8], near: Sequence[Box], vehicle: npt.NDArray[np.bool_] | None = None
) -> Keypoints:
    """The keypoints of a small picture (h, w, 3), those round damages first, spread over the vehicle.

    Args:
        near: boxes (xyxy) of the damages, in small pixels; without one there are no keypoints.
        vehicle: (h, w) where the vehicle is; what is neither on it nor round a damage is left out, for reflections and
            backgrounds match too. None: not known.
    """
    nothing = Keypoints(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), np.zeros((0, 128), np.float16))
    if not near:
        return nothing
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    corners = cv2.ORB.create(CANDIDATES, STEP, SIZES, 15, fastThreshold=5, patchSize=31).detect(grey, None)
    points = np.array([corner.pt for corner in corners], np.float32).reshape(-1, 2)
    strength = np.array([corner.response for corner in corners], np.float32)
    close = np.zeros(len(points), bool)
    for box in near:
        close |= _within(points, box)
    kept = np.arange(len(points))
    if vehicle is not None:
        column, row = points.astype(int).T
        kept = np.flatnonzero(close | vehicle[row, column])
    kept = kept[_spread(points[kept], strength[kept], close[kept])[:MOST]]
    described, descriptors = cv2.SIFT.create().compute(grey, [_for_sift(corners[i]) for i in kept.tolist()])
    if descriptors is None or not described:
        return nothing
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    return Keypoints(
        points=np.array([keypoint.pt for keypoint in described], np.float32) + np.float32(0.5),
        angles=np.array([keypoint.angle for keypoint in described], np.float32),
        descriptors=rooted.astype(np.float16),
    )


def _spread(
    points: npt.NDArray[np.float32], strength: npt.NDArray[np.float32], close: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Their order: those round damages first, of these the strongest of each cell, then the second strongest, ..."""
    cells = (points[:, 0] // CELL).astype(np.int64) * SIDE + (points[:, 1] // CELL).astype(np.int64)
    order = np.lexsort((-strength, cells))
    begins = np.diff(cells[order], prepend=-1) != 0
    place = np.arange(len(points))
    rank = np.empty(len(points), np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(begins, place, 0))
    return np.lexsort((-strength, rank - 2 * close))


def _for_sift(corner: cv2.KeyPoint) -> cv2.KeyPoint:
    """A corner as SIFT describes it: at its size, on the level of SIFT's own pyramid that is nearest to it."""
    size = max(corner.size / 31, 1.0)
    octave = int(np.log2(size))
    level = min(1 + round(3 * (float(np.log2(size)) - octave)), 3)
    packed = octave | level << 8
    x, y = corner.pt
    return cv2.KeyPoint(x, y, 3.2 * 2 ** (octave + level / 3), corner.angle, corner.response, packed, -1)


class Matching:
    """Two photos beside each other, matched as a whole and round damages."""

    def __init__(self, one: Keypoints, other: Keypoints) -> None:
        self._one, self._other = one, other
        self._alike = one.descriptors.astype(np.float32) @ other.descriptors.astype(np.float32).T

    def whole(self) -> Alignment | None:
        """The homography that most of what they have in common agrees on; None: there is none."""
        rows, columns = np.arange(len(self._one.points)), np.arange(len(self._other.points))
        here, there = self._matches(rows, columns, RATIO)
        if len(here) < FEWEST:
            return None
        found, agreeing = cv2.findHomography(
            self._one.points[here], self._other.points[there], cv2.USAC_MAGSAC, TOLERANCE, None, ITERATIONS, 0.999
        )
        if found is None or np.linalg.matrix_rank(found) < 3:
            return None
        count = int(agreeing.sum())
        return Alignment(np.asarray(found, np.float64), count) if count >= FEWEST else None

    def near(self, box: Box, other_box: Box) -> Alignment | None:
        """The affine map that what is round a damage of either agrees on; None: there is none. Boxes: small pixels."""
        rows = np.flatnonzero(_within(self._one.points, box))
        columns = np.flatnonzero(_within(self._other.points, other_box))
        here, there = self._matches(rows, columns, RATIO_NEAR)
        if len(here) < FEWEST_NEAR:
            return None
        found, agreeing = cv2.estimateAffine2D(
            self._one.points[here],
            self._other.points[there],
            method=cv2.USAC_MAGSAC,
            ransacReprojThreshold=TOLERANCE,
            maxIters=ITERATIONS,
            confidence=0.999,
        )
        if found is None or int(agreeing.sum()) < FEWEST_NEAR or not _plausible(np.asarray(found[:, :2], np.float64)):
            return None
        return Alignment(np.vstack([found, [0, 0, 1]]), int(agreeing.sum()))

    def _matches(
        self, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], ratio: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Keypoints that are each other's nearest, clearly, and turned alike: positions in either photo, (K,) each."""
        nothing = np.zeros(0, np.int64)
        if min(len(rows), len(columns)) < 2:
            return nothing, nothing
        alike = self._alike[np.ix_(rows, columns)]  # a copy, which may be written to
        best = alike.argmax(axis=1)
        mutual = np.flatnonzero(alike.argmax(axis=0)[best] == np.arange(len(rows)))
        there = best[mutual]
        nearest = alike[mutual, there]
        alike[mutual, there] = -1
        second = np.maximum(alike.max(axis=1)[mutual], alike.max(axis=0)[there])
        # Of vectors of length 1 the distance is the root of 2 - 2 times the product.
        clear = 1 - nearest < ratio**2 * (1 - second)
        here, there = rows[mutual[clear]], columns[there[clear]]
        turned = self._one.angles[here] - self._other.angles[there]
        same = _off(turned, _usual_turn(turned)) < TURN
        return here[same], there[same]


def _usual_turn(turned: npt.NDArray[np.float32]) -> float:
    """By how many degrees most are turned; people hold a camera upright, so no turn at all needs the fewest votes."""
    turns = np.arange(-180, 180, 15)
    votes = (_off(turned[:, None], turns) < TURN).sum(axis=0) * np.where(turns == 0, 1.5, 1.0)
    return float(turns[votes.argmax()])


def _off(angles: npt.NDArray[np.float32], turn: float | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    return np.abs((angles - turn + 180) % 360 - 180)


def _within(points: npt.NDArray[np.float32], box: Box) -> npt.NDArray[np.bool_]:
    """(N,) whether each is round the damage with this box."""
    left, top, right, bottom = box
    reach_x = max(GROW * (right - left), LEAST_WINDOW) / 2
    reach_y = max(GROW * (bottom - top), LEAST_WINDOW) / 2
    off = np.abs(points - np.array([(left + right) / 2, (top + bottom) / 2], np.float32))
    return (off[:, 0] < reach_x) & (off[:, 1] < reach_y)


def _plausible(linear: Floats) -> bool:
    """Whether a map (2, 2) can be of one surface seen twice: not mirrored, not drawn out, not from far too far."""
    largest, least = np.linalg.svd(linear, compute_uv=False)
    zoom = float(np.sqrt(abs(np.linalg.det(linear))))
    stretched = largest > MOST_STRETCH * least
    return bool(np.linalg.det(linear) > 0 and not stretched and 1 / MOST_ZOOM < zoom < MOST_ZOOM)


def move(points: npt.NDArray[np.floating], map: Floats) -> Floats | None:
    """Points (P, 2) on the other photo; None where the map folds them, or takes them beyond all bounds."""
    moved = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ map.T
    if (moved[:, 2] <= 1e-9).any():
        return None
    moved = moved[:, :2] / moved[:, 2:]
    return moved if np.isfinite(moved).all() and np.abs(moved).max() < 10 * SIDE else None
