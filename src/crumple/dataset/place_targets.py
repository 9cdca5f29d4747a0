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
SIDES = (0.15, 1.6)  # of a random box, by the square root of its part's area
STRETCH = 0.7  # its sides differ by up to e^STRETCH
# The parts set mixes these two up: what it calls one may be the other.
MIXED = ("trunk", "tailgate")
AIRBAG, INTERIOR = "airbag_deployed", "interior"
# Random boxes without damage, as shares of the canvas' side; up to so many beside what is drawn.
ELSEWHERE_SIDES, ELSEWHERE_BOXES = (0.04, 0.4), 4
GONE = 0.02  # share of a damage's box in view below which the view does not show it
UNDRAWN = 0.5  # weight of a box on a damaged vehicle where no damage is drawn: not all of it is


@dataclass(frozen=True)
class PlaceTargets:
    """boxes (K, 4) xyxy canvas pixels; real, real_weight (K,); on, on_weight (K, P); seen, damaged and their weights
    (P,). All float32.

    real: whether a box holds damage. on: where that damage is, or would be.
    """

    boxes: np.ndarray
    real: np.ndarray
    real_weight: np.ndarray
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
        boxes,
        *(np.zeros(SLOTS, np.float32) for _ in range(2)),
        *(np.zeros((SLOTS, n), np.float32) for _ in range(2)),
        *(np.zeros(n, np.float32) for _ in range(4)),
    )


def clean_targets(rng: np.random.Generator, canvas: tuple[int, int], places: Sequence[str]) -> PlaceTargets:
    """A photo of an undamaged car from outside, of which nothing else is known."""
    targets = no_place_targets(places)
    for slot in range(ELSEWHERE_BOXES):
        targets.boxes[slot], targets.real_weight[slot] = _box_anywhere(rng, canvas), 1
    targets.damaged_weight[:] = 1
    targets.seen_weight[[places.index(name) for name in ELSEWHERE if name in places]] = 1
    return targets


def damage_targets(
    rng: np.random.Generator,
    photo: LabelledPhoto,
    affine: PhotoAffine,
    canvas: tuple[int, int],
    places: Sequence[str],
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
        _forget_damage(targets, names, photo, affine, canvas)
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
            targets.real[slot] = targets.real_weight[slot] = 1
            names.put(targets.on[slot], targets.on_weight[slot], on, rest=1.0 if on[0].sure else UNSURE)
            slot += 1
    drawn = np.array([_box_in_view(one.box, affine, canvas)[0] for one in photo.instances]).reshape(-1, 4)
    for box in (_box_anywhere(rng, canvas) for _ in range(ELSEWHERE_BOXES)):
        apart = (np.minimum(box[2:], drawn[:, 2:]) <= np.maximum(box[:2], drawn[:, :2])).any(axis=1)
        if slot < SLOTS and apart.all():
            targets.boxes[slot], targets.real_weight[slot] = box, UNDRAWN
            slot += 1
    return targets


def _forget_damage(
    targets: PlaceTargets, names: "_Names", photo: LabelledPhoto, affine: PhotoAffine, canvas: tuple[int, int]
) -> None:
    """A damaged place counts as undamaged where all its damages are out of view, and not at all where some are."""
    labels = photo.places
    shares = {one.annotation_id: _box_in_view(one.box, affine, canvas)[1] for one in photo.instances}
    views: dict[NamedPlace, float] = {}
    for annotation, on in labels.on.items() if labels else ():
        for place in on:
            views[place] = max(views.get(place, 0.0), shares.get(annotation, 0.0))
    for place, share in views.items():
        for index in names.indices(place.name):
            if share < GONE:
                targets.damaged[index], targets.damaged_weight[index] = 0, 1
            elif share < ENOUGH:
                targets.damaged_weight[index] = 0


def _box_anywhere(rng: np.random.Generator, canvas: tuple[int, int]) -> np.ndarray:
    """A random box inside a canvas of (height, width): (4,) float32 pixels."""
    sides = max(canvas) * np.exp(rng.uniform(*np.log(ELSEWHERE_SIDES)) + rng.uniform(-STRETCH, STRETCH, 2) / 2)
    sides = np.minimum(sides, np.array(canvas[::-1]) - 1)
    corner = rng.uniform(size=2) * (np.array(canvas[::-1]) - sides)
    return np.concatenate([corner, corner + sides]).astype(np.float32)


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
    targets = clean_targets(rng, canvas, places) if undamaged else no_place_targets(places)
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
    undrawn = {mirror(name) if affine.flip else name for name in photo.undrawn}
    drawn = np.array([name in known and name not in undrawn for name in places])
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
        targets.boxes[slot], targets.real_weight[slot] = np.array(box, np.float32) * GRID, float(undamaged)
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

    def indices(self, name: str) -> list[int]:
        """Where a name's targets are: one, or both sides of one without a side; none of a name that is no place."""
        return [self._index[name]] if name in self._index else self._sided.get(name, [])

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
