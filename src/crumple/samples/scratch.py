"""A painted scratch: a scrape of many thin strokes that ran along the panel together."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from crumple.samples.paint import SUPERSAMPLING, Point, blend, fill_polygon, grain, shrink

LIGHT = np.array([244, 244, 240], np.float32)  # scored lacquer and primer
DARK = np.array([44, 43, 42], np.float32)  # the groove, and rubber left behind


@dataclass(frozen=True)
class Scratch:
    """Strokes along `path` (photo pixels), spread over `spread` pixels across it.

    `light` is the share of strokes that went down to the primer; the others are dark. `width` is a stroke's in pixels,
    `rub` how much the lacquer around them is dulled. `panel` keeps the strokes on a panel.
    """

    path: tuple[Point, ...]
    spread: float
    strokes: int
    seed: int
    light: float = 0.6
    width: float = 1.0
    rub: float = 0.3
    panel: tuple[Point, ...] | None = None
    label: str = "scratch"

    def paint(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        light, dark, rub = self.strokes_over(image.shape, rng)
        if self.panel is not None:
            inside = fill_polygon(self.panel, image.shape)
            light, dark, rub = light * inside, dark * inside, rub * inside
        touched = np.maximum(light, dark)
        lit = np.clip(cv2.GaussianBlur(image.mean(axis=2), (0, 0), 8) / 150, 0.45, 1.03)[..., None]
        painted = blend(image, DARK * lit, self.rub * cv2.GaussianBlur(rub, (0, 0), max(self.spread / 5, 0.8)))
        painted = blend(painted, DARK * lit, cv2.GaussianBlur(dark, (0, 0), 0.45))
        painted = blend(painted, LIGHT * lit, cv2.GaussianBlur(light, (0, 0), 0.45))
        mask = hull(touched > 0.2, self.spread)
        return painted + grain(image, mask, rng) * np.minimum(touched, 1)[..., None], mask

    def strokes_over(self, shape: tuple[int, ...], rng: np.random.Generator) -> list[np.ndarray]:
        """Coverage (H, W) in [0, 1] of the light strokes, of the dark ones, and of the rubbed lacquer around them."""
        spine, normals = resample(self.path)
        # The strokes are drawn enlarged, on no more than the part of the photo that they can reach.
        reach = 3 * self.spread + 4
        left, top = np.maximum(spine.min(axis=0) - reach, 0).astype(int)
        right, bottom = np.minimum(spine.max(axis=0) + reach, (shape[1], shape[0])).astype(int)
        spine = spine - np.array([left, top], np.float32)
        large = (bottom - top) * SUPERSAMPLING, (right - left) * SUPERSAMPLING
        canvases = [np.zeros(large, np.float32) for _ in range(3)]
        light, dark, rub = canvases
        for _ in range(self.strokes):
            points, strength = stroke(spine, normals, self.spread, rng)
            strength = strength * rng.uniform(0.35, 1.0)
            thickness = self.width * rng.lognormal(-0.35, 0.45)
            draw(rub, points, strength, thickness * 3 + self.spread * 0.3)
            if rng.random() < self.light:
                draw(light, points, strength, thickness)
                # light from above leaves the lower lip of some grooves in shadow
                lip = points + np.array([0.2, thickness], np.float32)
                draw(dark, lip, strength * rng.uniform(0.1, 0.6), thickness * 0.7)
            else:
                draw(dark, points, strength * 0.9, thickness)
        coverages = []
        for canvas in canvases:
            coverage = np.zeros(shape[:2], np.float32)
            coverage[top:bottom, left:right] = shrink(canvas)
            coverages.append(coverage)
        return coverages


def resample(path: tuple[Point, ...], steps: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """A path as `steps` evenly spaced points, corners rounded, and the unit normals there; both (steps, 2) float32."""
    corners = np.asarray(path, np.float32)
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    along = np.linspace(0, lengths[-1], steps)
    points = np.stack([np.interp(along, lengths, corners[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)
    points = np.stack([smooth(points[:, axis], steps / 16) for axis in (0, 1)], axis=1)
    tangents = np.gradient(points, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True) + 1e-6
    return points, np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)


def smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur along one axis, ends repeated; (N,) float32."""
    return cv2.GaussianBlur(values.astype(np.float32)[:, None], (1, 0), sigma, borderType=cv2.BORDER_REPLICATE)[:, 0]


def stroke(
    spine: np.ndarray, normals: np.ndarray, spread: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """One stroke: points (N, 2) float32 that wander about the spine, and the pressure (N,) in [0, 1] along them."""
    steps = len(spine)
    length = int(steps * np.clip(rng.beta(1.5, 1.8), 0.12, 1))
    start = rng.integers(0, steps - length + 1)
    part = slice(start, start + length)
    wander = smooth(rng.standard_normal(length).astype(np.float32), 9) * 1.6
    shake = smooth(rng.standard_normal(length).astype(np.float32), 1.2) * 0.25
    lean = np.linspace(-1, 1, length) * rng.normal(0, spread / 10)
    offset = rng.normal(0, spread / 2.6) + wander * spread / 12 + shake + lean
    taper = np.sin(np.linspace(0.08, np.pi - 0.05, length)) ** 0.6
    skips = np.clip(1.1 + smooth(rng.standard_normal(length).astype(np.float32), 4) * 2.2, 0, 1)
    points = spine[part] + normals[part] * offset[:, None].astype(np.float32)
    return points.astype(np.float32), (taper * skips).astype(np.float32)


def draw(canvas: np.ndarray, points: np.ndarray, strength: np.ndarray, thickness: float) -> None:
    """Draw a stroke of varying pressure and width onto the enlarged canvas, keeping the stronger of old and new."""
    scaled = np.rint((points + 0.5) * SUPERSAMPLING - 0.5).astype(np.int32)
    fresh = np.zeros_like(canvas)
    for (first, second), pressure in zip(pairwise(scaled), strength[1:], strict=True):
        size = max(1, round(float(thickness * SUPERSAMPLING * (0.4 + 0.6 * pressure))))
        cv2.line(fresh, first.tolist(), second.tolist(), float(pressure), size, cv2.LINE_8)
    np.maximum(canvas, fresh, out=canvas)


def hull(touched: np.ndarray, spread: float) -> np.ndarray:
    """Close the gaps between neighbouring strokes, as a person labelling a scratch does; bool (H, W)."""
    size = 2 * round(spread / 2) + 3
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(touched.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return cv2.dilate(closed, np.ones((3, 3), np.uint8)).astype(bool)
