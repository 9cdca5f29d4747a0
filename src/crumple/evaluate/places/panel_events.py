"""Panels, photo by photo: which are damaged, which the findings name, which are neither. `panels` counts them.

N photos. A panel is a part of the bodywork: what is inside, the engine bay and the underbody are left out, and so are
airbags.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.readings import Reading
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.names import agrees, true_of
from crumple.evaluate.places.truth import AIRBAGS, PlaceTruth
from crumple.taxonomy import DAMAGE_BRANCH, ELSEWHERE, SIDELESS, without_side


@dataclass(frozen=True, eq=False)
class PanelEvents:
    """What happens to the panels of N photos.

    damaged: damaged panels: part, found, and the score of the best finding there (0: none). said: panels with a
    finding: part, right, score. undamaged: visible panels without damage: part, alarmed. merged_damaged, merged_said:
    the first two with sides merged. of_damaged, of_said: by damage type, a panel once for each type on it: damage,
    found or right.
    """

    damaged: Events
    said: Events
    undamaged: Events
    merged_damaged: Events
    merged_said: Events
    of_damaged: Events
    of_said: Events


@dataclass(frozen=True, eq=False)
class _Panels:
    """The panels of one photo. damaged: name -> types of damage. unsure: perhaps damaged. said: name -> the score of
    the best finding there, and the findings' types. visible: those that can be seen for sure.
    """

    damaged: Mapping[str, frozenset[str]]
    unsure: frozenset[str]
    said: Mapping[str, tuple[float, frozenset[str]]]
    visible: tuple[str, ...]

    def without_sides(self) -> "_Panels":
        damaged: dict[str, frozenset[str]] = {}
        said: dict[str, tuple[float, frozenset[str]]] = {}
        for name, types in self.damaged.items():
            damaged[without_side(name)] = damaged.get(without_side(name), frozenset()) | types
        for name, (score, types) in self.said.items():
            before, known = said.get(without_side(name), (0.0, frozenset()))
            said[without_side(name)] = max(before, score), known | types
        return _Panels(damaged, frozenset(map(without_side, self.unsure)), said, ())


def panel_events(
    photos: Sequence[JudgedPhoto],
    readings: Sequence[Reading],
    truths: Sequence[PlaceTruth | None],
    probability: Callable[[str, float], float],
) -> PanelEvents:
    """What happens to the panels of N photos; those without a truth have no events.

    Args:
        probability: of damage type and score, how likely a finding is real.
    """
    panels = [
        None if truth is None else _panels(photo, reading, truth, probability)
        for photo, reading, truth in zip(photos, readings, truths, strict=True)
    ]
    merged = [None if one is None else one.without_sides() for one in panels]
    found, right = {"part": str, "found": bool, "score": float}, {"part": str, "right": bool, "score": float}
    return PanelEvents(
        damaged=_events(panels, _damaged, **found),
        said=_events(panels, _said, **right),
        undamaged=_events(panels, _undamaged, part=str, alarmed=bool),
        merged_damaged=_events(merged, _damaged, **found),
        merged_said=_events(merged, _said, **right),
        of_damaged=_events(panels, _damaged_by_type, damage=str, found=bool),
        of_said=_events(panels, _said_by_type, damage=str, right=bool),
    )


def _panels(
    photo: JudgedPhoto, reading: Reading, truth: PlaceTruth, probability: Callable[[str, float], float]
) -> _Panels:
    damaged: dict[str, frozenset[str]] = {}
    unsure: set[str] = set()
    for damage, on in zip(photo.drawn[DAMAGE_BRANCH], truth.on, strict=True):
        for place in on or ():
            if place.name in ELSEWHERE:
                continue
            if place.sure:
                damaged[place.name] = damaged.get(place.name, frozenset()) | {damage.label}
            else:
                unsure.add(place.name)
    said: dict[str, tuple[float, frozenset[str]]] = {}
    for finding in reading.findings:
        if finding.region.label == AIRBAGS:
            continue
        for place_said in finding.on:
            name = truth.heard(place_said.name)
            if name is None or name in ELSEWHERE:
                continue
            score = probability(finding.region.label, finding.region.score) * place_said.probability
            before, types = said.get(name, (0.0, frozenset()))
            said[name] = max(before, score), types | {finding.region.label}
    visible = tuple(place.name for place in truth.visible if place.sure and place.name not in ELSEWHERE)
    return _Panels(damaged, frozenset(unsure), said, visible)


_Row = dict[str, object]


def _events(panels: Sequence[_Panels | None], of: Callable[[_Panels], Iterator[_Row]], **types: type) -> Events:
    rows = [(at, row) for at, one in enumerate(panels) if one is not None for row in of(one)]
    return Events.of(len(panels), rows, **types)


def _damaged(one: _Panels) -> Iterator[_Row]:
    for name in one.damaged:
        scores = [score for said, (score, _) in one.said.items() if agrees(said, name)]
        yield {"part": name, "found": bool(scores), "score": max(scores, default=0.0)}


def _said(one: _Panels) -> Iterator[_Row]:
    for name, (score, _) in one.said.items():
        if (right := _right(one, name)) is not None:
            yield {"part": name, "right": right, "score": score}


def _right(one: _Panels, said: str) -> bool | None:
    """None: nobody can tell."""
    return True if true_of(said, one.damaged) else None if true_of(said, one.unsure) else False


def _undamaged(one: _Panels) -> Iterator[_Row]:
    for name in one.visible:
        # A name without its side may be that of the damaged side.
        if name not in SIDELESS and not any(agrees(name, label) for label in (*one.damaged, *one.unsure)):
            yield {"part": name, "alarmed": name in one.said}


def _damaged_by_type(one: _Panels) -> Iterator[_Row]:
    for row in _damaged(one):
        for damage in one.damaged[str(row["part"])]:
            yield {"damage": damage, "found": row["found"]}


def _said_by_type(one: _Panels) -> Iterator[_Row]:
    for row in _said(one):
        for damage in one.said[str(row["part"])][1]:
            yield {"damage": damage, "right": row["right"]}
