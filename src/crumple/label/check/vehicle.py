"""Damage that lies on no vehicle.

The parts do not cover a vehicle (there is no part "fender" or "roof"), so the vehicle is taken to be the convex hull of
all parts of the photo, with a margin. Several vehicles make one hull: less is found, and nothing wrongly.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch
from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, of_branch, review_item
from crumple.label.review import ReviewItem
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH, title

INSIDE = frozenset({"airbag_deployed"})  # seen in the cabin, where no outer part is
MARGIN = 0.15  # of the hull's diagonal
LEAST_PARTS = 3  # fewer, as in a close-up, do not say where the vehicle ends
ON_VEHICLE = 0.1  # share of a damage that has to lie on it


def check_vehicle(photo: VersionPhoto, objects: Sequence[Placed], parts: Sequence[Placed]) -> Iterator[ReviewItem]:
    """Damage of one photo that lies outside its vehicle. parts: drawn, or else found by a model."""
    hull = vehicle_hull(photo, parts)
    if hull is None:
        return
    for one in of_branch(objects, DAMAGE_BRANCH):
        if one.label in INSIDE or not one.patch.area:
            continue
        share = one.patch.overlap(hull) / one.patch.area
        if share < ON_VEHICLE:
            text = f"The {title(one.label)} lies outside the vehicle: {share:.0%} of it is on or between its parts."
            yield review_item(photo, "damage_off_vehicle", 0.9 - share, text, [one])


def vehicle_hull(photo: VersionPhoto, parts: Sequence[Placed]) -> Patch | None:
    """Where the vehicle may be; None if too few parts are known to tell."""
    known = [part for part in of_branch(parts, PARTS_BRANCH) if part.patch.area]
    if len(known) < LEAST_PARTS:
        return None
    corners = np.concatenate([_corners(part.box) for part in known])
    hull = cv2.convexHull(corners.astype(np.float32))[:, 0]
    margin = MARGIN * float(np.linalg.norm(np.ptp(hull, axis=0)))
    canvas = np.zeros((photo.height, photo.width), np.uint8)
    points = np.rint(hull).astype(np.int32)
    cv2.fillConvexPoly(canvas, points, 1)
    cv2.polylines(canvas, [points], True, 1, max(1, min(round(2 * margin), 255)))
    return Patch(canvas.astype(bool), 0, 0)


def _corners(box: tuple[float, float, float, float]) -> npt.NDArray[np.float64]:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
