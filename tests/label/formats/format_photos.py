"""Photos on disk and objects drawn on them, for the tests of formats."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from crumple.dataset.complaints import Complaints
from crumple.dataset.segmentation import polygon_area
from crumple.detect.masks import Patch
from crumple.label.formats.importer import READERS
from crumple.label.formats.objects import Drawn, DrawnPhoto
from crumple.label.formats.photo_folder import PhotoFolder
from crumple.label.formats.reading import Reading
from crumple.label.shapes import Shape
from crumple.label.versions.coco import CATEGORY_IDS

SIZES = {"a.png": (40, 30), "b.jpg": (25, 60), "sub/c.png": (64, 48)}
NAMES = tuple(CATEGORY_IDS)


def write_photos(folder: Path) -> Path:
    """Grey photos of SIZES."""
    for name, size in SIZES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, "grey").save(folder / name)
    return folder


def read(format: str, path: Path, images: Path, names: tuple[str, ...] = NAMES) -> Reading:
    """What a reader makes of `path`; complaints are raised."""
    reading = Reading(PhotoFolder(images), names, Complaints(path))
    READERS[format](path, reading)
    reading.complaints.raise_if_any()
    return reading


@st.composite
def polygons(draw, width: int, height: int) -> np.ndarray:
    """A polygon (P, 2) on the photo with some area; it may cross itself, as those of people do."""
    point = st.tuples(st.floats(0, width), st.floats(0, height))
    points = draw(st.lists(point, min_size=3, max_size=6).map(np.array).filter(lambda p: polygon_area(p) > 1e-3))
    return points


@st.composite
def masks(draw, width: int, height: int) -> dict:
    """Run lengths of a blob of random pixels, holes and islands included."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    pixels = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns).filter(any))
    x, y = draw(st.integers(0, width - columns)), draw(st.integers(0, height - rows))
    return Patch.from_bitmap(np.array(pixels).reshape(rows, columns), x, y).rle(height, width)


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(["minor", "moderate", "severe"]),
        "occluded": st.booleans(),
        "truncated": st.booleans(),
        "score": st.floats(0, 1),
        "note": st.text("äb<&\"' ;,", min_size=1).filter(str.strip),
    },
)


@st.composite
def drawn_photos(draw, *, most_polygons: int = 3, with_masks: bool = True, attributes=ATTRIBUTES) -> list[DrawnPhoto]:
    """All photos of SIZES, with up to three objects each."""
    photos = []
    for name, (width, height) in SIZES.items():
        shape = st.lists(polygons(width, height), min_size=1, max_size=most_polygons).map(lambda p: Shape(tuple(p)))
        if with_masks:
            shape |= masks(width, height).map(lambda runs: Shape(runs=runs))
        one = st.builds(Drawn, st.sampled_from(NAMES), shape, attributes)
        photos.append(DrawnPhoto(name, width, height, tuple(draw(st.lists(one, max_size=3)))))
    return photos


def plain(photos: list[DrawnPhoto]) -> dict:
    """Photos in a form that can be compared."""
    return {
        (photo.file_name, photo.width, photo.height): [
            (drawn.label, drawn.shape.to_coco(), drawn.attributes) for drawn in photo.objects
        ]
        for photo in photos
    }
