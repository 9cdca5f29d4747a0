"""The few figures of an evaluation that matter to somebody who decides whether to use the model, in plain sentences."""

from dataclasses import dataclass

from crumple.evaluate.bootstrap import Estimate
from crumple.evaluate.confusion import BACKGROUND, Confusion
from crumple.evaluate.error_types import OUTLINE
from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.photo_shares import ALARMED, DAMAGED, NEAR, RIGHT
from crumple.evaluate.wording import count, interval, percent, told, told_of
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH
from crumple.taxonomy import title as in_words


@dataclass(frozen=True)
class Finding:
    """One figure worth knowing: what it is in a word or two, the figure, and what it says in a sentence.

    counts: "0 of 60 photos", in place of an interval.
    """

    name: str
    figure: Estimate
    says: str
    counts: str = ""


def summary(evaluation: Evaluation) -> list[Finding]:
    """The findings, most important first; what was not measured says so."""
    branches = {branch.branch: branch for branch in evaluation.branches}
    damage, parts = branches.get(DAMAGE_BRANCH), branches.get(PARTS_BRANCH)
    findings = [*_photos(evaluation), *(_damage(damage) if damage else []), *(_parts(parts) if parts else [])]
    for branch in evaluation.branches:
        if branch.branch not in (DAMAGE_BRANCH, PARTS_BRANCH):
            findings += _objects(branch, f"{in_words(branch.branch)} object")
    return findings + _placement(evaluation)


def right_names(table: Confusion) -> tuple[int, int]:
    """Of the drawn objects that were found under whichever name: how many got their own, and how many they are."""
    known = [k for k, label in enumerate(table.labels) if label != BACKGROUND]
    return sum(table.counts[k][k] for k in known), sum(table.counts[i][j] for i in known for j in known)


def _photos(evaluation: Evaluation) -> list[Finding]:
    """Damaged photos noticed, undamaged ones alarmed."""
    anywhere = evaluation.damage_anywhere
    if anywhere is None:
        return []
    findings = []
    if anywhere.damaged and anywhere.recall is not None:
        seen = evaluation.photo_shares[DAMAGED]
        near, right = (told_of(evaluation.photo_shares[name], anywhere.damaged, "photo") for name in (NEAR, RIGHT))
        says = (
            f"It reports damage on {told_of(seen, anywhere.damaged, 'photo')} with drawn damage. On {right} "
            f"some of that is right by type and place (mask IoU 0.5), on {near} whatever the outline (0.1)."
        )
        findings.append(Finding("damaged photos noticed", seen, says, _plainly(seen, anywhere.damaged)))
    clean = evaluation.clean_cars
    if clean is None:
        says = "No photo of an undamaged car was judged: nothing is known about alarms on clean cars."
        return [*findings, Finding("clean cars with an alarm", Estimate(value=None), says)]
    alarmed = evaluation.photo_shares[ALARMED]
    says = f"It reports damage on {told_of(alarmed, clean.photos, 'photo')} of undamaged cars"
    if clean.reported.findings:
        says += (
            f": {count(clean.reported.findings, 'finding')}, {clean.confirmed.findings} of them confirmed and not only"
        )
        says += " suspected"
    return [*findings, Finding("clean cars with an alarm", alarmed, says + ".", _plainly(alarmed, clean.photos))]


def _plainly(figure: Estimate, photos: int) -> str:
    return "" if interval(figure) else told_of(figure, photos, "photo")


def _damage(branch: BranchEvaluation) -> list[Finding]:
    findings = _objects(branch, "damage")
    area = branch.pixel_intervals.get("any", Estimate(value=None))
    if area.value is not None:
        says = (
            f"Whatever its type and however it is cut into pieces, the area reported as damage and the area drawn as "
            f"damage share {told(area)} of their union (pixel IoU)."
        )
        findings.append(Finding("shared damage area", area, says))
    return findings


def _parts(branch: BranchEvaluation) -> list[Finding]:
    findings = _objects(branch, "part")
    right, matched = right_names(branch.confusion)
    if matched:
        named = Estimate(value=right / matched)
        says = (
            f"Of {count(matched, 'drawn part')} that it outlines under whichever name, it gives {right} "
            f"({told(named)}) the right one, side included."
        )
        findings.append(Finding("parts named right", named, says))
    return findings


def _objects(branch: BranchEvaluation, noun: str) -> list[Finding]:
    """How many of the drawn objects are found, and how many findings are right."""
    overall = branch.operating.overall
    if not overall.objects:
        return [Finding(f"single {noun}s found", Estimate(value=None), f"No {noun} is drawn on the photos judged.")]
    says = (
        f"Of {count(overall.objects, f'single {noun}')} that people drew, it finds {told(overall.recall)} with the "
        "right name and outline. "
    )
    if overall.precision.value is None:
        says += "It reports nothing on these photos."
    else:
        says += f"Of what it reports on these photos, {told(overall.precision)} is right in this sense."
        if near := branch.errors.reported[OUTLINE]:
            share = near / (overall.true_positives + overall.false_positives)
            says += f" Another {percent(share)} % lies on a {noun} of that name, with another outline."
    return [Finding(f"single {noun}s found", overall.recall, says + _extremes(branch))]


def _extremes(branch: BranchEvaluation) -> str:
    """Best and worst class by recall, where that means anything."""
    known = [
        (figures.recall.value, name)
        for name, figures in branch.operating.classes.items()
        if figures.recall.value is not None
    ]
    best, worst = max(known, default=None), min(known, default=None)
    if best is None or worst is None or best[0] == worst[0]:
        return ""
    return (
        f" It finds {in_words(best[1])} most often ({percent(best[0])} %) and {in_words(worst[1])} least often "
        f"({percent(worst[0])} %)."
    )


def _placement(evaluation: Evaluation) -> list[Finding]:
    place = evaluation.placement
    if place is None:
        if evaluation.damaged_parts is None:  # a model without parts or without damage
            return []
        says = "No photo has both parts and damage drawn: whether damage is put on the right part was not measured."
        return [Finding("damage put on the right part", Estimate(value=None), says)]
    right = Estimate(value=place.accuracy)
    says = (
        f"Of {count(place.judged, 'damage')} found on a drawn part, it puts {place.right} ({told(right)}) on that part."
    )
    if not place.judged:
        says = "No damage that it found lies on a drawn part: whether it names the right one cannot be told."
    return [Finding("damage put on the right part", right, says)]
