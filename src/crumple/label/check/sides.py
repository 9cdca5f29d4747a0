"""Left and right that contradict the view.

Going round a vehicle from its front over its LEFT side to its back, its parts come in one order, and in that order they
stand on any photo from left to right: each has a bearing, and of two less than half a turn apart the one that comes
first is on the left. A mirrored photo, or sides taken for those of the picture, turn the order round.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, around, review_item
from crumple.label.review import ReviewItem
from crumple.taxonomy import mirror, side, title

# Degrees round the vehicle, front 0, its left side 90. Mirrors stand out and glass is seen through: they are seen from
# where their bearing says nothing. A hood, a roof or a lid reaches far back: its middle may be anywhere.
BEARING = {
    "front_bumper": 0,
    "grille": 0,
    "front_left_light": 30,
    "left_fender": 50,
    "front_left_door": 75,
    "left_sill": 90,
    "back_left_door": 105,
    "left_quarter_panel": 130,
    "back_left_light": 150,
    "back_bumper": 180,
    "back_right_light": 210,
    "right_quarter_panel": 230,
    "back_right_door": 255,
    "right_sill": 270,
    "front_right_door": 285,
    "right_fender": 310,
    "front_right_light": 330,
}
FLANKS = frozenset(name for name in BEARING if name.endswith(("door", "sill")))
NEAR, FAR = 20, 165  # degrees apart between which the order is certain
TWICE = 0.7  # score of a part that is there twice
MARGIN = 0.04  # of the width of all sided parts: centres nearer than this say nothing


def check_sides(photo: VersionPhoto, parts: Sequence[Placed]) -> Iterator[ReviewItem]:
    """Parts of one photo whose side contradicts their places. Little where a part is there twice: several vehicles."""
    known = [part for part in parts if part.label in BEARING]
    if len({part.label for part in known}) < len(known):
        yield from _twice(photo, known)
        return
    if len(known) < 2:
        return
    left, _, right, _ = around(known)
    votes = [[0, 0] for _ in known]  # pairs that agree, pairs that contradict
    for i, j in combinations(range(len(known)), 2):
        agrees = _agrees(known[i], known[j], MARGIN * (right - left))
        if agrees is not None:
            for k in (i, j):
                votes[k][not agrees] += 1
    agreeing, against = (sum(vote[k] for vote in votes) // 2 for k in range(2))
    if not against:
        return
    sided = [part for part in known if side(part.label)]
    if not agreeing:
        names = ", ".join(title(part.label) for part in sided)
        score = min(0.5 + 0.1 * against, 1.0)
        text = f"Left and right look swapped, or the photo is mirrored: {names} stand in the wrong order."
        yield review_item(photo, "wrong_side", score, text, sided, whole_photo=True)
        return
    for part, (for_it, against_it) in zip(known, votes, strict=True):
        if side(part.label) and against_it > for_it:
            text = (
                f"The {title(part.label)} looks like the {title(mirror(part.label))}: "
                f"{against_it} of {for_it + against_it} other parts stand on the wrong side of it."
            )
            yield review_item(photo, "wrong_side", against_it / (for_it + against_it), text, [part])


def _twice(photo: VersionPhoto, known: Sequence[Placed]) -> Iterator[ReviewItem]:
    """One sided part twice, its counterpart missing and nothing else doubled: one vehicle, and a wrong side."""
    counts = Counter(part.label for part in known)
    (label, count), *rest = counts.most_common()
    if count != 2 or not side(label) or mirror(label) in counts or any(more > 1 for _, more in rest):
        return
    text = f"There are two of the {title(label)}: one is the {title(mirror(label))}, unless there are two vehicles."
    yield review_item(photo, "wrong_side", TWICE, text, [part for part in known if part.label == label])


def _agrees(one: Placed, other: Placed, margin: float) -> bool | None:
    """Whether two parts stand in the order of their bearings; None if that cannot be told."""
    if not (side(one.label) or side(other.label)):
        return None
    if {one.label, other.label} <= FLANKS and side(one.label) != side(other.label):
        return False  # no photo shows the doors or sills of both sides
    turn = (BEARING[other.label] - BEARING[one.label]) % 360
    if not (NEAR <= turn <= FAR or NEAR <= 360 - turn <= FAR):
        return None
    ahead = _middle(other) - _middle(one)
    if abs(ahead) <= margin:
        return None
    return (ahead > 0) == (turn < 180)


def _middle(part: Placed) -> float:
    return (part.box[0] + part.box[2]) / 2
