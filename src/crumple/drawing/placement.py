"""Where labels go on a picture: near what they name, never on one another, and off the damage where there is room."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

CELLS = 96  # the picture's longer side in cells of the map of what should stay visible


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels; right and bottom are one past the last pixel."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grow(self, margin: int) -> "Rect":
        return Rect(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def overlaps(self, other: "Rect") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def distance(self, other: "Rect") -> float:
        """Pixels between the nearest edges; 0 when they touch or overlap."""
        across = max(self.left - other.right, other.left - self.right, 0)
        down = max(self.top - other.bottom, other.top - self.bottom, 0)
        return math.hypot(across, down)


@dataclass
class Board:
    """A picture of `width` x `height` pixels that labels are put on one by one."""

    width: int
    height: int
    gap: int
    taken: list[Rect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cell = max(self.width, self.height) / CELLS
        self._busy = np.zeros((math.ceil(self.height / self._cell), math.ceil(self.width / self._cell)), np.float32)

    def keep_visible(self, box: tuple[float, float, float, float], weight: float = 1.0) -> None:
        """Ask that labels stay off this box (left, top, right, bottom) where there is room elsewhere."""
        left, top, right, bottom = (int(value / self._cell) for value in box)
        area = self._busy[top : bottom + 1, left : right + 1]
        np.maximum(area, weight, out=area)

    def take(self, rect: Rect) -> None:
        """No later label may touch this rectangle."""
        self.taken.append(rect)

    def hidden(self, rect: Rect) -> float:
        """How much of what should stay visible this rectangle would hide: 0 nothing, 1 all of the label's own area."""
        cell = self._cell
        area = self._busy[
            int(rect.top / cell) : int((rect.bottom - 1) / cell) + 1,
            int(rect.left / cell) : int((rect.right - 1) / cell) + 1,
        ]
        return float(area.mean()) if area.size else 0.0

    def free(self, rect: Rect) -> bool:
        """Whether the rectangle lies in the picture and touches no label."""
        inside = rect.left >= 0 and rect.top >= 0 and rect.right <= self.width and rect.bottom <= self.height
        margin = rect.grow(max(self.gap // 2, 1))
        return inside and not any(margin.overlaps(other) for other in self.taken)

    def place_near(self, size: tuple[int, int], box: Rect) -> Rect | None:
        """Put a label of `size` (width, height) as near to `box` as possible; None when there is no room left."""
        diagonal = math.hypot(self.width, self.height)
        best, best_cost = None, math.inf
        for order, rect in enumerate(self._around(size, box)):
            cost = self.hidden(rect) + 6 * rect.distance(box) / diagonal + 0.002 * order
            if cost < best_cost and self.free(rect):
                best, best_cost = rect, cost
        if best is not None:
            self.take(best)
        return best

    def place_on(self, size: tuple[int, int], spot: tuple[float, float], most_hidden: float = 0.2) -> Rect | None:
        """Put a label centred on `spot`, or up to two heights off; None when that would touch or hide too much."""
        width, height = size
        for shift in (0, -0.8, 0.8, -1.5, 1.5, -2.2, 2.2):
            rect = self._inside(spot[0] - width / 2, spot[1] - height / 2 + shift * height, size)
            if self.free(rect) and self.hidden(rect) <= most_hidden:
                self.take(rect)
                return rect
        return None

    def place_corner(self, size: tuple[int, int]) -> Rect | None:
        """Put a label of `size` in the corner where it hides least; None when every corner is taken or too small."""
        width, height = size
        right, bottom = self.width - self.gap - width, self.height - self.gap - height
        corners = [self._at(x, y, size) for y in (bottom, self.gap) for x in (self.gap, right)]
        fitting = [rect for rect in corners if self.free(rect)]
        if not fitting:
            return None
        best = min(fitting, key=self.hidden)
        self.take(best)
        return best

    def _around(self, size: tuple[int, int], box: Rect) -> Iterator[Rect]:
        """Places hugging the box, then rings about it, then a grid over the whole picture."""
        width, height = size
        middle_x, middle_y = box.centre
        columns = (box.left, middle_x - width / 2, box.right - width)
        lines = (middle_y - height / 2, box.top, box.bottom - height)
        for above_or_below in (box.top - height - self.gap, box.bottom + self.gap):
            for column in columns:
                yield self._inside(column, above_or_below, size)
        for beside in (box.right + self.gap, box.left - width - self.gap):
            for line in lines:
                yield self._inside(beside, line, size)
        for ring in range(1, 7):
            reach_x = (box.right - box.left) / 2 + width / 2 + ring * height
            reach_y = (box.bottom - box.top) / 2 + height / 2 + ring * height
            for step in range(16):
                turn = step * math.pi / 8
                centre_x, centre_y = middle_x + reach_x * math.cos(turn), middle_y + reach_y * math.sin(turn)
                yield self._inside(centre_x - width / 2, centre_y - height / 2, size)
        for top in range(self.gap, self.height - height, max(height // 2, 1)):
            for left in range(self.gap, self.width - width, max(width // 4, 1)):
                yield self._at(left, top, size)

    def _inside(self, x: float, y: float, size: tuple[int, int]) -> Rect:
        """The rectangle at (x, y), pushed into the picture."""
        x = min(max(x, self.gap), self.width - self.gap - size[0])
        y = min(max(y, self.gap), self.height - self.gap - size[1])
        return self._at(x, y, size)

    @staticmethod
    def _at(x: float, y: float, size: tuple[int, int]) -> Rect:
        return Rect(round(x), round(y), round(x) + size[0], round(y) + size[1])
