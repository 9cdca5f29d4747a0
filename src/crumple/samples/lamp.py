"""A painted broken lamp: its cover burst into shards, some gone, and the housing shows behind."""

from dataclasses import dataclass

import cv2
import numpy as np

from crumple.samples.paint import SUPERSAMPLING, Point, blend, fill_polygon, grain, shrink

MARGIN = 4  # pixels of the photo kept around the lamp, for shards that moved
CRACK = np.array([30, 12, 12], np.float32)
RIM = np.array([255, 222, 214], np.float32)  # a broken plastic edge catches the light


@dataclass(frozen=True)
class BrokenLamp:
    """A lamp with `outline` (photo pixels), struck at `impact`; cover within about `reach` pixels of it is gone."""

    outline: tuple[Point, ...]
    impact: Point
    reach: float
    seed: int
    shards: int = 40
    label: str = "lamp_damage"

    def paint(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        mask = fill_polygon(self.outline, image.shape) > 0.5
        # Work on the lamp alone, enlarged, so that cracks can be thinner than a pixel.
        x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
        left, top = max(x - MARGIN, 0), max(y - MARGIN, 0)
        box = np.s_[top : y + height + MARGIN, left : x + width + MARGIN]
        crop = image[box]
        large = cv2.resize(crop, None, fx=SUPERSAMPLING, fy=SUPERSAMPLING, interpolation=cv2.INTER_CUBIC)
        outline, impact = (
            (np.asarray(points, np.float32) - np.array([left, top], np.float32)) * SUPERSAMPLING
            for points in (self.outline, self.impact)
        )
        burst = self.burst(large, outline, impact, rng)
        small = shrink(cv2.GaussianBlur(burst, (0, 0), 0.5 * SUPERSAMPLING))
        coverage = fill_polygon(self.outline, image.shape, 0.4)
        painted = image.copy()
        painted[box] = blend(crop, small, coverage[box])
        return painted + 0.7 * grain(image, mask, rng) * coverage[..., None], mask

    def burst(self, large: np.ndarray, outline: np.ndarray, impact: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The enlarged lamp after the blow; all coordinates are those of the enlarged crop."""
        height, width = large.shape[:2]
        reach = self.reach * SUPERSAMPLING
        cells, centres = shatter(height, width, outline, impact, self.shards, reach, rng)
        distance = np.linalg.norm(centres - impact, axis=1) / reach
        gone = distance * rng.uniform(0.75, 1.3, len(centres)) < 1.0
        # shards near the hole are knocked out of place and catch the light differently
        loose = np.exp(-np.clip(distance - 0.6, 0, None) * 0.9)
        shift = rng.normal(0, 1.6 * SUPERSAMPLING, (len(centres), 2)) * loose[:, None]
        glint = np.exp(rng.normal(-0.08, 0.3, len(centres)) * loose)
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        moved = cv2.remap(
            large,
            columns + shift[cells, 0].astype(np.float32),
            rows + shift[cells, 1].astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        cover = moved * glint[cells][..., None].astype(np.float32)
        hole = gone[cells]
        cracks = (edges(cells) * (rng.random(len(centres)) < 0.75)[cells]).astype(np.float32) * loose[cells]
        cover = blend(cover, CRACK, 0.75 * cv2.GaussianBlur(np.roll(cracks, 3, 0), (0, 0), 2.0))
        cover = blend(cover, RIM, np.clip(0.85 * cv2.GaussianBlur(cracks, (0, 0), 1.1), 0, 1))
        open_soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 0.8)
        picture = blend(cover, housing(large, hole, impact, reach, rng), open_soft)
        rim = cv2.GaussianBlur(edges(hole.astype(np.int32)).astype(np.float32), (0, 0), 1.4)
        return np.clip(blend(picture, RIM, np.clip(rim * 0.9, 0, 0.8)), 0, 255)


def shatter(
    height: int, width: int, outline: np.ndarray, impact: np.ndarray, count: int, reach: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Voronoi shards, small near the impact: the cell of each pixel (H, W) int and the cells' centres (count, 2)."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    near = impact + rng.normal(0, 0.75 * reach, (count // 2, 2))
    far = rng.uniform(low, high, (count - count // 2, 2))
    centres = np.concatenate([near, far])
    rows, columns = np.mgrid[:height, :width]
    # radial stretch: shards point towards the impact
    pixels = np.stack([columns, rows], axis=-1).reshape(-1, 2)
    polar, polar_centres = to_polar(pixels, impact, reach), to_polar(centres, impact, reach)
    # |p - c|^2 without |p|^2, which is the same for every centre of one pixel
    squared = (polar_centres**2).sum(axis=1) - 2 * polar @ polar_centres.T
    return squared.argmin(axis=1).reshape(height, width), centres


def to_polar(points: np.ndarray, impact: np.ndarray, reach: float) -> np.ndarray:
    """Points (N, 2) -> (N, 3): a direction weighted more than the distance, so that cells become wedges."""
    away = points - impact
    distance = np.linalg.norm(away, axis=1) / reach
    direction = away / (np.linalg.norm(away, axis=1, keepdims=True) + 1e-6)
    return np.concatenate([direction * np.minimum(distance, 1.6)[:, None] * 1.3, distance[:, None] * 0.8], axis=1)


def edges(cells: np.ndarray) -> np.ndarray:
    """True where a pixel's right or lower neighbour belongs to another cell; bool (H, W)."""
    found = np.zeros(cells.shape, bool)
    found[:, :-1] |= cells[:, :-1] != cells[:, 1:]
    found[:-1] |= cells[:-1] != cells[1:]
    return found


def housing(
    large: np.ndarray, hole: np.ndarray, impact: np.ndarray, reach: float, rng: np.random.Generator
) -> np.ndarray:
    """What shows through the hole: the facets of a torn reflector, and on them the shadow of the cover that is left."""
    height, width = hole.shape
    corners = np.array([[0, 0], [width, height]], np.float32)
    facets, centres = shatter(height, width, corners, impact, 40, 0.8 * reach, rng)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = (columns - impact[0]) / reach, (rows - impact[1]) / reach
    bowl = 78 + 46 * np.tanh(1.6 * y + 0.5 * x) + 95 * np.exp(-((x - 0.35) ** 2 + (y - 0.4) ** 2) / 0.07)
    lean = rng.normal(0, 0.9, (len(centres), 2)) / reach
    slope = (columns - centres[facets, 0]) * lean[facets, 0] + (rows - centres[facets, 1]) * lean[facets, 1]
    facet = np.exp(rng.normal(-0.1, 0.5, len(centres))[facets] + slope)
    ribs = 1 + 0.13 * np.sin((columns + 0.4 * rows) * 2 * np.pi / (2.2 * SUPERSAMPLING))
    grey = cv2.GaussianBlur((bowl * facet * ribs).astype(np.float32), (0, 0), max(0.3 * SUPERSAMPLING, 0.025 * reach))
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
    lowered = np.roll(depth, int(1.5 * SUPERSAMPLING), axis=0)  # light comes from above
    shadow = 0.3 + 0.7 * np.clip(np.minimum(depth, lowered) / (2.5 * SUPERSAMPLING), 0, 1)
    tint = np.array([1.02, 0.97, 0.95], np.float32) * np.clip(large.mean() / 110, 0.6, 1.2)
    glow = cv2.GaussianBlur(large, (0, 0), 3.0 * SUPERSAMPLING)  # the cover's colour falls on what is behind it
    return 0.86 * (np.clip(grey, 14, 235) * shadow)[..., None] * tint + 0.2 * glow * shadow[..., None]
