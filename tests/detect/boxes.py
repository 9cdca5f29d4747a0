"""Rectangles as detections with pixels, for what reads places."""

import numpy as np

from crumple.detect.detections import PhotoParts
from crumple.detect.masks import Patch
from crumple.detect.place_evidence import Outlined

PLACES = (
    *("front_left_door", "front_right_door", "left_fender", "right_fender", "front_left_light", "front_right_light"),
    *("hood", "trunk", "tailgate", "wheel", "interior"),
)


def patch(left, top, right, bottom):
    return Patch.from_bitmap(np.ones((bottom - top, right - left), bool), left, top)


def outlined(label, box, score=0.8, places=None):
    """places: what the place head says, by name; 0.01 of all others. None: there is no place head."""
    return Outlined(label, score, patch(*box), None if places is None else chances(places))


def chances(given):
    assert set(given) <= set(PLACES)
    return np.array([given.get(name, 0.01) for name in PLACES], np.float32)


def photo_parts(seen, damaged=None):
    return PhotoParts(PLACES, chances(seen), chances(damaged or {}))
