"""Parts seen: the places that an assessment says a photo shows, against those that people named as visible.

N photos, S resamples. A name that people were not sure of counts neither way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.readings import Reading
from crumple.evaluate.measures.bootstrap import Share
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.names import agrees, in_order, true_of
from crumple.evaluate.places.truth import PlaceTruth

RECALL, PRECISION = "parts seen, recall", "parts seen, precision"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenFigures(_Record):
    """recall: of what can be seen, what is said to be. precision: of what is said to be seen, what can be."""

    recall: Share
    precision: Share


class SeenRow(SeenFigures):
    """The same of one place."""

    name: str


class PartsSeen(_Record):
    """photos: whose visible parts people named. parts: the places that can be seen or are said to be."""

    photos: int
    overall: SeenFigures
    parts: tuple[SeenRow, ...]


@dataclass(frozen=True, eq=False)
class SeenEvents:
    """visible: what can be seen: part, seen. said: what is said to be: part, right. Of N photos."""

    visible: Events
    said: Events


def seen_events(readings: Sequence[Reading], truths: Sequence[PlaceTruth | None]) -> SeenEvents:
    """What can be seen on N photos, and what is said; photos without a truth have no events."""
    visible: list[tuple[int, dict[str, object]]] = []
    said: list[tuple[int, dict[str, object]]] = []
    for at, (reading, truth) in enumerate(zip(readings, truths, strict=True)):
        if truth is None:
            continue
        names = dict.fromkeys(name for one in reading.seen if (name := truth.heard(one)) is not None)
        sure = [place.name for place in truth.visible if place.sure]
        unsure = [place.name for place in truth.visible if not place.sure]
        visible += [(at, {"part": name, "seen": any(agrees(one, name) for one in names)}) for name in sure]
        for name in names:
            right = true_of(name, sure)
            if right or not true_of(name, unsure):
                said.append((at, {"part": name, "right": right}))
    return SeenEvents(
        Events.of(len(readings), visible, part=str, seen=bool), Events.of(len(readings), said, part=str, right=bool)
    )


def parts_seen(events: SeenEvents, photos: int, weights: np.ndarray) -> PartsSeen:
    """The figures of `seen_events`, with intervals over (S, N) `weights`. photos: how many have a truth."""
    names = in_order(str(name) for side in (events.visible, events.said) for name in side["part"])
    return PartsSeen(
        photos=photos,
        overall=SeenFigures(**_figures(events, weights)),
        parts=tuple(SeenRow(name=name, **_figures(_only(events, name), weights)) for name in names),
    )


def headline(events: SeenEvents, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(S,) the figures by which models are compared."""
    return {
        RECALL: events.visible.samples(events.visible["seen"], weights),
        PRECISION: events.said.samples(events.said["right"], weights),
    }


def _figures(events: SeenEvents, weights: np.ndarray) -> dict[str, Share]:
    return {
        "recall": events.visible.share(events.visible["seen"], weights),
        "precision": events.said.share(events.said["right"], weights),
    }


def _only(events: SeenEvents, name: str) -> SeenEvents:
    visible, said = events.visible, events.said
    return SeenEvents(visible.where(visible["part"] == name), said.where(said["part"] == name))
