"""Panels: which of a vehicle's parts are damaged, and which of them the findings name. A claims handler counts these.

N photos, S resamples. Of each photo whose places people named: the panels with a drawn damage on them (all parts that
were named for it count) against the panels on which findings lie, of whichever damage type; airbags are left out, and
so is what is no part of the bodywork. A name that people were not sure of counts neither way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.bootstrap import Estimate, Share, estimate, ratio
from crumple.evaluate.events import Events
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.place_names import agrees, in_order, known_first, true_of
from crumple.evaluate.place_truth import AIRBAGS, PlaceTruth
from crumple.evaluate.readings import Reading
from crumple.taxonomy import DAMAGE_BRANCH, ELSEWHERE, SIDELESS, without_side

AT_PRECISION = 0.7
MAX_POINTS = 200  # of a curve, which is for plotting
RECALL, PRECISION = "damaged panels, recall", "damaged panels, precision"
RECALL_AT = "damaged panels, recall at precision 70 %"
ALARMED = "undamaged visible panels alarmed"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PanelFigures(_Record):
    """recall: of the damaged panels, those with a finding on them. precision: of the panels with a finding on them, the
    damaged ones.
    """

    recall: Share
    precision: Share


class PanelRow(PanelFigures):
    """One part, or one damage type: panels with such a drawn damage, and panels with such a finding.

    alarmed: of a part; of a damage type None, for there is no panel without one type.
    """

    name: str
    alarmed: Share | None


class PanelCurve(_Record):
    """Recall and precision as fewer and fewer findings count. At most 200 points, the highest score first.

    A panel's score is that of the best finding on it: the probability that it is real, times that it is there.
    """

    scores: tuple[float, ...]
    recalls: tuple[float, ...]
    precisions: tuple[float, ...]


class DamagedPanels(_Record):
    """panels: with sides. sides_merged: left and right as one.

    alarmed: of the visible panels without a drawn damage, those with a finding on them.
    recall_at: the highest recall at which 70 % of the panels with a finding are damaged ones; 0 where there is none.
    """

    photos: int
    panels: PanelFigures
    sides_merged: PanelFigures
    alarmed: Share
    curve: PanelCurve
    recall_at: Estimate
    parts: tuple[PanelRow, ...]
    damages: tuple[PanelRow, ...]


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


def damaged_panels(events: PanelEvents, curve: PanelEvents, photos: int, weights: np.ndarray) -> DamagedPanels:
    """The figures of `panel_events`, with intervals over (S, N) `weights`.

    Args:
        events: at the operating point. curve: of readings that go down to low scores. photos: how many have a truth.
    """
    return DamagedPanels(
        photos=photos,
        panels=PanelFigures(**_figures(events.damaged, events.said, weights)),
        sides_merged=PanelFigures(**_figures(events.merged_damaged, events.merged_said, weights)),
        alarmed=events.undamaged.share(events.undamaged["alarmed"], weights),
        curve=_curve(curve),
        recall_at=estimate(recall_at_precision(curve, weights)),
        parts=tuple(
            _row("part", name, (events.damaged, events.said), events.undamaged, weights)
            for name in in_order(_names("part", events.damaged, events.said, events.undamaged))
        ),
        damages=tuple(
            _row("damage", name, (events.of_damaged, events.of_said), None, weights)
            for name in known_first(_names("damage", events.of_damaged, events.of_said))
        ),
    )


def _row(
    field: str, name: str, sides: tuple[Events, Events], undamaged: Events | None, weights: np.ndarray
) -> PanelRow:
    damaged, said = (side.where(side[field] == name) for side in sides)
    visible = None if undamaged is None else undamaged.where(undamaged[field] == name)
    alarmed = visible.share(visible["alarmed"], weights) if visible is not None else None
    return PanelRow(name=name, **_figures(damaged, said, weights), alarmed=alarmed)


def headline(events: PanelEvents, curve: PanelEvents, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(S,) the figures by which models are compared."""
    return {
        RECALL: events.damaged.samples(events.damaged["found"], weights),
        PRECISION: events.said.samples(events.said["right"], weights),
        RECALL_AT: recall_at_precision(curve, weights),
        ALARMED: events.undamaged.samples(events.undamaged["alarmed"], weights),
    }


def recall_at_precision(events: PanelEvents, weights: np.ndarray) -> np.ndarray:
    """(S,) the highest recall of damaged panels at a precision of 70 % or more; 0 where none is that precise, NaN
    without damaged panels.
    """
    _, recall, precision = _levels(events, weights)
    precise = np.nan_to_num(precision, nan=0.0) >= AT_PRECISION - 1e-9
    best = np.where(precise, np.nan_to_num(recall, nan=0.0), 0.0).max(axis=1, initial=0.0)
    drawn = weights @ events.damaged.per_photo()
    return np.where(drawn > 0, best, np.nan)


def _levels(events: PanelEvents, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(L,) lowest scores that count, descending, and (S, L) recall and precision at each."""
    said, damaged = events.said, events.damaged
    levels = np.unique(said["score"])[::-1]

    def at_levels(some: Events, chosen: np.ndarray) -> np.ndarray:
        """(S, L) how many of those chosen have the score of the level or more."""
        order = np.flatnonzero(chosen)[np.argsort(-some["score"][chosen], kind="stable")]
        counted = np.cumsum(weights[:, some.photo[order]], axis=1)
        counted = np.concatenate([np.zeros((len(weights), 1)), counted], axis=1)
        return np.asarray(counted[:, np.searchsorted(-some["score"][order], -levels, side="right")])

    everything = at_levels(said, np.ones(len(said), bool))
    recall = ratio(at_levels(damaged, damaged["found"]), (weights @ damaged.per_photo())[:, None])
    return levels, recall, ratio(at_levels(said, said["right"]), everything)


def _curve(events: PanelEvents) -> PanelCurve:
    scores, recall, precision = _levels(events, np.ones((1, events.said.photos)))
    shown = np.unique(np.linspace(0, len(scores) - 1, min(len(scores), MAX_POINTS)).round().astype(int))
    if not len(events.damaged):
        shown = shown[:0]
    return PanelCurve(
        scores=tuple(scores[shown].round(4).tolist()),
        recalls=tuple(recall[0, shown].round(4).tolist()),
        precisions=tuple(precision[0, shown].round(4).tolist()),
    )


def _figures(damaged: Events, said: Events, weights: np.ndarray) -> dict[str, Share]:
    return {
        "recall": damaged.share(damaged["found"], weights),
        "precision": said.share(said["right"], weights),
    }


def _names(field: str, *events: Events) -> set[str]:
    return {str(name) for one in events for name in one[field]}
