"""Where a finding is after a person drew it, or changed its type, its outline or its place."""

from collections.abc import Sequence

from crumple.assessment.assessment import Assessment, Mask, Place
from crumple.assessment.findings import Seen, describe_places
from crumple.assessment.places import place_title
from crumple.detect.fusion import overlaps
from crumple.detect.masks import Patch
from crumple.detect.place_evidence import Outlined
from crumple.detect.reading import BY_DAMAGE, read_photo_parts
from crumple.serve.contract.events import Event
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.problems import ProblemError
from crumple.taxonomy import PARTS_BRANCH, PLACES, SIDELESS, without_side


def places_of_new(assessment: Assessment, damage: str, mask: Mask) -> list[Place]:
    """Where it is what a person drew: on the part under it, or on the only part that the photo shows."""
    return _by_outlines(assessment, damage, mask) or _only_place(assessment)


def places_after(
    assessment: Assessment, finding: ReviewedFinding, damage: str, mask: Mask, event: Event
) -> Sequence[Place]:
    """Where a finding is after an edit that leaves it with this damage type and outline. What a person said stays.

    Raises ProblemError for a place that there is not.
    """
    said = event.places or [place.label for place in finding.on if "person" in place.known_by]
    if said:
        return _named(assessment, mask, said)
    if event.polygons or {damage, finding.damage} & BY_DAMAGE.keys():
        return _by_outlines(assessment, damage, mask) or _by_surroundings(finding)
    return finding.on


def patch_of(mask: Mask) -> Patch:
    """The mask's pixels as runs."""
    return Patch.from_rle(mask.rle())


def seen_by_person(damage: str, mask: Mask) -> Seen:
    """What a person drew, as if it had been detected: surely."""
    patch = patch_of(mask)
    left, top, right, bottom = map(float, patch.box)
    return Seen(damage, 1.0, patch, box=(left, top, right, bottom), mask=mask)


def _by_outlines(assessment: Assessment, damage: str, mask: Mask) -> list[Place]:
    """By the outlines under it, or by its type."""
    parts = [Outlined(part.label, part.score, patch_of(part.mask)) for part in assessment.parts]
    reading = read_photo_parts(parts, [seen_by_person(damage, mask)], None, None, None)
    return describe_places(reading.places[0], {i: part.id for i, part in enumerate(assessment.parts)})


def _by_surroundings(finding: ReviewedFinding) -> list[Place]:
    """As far as the finding's surroundings said so: they are still the same."""
    gone = {"part": None, "share_of_damage": None, "share_of_part": None, "known_by": ["surroundings"]}
    return [place.model_copy(update=gone) for place in finding.on if "surroundings" in place.known_by]


def _only_place(assessment: Assessment) -> list[Place]:
    """In a close-up of one part that is where everything is."""
    shown = [seen for seen in assessment.parts_seen if seen.label != "wheel"]
    if len(shown) != 1:
        return []
    [one] = shown
    return [
        Place(
            part=None,
            label=one.label,
            title=one.title,
            probability=one.probability,
            known_by=["surroundings"],
            share_of_damage=None,
            share_of_part=None,
        )
    ]


def _named(assessment: Assessment, mask: Mask, names: Sequence[str]) -> list[Place]:
    """The places that a person named, with the outlines of these parts that lie under the damage."""
    known = {*PLACES, *SIDELESS, *assessment.thresholds.get(PARTS_BRANCH, {})}
    places = []
    for i, name in enumerate(names):
        if name not in known or name in names[:i]:
            what = "is named twice" if name in known else f"is none of {', '.join(sorted(known))}"
            raise ProblemError(422, f"{name}: {what}", field=f"places.{i}")
        outlines = [part for part in assessment.parts if name in (part.label, without_side(part.label))]
        under = next(iter(overlaps(patch_of(mask), [patch_of(part.mask) for part in outlines])), None)
        places.append(
            Place(
                part=outlines[under.part].id if under else None,
                label=name,
                title=place_title(name),
                known_by=["person"],
                share_of_damage=under.share_of_damage if under else None,
                share_of_part=under.share_of_part if under else None,
            )
        )
    return places
