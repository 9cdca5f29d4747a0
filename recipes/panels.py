"""Fender, quarter panel, sill and roof from the parts drawn round them.

Everything is worked out for the vehicle's RIGHT side, where the front is to the right of the picture; for the left side
the scene is mirrored, names included, and the result mirrored back. x grows to the front, y grows downwards, in pixels.
"""

import cv2
import numpy as np
from panel_geometry import (
    Mask,
    Points,
    Scene,
    box,
    corner,
    edge,
    facing,
    filled,
    grown,
    lower_edge,
    outline,
    smooth,
    tidy,
)

GAP = 1  # pixels kept free between a new panel and what is drawn
LEAST_ROOF = 4.0  # pixels a roof must be high on average
ROOF_SPAN = 0.7  # of the width of the edges below it must carry roof, or the silhouette is in error
SILL_HEIGHT = 0.20  # at most, of the wheels' height
CLEARANCE = 0.22  # of the wheels' height between the ground and a saloon's sill

# The parts that have the roof over their upper edges.
ROOFED = ("front_glass", "back_glass", "front_left_door", "front_right_door", "back_left_door", "back_right_door")


def wheel_of(scene: Scene, door: Mask, front: bool) -> Mask | None:
    """The wheel before (behind) a door: the one whose middle is nearest to the door's lower corner on that side."""
    x0, _, x1, y1 = box(door)
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
    crossed = b[0] - a[0] < 1  # the wheel is under the door: there is no line from one to the other
    line = np.full(shape[1], max(a[1], b[1])) if crossed else np.interp(xs, [a[0], b[0]], [a[1], b[1]])
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
    hits = facing(seed, scene.union("front_right_light", "hood", "front_bumper", "front_right_door") | wheel, taken)
    if hood is None:  # nothing stops a ray that leaves over the hood's edge
        hits = hits[hits[:, 1] >= base[1] - 0.15 * (y1 - y0)]
    points = [front, hits]
    if hood is not None:  # its rear corner on this side, at the foot of the windscreen
        points.append(corner(outline(hood), (-1.0, -0.6))[None])
    elif light is not None:
        points.append(np.array([[box(light)[0], base[1]]], np.float64))
    region = filled(np.concatenate(points), door.shape)
    region &= scene.vehicle & ~taken & ~below_hubs(door.shape, front[-1], wheel, front=True)
    glass = scene.one("front_glass")
    if glass is not None:  # what reaches higher than the windscreen's foot is the A pillar
        foot = int(corner(outline(glass), (-0.5, 1.0))[1]) - 3
        if 0 < foot < seed[1]:
            region[:foot] = False
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
    """right_quarter_panel: behind the last door, over the back wheel, up the C pillar, to lamp, lid and glass."""
    door = scene.first("back_right_door", "front_right_door")
    wheel = None if door is None else wheel_of(scene, door, front=False)
    light, bumper = scene.one("back_right_light"), scene.one("back_bumper")
    if door is None or wheel is None or (light is None and bumper is None) or is_pickup(scene, wheel):
        return None
    taken = grown(scene.drawn(), GAP)
    seed = seed_above(wheel, ~taken & scene.vehicle, front=False)
    if seed is None:
        return None
    neighbours = scene.union("back_right_light", "back_bumper", "trunk", "tailgate", "back_glass") | wheel | door
    rear = edge(door, front=False)
    top = corner(rear, (-0.35, -1.0))
    rear = rear[rear[:, 1] >= top[1]]
    points = [rear, facing(seed, neighbours, taken)]
    glass = scene.one("back_glass")
    if glass is not None:
        points.append(corner(outline(glass), (1.0, -0.8))[None])
    elif light is not None:
        points.append(np.array([[box(light)[2], top[1]]], np.float64))
    region = filled(np.concatenate(points), door.shape)
    region &= scene.vehicle & ~taken & ~below_hubs(door.shape, rear[-1], wheel, front=False)
    x0, _, x1, _ = box(wheel)
    return tidy(region, seed, x1 - x0)


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
    for name in ROOFED:
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
    curve = smooth(columns, region[:, columns].argmax(axis=0))
    if curve is None:
        return None
    region &= ys >= np.polyval(curve, xs) - 1
    found = tidy(region, np.argwhere(region)[0][::-1], 20)
    if found is None or found.any(axis=0).sum() < ROOF_SPAN * within.sum() or found.sum() < LEAST_ROOF * within.sum():
        return None
    return found


def panels(scene: Scene) -> dict[str, Mask]:
    """All new panels that follow from a scene, by name; no two overlap."""
    found = {"roof": roof(scene)}
    for side, view in (("right", scene), ("left", scene.mirrored())):
        below = sill(view)
        sided = {"fender": fender(view), "quarter_panel": quarter_panel(view), "sill": below}
        for mask in (sided["fender"], sided["quarter_panel"]):  # they reach down to the sill's ends
            if mask is not None and below is not None:
                below &= ~mask
        found |= {f"{side}_{name}": mask for name, mask in sided.items()}
    return {
        name: mask[:, ::-1] if name.startswith("left") else mask for name, mask in found.items() if mask is not None
    }
