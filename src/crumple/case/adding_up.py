"""Adding up: assessments of one vehicle's photos -> its damages and panels. The network looks at nothing here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crumple.assessment.assessment import Assessment
from crumple.assessment.severity import SEVERITIES, Rules
from crumple.case.coverage import coverage, missing_views
from crumple.case.describing import NOTHING_SAID, Said, Sight, describe_damage, ordered, photos_in_words
from crumple.case.inspection import CaseContent, Damage, InspectedPhoto, Panel, Totals
from crumple.case.joining import Joined, join
from crumple.case.observations import Followed, Pixels, observations, photo_evidence
from crumple.case.verdicts import damage_probabilities, panel_verdicts


@dataclass(frozen=True, eq=False)
class AssessedPhoto:
    """One photo of the vehicle, assessed; its findings may be those after a review.

    id: None: "photo-1", "photo-2" ... by position. pixels: decodes it, at any scale, for joining; None: they are gone.
    annotations: by finding id, the id in the findings file that the damage was read from. followed: what a video of
    which the photo is a frame followed.
    """

    assessment: Assessment
    pixels: Callable[[], Pixels] | None = None
    id: str | None = None
    annotations: Mapping[str, int | str] = field(default_factory=dict)
    followed: Sequence[Followed] = ()


def add_up(photos: Sequence[AssessedPhoto], *, rules: Rules, notes: Sequence[str] = ()) -> CaseContent:
    """What the photos say together.

    Args:
        photos: in the order in which they were given.
        rules: severity rules.
        notes: what a reader should know besides.
    """
    return tell(photos, join_photos(photos), rules=rules, notes=notes)


def join_photos(photos: Sequence[AssessedPhoto]) -> Joined:
    """The damages as groups of findings, by their positions among the findings of all photos. It looks at pixels."""
    seen = [
        one for position, photo in enumerate(photos) for one in observations(photo.assessment, position, photo.followed)
    ]
    return join(seen, [photo_evidence(photo.assessment, photo.pixels) for photo in photos])


def tell(
    photos: Sequence[AssessedPhoto],
    joined: Joined,
    *,
    rules: Rules,
    notes: Sequence[str] = (),
    said: Sequence[Said] | None = None,
    repeats: Mapping[int, int] | None = None,
) -> CaseContent:
    """The same from damages that are joined already, without any pixels.

    Args:
        joined: a finding that is in none of its groups counts for nothing.
        said: of each group, what people said of the damage; None: nothing of any.
        repeats: of a group that people called a duplicate, the group that it repeats, both by position.
    """
    assessments = [photo.assessment for photo in photos]
    ids = [photo.id or f"photo-{number}" for number, photo in enumerate(photos, start=1)]
    seen, sights = [], []
    for position, photo in enumerate(photos):
        seen += observations(photo.assessment, position)
        sights += [
            Sight(position, photo.assessment, finding, photo.annotations.get(finding.id))
            for finding in photo.assessment.findings
        ]
    covered = coverage(assessments)
    # What a person drew has no probability; where the model saw the damage too, that speaks for the damage.
    known = [[i for i in group if seen[i].probability is not None] or group for group in joined.groups]
    chances = damage_probabilities(seen, known, covered)
    damages = ordered(
        [
            describe_damage([sights[i] for i in group], ids, chance, rules, one)
            for group, chance, one in zip(joined.groups, chances, said or [NOTHING_SAID] * len(chances), strict=True)
        ],
        {(one, other): chance for one, other, chance in joined.maybe_same},
        repeats,
    )
    panels = panel_verdicts(covered, damages, ids)
    return CaseContent(
        photos=[
            _photo(position, photo.assessment, ids[position], position in joined.other_vehicle)
            for position, photo in enumerate(photos)
        ],
        damages=damages,
        panels=panels,
        missing_views=missing_views(covered),
        totals=totals(damages, panels),
        notes=[*_notes(assessments, joined.other_vehicle), *notes],
    )


def totals(damages: Sequence[Damage], panels: Sequence[Panel]) -> Totals:
    """The inspection in numbers."""
    kept = [damage for damage in damages if damage.decision != "rejected"]
    sound = [damage for damage in kept if damage.likelihood != "doubtful" or damage.decision == "confirmed"]
    return Totals(
        damages=len(kept),
        doubtful=len(kept) - len(sound),
        panels_affected=sum(panel.damaged == "yes" for panel in panels),
        worst_severity=max((damage.severity for damage in sound), key=SEVERITIES.index, default=None),
        undecided=sum(damage.decision == "open" for damage in kept),
    )


def _photo(position: int, assessment: Assessment, id: str, other_vehicle: bool) -> InspectedPhoto:
    info = assessment.photo
    return InspectedPhoto(
        id=id,
        number=position + 1,
        name=info.name,
        sha256=info.sha256,
        width=info.width,
        height=info.height,
        view=assessment.view,
        quality=assessment.quality,
        other_vehicle=other_vehicle,
    )


def _notes(assessments: Sequence[Assessment], other_vehicle: Sequence[int]) -> list[str]:
    """What a reader should know before the list of damages."""
    notes = []
    if not all(assessment.looked_for_damage for assessment in assessments):
        notes.append("this model does not detect damage: there may be damage that is not listed")
    if other_vehicle:
        shows = "seems" if len(other_vehicle) == 1 else "seem"
        notes.append(f"{photos_in_words([i + 1 for i in other_vehicle])} {shows} to show another vehicle")
    empty = [
        number
        for number, assessment in enumerate(assessments, start=1)
        if any(check.name == "no_vehicle" and not check.ok for check in assessment.quality)
    ]
    if empty:
        shows = "shows" if len(empty) == 1 else "show"
        notes.append(f"{photos_in_words(empty)} {shows} no vehicle that could be recognised")
    return notes
