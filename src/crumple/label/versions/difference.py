"""What one version of the labels has that another has not: photos by their hash, objects by where they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crumple.label.annotations import LabelledObject, VersionPhoto
from crumple.label.shapes import iou
from crumple.label.versions.version import Version

# Two outlines that agree this well are one object that was drawn again.
SAME_OBJECT = 0.5


@dataclass(frozen=True)
class PhotoDifference:
    """A photo that is in both versions. changed: old and new object, and what of it: label, outline, attributes."""

    file_name: str
    added: tuple[LabelledObject, ...]
    removed: tuple[LabelledObject, ...]
    changed: tuple[tuple[LabelledObject, LabelledObject, tuple[str, ...]], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Difference:
    """From an old version to a new one. changed: the photos of both on which anything differs."""

    added: tuple[VersionPhoto, ...] = ()
    removed: tuple[VersionPhoto, ...] = ()
    changed: tuple[PhotoDifference, ...] = ()
    same: int = field(default=0)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "photos_added": [photo.file_name for photo in self.added],
            "photos_removed": [photo.file_name for photo in self.removed],
            "photos_same": self.same,
            "photos_changed": [
                {
                    "file_name": photo.file_name,
                    "added": [_told(one) for one in photo.added],
                    "removed": [_told(one) for one in photo.removed],
                    "changed": [{"from": _told(a), "to": _told(b), "what": [*what]} for a, b, what in photo.changed],
                }
                for photo in self.changed
            ],
        }


def difference(old: Version, new: Version) -> Difference:
    """Compare the sets that count. Photos are the same if their hashes are, or without one their names."""
    before = {photo.sha256 or photo.file_name: photo for photo in old.photos}
    after = {photo.sha256 or photo.file_name: photo for photo in new.photos}
    both = [_compare(before[key], photo) for key, photo in after.items() if key in before]
    return Difference(
        tuple(photo for key, photo in after.items() if key not in before),
        tuple(photo for key, photo in before.items() if key not in after),
        tuple(photo for photo in both if photo),
        sum(1 for photo in both if not photo),
    )


def _compare(old: VersionPhoto, new: VersionPhoto) -> PhotoDifference:
    """Pairs of objects: first those drawn with the same points, then the best overlapping ones, equal labels first."""
    before, after = list(old.objects), list(new.objects)
    changed = []
    for one in list(before):
        twin = next((other for other in after if other.label == one.label and other.shape.same(one.shape)), None)
        if twin is not None:
            before.remove(one)
            after.remove(twin)
            if what := _what(one, twin):
                changed.append((one, twin, what))
    for one, other in _overlapping(before, after, old, new):
        before.remove(one)
        after.remove(other)
        changed.append((one, other, _what(one, other)))
    return PhotoDifference(new.file_name, tuple(after), tuple(before), tuple(changed))


def _overlapping(
    before: Sequence[LabelledObject], after: Sequence[LabelledObject], old: VersionPhoto, new: VersionPhoto
) -> list[tuple[LabelledObject, LabelledObject]]:
    olds = [one.shape.patch(old.height, old.width) for one in before]
    news = [one.shape.patch(new.height, new.width) for one in after]
    pairs = []
    for i, one in enumerate(before):
        for j, other in enumerate(after):
            overlap = iou(olds[i], news[j])
            if overlap >= SAME_OBJECT:
                pairs.append((one.label == other.label, overlap, i, j))
    chosen: list[tuple[int, int]] = []
    for _, _, i, j in sorted(pairs, key=lambda pair: (not pair[0], -pair[1])):
        if all(i != a and j != b for a, b in chosen):
            chosen.append((i, j))
    return [(before[i], after[j]) for i, j in chosen]


def _what(old: LabelledObject, new: LabelledObject) -> tuple[str, ...]:
    differs = {
        "label": old.label != new.label,
        "outline": not old.shape.same(new.shape),
        "attributes": dict(old.attributes) != dict(new.attributes),
    }
    return tuple(name for name, is_so in differs.items() if is_so)


def _told(one: LabelledObject) -> dict[str, Any]:
    return {"id": one.id, "label": one.label, "box": [round(value, 1) for value in one.shape.box], **one.attributes}
