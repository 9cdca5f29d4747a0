"""Damage of one photo on the undamaged vehicle of another (after Ghiasi et al. 2021, "Simple Copy-Paste").

Undamaged photos come from other sources than damaged ones, and a model can learn the source instead of the damage. An
undamaged car that shows another car's scratch tells it what matters. The scratch is cloned into the paint by its
gradients (Perez et al. 2003, "Poisson Image Editing"), because a seam would give it away.
"""

from dataclasses import replace

import cv2
import numpy as np

from crumple.dataset.instances import LabelledPhoto

# What sits on a panel wherever it is; a lamp, an airbag or a whole bent hood does not.
CLONED = ("scratch", "dent", "primer_exposed", "broken_or_missing")
# How the names of the parts end that have such damage.
PANELS = ("door", "bumper", "hood", "trunk", "tailgate", "fender", "quarter_panel", "sill", "roof")
MARGIN = 4  # pixels of paint round a damage that go with it: gradients need a border
SHARE = (0.25, 0.8)  # of the part's sides that the damage fills
MAX_ENLARGED = 1.5
MIN_SIDE = 8  # pixels: less is no damage any more


def clone_damage(
    rng: np.random.Generator, rgb: np.ndarray, vehicle: LabelledPhoto, donor_rgb: np.ndarray, donor: LabelledPhoto
) -> tuple[np.ndarray, LabelledPhoto]:
    """Clone a random damage of `donor` onto a random panel of `vehicle`.

    Args:
        rgb: (H, W, 3) uint8, the pixels of `vehicle`, whose instances are parts.
        donor_rgb: (h, w, 3) uint8, the pixels of `donor`, whose instances are damage.

    Returns: new pixels, and `vehicle` with the cloned damage as its only instance; the same pixels and no instance
    where nothing fits.
    """
    clean = replace(vehicle, instances=(), undrawn=())
    edge = MARGIN + 1  # of the photo, where nothing is cloned
    inside = np.array([[edge, edge], [vehicle.width - edge, vehicle.height - edge]])
    parts = [part for part in vehicle.instances if part.label.endswith(PANELS) and not part.crowd]
    damages = [d for d in donor.instances if d.label in CLONED and d.polygons and not d.crowd]
    if not parts or not damages:
        return rgb, clean
    part, damage = (some[rng.integers(len(some))] for some in (parts, damages))
    box, place = np.array(damage.box), np.clip(np.array(part.box).reshape(2, 2), *inside)
    sides, room = box[2:] - box[:2], place[1] - place[0]
    scale = min(MAX_ENLARGED, rng.uniform(*SHARE) * float((room / np.maximum(sides, 1)).min()))
    if (sides * scale < MIN_SIDE).any():
        return rgb, clean
    corner = place[0] + rng.uniform(size=2) * (room - sides * scale)
    polygons = tuple((polygon - box[:2]) * scale + corner for polygon in damage.polygons)
    cloned = _clone(rgb, donor_rgb, box, corner, scale, polygons)
    if cloned is None:
        return rgb, clean
    (x1, y1), (x2, y2) = corner.tolist(), (corner + sides * scale).tolist()
    return cloned, replace(clean, instances=(replace(damage, polygons=polygons, box=(x1, y1, x2, y2)),))


def _clone(
    rgb: np.ndarray,
    donor_rgb: np.ndarray,
    box: np.ndarray,
    corner: np.ndarray,
    scale: float,
    polygons: tuple[np.ndarray, ...],
) -> np.ndarray | None:
    """`rgb` with what `box` of the donor shows at `corner`, in `polygons` (photo pixels) and a margin round them."""
    height, width = rgb.shape[:2]
    # Resized first, because warping does not average where it shrinks; the scale is that of whole pixels then.
    size = [max(1, round(side * scale)) for side in donor_rgb.shape[1::-1]]
    resized = cv2.resize(donor_rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    move = corner - box[:2] * scale
    to_photo = np.array([[1.0, 0.0, move[0]], [0.0, 1.0, move[1]]])
    moved = cv2.warpAffine(resized, to_photo, (width, height), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((height, width), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 255)
    grown = cv2.dilate(mask, np.ones((2 * MARGIN + 1, 2 * MARGIN + 1), np.uint8))
    edge = MARGIN + 1
    grown[:edge] = grown[-edge:] = 0
    grown[:, :edge] = grown[:, -edge:] = 0
    x, y, columns, rows = cv2.boundingRect(grown)
    if columns < MIN_SIDE or rows < MIN_SIDE:
        return None
    # OpenCV puts the middle of the mask's bounding box at the point that it is given: where it lies already.
    return cv2.seamlessClone(moved, rgb, grown, (x + columns // 2, y + rows // 2), cv2.NORMAL_CLONE)
