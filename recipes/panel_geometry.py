"""Masks, their edges and corners, and the scene they make: what panels.py works with.

Points are (N, 2) float arrays of x, y in pixels, y downwards; masks are (H, W) arrays of bool.
"""

import warnings
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from crumple.taxonomy import mirror

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]

RAYS = 720
LEAST_AREA = 150  # square pixels; smaller panels are slivers
ROUGH = 0.35  # of an outline may be bumps: racks, aerials, trees that look like roof


@dataclass(frozen=True)
class Scene:
    """What is drawn on one photo: name -> masks (H, W), a wheel each its own; and the vehicle's silhouette."""

    parts: dict[str, list[Mask]]
    vehicle: Mask

    def mirrored(self) -> "Scene":
        parts = {mirror(name): [mask[:, ::-1] for mask in masks] for name, masks in self.parts.items()}
        return Scene(parts, self.vehicle[:, ::-1])

    def one(self, name: str) -> Mask | None:
        """All masks of a name together; None when it is not drawn."""
        return self.union(name) if name in self.parts else None

    def first(self, *names: str) -> Mask | None:
        return next((mask for name in names if (mask := self.one(name)) is not None), None)

    def union(self, *names: str) -> Mask:
        """All masks of these names together; empty when none is drawn."""
        together = np.zeros_like(self.vehicle)
        for name in names:
            for mask in self.parts.get(name, []):
                together |= mask
        return together

    def drawn(self) -> Mask:
        return self.union(*self.parts)


def box(mask: Mask) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of a mask, the last ones included."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def edge(mask: Mask, front: bool) -> Points:
    """(N, 2): the foremost (or hindmost) point of every row of a mask, from top to bottom."""
    rows = np.nonzero(mask.any(axis=1))[0]
    xs = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1) if front else mask[rows].argmax(axis=1)
    return np.stack([xs, rows], axis=1).astype(np.float64)


def corner(points: Points, towards: tuple[float, float]) -> Points:
    """(2,): the point farthest in a direction, the points' box first stretched to a square."""
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = (points - low) / np.maximum(high - low, 1)
    return points[(scaled @ np.asarray(towards)).argmax()]


def outline(mask: Mask) -> Points:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.concatenate(contours)[:, 0].astype(np.float64)


def filled(points: Points, shape: tuple[int, ...], convex: bool = True) -> Mask:
    canvas = np.zeros(shape, np.uint8)
    corners = np.round(points).astype(np.int32)
    if convex:
        cv2.fillConvexPoly(canvas, cv2.convexHull(corners), 1)
    else:
        cv2.fillPoly(canvas, [corners], 1)
    return canvas > 0


def grown(mask: Mask, by: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def facing(seed: Points, neighbours: Mask, taken: Mask) -> Points:
    """(N, 2): where rays from the seed first meet what is taken, if it is at a neighbour."""
    height, width = neighbours.shape
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    steps = np.arange(0, np.hypot(height, width))
    xs = np.round(seed[0] + np.cos(angles)[:, None] * steps).astype(int)
    ys = np.round(seed[1] + np.sin(angles)[:, None] * steps).astype(int)
    inside = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    xs, ys = xs.clip(0, width - 1), ys.clip(0, height - 1)
    hits = taken[ys, xs] & inside
    met = hits.any(axis=1)
    at = hits.argmax(axis=1)
    ray = np.arange(RAYS)
    met &= grown(neighbours, 2)[ys[ray, at], xs[ray, at]]
    return np.stack([xs[ray, at], ys[ray, at]], axis=1)[met].astype(np.float64)


def tidy(region: Mask, seed: Points, scale: float) -> Mask | None:
    """The piece of a region that holds the seed (or the largest), without bridges and burrs; None when too little."""
    size = max(3, round(0.05 * scale)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return None
    x, y = np.round(seed).astype(int)
    label = labels[y, x] or 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if stats[label, cv2.CC_STAT_AREA] < LEAST_AREA:
        return None
    contours, _ = cv2.findContours((labels == label).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(region.shape, np.uint8)
    cv2.drawContours(whole, contours, -1, 1, cv2.FILLED)
    return whole > 0


def lower_edge(mask: Mask) -> tuple[Points, Points]:
    """The two ends, left first, of the longest edge of a mask's hull that faces down."""
    hull = cv2.convexHull(outline(mask).astype(np.int32))
    corners = cv2.approxPolyDP(hull, 3.0, True)[:, 0].astype(np.float64)
    middle = corners.mean(axis=0)
    best, longest = (corners[0], corners[1]), 0.0
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        left, right = (a, b) if a[0] < b[0] else (b, a)
        across = right[0] - left[0]
        below = across > 1 and left[1] + (right[1] - left[1]) * (middle[0] - left[0]) / across > middle[1]
        if below and across > longest:
            best, longest = (left, right), across
    return best


def smooth(xs: npt.NDArray[np.int_], ys: npt.NDArray[np.int_]) -> npt.NDArray[np.float64] | None:
    """A cubic through an outline that leaves bumps and notches out; None when they are more than ROUGH of it."""
    kept = np.ones(xs.shape, np.bool_)
    for _ in range(8):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a conditioning warning is no matter: the curve is only used within xs
            curve = np.polyfit(xs[kept], ys[kept], 3)
        off = np.abs(ys - np.polyval(curve, xs))
        kept = off <= max(2.0, 2.0 * float(np.median(off)))
    return curve if kept.mean() > 1 - ROUGH and np.median(off) < 2.5 else None
