"""Which damage lies on which part: overlaps of masks."""

from collections.abc import Sequence
from dataclasses import dataclass

from crumple.detect.masks import Patch

# A damage belongs to a part when at least this share of it lies there; less is the rim of a neighbouring mask.
MIN_SHARE_OF_DAMAGE = 0.1
# Two parts whose masks agree this well are one part that the network named twice (front left door, front right door).
DUPLICATE_IOU = 0.7


@dataclass(frozen=True)
class Overlap:
    """A damage on a part: the part's position in the list, and the shares of either that are concerned."""

    part: int
    share_of_damage: float
    share_of_part: float


def overlaps(damage: Patch, parts: Sequence[Patch]) -> list[Overlap]:
    """The parts that `damage` lies on, most of the damage first; empty if it lies on none of them."""
    found = []
    for i, part in enumerate(parts):
        shared = damage.overlap(part)
        if shared and shared >= MIN_SHARE_OF_DAMAGE * damage.area:
            found.append(Overlap(i, shared / damage.area, shared / part.area))
    # Of two parts that hold as much of it, the smaller one says more: the lamp rather than the bumper round it.
    return sorted(found, key=lambda overlap: (-overlap.share_of_damage, -overlap.share_of_part))


def distinct(patches: Sequence[Patch]) -> list[int]:
    """Positions of the patches that are not a second name for an earlier one (IoU of at least 0.7); best first in."""
    kept: list[int] = []
    for i, patch in enumerate(patches):
        if not any(_iou(patch, patches[j]) >= DUPLICATE_IOU for j in kept):
            kept.append(i)
    return kept


def _iou(a: Patch, b: Patch) -> float:
    shared = a.overlap(b)
    return shared / (a.area + b.area - shared) if shared else 0.0
