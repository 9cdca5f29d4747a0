"""Training targets of the place heads: on which places damages lie, which places a view shows, which are damaged.

K box slots, P places. A target is 0 or 1; its weight is 0 where nobody knows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from crumple.dataset.affine import PhotoAffine
from crumple.dataset.instances import LabelledPhoto, NamedPlace
from crumple.taxonomy import ELSEWHERE, mirror, without_side

SLOTS = 12
UNSURE = 0.5  # weight of what the reader was not sure of
WHOLE = 0.8  # share of a photo's area that a view must show for the photo's list of visible parts to hold
ENOUGH = 0.5  # share of a damage's box that must be in view
SEEN, UNSEEN = 0.2, 0.05  # share of a part's area in view: from the one on it is seen, below the other it is not
GRID = 4  # canvas pixels per cell in which parts are compared with boxes
SIDES = (0.15, 0.8)  # of a random box, by the square root of its part's area
STRETCH = 0.7  # its sides differ by up to e^STRETCH
# The parts set mixes these two up: what it calls one may be the other.
MIXED = ("trunk", "tailgate")
AIRBAG, INTERIOR = "airbag_deployed", "interior"


@dataclass(frozen=True)
class PlaceTargets:
    """boxes (K, 4) float32 xyxy canvas pixels; on, on_weight (K, P); seen, damaged and their weights (P,); float32."""

    boxes: np.ndarray
    on: np.ndarray
    on_weight: np.ndarray
    seen: np.ndarray
    seen_weight: np.ndarray
    damaged: np.ndarray
    damaged_weight: np.ndarray


def no_place_targets(places: Sequence[str]) -> PlaceTargets:
    """Nothing is known. The boxes are one pixel large, so that pooling them is harmless."""
    n = len(places)
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (SLOTS, 1))
    return PlaceTargets(
        boxes, *(np.zeros((SLOTS, n), np.float32) for _ in range(2)), *(np.zeros(n, np.float32) for _ in range(4))
    )


def clean_targets(places: Sequence[str]) -> PlaceTargets:
    """A photo of an undamaged car from outside, of which nothing else is known."""
    targets = no_place_targets(places)
    targets.damaged_weight[:] = 1
    targets.seen_weight[[places.index(name) for name in ELSEWHERE if name in places]] = 1
    return targets


def damage_targets(
    photo: LabelledPhoto, affine: PhotoAffine, canvas: tuple[int, int], places: Sequence[str]
) -> PlaceTargets:
    """Targets of a damaged vehicle under `affine` on a canvas of (height, width), from the photo's place labels.

    A deployed airbag is inside the vehicle whether or not anybody has said so.
    """
    targets = no_place_targets(places)
    names = _Names(places, affine.flip)
    labels = photo.places
    whole = _share_in_view(affine, canvas) >= WHOLE
    airbag = any(instance.label == AIRBAG for instance in photo.instances)
    if labels is not None:
        # A part that the whole photo does not show is in no view of it. What it shows may be cut off.
        names.put(targets.seen, targets.seen_weight, labels.visible, rest=1.0)
        if not whole:
            targets.seen_weight[targets.seen > 0] = 0
        everywhere = [name for instance in photo.instances for name in labels.on.get(instance.annotation_id, ())]
        names.put(targets.damaged, targets.damaged_weight, everywhere, rest=1.0)
        if not whole:
            targets.damaged_weight[targets.damaged > 0] = 0
    elif airbag:
        targets.seen_weight[:] = targets.damaged_weight[:] = UNSURE
    slot = 0
    for instance in photo.instances:
        on = labels.on.get(instance.annotation_id, ()) if labels else ()
        if instance.label == AIRBAG:
            on = (NamedPlace(INTERIOR),)
        box, share = _box_in_view(instance.box, affine, canvas)
        if instance.crowd or not on or share < ENOUGH:
            continue
        names.put(targets.seen, targets.seen_weight, on)
        names.put(targets.damaged, targets.damaged_weight, on)
        if slot < SLOTS:
            targets.boxes[slot] = box
            names.put(targets.on[slot], targets.on_weight[slot], on, rest=1.0 if on[0].sure else UNSURE)
            slot += 1
    return targets


def parts_targets(
    rng: np.random.Generator,
    photo: LabelledPhoto,
    affine: PhotoAffine,
    canvas: tuple[int, int],
    places: Sequence[str],
    known: Collection[str],
    *,
    undamaged: bool,
) -> PlaceTargets:
    """Targets of a photo whose parts are drawn: random boxes on its parts stand for damages.

    Args:
        known: the parts that its set draws; of others nothing is known.
        undamaged: whether the view shows no damage.
    """
    targets = clean_targets(places) if undamaged else no_place_targets(places)
    size = (canvas[0] // GRID, canvas[1] // GRID)
    masks: dict[int, np.ndarray] = {}  # by position in `places`
    areas: dict[int, float] = {}
    for instance in photo.instances:
        label = mirror(instance.label) if affine.flip else instance.label
        if label not in places or instance.crowd:
            continue
        index = places.index(label)
        mask = masks.setdefault(index, np.zeros(size, np.uint8))
        for polygon in instance.polygons:
            points = affine.points(polygon) / GRID
            areas[index] = areas.get(index, 0.0) + float(cv2.contourArea(points.astype(np.float32)))
            cv2.fillPoly(mask, [np.round(points - 0.5).astype(np.int32)], 1)
    drawn = np.array([name in known for name in places])
    seen = np.array([masks[i].sum() / max(areas[i], 1e-6) if i in masks else 0.0 for i in range(len(places))])
    targets.seen[:] = seen >= SEEN
    targets.seen_weight[drawn & ((seen >= SEEN) | (seen < UNSEEN))] = 1
    mixed = [places.index(name) for name in MIXED if name in places]
    if any(i in masks for i in mixed):
        targets.seen_weight[mixed] = 0
    indices = [i for i in masks if masks[i].any()]
    for slot in range(SLOTS if indices else 0):
        index = indices[rng.integers(len(indices))]
        box = _random_box(rng, masks[index])
        left, top, right, bottom = box
        shares = np.zeros(len(places))
        for i in indices:
            shares[i] = masks[i][top:bottom, left:right].mean()
        if shares[index] < SEEN:
            continue
        targets.boxes[slot] = np.array(box, np.float32) * GRID
        targets.on[slot] = shares >= SEEN
        targets.on_weight[slot] = UNSURE * (drawn & ((shares >= SEEN) | (shares < UNSEEN)))
        targets.on_weight[slot, [places.index(name) for name in ELSEWHERE if name in places]] = UNSURE
        if index in mixed:
            targets.on_weight[slot, mixed] = 0
    return targets


def _random_box(rng: np.random.Generator, mask: np.ndarray) -> tuple[int, int, int, int]:
    """A box about a random cell of `mask` (h, w): left, top, right, bottom in cells, inside the grid."""
    rows, columns = np.nonzero(mask)
    at = rng.integers(len(rows))
    side = np.sqrt(len(rows)) * np.exp(rng.uniform(*np.log(SIDES)))
    stretch = np.exp(rng.uniform(-STRETCH, STRETCH) / 2)
    half_width, half_height = side * stretch / 2, side / stretch / 2
    left, right = (int(np.clip(round(columns[at] + s), 0, mask.shape[1] - 1)) for s in (-half_width, half_width))
    top, bottom = (int(np.clip(round(rows[at] + s), 0, mask.shape[0] - 1)) for s in (-half_height, half_height))
    return left, top, right + 1, bottom + 1


class _Names:
    """Where a name's target is: names of a flipped photo change sides."""

    def __init__(self, places: Sequence[str], flip: bool) -> None:
        self._index = {mirror(name) if flip else name: i for i, name in enumerate(places)}
        self._sided: dict[str, list[int]] = {}
        for i, name in enumerate(places):
            if without_side(name) != name:
                self._sided.setdefault(without_side(name), []).append(i)

    def put(
        self, target: np.ndarray, weight: np.ndarray, found: Sequence[NamedPlace], rest: float | None = None
    ) -> None:
        """Write `found` into target and weight (P,); where a side is not known, neither side counts.

        Args:
            rest: weight of the places that are not named; None leaves them as they are.
        """
        if rest is not None:
            weight[:] = rest
        for name in found:
            if name.name in self._index:
                index = self._index[name.name]
                target[index], weight[index] = 1, 1 if name.sure else UNSURE
        for name in found:
            for index in self._sided.get(name.name, ()):
                if not target[index]:
                    weight[index] = 0


def _share_in_view(affine: PhotoAffine, canvas: tuple[int, int]) -> float:
    return _clipped(np.array([*affine.shift, *np.add(affine.shift, affine.size)], float), canvas)[1]


def _box_in_view(
    box: tuple[float, float, float, float], affine: PhotoAffine, canvas: tuple[int, int]
) -> tuple[np.ndarray, float]:
    corners = affine.points(np.array(box).reshape(2, 2))
    return _clipped(np.concatenate([corners.min(axis=0), corners.max(axis=0)]), canvas)


def _clipped(box: np.ndarray, canvas: tuple[int, int]) -> tuple[np.ndarray, float]:
    """The box (4,) within the canvas, and the share of its area that is left."""
    inside = np.clip(box, 0, [canvas[1], canvas[0]] * 2)
    area = np.prod(np.maximum(box[2:] - box[:2], 1e-6))
    return inside, float(np.prod(inside[2:] - inside[:2]) / area)
