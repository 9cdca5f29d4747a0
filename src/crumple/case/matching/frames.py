"""Where a damage lies in the frame of the part it is on, and what shape it has: what stays alike from photo to photo.

R: runs of a mask.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crumple.case.observations import Observation, PhotoEvidence
from crumple.detect.masks import Patch

ON_PART = 0.3  # share of a damage that lies on a part whose frame it has a place in
LEAST_PART = 1 / 32  # of the photo's longer side: smaller parts have no frame
EDGE = 1 / 200  # of the photo's side: a part nearer to the edge is cut by it
MOST_CUT = 2  # edges that cut the part, in both photos together
FAR = 1.5  # sides of the part


@dataclass(frozen=True)
class InPart:
    """x, y: of the damage's middle, 0 to 1 from the left and top of the part's box. share: of the part's area.

    cut: edges of the photo that cut the part.
    """

    x: float
    y: float
    share: float
    cut: int


def part_frames(one: Observation, photo: PhotoEvidence) -> dict[str, InPart]:
    """Where a finding lies in the frame of each part that it is on, by the part's label."""
    frames = {}
    left, top, right, bottom = one.patch.box
    x, y = (left + right) / 2, (top + bottom) / 2
    for part in photo.parts:
        x0, y0, x1, y1 = part.box
        if min(x1 - x0, y1 - y0) < LEAST_PART * max(photo.width, photo.height) or not part.patch.area:
            continue
        if part.patch.overlap(one.patch) < ON_PART * one.patch.area:
            continue
        edge_x, edge_y = EDGE * photo.width, EDGE * photo.height
        cut = (x0 < edge_x) + (y0 < edge_y) + (x1 > photo.width - edge_x) + (y1 > photo.height - edge_y)
        frames[part.label] = InPart((x - x0) / (x1 - x0), (y - y0) / (y1 - y0), one.patch.area / part.patch.area, cut)
    return frames


def frame_likeness(one: Mapping[str, InPart], other: Mapping[str, InPart]) -> tuple[float, float, float]:
    """1, distance in the frame, ratio of sizes (its logarithm), by the part where they are nearest; else 0, 0, 0."""
    found = []
    for label in one.keys() & other.keys():
        a, b = one[label], other[label]
        if a.cut + b.cut <= MOST_CUT:
            found.append((math.hypot(a.x - b.x, a.y - b.y), abs(math.log(a.share / b.share))))
    if not found:
        return 0.0, 0.0, 0.0
    off, sizes = min(found)
    return 1.0, min(off, FAR), sizes


def slenderness(patch: Patch) -> tuple[float, float]:
    """How slender a mask is, from near 0 (a line) to 1 (round), and the direction of its long axis, radians."""
    rows, lengths = patch.rows, np.diff(patch.edges)[::2].astype(np.float64)
    x, y = patch.columns[::2].astype(np.float64), (rows[::2] + rows[1::2] - 1) / 2
    total = max(1.0, float(lengths.sum()))
    x, y = x - (x @ lengths) / total, y - (y @ lengths) / total
    own = (lengths**2 - 1) / 12  # variance of the rows of one run
    xx, xy, yy = (lengths @ x**2) / total, (lengths @ (x * y)) / total, (lengths @ (y**2 + own)) / total
    least, most = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    return math.sqrt(max(least, 0.1) / max(most, 0.1)), math.atan2(2 * xy, xx - yy) / 2
