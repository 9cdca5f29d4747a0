"""Judged photos made by hand from the squares."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from crumple.dataset.instances import Instance, LabelledPhoto, NamedPlace, PhotoPlaces
from crumple.detect.detections import PhotoParts
from crumple.evaluate.judged.photos import JudgedPhoto, Truth
from crumple.evaluate.judged.readings import PlacedFinding, Reading, Said
from crumple.taxonomy import PLACES
from tests.evaluate.squares import HEIGHT, WIDTH


def judged(name="a.jpg", *, undamaged=False, sets=None, found_branches=("parts", "damage"), **regions):
    """Regions as `parts`, `damage` (drawn) and `found_parts`, `found_damage`; what is drawn is labelled by a set of its
    branch's name with `_set` behind it, unless `sets` says otherwise."""
    drawn = {branch: tuple(regions[branch]) for branch in ("parts", "damage") if branch in regions}
    if sets is None:
        sets = {branch: f"{branch}_set" for branch in drawn}
    if undamaged:
        drawn.setdefault("damage", ())
        sets = sets or {"parts": "parts_set"}
    found = {branch: tuple(regions.get(f"found_{branch}", ())) for branch in found_branches}
    truth = Truth(Path(name), name, WIDTH, HEIGHT, None, undamaged, sets, {}, {})
    return JudgedPhoto(truth, "", drawn, dict(drawn), found)


def names(text):
    """ "hood+roof?" or "hood roof?" -> named places; "?" behind a name: unsure."""
    words = text.replace("+", " ").split()
    return tuple(NamedPlace(word.removesuffix("?"), not word.endswith("?")) for word in words)


def placed(name="a.jpg", *, on=(), visible="", damage=(), group=None, apart=(), places=(), seen=None, **regions):
    """A photo with place labels: of each drawn damage in `on`, None where it has none.

    places: of each found damage, "hood 0.9 roof 0.2", what the place head says of it; seen: the same of the photo.
    """
    photo = judged(name, damage=damage, **regions)
    instances = tuple(Instance(one.label, (), one.rle, one.box, one.crowd, i) for i, one in enumerate(damage, 1))
    labels = PhotoPlaces({i: names(text) for i, text in enumerate(on, 1) if text is not None}, names(visible))
    labelled = LabelledPhoto(Path(name), name, 1, WIDTH, HEIGHT, group, instances, labels)
    truth = replace(photo.truth, photos={"damage": labelled}, group=group, apart=frozenset(apart))
    found = list(photo.found["damage"])
    for i, text in enumerate(places):
        found[i] = replace(found[i], places=tuple(likely(text).tolist()))
    parts = None if seen is None else PhotoParts(PLACES, likely(seen), np.zeros(len(PLACES), np.float32))
    return replace(photo, truth=truth, found=photo.found | {"damage": tuple(found)}, parts=parts)


def likely(text):
    """ "hood 0.9 roof 0.2" -> (P,) probabilities, 0 for all other places."""
    words = text.split()
    values = np.zeros(len(PLACES), np.float32)
    for place, chance in zip(words[::2], words[1::2], strict=True):
        values[PLACES.index(place)] = float(chance)
    return values


def reading(*findings, seen=""):
    """What an assessment says. findings: (region, "hood 0.9 roof 0.5"), the most likely place first."""
    told = []
    for region, text in findings:
        words = text.split()
        on = tuple(Said(place, float(chance)) for place, chance in zip(words[::2], words[1::2], strict=True))
        told.append(PlacedFinding(region, on))
    return Reading(tuple(told), tuple(seen.split()), ())
