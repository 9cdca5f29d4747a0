"""Labelled objects with their pixels, which is what every check compares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crumple.detect.masks import Patch
from crumple.label.annotations import LabelledObject, VersionPhoto
from crumple.label.cvat.schema import SCORE
from crumple.label.review import Kind, ReviewItem, Suggestion
from crumple.label.shapes import iou
from crumple.taxonomy import BRANCHES


@dataclass(frozen=True, eq=False)
class Placed:
    """One object, drawn or found by a model, with the pixels of it that lie on its photo."""

    labelled: LabelledObject
    patch: Patch

    @property
    def label(self) -> str:
        return self.labelled.label

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.labelled.shape.box

    @property
    def score(self) -> float:
        """The model's; 0 if it has none."""
        return float(self.labelled.attributes.get(SCORE, 0.0))

    def iou(self, other: "Placed") -> float:
        """Overlap of the two masks."""
        return iou(self.patch, other.patch)

    def suggestion(self, height: int, width: int) -> Suggestion:
        """The object as a model's suggestion on a photo (height, width)."""
        return Suggestion(label=self.label, score=self.score, box=self.box, segmentation=self.patch.rle(height, width))


def place(objects: Sequence[LabelledObject], height: int, width: int) -> list[Placed]:
    """Objects of a photo (height, width) with their pixels."""
    return [Placed(one, one.shape.patch(height, width)) for one in objects]


def of_branch(objects: Sequence[Placed], branch: str) -> list[Placed]:
    """The objects of "parts" or "damage"."""
    return [one for one in objects if one.label in BRANCHES[branch]]


def around(objects: Sequence[Placed]) -> tuple[float, float, float, float]:
    """The box around all of them."""
    left, top, right, bottom = zip(*(one.box for one in objects), strict=True)
    return min(left), min(top), max(right), max(bottom)


def review_item(
    photo: VersionPhoto,
    kind: Kind,
    score: float,
    text: str,
    objects: Sequence[Placed] = (),
    *,
    found: Placed | None = None,
    whole_photo: bool = False,
) -> ReviewItem:
    """One thing to look at. objects: those drawn that it is about. found: what the model says is there."""
    shown = [*objects, *([found] if found else [])]
    return ReviewItem(
        file_name=photo.file_name,
        sha256=photo.sha256,
        image_ids=[photo.image_id],
        annotation_ids=[one.labelled.id for one in objects],
        kind=kind,
        score=round(min(max(score, 0.0), 1.0), 4),
        text=text,
        box=None if whole_photo or not shown else around(shown),
        suggestion=found.suggestion(photo.height, photo.width) if found else None,
    )


def pairs_by_overlap(
    mine: Sequence[Placed], theirs: Sequence[Placed], least: float, *, same_label: bool = False
) -> list[tuple[Placed, Placed, float]]:
    """Who is who: pairs (of mine, of theirs, IoU) with an IoU of at least `least`, each object in one pair at most.

    Greedy, the largest overlap first. same_label: only pairs of one class.
    """
    overlaps = [
        (one.iou(other), i, j)
        for i, one in enumerate(mine)
        for j, other in enumerate(theirs)
        if one.label == other.label or not same_label
    ]
    pairs: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for overlap, i, j in sorted(overlaps, key=lambda entry: (-entry[0], entry[1:])):
        if overlap >= least and i not in pairs and j not in taken:
            pairs[i] = j, overlap
            taken.add(j)
    return [(mine[i], theirs[j], overlap) for i, (j, overlap) in pairs.items()]


def without(objects: Sequence[Placed], taken: Iterable[Placed]) -> list[Placed]:
    """The objects that are not among `taken`."""
    gone = {id(one) for one in taken}
    return [one for one in objects if id(one) not in gone]


def covered(one: Placed, others: Iterable[Placed]) -> float:
    """The largest share of an object's area that any of the others covers."""
    return (
        max((one.patch.overlap(other.patch) / one.patch.area for other in others), default=0.0)
        if one.patch.area
        else 0.0
    )
