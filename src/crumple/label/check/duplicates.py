"""Objects drawn twice. Damage types may share an area (a scratch within a dent), parts may not."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, of_branch, review_item
from crumple.label.review import ReviewItem
from crumple.taxonomy import BRANCHES, PARTS_BRANCH, title

SAME = 0.8  # IoU from which two outlines are one thing


def check_duplicates(photo: VersionPhoto, objects: Sequence[Placed]) -> Iterator[ReviewItem]:
    """Pairs of one class with nearly the same mask; of parts, of two classes too."""
    for branch in BRANCHES:
        for one, other in combinations(of_branch(objects, branch), 2):
            if one.label != other.label and branch != PARTS_BRANCH:
                continue
            overlap = one.iou(other)
            if overlap >= SAME:
                twice = "twice" if one.label == other.label else f"and as {title(other.label)} too"
                text = f"Drawn as {title(one.label)} {twice}: the two share {overlap:.0%} of their area."
                yield review_item(photo, "duplicate", overlap, text, [one, other])
