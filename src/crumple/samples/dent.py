"""A painted dent: a hollow that bends the panel's reflections and shades it, with creases where the metal folded."""

from dataclasses import dataclass

import cv2
import numpy as np

from crumple.samples.paint import Point, fill_polygon, grain


@dataclass(frozen=True)
class Dent:
    """An elliptic hollow at `centre` with half-axes `axes` (photo pixels), turned by `angle` degrees.

    `depth` scales the shading (1 is a clear dent), `creases` is the number of folds. `panel` keeps it on a panel.
    """

    centre: Point
    axes: tuple[float, float]
    seed: int
    angle: float = 0.0
    depth: float = 1.0
    creases: int = 2
    panel: tuple[Point, ...] | None = None
    label: str = "dent"

    def paint(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self.seed)
        height, radius = self.surface(image.shape, rng)
        # slopes in units of the dent's own size, so that a large dent is as deep as a small one looks
        size = float(np.sqrt(self.axes[0] * self.axes[1]))
        slope_y, slope_x = (slope * size for slope in np.gradient(height))
        inside = np.clip((1.0 - radius) / 0.12, 0, 1)
        if self.panel is not None:
            inside = inside * fill_polygon(self.panel, image.shape, 0.8)
        # A slope that rises downwards faces the sky and is bright; one that falls downwards mirrors the ground.
        facing = (slope_y + 0.35 * slope_x) * self.depth
        shade = np.exp(0.42 * np.tanh(facing * 0.55)) * (1 - 0.10 * self.depth * np.clip(-height, 0, 1))
        gleam = 46 * np.clip(np.tanh(facing * 0.5) - 0.45, 0, 1) ** 1.5
        bent = warp(image, slope_x * inside * size * 0.10, slope_y * inside * size * 0.10)
        shaded = bent * shade[..., None] + gleam[..., None]
        painted = image + (shaded - image) * inside[..., None]
        mask = (radius < 1) & (inside > 0.3)
        return painted + 0.5 * grain(image, mask, rng) * inside[..., None], mask

    def surface(self, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Height (H, W), 0 outside to about -1 in the middle, and the radius (H, W), 1 on the dent's uneven rim."""
        rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        turn = np.deg2rad(self.angle)
        x, y = columns - self.centre[0], rows - self.centre[1]
        u = (x * np.cos(turn) + y * np.sin(turn)) / self.axes[0]
        v = (-x * np.sin(turn) + y * np.cos(turn)) / self.axes[1]
        direction = np.arctan2(v, u)
        uneven = 1.0 + sum(
            rng.uniform(0.04, 0.12) / k * 2 * np.cos(k * direction + rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5)
        )
        radius = np.hypot(u, v) * uneven
        bowl = np.clip(1 - radius**2, 0, None)
        height = -(bowl**1.6)
        for _ in range(self.creases):
            lean = rng.uniform(0, np.pi)
            distance = u * np.sin(lean) - v * np.cos(lean) - rng.normal(0, 0.22)
            along = u * np.cos(lean) + v * np.sin(lean) - rng.normal(0, 0.25)
            fold = np.exp(-np.abs(distance) / 0.16 - (along / 0.6) ** 2)
            height = height + rng.choice([-1, 1]) * rng.uniform(0.16, 0.3) * fold * bowl
        return cv2.GaussianBlur(height.astype(np.float32), (0, 0), 0.8), radius


def warp(image: np.ndarray, shift_x: np.ndarray, shift_y: np.ndarray) -> np.ndarray:
    """The image as read at each pixel plus its shift (H, W), in pixels."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    maps = (columns + shift_x).astype(np.float32), (rows + shift_y).astype(np.float32)
    return cv2.remap(image, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
