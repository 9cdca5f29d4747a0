"""How the classes are represented: too few examples teach nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crumple.label.annotations import VersionPhoto
from crumple.taxonomy import BRANCHES

FEW = 50  # objects below which a class is hardly learned
LARGE_RATIO = 20  # how many times rarer than the most frequent class of its branch a class may be


@dataclass(frozen=True)
class ClassCount:
    """One class: objects, and photos that show any. note: what is wrong with that; empty: nothing."""

    branch: str
    label: str
    objects: int
    photos: int
    note: str


def class_counts(photos: Sequence[VersionPhoto]) -> list[ClassCount]:
    """All classes of every branch that has labels at all, most frequent first within each."""
    objects = Counter(one.label for photo in photos for one in photo.objects)
    shown = Counter(label for photo in photos for label in {one.label for one in photo.objects})
    rows = []
    for branch, classes in BRANCHES.items():
        most = max(objects[label] for label in classes)
        if most:
            labels = sorted(classes, key=lambda label: -objects[label])
            rows += [ClassCount(branch, one, objects[one], shown[one], _note(objects[one], most)) for one in labels]
    return rows


def _note(count: int, most: int) -> str:
    if not count:
        return "none"
    if count < FEW:
        return f"fewer than {FEW}"
    return f"{most / count:.0f} times rarer than the most frequent" if most > LARGE_RATIO * count else ""
