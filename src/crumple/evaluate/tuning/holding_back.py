"""Holding back: the thresholds of damage rise until few clean cars alarm, whichever source their photos are from.

P clean photos, C classes. A photo alarms when any finding on it has the threshold of its class or more. Every set of
clean photos has its own allowance, so that many easy photos do not buy alarms on a few hard ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.meeting import meet

MAX_ALARMED = 0.05  # share of each set's photos with any finding
STEP = 1e-3  # a threshold rises to this much above a score that it silences


def best_meeting(photos: Sequence[PhotoRegions]) -> dict[str, np.ndarray]:
    """By class, ascending: of each drawn damage that a finding of its class meets (mask IoU 0.1), the best such score.

    As many damages are met as have a score of the class's threshold or more.
    """
    best: dict[str, list[float]] = {}
    for photo in photos:
        meeting = meet(photo, {})
        scores = np.array([region.score for region in meeting.found])
        for j in np.flatnonzero(meeting.solid):
            if (met := meeting.met_by(int(j))).any():
                best.setdefault(meeting.drawn[j].label, []).append(float(scores[met].max()))
    return {label: np.sort(values) for label, values in best.items()}


def hold_back(
    lowest: Mapping[str, float], met: Mapping[str, np.ndarray], clean: Mapping[str, Sequence[PhotoRegions]]
) -> dict[str, float]:
    """Thresholds by class, none below `lowest`, at which at most 5 % of the photos of every clean set alarm.

    Photo by photo, the one is silenced that costs fewest met damages for each alarm it ends. Then every threshold goes
    down again as far as it may, so that no class is stricter than the clean photos demand.

    Args:
        met: see `best_meeting`. clean: by set.
    """
    labels = tuple(lowest)
    if not labels:
        return {}
    alarms = _Alarms.of(clean, labels)
    scores = [met.get(label, np.zeros(0)) for label in labels]
    limits = np.array([lowest[label] for label in labels])
    at = limits.copy()
    while (over := alarms.excess(at)).any():
        at = _silence(at, alarms, over, scores)
    # The classes with most to regain go first.
    regained = [np.searchsorted(own, at[c]) - np.searchsorted(own, limits[c]) for c, own in enumerate(scores)]
    for c in np.argsort(-np.array(regained), kind="stable"):
        at[c] = _lowered(int(c), at, float(limits[c]), alarms)
    return dict(zip(labels, at.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class _Alarms:
    """peaks: (P, C) the best score of each class on each photo, 0 without. set: (P,) int, of each photo. allowed: how
    many photos of each set may alarm.
    """

    peaks: np.ndarray
    set: np.ndarray
    allowed: np.ndarray

    @classmethod
    def of(cls, clean: Mapping[str, Sequence[PhotoRegions]], labels: Sequence[str]) -> "_Alarms":
        photos = [photo for own in clean.values() for photo in own]
        peaks = np.zeros((len(photos), len(labels)))
        for row, photo in zip(peaks, photos, strict=True):
            for region in photo.found:
                c = labels.index(region.label)
                row[c] = max(row[c], region.score)
        sizes = np.array([len(own) for own in clean.values()], int)
        return cls(peaks, np.repeat(np.arange(len(sizes)), sizes), np.floor(MAX_ALARMED * sizes + 1e-9).astype(int))

    def on(self, at: np.ndarray) -> np.ndarray:
        """(P,) bool, the photos that alarm with thresholds (C,)."""
        return np.any(self.peaks >= at, axis=1)

    def excess(self, at: np.ndarray) -> np.ndarray:
        """How many photos too many of each set alarm."""
        return np.maximum(0, np.bincount(self.set[self.on(at)], minlength=len(self.allowed)) - self.allowed)


def _silence(at: np.ndarray, alarms: _Alarms, over: np.ndarray, scores: Sequence[np.ndarray]) -> np.ndarray:
    """The thresholds that silence one photo more of a set with too many alarms: the one that costs least."""
    loud = np.flatnonzero(alarms.on(at) & (over[alarms.set] > 0))
    peaks = alarms.peaks[loud]
    best: tuple[float, float, np.ndarray] | None = None
    for row in peaks:
        raised = np.where(row >= at, row + STEP, at)
        cost = sum(int(np.searchsorted(own, raised[c]) - np.searchsorted(own, at[c])) for c, own in enumerate(scores))
        ended = np.bincount(alarms.set[loud[~(peaks >= raised).any(axis=1)]], minlength=len(over))
        rise = float((raised - at).sum())
        worth = (cost / np.minimum(ended, over).sum(), rise)
        if best is None or worth < best[:2]:
            best = (*worth, raised)
    assert best is not None  # a set has too many alarms, so some photo is loud
    return best[2]


def _lowered(c: int, at: np.ndarray, limit: float, alarms: _Alarms) -> float:
    """The lowest threshold of class c, from `limit` on, at which no set has too many alarms."""
    peaks = np.unique(alarms.peaks[:, c])
    tried = np.concatenate([[limit], peaks[(peaks >= limit) & (peaks < at[c])] + STEP, [at[c]]])
    for value in np.sort(tried[tried <= at[c]]):
        lower = at.copy()
        lower[c] = value
        if not alarms.excess(lower).any():
            return float(value)
    return float(at[c])
