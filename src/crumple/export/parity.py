"""Whether two detectors find the same things: detections matched one to one, and how far the farthest pair is apart.

N, M: detections of the two detectors. Boxes are in photo pixels, scores, masks and places in 0..1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect.boxes import box_iou
from crumple.detect.detections import BranchDetections, Detections, PhotoParts
from crumple.export.errors import ExportError

BOX_TOLERANCE = 1e-2  # pixels of the photo
SCORE_TOLERANCE = 1e-3
MASK_TOLERANCE = 1e-2  # a steep mask edge turns 1e-3 of a pixel into more than 1e-3 of probability
PLACE_TOLERANCE = 1e-2  # a box that is 1e-3 of a pixel off is looked at with other surroundings
# Detections below this are left out: among the last, arithmetic noise decides which ones make the cut.
MIN_SCORE = 0.05
_TOLERANCES = {"box": BOX_TOLERANCE, "score": SCORE_TOLERANCE, "mask": MASK_TOLERANCE, "place": PLACE_TOLERANCE}
# int8 moves every score and edge a little: it must find again what Keras is sure of, in about the same place.
SURE_SCORE = 0.5
SAME_PLACE = 0.7  # IoU of the boxes
FOUND_AGAIN = 0.8  # share


@dataclass(frozen=True)
class Parity:
    """How many detections were compared, and the largest differences of box edges, scores, mask cells and places; to
    those of places second opinions belong too.
    """

    detections: int = 0
    box: float = 0.0
    score: float = 0.0
    mask: float = 0.0
    place: float = 0.0

    def __add__(self, other: "Parity") -> "Parity":
        return Parity(
            self.detections + other.detections,
            max(self.box, other.box),
            max(self.score, other.score),
            max(self.mask, other.mask),
            max(self.place, other.place),
        )


@dataclass(frozen=True)
class Agreement:
    """Of `sure` detections, those of a score from 0.5 on, how many another detector finds again.

    placed: of those found again that have places, how many another detector finds. same_place: on the same one first.
    """

    sure: int
    found: int
    placed: int = 0
    same_place: int = 0


def agree(expected: Mapping[str, Detections], actual: Mapping[str, Detections]) -> Agreement:
    """What `actual` finds again, photo by photo: same class, IoU of the boxes from 0.7 on, whatever its score.

    Raises ExportError when that is less than 80 %, as when a network was ruined by quantising, or when less than 80 %
    of it most probably lies on the same place.
    """
    sure = found = placed = same_place = 0
    for photo, by_branch in expected.items():
        for name, branch in by_branch.items():
            other = actual[photo][name]
            for i in np.flatnonzero(branch.scores >= SURE_SCORE):
                sure += 1
                iou = np.where(other.labels == branch.labels[i], box_iou(branch.boxes[i], other.boxes), 0)
                if not (iou >= SAME_PLACE).any():
                    continue
                found += 1
                if branch.places is not None and other.places is not None:
                    placed += 1
                    same_place += bool(branch.places[i].argmax() == other.places[iou.argmax()].argmax())
    for what, part, whole in (("finds", found, sure), ("names the place of", same_place, placed)):
        if part < FOUND_AGAIN * whole:
            raise ExportError(
                f"int8 {what} only {part} of {whole} detections again; "
                "calibrate on photos like those the model was taught"
            )
    return Agreement(sure, found, placed, same_place)


def compare(expected: Detections, actual: Detections, what: str) -> Parity:
    """Match the detections of one photo.

    Args:
        what: names the two and the photo, for the message.

    Raises ExportError naming the first detection without a counterpart within the tolerances.
    """
    if expected.keys() != actual.keys():
        raise ExportError(f"{what}: branches {', '.join(expected)} against {', '.join(actual)}")
    total = Parity()
    for branch in expected:
        total += _compare_branch(expected[branch], actual[branch], f"{what}, branch {branch!r}")
    return total + _compare_photo(expected.photo, actual.photo, what)


def _compare_photo(expected: PhotoParts | None, actual: PhotoParts | None, what: str) -> Parity:
    if expected is None or actual is None:
        if expected is not actual:
            raise ExportError(f"{what}: only one of them has place heads")
        return Parity()
    total = Parity()
    for name in ("seen", "damaged"):
        value = _farthest(getattr(expected, name), getattr(actual, name))
        if not value <= PLACE_TOLERANCE:
            raise ExportError(f"{what}: parts_{name} is {value:.3g} off, {PLACE_TOLERANCE:g} is allowed")
        total += Parity(place=value)
    return total


def _compare_branch(expected: BranchDetections, actual: BranchDetections, what: str) -> Parity:
    free = list(range(len(actual)))
    total = Parity()
    for i in range(len(expected)):
        if expected.scores[i] < MIN_SCORE:
            break
        pairs = [(_difference(expected, i, actual, j), j) for j in free if actual.labels[j] == expected.labels[i]]
        if not pairs:
            raise ExportError(f"{what}: {_described(expected, i)} is found by the first alone")
        difference, j = min(pairs, key=lambda pair: (pair[0].box, pair[0].score))
        for field, tolerance in _TOLERANCES.items():
            value = getattr(difference, field)
            if not value <= tolerance:  # a NaN is a difference too
                raise ExportError(
                    f"{what}: the counterpart nearest to {_described(expected, i)} has a {field} that is {value:.3g} "
                    f"off, {tolerance:g} is allowed"
                )
        free.remove(j)
        total += difference
    for j in free:
        if actual.scores[j] >= MIN_SCORE + SCORE_TOLERANCE:
            raise ExportError(f"{what}: {_described(actual, j)} is found by the second alone")
    return total


def _difference(expected: BranchDetections, i: int, actual: BranchDetections, j: int) -> Parity:
    return Parity(
        1,
        _farthest(expected.boxes[i], actual.boxes[j]),
        float(abs(expected.scores[i] - actual.scores[j])),
        _farthest(expected.masks[i], actual.masks[j]),
        max(
            0.0 if one is None or other is None else _farthest(one[i], other[j])
            for one, other in ((expected.places, actual.places), (expected.real, actual.real))
        ),
    )


def _farthest(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    return float(np.abs(a - b).max())


def _described(found: BranchDetections, i: int) -> str:
    edges = ", ".join(f"{edge:.1f}" for edge in found.boxes[i])
    return f"{found.name(i)} of score {found.scores[i]:.4f} at ({edges})"
