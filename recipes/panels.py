"""Fender, quarter panel, sill and roof from the parts drawn round them.

Everything is worked out for the vehicle's RIGHT side, where the front is to the right of the picture; for the left side
the scene is mirrored, names included, and the result mirrored back. x grows to the front, y grows downwards, in pixels.
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
GAP = 1  # pixels kept free between a new panel and what is drawn
LEAST_AREA = 150  # square pixels; smaller panels are slivers
LEAST_ROOF = 4.0  # pixels a roof must be high on average
ROOF_SPAN = 0.7  # of the width of the edges below it must carry roof, or the silhouette is in error
ROUGH = 0.35  # of the roof's outline may be bumps: racks, aerials, trees that look like roof
SILL_HEIGHT = 0.20  # at most, of the wheels' height
CLEARANCE = 0.22  # of the wheels' height between the ground and a saloon's sill


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
        masks = self.parts.get(name)
        return np.logical_or.reduce(masks) if masks else None

    def first(self, *names: str) -> Mask | None:
        return next((mask for name in names if (mask := self.one(name)) is not None), None)

    def drawn(self) -> Mask:
        together = np.zeros_like(self.vehicle)
        for masks in self.parts.values():
            for mask in masks:
                together |= mask
        return together


def box(mask: Mask) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of a mask, the last ones included."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


def edge(mask: Mask, front: bool) -> Points:
    """(N, 2): the foremost (or hindmost) point of every row of a mask, from top to bottom."""
    rows = np.nonzero(mask.any(axis=1))[0]
    if front:
        xs = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    else:
        xs = mask[rows].argmax(axis=1)
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


def facing(seed: Points, neighbours: Mask, others: Mask) -> Points:
    """(N, 2): where rays from the seed first meet a drawn part, if that is a neighbour."""
    height, width = neighbours.shape
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    steps = np.arange(0, np.hypot(height, width))
    xs = np.round(seed[0] + np.cos(angles)[:, None] * steps).astype(int)
    ys = np.round(seed[1] + np.sin(angles)[:, None] * steps).astype(int)
    inside = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    xs, ys = xs.clip(0, width - 1), ys.clip(0, height - 1)
    hits = (neighbours | others)[ys, xs] & inside
    met = hits.any(axis=1)
    at = hits.argmax(axis=1)
    ray = np.arange(RAYS)
    met &= neighbours[ys[ray, at], xs[ray, at]]
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


def wheel_of(scene: Scene, door: Mask, front: bool) -> Mask | None:
    """The wheel before (behind) a door: the one whose middle is nearest to the door's lower corner on that side."""
    x0, y0, x1, y1 = box(door)
    wide = x1 - x0 + 1
    best, distance = None, np.inf
    for wheel in scene.parts.get("wheel", []):
        a, b, c, d = box(wheel)
        x, y = (a + c) / 2, (b + d) / 2
        if (x < x1 - 0.35 * wide) if front else (x > x0 + 0.35 * wide):
            continue
        far = abs(x - (x1 if front else x0)) + abs(y - y1)
        if far < distance:
            best, distance = wheel, far
    return best


def seed_above(wheel: Mask, free: Mask, front: bool) -> Points | None:
    """A free point over a wheel, as far from what is drawn as can be; None where all is taken."""
    x0, y0, x1, y1 = box(wheel)
    wide, high = x1 - x0 + 1, y1 - y0 + 1
    room = cv2.distanceTransform(np.pad(free.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    left, right = (x0, x1 + wide // 2) if front else (x0 - wide // 2, x1)
    window = np.zeros_like(free)
    window[max(0, y0 - high // 3) : y0 + high // 8, max(0, left) : max(0, right) + 1] = True
    room = np.where(window & free, np.minimum(room, 0.12 * high), 0)
    if room.max() < 2:
        return None
    ys, xs = np.nonzero(room >= room.max() - 0.5)
    middle = np.abs(xs - (x0 + x1) / 2) + np.abs(ys - y0)
    best = middle.argmin()
    return np.array([xs[best], ys[best]], np.float64)


def below_hubs(shape: tuple[int, ...], door_corner: Points, wheel: Mask, front: bool) -> Mask:
    """What lies lower than the line from a door's lower corner to the wheel's hub, and lower than the hub beyond."""
    x0, y0, x1, y1 = box(wheel)
    hub = np.array([(x0 + x1) / 2, y0 + 0.55 * (y1 - y0)])
    xs = np.arange(shape[1])
    a, b = (door_corner, hub) if front else (hub, door_corner)
    if b[0] - a[0] < 1:
        line = np.full(shape[1], max(a[1], b[1]))
    else:
        line = np.interp(xs, [a[0], b[0]], [a[1], b[1]])
    return np.arange(shape[0])[:, None] > line[None, :]


def fender(scene: Scene) -> Mask | None:
    """right_fender: between front door, hood, lamp and bumper, over the front wheel."""
    door = scene.one("front_right_door")
    wheel = None if door is None else wheel_of(scene, door, front=True)
    light, hood, bumper = scene.one("front_right_light"), scene.one("hood"), scene.one("front_bumper")
    if door is None or wheel is None or (light is None and bumper is None):
        return None
    taken = grown(scene.drawn(), GAP)
    seed = seed_above(wheel, ~taken & scene.vehicle, front=True)
    if seed is None:
        return None
    front = edge(door, front=True)
    base = corner(front, (1.0, -0.55))
    front = front[front[:, 1] >= base[1]]
    x0, y0, x1, y1 = box(wheel)
    points = [front]
    neighbours = np.zeros_like(door)
    for part in (light, hood, bumper, wheel, door):
        if part is not None:
            neighbours |= part
    hits = facing(seed, neighbours, scene.drawn() & ~neighbours)
    hits = hits[hits[:, 1] >= base[1] - 0.15 * (y1 - y0)] if hood is None else hits
    points.append(hits)
    if hood is not None:  # its rear corner on this side, at the foot of the windscreen
        points.append(corner(outline(hood), (-1.0, -0.6))[None])
    elif light is not None:
        points.append(np.array([[box(light)[0], base[1]]], np.float64))
    region = filled(np.concatenate(points), door.shape)
    region &= scene.vehicle & ~taken & ~below_hubs(door.shape, front[-1], wheel, front=True)
    glass = scene.one("front_glass")
    if glass is not None:  # what reaches higher than the windscreen's foot is the A pillar
        region[: max(0, int(corner(outline(glass), (-0.5, 1.0))[1]) - 3)] = False
    return tidy(region, seed, x1 - x0)


def is_pickup(scene: Scene, wheel: Mask) -> bool:
    """Whether the drawn trunk is a bed side: it reaches over the back wheel."""
    x0, _, x1, _ = box(wheel)
    for name in ("trunk", "tailgate"):
        bed = scene.one(name)
        if bed is not None:
            left, _, right, _ = box(bed)
            if min(right, x1) - max(left, x0) > 0.6 * (x1 - x0):
                return True
    return False


def quarter_panel(scene: Scene) -> Mask | None:
    """right_quarter_panel: behind the last door, over the back wheel, up the C pillar, to lamp, bumper, lid and glass."""
    door = scene.first("back_right_door", "front_right_door")
    wheel = None if door is None else wheel_of(scene, door, front=False)
    light, bumper = scene.one("back_right_light"), scene.one("back_bumper")
    if door is None or wheel is None or (light is None and bumper is None) or is_pickup(scene, wheel):
        return None
    taken = grown(scene.drawn(), GAP)
    seed = seed_above(wheel, ~taken & scene.vehicle, front=False)
    if seed is None:
        return None
    lid, glass = scene.first("trunk", "tailgate"), scene.one("back_glass")
    neighbours = np.zeros_like(door)
    for part in (light, bumper, lid, glass, wheel, door):
        if part is not None:
            neighbours |= part
    rear = edge(door, front=False)
    top = corner(rear, (-0.35, -1.0))
    rear = rear[rear[:, 1] >= top[1]]
    points = [rear, facing(seed, neighbours, scene.drawn() & ~neighbours)]
    if glass is not None:
        points.append(corner(outline(glass), (1.0, -0.8))[None])
    elif light is not None:
        points.append(np.array([[box(light)[2], top[1]]], np.float64))
    region = filled(np.concatenate(points), door.shape)
    region &= scene.vehicle & ~taken & ~below_hubs(door.shape, rear[-1], wheel, front=False)
    x0, _, x1, _ = box(wheel)
    return tidy(region, seed, x1 - x0)


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


def sill(scene: Scene) -> Mask | None:
    """right_sill: the strip below the doors, between the wheels."""
    front_door = scene.one("front_right_door")
    if front_door is None:
        return None
    back_door = scene.first("back_right_door", "front_right_door")
    front, back = wheel_of(scene, front_door, True), wheel_of(scene, back_door, False)
    if front is None or back is None:
        return None
    doors = front_door | back_door
    x0, x1 = box(back)[2] + 1, box(front)[0]
    if x1 - x0 < 30:
        return None
    (xa, ya), (xb, yb) = lower_edge(doors)
    slope = (yb - ya) / (xb - xa)
    xs = np.arange(doors.shape[1])
    line = ya + slope * (xs - xa)
    tops, lows = np.array([box(wheel)[1::2] for wheel in (back, front)], np.float64).T
    high = np.interp(xs, [x0, x1], lows - tops)
    ground = np.interp(xs, [x0, x1], lows)
    bottom = np.minimum(line + SILL_HEIGHT * high, ground - CLEARANCE * high)
    ys = np.arange(doors.shape[0])[:, None]
    region = (ys > line - 2) & (ys <= bottom) & (xs >= x0) & (xs < x1)
    region &= ~grown(scene.drawn(), 1)
    seed = np.array([(x0 + x1) / 2, min(doors.shape[0] - 1, np.interp((x0 + x1) / 2, xs, line) + 3)])
    return tidy(region, seed, 60)


def roof(scene: Scene) -> Mask | None:
    """roof: above the upper edges of windscreen, doors and rear window, within the silhouette."""
    tops = []
    for name in ("front_glass", "back_glass", "front_right_door", "back_right_door", "front_left_door", "back_left_door"):
        part = scene.one(name)
        if part is None:
            continue
        columns = np.nonzero(part.any(axis=0))[0]
        upper = np.stack([columns, part[:, columns].argmax(axis=0)], axis=1).astype(np.float64)
        lean = 0.8 if name.endswith("glass") else 0.45
        left, right = corner(upper, (-lean, -1.0)), corner(upper, (lean, -1.0))
        tops.append(upper[(upper[:, 0] >= left[0]) & (upper[:, 0] <= right[0])])
    if not tops:
        return None
    points = np.concatenate(tops)
    xs = np.arange(scene.vehicle.shape[1])
    rail = np.full(xs.shape, np.inf)
    np.minimum.at(rail, points[:, 0].astype(int), points[:, 1])
    known = np.isfinite(rail)
    rail = np.where(known, rail, np.interp(xs, xs[known], rail[known]))
    ys = np.arange(scene.vehicle.shape[0])[:, None]
    within = (xs >= points[:, 0].min()) & (xs <= points[:, 0].max())
    region = scene.vehicle & (ys < rail - 1) & within & ~grown(scene.drawn(), 1)
    columns = np.nonzero(region.any(axis=0))[0]
    if len(columns) < ROOF_SPAN * within.sum():
        return None
    upper = smooth(columns, region[:, columns].argmax(axis=0))
    if upper is None:
        return None
    region &= ys >= np.polyval(upper, xs) - 1
    found = tidy(region, np.argwhere(region)[0][::-1], 20)
    if found is None or found.any(axis=0).sum() < ROOF_SPAN * within.sum() or found.sum() < LEAST_ROOF * within.sum():
        return None
    return found


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


def panels(scene: Scene) -> dict[str, Mask]:
    """All new panels that follow from a scene, by name."""
    found = {"roof": roof(scene)}
    for name, rule in (("fender", fender), ("quarter_panel", quarter_panel), ("sill", sill)):
        found[f"right_{name}"] = rule(scene)
        left = rule(scene.mirrored())
        found[f"left_{name}"] = None if left is None else left[:, ::-1]
    return {name: mask for name, mask in found.items() if mask is not None}
