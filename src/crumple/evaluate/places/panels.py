"""Panels, in figures: recall, precision and alarms from all `panel_events`. A claims handler counts these.

N photos, S resamples. Of each photo whose places people named: the panels with a drawn damage on them (all parts that
were named for it count) against the panels on which findings lie, of whichever damage type; airbags are left out, and
so is what is no part of the bodywork. A name that people were not sure of counts neither way.
"""

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.measures.bootstrap import Estimate, Share, estimate
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.names import in_order, known_first
from crumple.evaluate.places.panel_curve import PanelCurve, panel_curve, recall_at_precision
from crumple.evaluate.places.panel_events import PanelEvents

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
        curve=panel_curve(curve),
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


def _figures(damaged: Events, said: Events, weights: np.ndarray) -> dict[str, Share]:
    return {
        "recall": damaged.share(damaged["found"], weights),
        "precision": said.share(said["right"], weights),
    }


def _names(field: str, *events: Events) -> set[str]:
    return {str(name) for one in events for name in one[field]}
