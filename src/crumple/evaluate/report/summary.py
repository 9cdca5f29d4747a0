"""The few figures that matter to somebody who decides whether to use the model, in sentences (all: `metrics`)."""

from dataclasses import dataclass

from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.measures.agreement import OVERLAPS
from crumple.evaluate.measures.bootstrap import Estimate, Share
from crumple.evaluate.measures.confusion import BACKGROUND, Confusion
from crumple.evaluate.measures.error_types import OUTLINE
from crumple.evaluate.measures.photo_shares import DAMAGED, NEAR, RIGHT
from crumple.evaluate.report.wording import count, interval, listed, percent, told, told_of
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
    branches = {branch.branch: branch for branch in reversed(evaluation.branches)}  # before sets judged apart
    damage, parts = branches.get(DAMAGE_BRANCH), branches.get(PARTS_BRANCH)
    findings = [*_places(evaluation), *_photos(evaluation)]
    findings += [*(_damage(damage) if damage else []), *(_parts(parts) if parts else [])]
    for branch in branches.values():
        if branch.branch not in (DAMAGE_BRANCH, PARTS_BRANCH):
            findings += _objects(branch, f"{in_words(branch.branch)} object")
    return findings


def right_names(table: Confusion) -> tuple[int, int]:
    """Of the drawn objects that were found under whichever name: how many got their own, and how many they are."""
    known = [k for k, label in enumerate(table.labels) if label != BACKGROUND]
    return sum(table.counts[k][k] for k in known), sum(table.counts[i][j] for i in known for j in known)


def _places(evaluation: Evaluation) -> list[Finding]:
    """Where damage is said to be, on the first set whose places people named."""
    places = next((one for one in evaluation.places if one.named and one.panels and one.seen), None)
    if places is None or places.named is None or places.panels is None or places.seen is None:
        if not evaluation.places:  # a model that names no places
            return []
        says = "Nobody named or outlined the parts of these photos: whether it names the right one was not measured."
        return [Finding("right part named", Estimate(value=None), says)]
    findings, named, panels, seen = places.findings, places.named.any_class, places.panels, places.seen.overall
    nowhere, right, merged = findings.on_no_part, named.right, named.sides_merged
    recall, precision, alarmed = panels.panels.recall, panels.panels.precision, panels.alarmed
    return [
        _share(
            "findings on no part",
            nowhere,
            f"Of {count(nowhere.of, 'finding')} on photos of {places.set}, {told(nowhere.share)} do not say where on "
            f"the vehicle they are, and {told(findings.side_not_known.share)} name a part without its side.",
        ),
        _share(
            "right part named",
            right,
            f"Of {count(right.of, 'damage')} that it finds and whose part people named, it names the right part for "
            f"{told(right.share)}; whichever the side, for {told(merged.share)}.",
        ),
        _share(
            "damaged panels found",
            recall,
            f"Of {count(recall.of, 'damaged panel')} it names {told(recall.share)}; of {precision.of} that it names, "
            f"{told(precision.share)} are damaged. Were 70 % of these to be damaged, it would find "
            f"{told(panels.recall_at)}.",
        ),
        _share(
            "undamaged panels alarmed",
            alarmed,
            f"Of {count(alarmed.of, 'visible panel')} without a drawn damage, {told(alarmed.share)} have a finding.",
        ),
        _share(
            "parts seen",
            seen.recall,
            f"Of {count(seen.recall.of, 'part')} that can be seen, it lists {told(seen.recall.share)}; of "
            f"{seen.precision.of} that it lists, {told(seen.precision.share)} can be seen.",
        ),
    ]


def _share(name: str, share: Share, says: str) -> Finding:
    return Finding(name, share.share, says, "" if interval(share.share) else f"{share.hits} of {share.of}")


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
    sets = [one for one in evaluation.alarms if one.undamaged]
    worst = max(sets, key=lambda one: one.alarmed.share.value or 0.0)
    told_sets = [told_of(one.alarmed.share, one.alarmed.of, "photo") + f" of {one.set}" for one in sets]
    says = f"It reports damage on undamaged cars, on {listed(told_sets)}"
    if clean.lower.findings:
        says += (
            f": {count(clean.lower.findings, 'finding')}, {clean.upper.findings} of them from the upper threshold on"
        )
    figure, of = worst.alarmed.share, worst.alarmed.of
    name = "clean cars with an alarm" if len(sets) == 1 else "clean cars with an alarm, worst source"
    return [*findings, Finding(name, figure, says + ".", _plainly(figure, of))]


def _plainly(figure: Estimate, photos: int) -> str:
    return "" if interval(figure) else told_of(figure, photos, "photo")


def _damage(branch: BranchEvaluation) -> list[Finding]:
    findings = [*_met(branch), *_objects(branch, "damage")]
    area = branch.pixel_intervals.get("any", Estimate(value=None))
    if area.value is not None:
        says = (
            f"Whatever its type and however it is cut into pieces, the area reported as damage and the area drawn as "
            f"damage share {told(area)} of their union (pixel IoU)."
        )
        findings.append(Finding("shared damage area", area, says))
    return findings


def _met(branch: BranchEvaluation) -> list[Finding]:
    """How many drawn damages are met at all, beside what a second person reaches."""
    anything = branch.agreement.anything
    if not anything.met[0].of:
        return []
    says = (
        f"Of {count(anything.met[0].of, 'drawn damage')}, a finding of its type lies on {told(anything.met[0].share)} "
        f"whatever the outline (mask IoU {OVERLAPS[0]}), and {told(anything.met[-1].share)} at IoU {OVERLAPS[-1]}"
    )
    if person := anything.second_person:
        says += f"; on photos that two people drew, the second met {percent(person.met[0], 0)} % and "
        says += f"{percent(person.met[-1], 0)} %"
    says += f". Of what it reports, {told(anything.meeting.share)} lies on a drawn damage of its type."
    return [_share("drawn damages met", anything.met[0], says)]


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
