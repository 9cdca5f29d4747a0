"""From what the network saw to what a person reads: parts, and findings with place, severity, reason and a sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from crumple.assess.assessment import Finding, Mask, Part, Place, Verdict
from crumple.assess.severity import SEVERITIES, Judgement, Rule, Rules, percent
from crumple.detect import fusion
from crumple.detect.detections import BranchDetections
from crumple.detect.masks import Patch
from crumple.detect.model_info import ClassThresholds
from crumple.detect.outlines import TOLERANCE, outlines
from crumple.taxonomy import side, title

# Of polygons, in pixels. Of a large mask the steps of a slanting edge say nothing: a third of the points is enough.
LARGE_TOLERANCE = 1.0
LARGE = 200_000  # pixels of a mask


@dataclass(frozen=True)
class Seen:
    """One detection with its pixels: `box` xyxy and `patch` in photo pixels, `mask` the same for the report."""

    label: str
    score: float
    box: tuple[float, float, float, float]
    patch: Patch
    mask: Mask


def see(found: BranchDetections, height: int, width: int) -> list[Seen]:
    """Paste every detection on a photo (height, width), best first; one without a single pixel is dropped."""
    seen = []
    for i in range(len(found)):
        patch = found.patch(i, height, width)
        if patch.area:
            left, top, right, bottom = (round(value, 1) for value in found.boxes[i].tolist())
            score = round(float(found.scores[i]), 4)
            seen.append(Seen(found.name(i), score, (left, top, right, bottom), patch, _mask(patch, height, width)))
    return seen


def describe_parts(seen: Sequence[Seen], photo_area: int) -> list[Part]:
    """The parts as the report has them, in the order given."""
    return [
        Part(
            id=f"part-{number}",
            label=part.label,
            title=title(part.label),
            side=cast("Literal['left', 'right'] | None", side(part.label)),
            score=part.score,
            box=part.box,
            mask=part.mask,
            area_share=_share(part.patch.area / photo_area),
        )
        for number, part in enumerate(seen, start=1)
    ]


def describe_findings(
    damages: Sequence[Seen],
    parts: Sequence[Part],
    part_patches: Sequence[Patch],
    vehicle: Patch,
    thresholds: Mapping[str, ClassThresholds],
    probability: Callable[[str, float], float | None],
    rules: Rules,
    photo_area: int,
) -> list[Finding]:
    """The findings as the report has them: most severe first, confirmed before suspected, then by score.

    Args:
        damages: what was seen.
        parts, part_patches: the parts and their pixels, in the same order.
        vehicle: the union of the parts.
        thresholds: by damage type.
        probability: of damage type and score, how often such a finding is right; None: not known.
        rules: the severity rules.
        photo_area: pixels of the photo.
    """
    found = []
    for damage in damages:
        places = [
            Place(
                part=parts[overlap.part].id,
                label=parts[overlap.part].label,
                title=parts[overlap.part].title,
                share_of_damage=_share(overlap.share_of_damage),
                share_of_part=_share(overlap.share_of_part),
            )
            for overlap in fusion.overlaps(damage.patch, part_patches)
        ]
        area_share = _share(damage.patch.area / photo_area)
        vehicle_share = _share(damage.patch.overlap(vehicle) / vehicle.area) if vehicle.area else None
        judgement = rules.judge(damage.label, places, vehicle_share, area_share, len(parts))
        chance = probability(damage.label, damage.score)
        verdict: Verdict = "confirmed" if damage.score >= thresholds[damage.label].confirmed else "suspected"
        rule = rules.rule(damage.label)
        found.append(
            Finding(
                id="finding",
                damage=damage.label,
                title=rule.words,
                score=damage.score,
                probability=None if chance is None else round(chance, 3),
                verdict=verdict,
                severity=judgement.severity,
                reason=judgement.reason,
                hint=judgement.hint,
                box=damage.box,
                mask=damage.mask,
                on=places,
                area_share=area_share,
                vehicle_share=vehicle_share,
                text=sentence(rule, verdict, places, judgement),
            )
        )
    found.sort(key=lambda f: (-SEVERITIES.index(f.severity), f.verdict != "confirmed", -f.score))
    return [finding.model_copy(update={"id": f"finding-{i}"}) for i, finding in enumerate(found, start=1)]


def sentence(rule: Rule, verdict: Verdict, places: Sequence[Place], judgement: Judgement) -> str:
    """ "dent on front left door, 12 % of the part, moderate, because this damage is moderate from 5 % of the part"."""
    words = rule.words if verdict == "confirmed" else f"suspected {rule.words}"
    if places:
        names = list(dict.fromkeys(place.title for place in places))
        part = "part" if len(names) == 1 else names[0]
        where = f"on {_listed(names)}, {percent(places[0].share_of_part)} of the {part}"
    else:
        where = rule.elsewhere
    return f"{words} {where}, {judgement.severity}, because {judgement.reason}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _mask(patch: Patch, height: int, width: int) -> Mask:
    polygons = outlines(patch, tolerance=LARGE_TOLERANCE if patch.area > LARGE else TOLERANCE)
    return Mask(
        size=(height, width),
        counts=str(patch.rle(height, width)["counts"]),
        polygons=[polygon.ravel().tolist() for polygon in polygons],
    )


def _share(share: float) -> float:
    return round(min(1.0, share), 5)
