"""Damage that lies on no vehicle.

The parts of a photo seldom cover its vehicle (people draw some of them, a model finds some, pillars have no name), so
the vehicle is taken to be the convex hull of all of them, with a margin. Several vehicles make one hull: less is found,
and nothing wrongly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch
from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, of_branch, review_item
from crumple.label.review import ReviewItem
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH, title

INSIDE = frozenset({"airbag_deployed"})  # seen in the cabin, where no outer part is
# Of the hull's diagonal. A model finds some of the parts, people draw all that are seen.
DRAWN_MARGIN, FOUND_MARGIN = 0.05, 0.15
LEAST_PARTS = 3  # fewer, as in a close-up, do not say where the vehicle ends
LEAST_SHARE = 0.25  # of the photo, that the hull of found parts covers
ON_VEHICLE = 0.1  # share of a damage that has to lie on it


@dataclass(frozen=True, eq=False)
class Vehicle:
    """Where the vehicle of a photo may be. drawn: by people, or else by a model, which errs more."""

    area: Patch
    drawn: bool


def find_vehicle(photo: VersionPhoto, drawn: Sequence[Placed], found: Sequence[Placed]) -> Vehicle | None:
    """From the parts drawn on a photo, or else those a model found; None if they do not tell where the vehicle ends.

    Found parts must spread over much of the photo: on a close-up they are those of a car behind, or reflected.
    """
    parts = of_branch(drawn, PARTS_BRANCH)
    hull = _hull(parts or found)
    if hull is None or not (parts or cv2.contourArea(hull) >= LEAST_SHARE * photo.width * photo.height):
        return None
    margin = (DRAWN_MARGIN if parts else FOUND_MARGIN) * float(np.linalg.norm(np.ptp(hull, axis=0)))
    canvas, points = np.zeros((photo.height, photo.width), np.uint8), np.rint(hull).astype(np.int32)
    cv2.fillConvexPoly(canvas, points, 1)
    cv2.polylines(canvas, [points], True, 1, max(1, min(round(2 * margin), 255)))  # OpenCV's thickest line
    return Vehicle(Patch.from_bitmap(canvas.astype(bool)), bool(parts))


def check_vehicle(photo: VersionPhoto, objects: Sequence[Placed], vehicle: Vehicle) -> Iterator[ReviewItem]:
    """Damage of one photo that lies outside its vehicle."""
    for one in of_branch(objects, DAMAGE_BRANCH):
        if one.label in INSIDE or not one.patch.area:
            continue
        share = one.patch.overlap(vehicle.area) / one.patch.area
        if share < ON_VEHICLE:
            whose = "" if vehicle.drawn else ", as the model sees them"
            text = f"Outside the vehicle: {title(one.label)}; {share:.0%} of it is on parts or between them{whose}."
            yield review_item(photo, "damage_off_vehicle", (0.9 if vehicle.drawn else 0.5) - share, text, [one])


def _hull(parts: Sequence[Placed]) -> npt.NDArray[np.float32] | None:
    known = [part for part in parts if part.patch.area]
    if len(known) < LEAST_PARTS:
        return None
    corners = np.concatenate([_corners(part.box) for part in known])
    return np.asarray(cv2.convexHull(corners.astype(np.float32))[:, 0], np.float32)


def _corners(box: tuple[float, float, float, float]) -> npt.NDArray[np.float64]:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
