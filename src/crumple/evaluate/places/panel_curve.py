"""The panel curve: how the recall and precision of `panels` change as fewer and fewer findings count.

S resamples, L levels. A panel's score is that of the best finding on it: the probability that it is real, times that it
is there.
"""

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.measures.bootstrap import ratio
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.panel_events import PanelEvents

AT_PRECISION = 0.7
MAX_POINTS = 200


class PanelCurve(BaseModel):
    """At most 200 points, for plotting, the highest score first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scores: tuple[float, ...]
    recalls: tuple[float, ...]
    precisions: tuple[float, ...]


def panel_curve(events: PanelEvents) -> PanelCurve:
    """The curve of the photos as they are; empty where no panel is damaged."""
    scores, recall, precision = _levels(events, np.ones((1, events.said.photos)))
    shown = np.unique(np.linspace(0, len(scores) - 1, min(len(scores), MAX_POINTS)).round().astype(int))
    if not len(events.damaged):
        shown = shown[:0]
    return PanelCurve(
        scores=tuple(scores[shown].round(4).tolist()),
        recalls=tuple(recall[0, shown].round(4).tolist()),
        precisions=tuple(precision[0, shown].round(4).tolist()),
    )


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
