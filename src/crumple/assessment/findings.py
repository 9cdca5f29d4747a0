"""From what the network saw to what a person reads: parts, and findings with place, severity, reason and a sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from crumple.assessment.assessment import Finding, FoundObject, Mask, Part, PartSeen, Place
from crumple.assessment.likelihood import SUREST_FIRST, Likelihood, Threshold, finding_likelihood
from crumple.assessment.places import on, place_title
from crumple.assessment.severity import SEVERITIES, Judgement, Rule, Rules
from crumple.detect.detections import BranchDetections
from crumple.detect.masks import Patch
from crumple.detect.model_info import ClassThresholds
from crumple.detect.outlines import TOLERANCE, outlines
from crumple.detect.place_evidence import Outlined
from crumple.detect.reading import LikelyPlace, ListedPart, VisiblePlace
from crumple.taxonomy import side, title, without_side

Side = Literal["left", "right"]

# Of polygons, in pixels. Of a large mask the steps of a slanting edge say nothing: a third of the points is enough.
LARGE_TOLERANCE = 1.0
LARGE = 200_000  # pixels of a mask


# A part that reaches the photo's edge on all four sides fills it: its share of the part is one of the photo.
EDGE = 0.01  # of the photo's side


@dataclass(frozen=True, eq=False)
class Seen(Outlined):
    """One detection with its pixels: `box` xyxy and `patch` in photo pixels, `mask` the same for the report."""

    box: tuple[float, float, float, float] = field(kw_only=True)
    mask: Mask = field(kw_only=True)


def see(found: BranchDetections, height: int, width: int) -> list[Seen]:
    """Paste every detection on a photo (height, width), best first; one without a single pixel is dropped."""
    seen = []
    for i in range(len(found)):
        patch = found.patch(i, height, width)
        if patch.area:
            left, top, right, bottom = (round(value, 1) for value in found.boxes[i].tolist())
            score = round(float(found.scores[i]), 4)
            places = None if found.places is None else found.places[i]
            mask = outlined_mask(patch, height, width)
            seen.append(Seen(found.name(i), score, patch, places, box=(left, top, right, bottom), mask=mask))
    return seen


def describe_parts(listed: Sequence[ListedPart], seen: Sequence[Seen], photo_area: int) -> list[Part]:
    """The parts with outlines as the report has them, in the order given; `listed` has positions in `seen`."""
    return [
        Part(
            id=f"part-{number}",
            label=part.name,
            title=place_title(part.name if part.side_known else without_side(part.name)),
            side=_side(part.name) if part.side_known else None,
            score=seen[part.part].score,
            box=seen[part.part].box,
            mask=seen[part.part].mask,
            area_share=_share(seen[part.part].patch.area / photo_area),
        )
        for number, part in enumerate(listed, start=1)
    ]


def describe_objects(seen: Mapping[str, Sequence[Seen]], photo_area: int) -> list[FoundObject]:
    """What further branches found; seen: by branch."""
    found = [(branch, one) for branch, some in seen.items() for one in some]
    return [
        FoundObject(
            id=f"object-{number}",
            branch=branch,
            label=one.label,
            title=title(one.label),
            score=one.score,
            box=one.box,
            mask=one.mask,
            area_share=_share(one.patch.area / photo_area),
        )
        for number, (branch, one) in enumerate(found, start=1)
    ]


def describe_visible(visible: Sequence[VisiblePlace], ids: Mapping[int, str]) -> list[PartSeen]:
    """All that the photo shows. ids: of the parts with outlines, by their positions."""
    return [
        PartSeen(
            label=place.name,
            title=place_title(place.name),
            side=_side(place.name),
            probability=None if place.probability is None else round(place.probability, 3),
            part=None if place.part is None else ids[place.part],
        )
        for place in visible
    ]


def describe_places(places: Sequence[LikelyPlace], ids: Mapping[int, str]) -> list[Place]:
    """Where a damage is. ids: of the parts with outlines, by their positions."""
    return [
        Place(
            part=None if place.part is None else ids[place.part],
            label=place.name,
            title=place_title(place.name),
            probability=None if place.probability is None else round(place.probability, 3),
            known_by=list(place.known_by),
            share_of_damage=None if place.share_of_damage is None else _share(place.share_of_damage),
            share_of_part=None if place.share_of_part is None else _share(place.share_of_part),
        )
        for place in places
    ]


def describe_findings(
    damages: Sequence[Seen],
    places: Sequence[Sequence[Place]],
    parts: Sequence[Part],
    vehicle: Patch,
    thresholds: Mapping[str, ClassThresholds] | None,
    probability: Callable[[str, float], float | None],
    rules: Rules,
    photo_area: int,
) -> list[Finding]:
    """The findings as the report has them: most severe first, then the likeliest, then by score.

    Args:
        damages: what was seen. places: where each is.
        parts: those with outlines.
        vehicle: the union of the parts.
        thresholds: by damage type; None: a person found them, so that the sentences say nothing of how likely they are.
        probability: of damage type and score, how often such a finding is right; None: not known.
        rules: the severity rules.
        photo_area: pixels of the photo.
    """
    outlined = {part.id: part for part in parts}
    found = []
    for damage, where in zip(damages, places, strict=True):
        area_share = _share(damage.patch.area / photo_area)
        vehicle_share = _share(damage.patch.overlap(vehicle) / vehicle.area) if vehicle.area else None
        measured = _measured(where[0], outlined) if where else None
        judgement = rules.judge(damage.label, where, measured, vehicle_share, area_share, len(parts))
        chance = probability(damage.label, damage.score)
        chance = None if chance is None else round(chance, 3)
        upper = thresholds is None or damage.score >= thresholds[damage.label].upper
        threshold: Threshold = "upper" if upper else "lower"
        word = finding_likelihood(chance, threshold)
        rule = rules.rule(damage.label)
        found.append(
            Finding(
                id="finding",
                damage=damage.label,
                title=rule.words,
                score=damage.score,
                probability=chance,
                likelihood=word,
                threshold=threshold,
                severity=judgement.severity,
                reason=judgement.reason,
                hint=judgement.hint,
                box=damage.box,
                mask=damage.mask,
                on=list(where),
                area_share=area_share,
                vehicle_share=vehicle_share,
                text=sentence(rule, None if thresholds is None else word, where, judgement),
            )
        )
    found.sort(key=lambda f: (-SEVERITIES.index(f.severity), SUREST_FIRST.index(f.likelihood), -f.score))
    return [finding.model_copy(update={"id": f"finding-{i}"}) for i, finding in enumerate(found, start=1)]


def sentence(rule: Rule, word: Likelihood | None, places: Sequence[Place], judgement: Judgement) -> str:
    """ "dent on front left door, likely. Moderate: covers 12 % of the front left door (moderate starts at 5 %)"."""
    sure = f", {word}" if word else ""
    severity = "Severity unclear" if judgement.severity == "unclear" else judgement.severity.capitalize()
    return f"{rule.words}{on(places, rule.elsewhere)}{sure}. {severity}: {judgement.reason}"


def _measured(place: Place, outlined: Mapping[str, Part]) -> float | None:
    """Share of the part that the damage covers; None without an outline, or with one that fills the photo."""
    if place.part is None:
        return None
    part = outlined[place.part]
    height, width = part.mask.size
    left, top, right, bottom = part.box
    filled = max(left, width - right) <= EDGE * width and max(top, height - bottom) <= EDGE * height
    return None if filled else place.share_of_part


def outlined_mask(patch: Patch, height: int, width: int) -> Mask:
    """The pixels as the report has them, on a photo (height, width)."""
    polygons = outlines(patch, tolerance=LARGE_TOLERANCE if patch.area > LARGE else TOLERANCE)
    return Mask(
        size=(height, width),
        counts=str(patch.rle(height, width)["counts"]),
        polygons=[polygon.ravel().tolist() for polygon in polygons],
    )


def _side(name: str) -> Side | None:
    return cast("Side | None", side(name))


def _share(share: float) -> float:
    return round(min(1.0, share), 5)
