"""What every format is read into and written from: photos, and the objects drawn on them, in the source's own words."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crumple.dataset.segmentation import Complaint
from crumple.detect.masks import Patch
from crumple.detect.outlines import outlines
from crumple.label.shapes import Points, Shape, clip, rectangle

Attribute = str | bool | float
# What several formats lose alike, in the words of Losses.
BOXES = "boxes that became polygons of four corners: {}"
ELLIPSES = "circles and ellipses that became polygons of 64 corners: {}"
FEW = "polygons of fewer than 3 points, which were left out: {}"
FAR = 1e9  # pixels; coordinates beyond are no coordinates, and overflow
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, eq=False)
class Drawn:
    """One object on a photo.

    label: the source's name. attributes: severity (text), occluded and truncated (bool), score (0 to 1), and whatever
    else the source has, as text. group: pieces of one label and one group are one object.
    """

    label: str
    shape: Shape
    attributes: dict[str, Attribute] = field(default_factory=dict)
    group: str | None = None


@dataclass(frozen=True, eq=False)
class DrawnPhoto:
    """One photo with the objects on it. file_name: relative to the folder of photos. width, height: pixels.

    split: train, val ...; None: not known. claim: what all photos of one car and incident share; None: not known.
    """

    file_name: str
    width: int
    height: int
    objects: tuple[Drawn, ...] = ()
    split: str | None = None
    claim: str | None = None


@dataclass
class Losses:
    """What a format cannot hold, counted: words with "{}" in the place of the number."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, words: str, count: int = 1) -> None:
        """Count it; `words` as in "points, which were left out: {}"."""
        self.counts[words] += count

    def add_kind(self, kind: str) -> None:
        """Count a shape that encloses nothing."""
        self.add(f"{kind} shapes, which have no area and were left out: {{}}")

    def lines(self) -> list[str]:
        """One line each, most frequent first."""
        return [words.replace("{}", str(count)) for words, count in self.counts.most_common() if count]


def known_attributes(given: dict[str, Any]) -> dict[str, Attribute]:
    """Attributes with their types, empty ones left out. Raises Complaint for a score or a yes-or-no that is none."""
    return {name: _typed(name, value) for name, value in given.items() if value is not None and value != ""}


def as_text(value: Attribute) -> str:
    """An attribute for formats that know text alone: what `known_attributes` reads again."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def box(x1: float, y1: float, x2: float, y2: float, degrees: float = 0.0) -> Points:
    """The four corners (4, 2) of a box, whichever two opposite ones are given, turned as `rectangle` does it."""
    return rectangle(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), degrees)


def ellipse(x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> Points:
    """64 points (64, 2) on an ellipse, turned clockwise (as seen on the photo) about its centre."""
    turns, angle = np.linspace(0, 2 * np.pi, 64, endpoint=False), np.deg2rad(degrees)
    points = np.stack([rx * np.cos(turns), ry * np.sin(turns)], axis=1)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return points @ turn + (x, y)


def check_near(shape: Shape) -> None:
    """Raises Complaint for coordinates that are off any photo."""
    for points in shape.polygons:
        if not np.abs(points).max(initial=0) < FAR:
            raise Complaint("points", f"are off any photo: {np.abs(points).max():g}")


def settled(photo: DrawnPhoto, losses: Losses) -> DrawnPhoto:
    """The photo with pieces joined to objects, what overhangs it cut off, and what has no area on it left out."""
    objects = []
    for drawn in _joined(photo.objects):
        if drawn.shape.runs is None:
            drawn = replace(drawn, shape=Shape(_inside(drawn.shape.polygons, photo, losses)))
        if drawn.shape.area:
            objects.append(drawn)
        else:
            losses.add("objects without an area on their photo, which were left out: {}")
    return replace(photo, objects=tuple(objects))


def as_polygons(shape: Shape, losses: Losses) -> tuple[Points, ...]:
    """The shape's polygons; of a mask, outlines along the edges of its pixels."""
    if shape.runs is None:
        return shape.polygons
    losses.add("masks that became polygons, without their holes: {}")
    return tuple(outlines(Patch.from_rle(shape.runs), tolerance=0))


def _typed(name: str, value: Any) -> Attribute:
    if name in ("occluded", "truncated"):
        word = str(value).lower()
        if word not in YES + NO:
            raise Complaint(name, f"must be true or false, not {value!r:.40}")
        return word in YES
    if name == "score":
        try:
            score = float(value)
        except (TypeError, ValueError):
            score = -1
        if not 0 <= score <= 1:
            raise Complaint(name, f"must be a number from 0 to 1, not {value!r:.40}")
        return score
    return str(value)


def _joined(objects: tuple[Drawn, ...]) -> list[Drawn]:
    """Polygons of one label and group as one object, in the place of its first piece. Masks stay what they are."""
    joined: list[Drawn] = []
    places: dict[tuple[str, str], int] = {}
    for drawn in objects:
        if drawn.group is None or drawn.shape.runs is not None:
            joined.append(drawn)
            continue
        place = places.setdefault((drawn.label, drawn.group), len(joined))
        if place == len(joined):
            joined.append(drawn)
        else:
            whole = Shape(joined[place].shape.polygons + drawn.shape.polygons)
            joined[place] = replace(joined[place], shape=whole)
    return joined


def _inside(polygons: tuple[Points, ...], photo: DrawnPhoto, losses: Losses) -> tuple[Points, ...]:
    inside = []
    for points in polygons:
        if len(points) < 3:
            losses.add(FEW)
            continue
        cut = clip(points, photo.height, photo.width)
        if cut is None:
            losses.add("polygons without an area on their photo, which were left out: {}")
            continue
        if cut is not points:
            losses.add("polygons that reached out of their photo and were cut off at its edge: {}")
        inside.append(cut)
    return tuple(inside)
