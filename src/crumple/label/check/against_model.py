"""Where the labels and the model disagree, ranked by how likely the labels are the ones that are wrong.

A model misses much and is rarely sure of what is not there: a sure finding that nobody drew comes first, a drawn object
of which the model sees nothing comes late.
"""

from collections.abc import Iterator, Sequence

from crumple.detect.model_info import ModelInfo
from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, covered, of_branch, pairs_by_overlap, review_item, without
from crumple.label.review import ReviewItem
from crumple.taxonomy import title

SAME = 0.5  # IoU from which drawn and found are one thing
NEAR = 0.1  # IoU from which they are about one thing, badly outlined
HINT = 0.25  # IoU from which an unsure finding speaks for a drawn object
PIECE = 0.5  # share from which an object lies within another: one of several pieces
LOWEST_SCORE = 0.05  # of findings that speak for a drawn object
UNSEEN = 0.4  # score of a large drawn object of which the model sees nothing
LARGE = 96  # pixels: the side of a square from whose area on COCO calls an object large


def check_against_model(
    photo: VersionPhoto, objects: Sequence[Placed], found: Sequence[Placed], info: ModelInfo, branch: str
) -> Iterator[ReviewItem]:
    """Disagreements of one branch on one photo. found: what the model sees, down to LOWEST_SCORE.

    What is drawn under a name that the model does not know is taken as it is.
    """
    drawn, hints = of_branch(objects, branch), of_branch(found, branch)
    known = {label for one in info.branches if one.name == branch for label in one.classes}
    sure = [one for one in hints if one.score >= info.threshold(branch, one.label).lower]
    all_drawn, all_sure = drawn, sure

    def take(least: float, same_label: bool) -> list[tuple[Placed, Placed, float]]:
        nonlocal drawn, sure
        pairs = pairs_by_overlap(drawn, sure, least, same_label=same_label)
        drawn, sure = without(drawn, (one for one, _, _ in pairs)), without(sure, (other for _, other, _ in pairs))
        return pairs

    take(SAME, same_label=True)  # these agree
    for one, other, overlap in take(SAME, same_label=False):
        if one.label not in known:
            continue
        text = f"Drawn as {title(one.label)}; for the model it is {title(other.label)} ({other.score:.2f})."
        # That something is there both say, so the score counts and not the chance that it is there.
        yield review_item(photo, "class_differs", other.score * overlap, text, [one], found=other)
    for one, other, overlap in take(NEAR, same_label=True):
        text = f"Outlined otherwise by the model ({other.score:.2f}): {title(one.label)}; they share {overlap:.0%}."
        score = _chance(info, branch, other) * (1 - overlap)
        yield review_item(photo, "bad_overlap", score, text, [one], found=other)
    for other in sure:
        if covered(other, _named(all_drawn, other.label)) < PIECE:
            text = f"Seen by the model ({other.score:.2f}), not drawn: {title(other.label)}."
            # Within something else that is drawn, it is more often a matter of words.
            score = _chance(info, branch, other) * (1 - covered(other, all_drawn) / 2)
            yield review_item(photo, "missed_by_labels", score, text, found=other)
    for one in drawn:
        if one.label in known and covered(one, _named(all_sure, one.label)) < PIECE:
            best = max((hint.score for hint in _named(hints, one.label) if hint.iou(one) >= HINT), default=0.0)
            text = f"Drawn, not seen by the model{f' ({best:.2f} at most)' if best else ''}: {title(one.label)}."
            # The model misses many a small thing; a large one is more telling.
            weight = min(1.0, one.patch.area**0.5 / LARGE)
            yield review_item(photo, "missed_by_model", UNSEEN * (1 - best) * weight, text, [one])


def _chance(info: ModelInfo, branch: str, found: Placed) -> float:
    """How often a finding like this is right: by the model's calibration, else its score."""
    known = info.probability(branch, found.label, found.score)
    return found.score if known is None else known


def _named(objects: Sequence[Placed], label: str) -> list[Placed]:
    return [one for one in objects if one.label == label]
