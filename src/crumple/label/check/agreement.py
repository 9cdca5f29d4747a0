"""How far annotators agree where photos were labelled twice: overlap of masks, and kappa of the classes.

Objects of two annotators are the same one if their masks overlap by an IoU of at least MATCH, whatever their class;
parts and damage apart, since a dent may cover a door.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crumple.label.annotations import AnnotationSet, VersionPhoto
from crumple.label.check.placed import Placed, of_branch, pairs_by_overlap, place, review_item, without
from crumple.label.review import ReviewItem
from crumple.taxonomy import BRANCHES, title

MATCH = 0.5
GOOD = 0.75  # IoU below which two outlines of one thing are worth a look
MISSED = 0.6  # score of an object that only one of two annotators drew


@dataclass
class Agreement:
    """Of one branch, over all photos with two sets of labels.

    classes: of each pair of objects that are the same one, both names. ious: their overlaps. objects: drawn by either
    annotator, in all.
    """

    photos: int = 0
    objects: int = 0
    ious: list[float] = field(default_factory=list)
    classes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def both(self) -> float | None:
        """Share of all objects that both drew (the F1 of one annotator against the other); None without objects."""
        return 2 * len(self.ious) / self.objects if self.objects else None

    @property
    def mean_iou(self) -> float | None:
        """Of the objects that both drew."""
        return sum(self.ious) / len(self.ious) if self.ious else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of their classes (Cohen 1960); None without pairs, or if only one class was ever used."""
        return cohens_kappa(self.classes)


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement beyond chance of two raters: 1 is always, 0 as by chance. None if chance alone would always agree."""
    if not pairs:
        return None
    total = len(pairs)
    observed = sum(a == b for a, b in pairs) / total
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[name] * second[name] for name in first) / total**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def branches_drawn(photos: Iterable[VersionPhoto]) -> dict[str, set[str]]:
    """By annotator, the branches of which anything is drawn: who labels damage alone has missed no part."""
    drawn: dict[str, set[str]] = {}
    for photo in photos:
        for one in photo.sets:
            labels = {labelled.label for labelled in one.objects}
            branches = {branch for branch, classes in BRANCHES.items() if labels & set(classes)}
            drawn.setdefault(_who(one), set()).update(branches)
    return drawn


def check_agreement(
    photo: VersionPhoto, drawn: Mapping[str, set[str]], agreement: dict[str, Agreement]
) -> Iterator[ReviewItem]:
    """What the first annotator of a photo and each other one see otherwise; counted in `agreement`, by branch.

    drawn: `branches_drawn` of all photos.
    """
    for other in photo.sets[1:]:
        mine = place(photo.sets[0].objects, photo.height, photo.width)
        theirs = place(other.objects, photo.height, photo.width)
        shared = drawn[_who(photo.sets[0])] & drawn[_who(other)]
        for branch in (branch for branch in BRANCHES if branch in shared):
            count = agreement.setdefault(branch, Agreement())
            yield from _compare(photo, other, of_branch(mine, branch), of_branch(theirs, branch), count)


def _compare(
    photo: VersionPhoto, other: AnnotationSet, mine: list[Placed], theirs: list[Placed], count: Agreement
) -> Iterator[ReviewItem]:
    first, second = _who(photo.sets[0]), _who(other)
    pairs = pairs_by_overlap(mine, theirs, MATCH)
    count.photos += 1
    count.objects += len(mine) + len(theirs)
    for one, two, overlap in pairs:
        count.ious.append(overlap)
        count.classes.append((one.label, two.label))
        if one.label != two.label:
            text = f"{first} calls it {title(one.label)}, {second} calls it {title(two.label)}."
            yield review_item(photo, "annotators_class", overlap, text, [one, two])
        elif overlap < GOOD:
            text = f"{first} and {second} outline it differently: {title(one.label)}; they share {overlap:.0%}."
            yield review_item(photo, "annotators_overlap", 1 - overlap, text, [one, two])
    for objects, paired, who, whom in (
        (mine, [one for one, _, _ in pairs], first, second),
        (theirs, [two for _, two, _ in pairs], second, first),
    ):
        for one in without(objects, paired):
            text = f"Drawn by {who}, not by {whom}: {title(one.label)}."
            yield review_item(photo, "annotators_missed", MISSED, text, [one])


def _who(one: AnnotationSet) -> str:
    return one.annotator or (f"job {one.job}" if one.job is not None else "an unknown annotator")
