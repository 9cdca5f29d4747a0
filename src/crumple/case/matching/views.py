"""A photo made ready for joining: what is kept of it once its pixels are gone."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from crumple.case.matching.alignment import Floats, Keypoints, find_keypoints, small
from crumple.case.matching.landing import Shown, shown
from crumple.case.observations import Observation, PhotoEvidence
from crumple.detect.masks import Patch
from crumple.taxonomy import without_side

AT_A_TIME = 2  # photos
COARSE = 2  # every second pixel is enough for colours
RIM = 8.0  # small pixels, at least, of what is round a damage
COLOURS = 10.0  # of Lab, in which differences of colour are told
# Parts that are painted, without their sides.
PAINTED = frozenset(
    {*("hood", "roof", "trunk", "tailgate", "front_bumper", "back_bumper"), *("front_door", "back_door")}
    | {"fender", "quarter_panel", "sill"}
)
LEAST_PAINT = 0.03  # of the picture
COLOURED = 16.0  # strength of a colour (chroma of Lab) from which paint has one
MARGIN = 0.05  # of a part's box, round it: edges of parts are the best keypoints


@dataclass(frozen=True, eq=False)
class View:
    """One photo.

    findings: by position of the observation. colours: of each, round it and within it, see `_colours`. paint: (3,) over
    the painted parts, the median of Lab a and of b, and the share of them that has a colour; None: too little of them
    is seen. key: tells photos apart by what is on them.
    """

    keypoints: Keypoints
    findings: Mapping[int, Shown]
    colours: Mapping[int, tuple[Floats, Floats]]
    paint: Floats | None
    key: bytes


def views(observations: Sequence[Observation], photos: Sequence[PhotoEvidence]) -> dict[int, View]:
    """By photo, of those that have pixels, and findings or painted parts.

    Each is decoded once, two at a time: what is decoded is not kept.
    """
    findings: dict[int, dict[int, Observation]] = {}
    for k, one in enumerate(observations):
        findings.setdefault(one.photo, {})[k] = one
    wanted = [i for i, photo in enumerate(photos) if photo.pixels is not None and (i in findings or _painted(photo))]
    with ThreadPoolExecutor(AT_A_TIME) as threads:  # OpenCV and NumPy let go of the interpreter while they work
        made = threads.map(lambda i: _view(photos[i], findings.get(i, {})), wanted)
        return dict(zip(wanted, made, strict=True))


def paints(views: Mapping[int, View]) -> dict[int, Floats]:
    """The paint of each photo that shows enough of it."""
    return {photo: view.paint for photo, view in views.items() if view.paint is not None}


def _view(photo: PhotoEvidence, findings: Mapping[int, Observation]) -> View:
    assert photo.pixels is not None
    picture = small(photo.pixels())
    height, width = picture.shape[:2]
    scale = max(height, width) / max(photo.width, photo.height)
    ready = {k: shown(one, scale) for k, one in findings.items()}
    near = [one.box for one in ready.values()]
    keypoints = find_keypoints(picture, near, _vehicle(photo, scale, height, width))
    lab = np.asarray(cv2.cvtColor(picture[::COARSE, ::COARSE], cv2.COLOR_RGB2Lab), np.uint8)
    return View(
        keypoints=keypoints,
        findings=ready,
        colours={k: _colours(lab, one.outline / COARSE) for k, one in ready.items()},
        paint=_paint(lab, photo, findings.values(), scale / COARSE),
        key=keypoints.descriptors.tobytes()[:4096],
    )


def _vehicle(photo: PhotoEvidence, scale: float, height: int, width: int) -> npt.NDArray[np.bool_] | None:
    """(height, width) where the vehicle may be in the small picture: the boxes of its parts. None: no part is known."""
    if not photo.parts:
        return None
    there = np.zeros((height, width), bool)
    for part in photo.parts:
        left, top, right, bottom = (scale * value for value in part.box)
        x, y = MARGIN * (right - left), MARGIN * (bottom - top)
        there[max(0, int(top - y)) : int(bottom + y) + 1, max(0, int(left - x)) : int(right + x) + 1] = True
    return there


def _painted(photo: PhotoEvidence) -> list[Patch]:
    return [part.patch for part in photo.parts if without_side(part.label) in PAINTED]


def _paint(
    lab: npt.NDArray[np.uint8], photo: PhotoEvidence, findings: Iterable[Observation], scale: float
) -> Floats | None:
    """See `View.paint`; scale: of the coarse picture to the photo."""
    there = np.zeros(lab.shape[:2], bool)
    for patch in _painted(photo):
        there |= _coarsely(patch, scale, *lab.shape[:2])
    for one in findings:
        there &= ~_coarsely(one.patch, scale, *lab.shape[:2])
    if there.sum() < LEAST_PAINT * there.size:
        return None
    colours = lab[there][:, 1:].astype(np.float64) - 128
    coloured = np.hypot(*colours.T) >= COLOURED
    return np.array([*np.median(colours, axis=0), coloured.mean()])


def _coarsely(patch: Patch, scale: float, height: int, width: int) -> npt.NDArray[np.bool_]:
    """A mask (height, width) in a picture of that scale, from some of its columns."""
    there = np.zeros((height, width), bool)
    columns, rows = patch.columns[::2], np.ceil(patch.rows * scale).astype(np.int64).reshape(-1, 2)
    wanted = ((np.arange(width) + 0.5) / scale).astype(np.int64)
    first, last = np.searchsorted(columns, wanted), np.searchsorted(columns, wanted + 1)
    for x in np.flatnonzero(last > first).tolist():
        for top, bottom in rows[first[x] : last[x]].tolist():
            there[top:bottom, x] = True
    return there


def _colours(lab: npt.NDArray[np.uint8], outline: Floats) -> tuple[Floats, Floats]:
    """Hue and strength of colour, (2,) Lab a and b, round a damage and within it: light and shade change neither.

    lab: of the picture, coarse; outline: in its pixels.
    """
    left, top = outline.min(axis=0)
    right, bottom = outline.max(axis=0)
    rim = max(RIM / COARSE, 0.35 * max(right - left, bottom - top))
    x0, y0 = (max(0, int(value - rim)) for value in (left, top))
    piece = lab[y0 : int(bottom + rim) + 1, x0 : int(right + rim) + 1, 1:]
    inside = np.zeros(piece.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(outline - (x0, y0)).astype(np.int32)], [1])
    chosen = inside > 0
    within = piece[chosen].mean(axis=0) if chosen.any() else piece.mean(axis=(0, 1))
    round_it = np.median(piece[~chosen], axis=0) if not chosen.all() else within
    return round_it.astype(np.float64), within.astype(np.float64)


def colour_distance(one: Floats, other: Floats) -> float:
    """Between two (2,) of Lab a and b."""
    return float(np.linalg.norm(one - other)) / COLOURS
