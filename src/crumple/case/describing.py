"""From joined findings to damages in words: type, place, severity with its reason, and one sentence.

A damage is judged where its panel is seen best: a close-up shows a small part of a panel, so it overstates every share.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment, Finding, Severity
from crumple.assessment.likelihood import Likelihood, likelihood
from crumple.assessment.places import on, place_title, where
from crumple.assessment.severity import SEVERITIES, Rules
from crumple.case.inspection import Damage, DamagePlace, MaybeSame, Observation
from crumple.taxonomy import SIDELESS, sided, without_side

EDGE = 0.01  # of the photo's side: an outline that comes so near is cut off
SECOND_PLACE = 0.5  # the least probability of a second place


@dataclass(frozen=True)
class Sight:
    """One finding with the photo that shows it.

    photo: position of the photo, from 0. annotation: id in the findings file, if that is where it is from.
    """

    photo: int
    assessment: Assessment
    finding: Finding
    annotation: int | str | None = None


def describe_damage(
    sights: Sequence[Sight], photo_ids: Sequence[str], probability: float | None, rules: Rules
) -> Damage:
    """One damage from all that shows it, best sight first. Its id and `maybe_same` are the list's: see `ordered`.

    Args:
        photo_ids: of all photos, by position.
        probability: that it is real, over all sights.
    """
    best_first = sorted(sights, key=_shows_well, reverse=True)
    damage = _type(sights)
    places = _places([sight.finding for sight in sights])
    severity, reason = _severity(best_first, places)
    word = likelihood(probability)
    rule = rules.rule(damage)
    return Damage(
        id="damage",
        damage=damage,
        title=rule.words,
        on=places,
        severity=severity,
        reason=reason,
        probability=None if probability is None else round(probability, 3),
        likelihood=word,
        observations=[
            Observation(
                photo=photo_ids[sight.photo],
                finding=sight.finding.id,
                annotation=sight.annotation,
                box=sight.finding.box,
                severity=sight.finding.severity,
                probability=sight.finding.probability,
            )
            for sight in best_first
        ],
        text=_sentence(rule.words, places, rule.elsewhere, word, severity, reason, [s.photo + 1 for s in best_first]),
    )


def ordered(damages: Sequence[Damage], maybe_same: Mapping[tuple[int, int], float]) -> list[Damage]:
    """The damages worst first, numbered, and linked with those that may be the same.

    maybe_same: by two positions in `damages`, the probability that they are one.
    """
    order = sorted(range(len(damages)), key=lambda i: _rank(damages[i]))
    ids = {i: f"damage-{number}" for number, i in enumerate(order, start=1)}
    links: dict[int, list[MaybeSame]] = defaultdict(list)
    for (a, b), chance in maybe_same.items():
        for one, other in ((a, b), (b, a)):
            links[one].append(MaybeSame(damage=ids[other], probability=round(chance, 3)))
    return [
        damages[i].model_copy(
            update={"id": ids[i], "maybe_same": sorted(links[i], key=lambda m: (-m.probability, m.damage))}
        )
        for i in order
    ]


def _rank(damage: Damage) -> tuple[bool, int, float, int]:
    """Doubtful ones last, then the worst, the surest, and the one in most photos first."""
    worst = -SEVERITIES.index(damage.severity)
    return damage.likelihood == "doubtful", worst, -(damage.probability or 0), -len(damage.observations)


def _type(sights: Sequence[Sight]) -> str:
    votes: dict[str, float] = defaultdict(float)
    for sight in sights:
        votes[sight.finding.damage] += _weight(sight.finding)
    return max(votes, key=lambda name: votes[name])


def _weight(finding: Finding) -> float:
    return finding.score if finding.probability is None else finding.probability


def _places(findings: Sequence[Finding]) -> list[DamagePlace]:
    """Where all of them together are: the mean over those that name a place, the side from those that know it."""
    told = [finding for finding in findings if finding.on]
    if not told:
        return []
    chances: dict[str, float] = defaultdict(float)
    known = any(place.probability is not None for finding in told for place in finding.on)
    for finding in told:
        for position, place in enumerate(finding.on):
            # A model that gives no probabilities names the place it is on first.
            chance = place.probability if place.probability is not None else 1.0 / (1 + position)
            chances[place.label] += chance / len(told)
    for name in [name for name in chances if name in SIDELESS]:
        of_a_side = [one for one in sided(name) if one in chances]
        if of_a_side:
            best = max(of_a_side, key=lambda one: chances[one])
            chances[best] = min(1.0, chances[best] + chances.pop(name))
    for name in list(chances):  # both sides of one kind were named: the likelier one it is
        twins = [one for one in chances if without_side(one) == without_side(name)]
        best = max(twins, key=lambda one: chances[one])
        for one in twins:
            if one != best:
                del chances[one]
    names = sorted(chances, key=lambda name: -chances[name])
    kept = [name for i, name in enumerate(names) if i == 0 or chances[name] >= SECOND_PLACE]
    return [
        DamagePlace(label=name, title=place_title(name), probability=round(chances[name], 3) if known else None)
        for name in kept
    ]


def _shows_well(sight: Sight) -> tuple[float, float]:
    """How well a photo shows a damage: by its pixels in the file, and how sure the model is of it."""
    left, top, right, bottom = sight.finding.box
    photo = sight.assessment.photo
    size = min(1.0, 4 * (right - left) * (bottom - top) / (photo.width * photo.height))
    return _weight(sight.finding) + size, sight.finding.score


def _severity(sights: Sequence[Sight], places: Sequence[DamagePlace]) -> tuple[Severity, str]:
    """From the sight that shows most of the panel: unclear only where no photo tells it."""
    told = [sight for sight in sights if sight.finding.severity != "unclear"]
    if not told:
        return "unclear", sights[0].finding.reason
    main = places[0].label if places else None
    best = max(told, key=lambda sight: _panel_shown(sight, main))
    photos = len({sight.photo for sight in sights})
    reason = best.finding.reason
    return best.finding.severity, f"{reason}, seen in photo {best.photo + 1}" if photos > 1 else reason


def _panel_shown(sight: Sight, main: str | None) -> tuple[int, float]:
    """Whether the outline of the main place is whole (2), cut off (1) or none (0), and how large it is in the photo."""
    outlined = {part.id: part for part in sight.assessment.parts}
    for place in sight.finding.on:
        if place.part is not None and (main is None or place.label in (main, without_side(main))):
            part = outlined[place.part]
            height, width = part.mask.size
            left, top, right, bottom = part.box
            near = min(left / width, top / height, 1 - right / width, 1 - bottom / height)
            return (2 if near > EDGE else 1), part.area_share
    return 0, sight.finding.area_share


def _sentence(
    words: str,
    places: Sequence[DamagePlace],
    elsewhere: str,
    word: Likelihood | None,
    severity: Severity,
    reason: str,
    photos: Sequence[int],
) -> str:
    """ "dent on right quarter panel, likely, in photos 2, 5 and 7. Moderate: covers ..." """
    sure = f", {word}" if word else ""
    told = "Severity unclear" if severity == "unclear" else severity.capitalize()
    return f"{words}{on(places, elsewhere)}{sure}, in {photos_in_words(photos)}. {told}: {reason}"


def photos_in_words(numbers: Sequence[int]) -> str:
    """ "photo 2", "photos 2 and 5", "photos 2, 5 and 7": each once, in order."""
    shown = [str(number) for number in sorted(set(numbers))]
    if len(shown) == 1:
        return f"photo {shown[0]}"
    return f"photos {', '.join(shown[:-1])} and {shown[-1]}"


def damage_where(damage: Damage) -> str:
    """Where a damage is, in words: "hood and left fender", "panel not identified"."""
    return where(damage.on)
