"""The choice of how photos are read for places: `place_fit` on labelled photos, and from where on to tell.

Fitted on the sets that are not judged apart. So that the figures are honest on the very photos of the fit, each of
these is read as a fit on other claims reads it (5 folds). R rows: a damage, or a photo, with each place that it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.dataset.instances import NamedPlace, PhotoPlaces
from crumple.detect.place_evidence import place_evidence, seen_evidence
from crumple.detect.reading import BY_DAMAGE
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.readings import Calibrations, Lowest, outlined
from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.bootstrap import claim_numbers
from crumple.evaluate.measures.logistic import claim_folds
from crumple.evaluate.measures.meeting import meet
from crumple.evaluate.places.names import judged
from crumple.evaluate.tuning.place_fit import fit_places, fit_seen
from crumple.evaluate.tuning.thresholds import LOWEST
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH, without_side

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNSURE_COUNTS = 0.5  # of a sure label
NAME_FROM = np.linspace(0.05, 0.5, 10).round(2)
SECOND_FROM = np.linspace(0.2, 0.8, 13).round(2)
LIST_FROM = np.linspace(0.1, 0.9, 17).round(2)


@dataclass(frozen=True, eq=False)
class _Rows:
    """R rows. photo: (R,) positions. of: (R,) numbers of the damages. name: (R,) places. features: (R, F).

    there: (R,) whether the label names the place. counts: (R,) how much each row counts; 0: nobody can tell.
    """

    photo: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    name: npt.NDArray[np.str_]
    features: Floats
    there: Bools
    counts: Floats

    def where(self, chosen: Bools) -> "_Rows":
        return _Rows(*(values[chosen] for values in vars(self).values()))

    def __len__(self) -> int:
        return len(self.photo)


def choose_calibrations(photos: Sequence[JudgedPhoto], lowest: Lowest) -> tuple[Calibrations, tuple[Calibrations, ...]]:
    """The calibrations for the model, and those that each of the N photos is to be judged with.

    Args:
        lowest: by branch and label, the lowest score that is reported.
    """
    damages, shown = _damage_rows(photos, lowest), _shown_rows(photos, lowest)
    chosen = _calibrate(damages, shown)
    held_out = [chosen] * len(photos)
    used = np.unique(np.concatenate([damages.photo, shown.photo]))
    for out in claim_folds(claim_numbers([photos[at].truth.group for at in used])):
        others = used[~out]
        calibrations = _calibrate(*(rows.where(np.isin(rows.photo, others)) for rows in (damages, shown)))
        for at in used[out]:
            held_out[at] = calibrations
    return chosen, tuple(held_out)


def _labelled(photo: JudgedPhoto) -> PhotoPlaces | None:
    known = photo.truth.photos.get(DAMAGE_BRANCH)
    return None if known is None or DAMAGE_BRANCH in photo.truth.apart else known.places


def _damage_rows(photos: Sequence[JudgedPhoto], lowest: Lowest) -> _Rows:
    """The findings that are about a drawn damage with a known place, with each place they may lie on."""
    rows, number = [], 0
    for at, photo in enumerate(photos):
        labels = _labelled(photo)
        if labels is None or DAMAGE_BRANCH not in photo.found:
            continue
        parts = [one for _, one in outlined(photo.found.get(PARTS_BRANCH, ()), lowest.get(PARTS_BRANCH, {}))]
        found = [
            pair
            for pair in outlined(photo.found[DAMAGE_BRANCH], {})
            if pair[0].score >= LOWEST and pair[0].label not in BY_DAMAGE
        ]
        evidence = place_evidence(parts, [one for _, one in found], photo.parts)
        regions = tuple(region for region, _ in found)
        meeting = meet(PhotoRegions(photo.truth.width, photo.truth.height, photo.drawn[DAMAGE_BRANCH], regions), {})
        instances = photo.truth.photos[DAMAGE_BRANCH].instances
        for i, features in enumerate(evidence.features):
            about = meeting.about(i)
            on = None if about is None else labels.on.get(instances[about].annotation_id)
            if on:
                number += 1
                rows += [
                    (at, number, *row) for row in zip(evidence.names, features, *_told(on, evidence.names), strict=True)
                ]
    return _rows(rows, 3)


def _shown_rows(photos: Sequence[JudgedPhoto], lowest: Lowest) -> _Rows:
    """The photos whose visible parts were named, with each place that the network has an opinion of."""
    rows = []
    for at, photo in enumerate(photos):
        labels = _labelled(photo)
        if labels is not None and photo.parts is not None:
            parts = [one for _, one in outlined(photo.found.get(PARTS_BRANCH, ()), lowest.get(PARTS_BRANCH, {}))]
            names, features = photo.parts.names, seen_evidence(parts, photo.parts)
            sure = tuple(place for place in labels.visible if place.sure)
            there, counts = _told(sure, names)
            unsure = {place.name for place in labels.visible if not place.sure}
            counts[[name in unsure or without_side(name) in unsure for name in names]] = 0
            rows += [(at, at, *row) for row in zip(names, features, there, counts, strict=True)]
    return _rows(rows, 2)


def _told(labels: Sequence[NamedPlace], names: Sequence[str]) -> tuple[Bools, Floats]:
    """Of each name, whether the labels name it, and how much that counts."""
    sure = {place.name: place.sure for place in labels}
    there = np.array([name in sure for name in names], bool)
    # Of a label without a side ("front_door"), nobody knows which of the two it is.
    unknown = [name not in sure and without_side(name) in sure for name in names]
    counts = np.where(unknown, 0.0, [1.0 if sure.get(name, True) else UNSURE_COUNTS for name in names])
    return there, counts


def _rows(rows: list[tuple[int, int, str, Floats, bool, float]], features: int) -> _Rows:
    photo, of, name, evidence, there, counts = zip(*rows, strict=True) if rows else [()] * 6
    return _Rows(
        np.array(photo, int),
        np.array(of, int),
        np.array(name, str),
        np.array(evidence, float).reshape(-1, features),
        np.array(there, bool),
        np.array(counts, float),
    )


def _calibrate(damages: _Rows, shown: _Rows) -> Calibrations:
    places = seen = None
    if damages.there.any():
        fitted = fit_places(damages.features, damages.there, damages.counts)
        name_from, second_from = _told_from(damages, fitted.probability(damages.features))
        places = fitted.model_copy(update={"name_from": name_from, "second_from": second_from})
    if shown.there.any():
        listing = fit_seen(shown.features, shown.there, shown.counts)
        chances, known = listing.probability(shown.features), shown.counts > 0
        seen = listing.model_copy(update={"list_from": _best_from(chances[known], shown.there[known])})
    return Calibrations(places, seen)


def _best_from(chances: Floats, there: Bools) -> float:
    """The least probability to tell a place from, for the best F1."""
    said = chances >= LIST_FROM[:, None]
    f1 = 2 * (said & there).sum(axis=1) / np.maximum(1, said.sum(axis=1) + there.sum())
    return float(LIST_FROM[int(np.argmax(f1))])


def _told_from(rows: _Rows, chances: Floats) -> tuple[float, float]:
    """`name_from` and `second_from` for the best F1 of the places that are named, sides and lids merged.

    Which side a photo shows is settled for the photo as a whole, so that here both sides of a place are one.
    """
    kinds = np.array([without_side(judged(name)) for name in rows.name])
    pairs, at = np.unique(np.stack([rows.of.astype(str), kinds], axis=1), axis=0, return_inverse=True)
    at = at.reshape(-1)
    chance = np.minimum(1.0, np.bincount(at, chances, len(pairs)))
    there = np.bincount(at, rows.there & (rows.counts > 0), len(pairs)) > 0
    first = np.zeros(len(pairs), bool)
    # The best pair of each damage: the last of those sorted by damage, then by chance.
    order = np.lexsort((chance, pairs[:, 0]))
    first[order[np.append(pairs[order, 0][1:] != pairs[order, 0][:-1], True)]] = True
    best = (-1.0, 0.0, 0.0)
    for name_from in NAME_FROM:
        for second_from in SECOND_FROM[name_from <= SECOND_FROM]:
            said = np.where(first, chance >= name_from, chance >= second_from)
            f1 = 2 * (said & there).sum() / max(1, said.sum() + there.sum())
            # Of equally good ones the one that names most: a finding on no part helps nobody.
            best = max(best, (float(f1), -float(name_from), -float(second_from)))
    return -best[1], -best[2]
