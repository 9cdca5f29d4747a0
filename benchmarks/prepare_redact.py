"""How many faces and plates `crumple prepare --redact` finds, and how much it hides that is neither.

    python benchmarks/prepare_redact.py PHOTOS [--limit 100]

Plates are drawn and pasted on the photos, at several heights and tilts; faces are the 100 of scikit-image's LFW subset
(25 x 25 pixels, grey, from the front; fetched at the first run), enlarged and pasted. A pasted one is found if half of
it is hidden. What is hidden on the photos as they are may be a plate of their own: look at them with --show FOLDER.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table
from skimage.data import lfw_subset

from crumple.bench.machine import describe
from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.prepare.photo.redact import find_faces, find_plates, redact

Box = tuple[int, int, int, int]


def plate(height: int, tilt: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A plate of eight characters and its mask, turned by `tilt` degrees."""
    width = int(4.7 * height)
    big = np.full((80, 376, 3), 255, np.uint8)
    text = "{:02d} {}{} {:03d}".format(rng.integers(1, 82), *rng.choice(list("ABCDEHKLMNPRSTUV"), 2), rng.integers(999))
    cv2.putText(big, text, (22, 62), cv2.FONT_HERSHEY_SIMPLEX, 1.9, (20, 20, 20), 6, cv2.LINE_AA)
    cv2.rectangle(big, (0, 0), (375, 79), (0, 0, 0), 3)
    small = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA)
    side = int(np.hypot(width, height)) + 2
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    mask = np.full((height, width), 255, np.uint8)
    return cv2.warpAffine(small, turn, (side, side)), cv2.warpAffine(mask, turn, (side, side))


def face(side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    grey = (255 * lfw_subset()[rng.integers(100)]).clip(0, 255).astype(np.uint8)
    large = cv2.resize(grey, (side, side), interpolation=cv2.INTER_CUBIC)
    return cv2.merge([large] * 3), np.full((side, side), 255, np.uint8)


def pasted(
    rgb: np.ndarray, one: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The photo with one picture on it, somewhere, and where it is."""
    picture, shape = one
    top, left = (
        int(rng.integers(max(1, size - side))) for size, side in zip(rgb.shape, picture.shape[:2], strict=False)
    )
    out, where = rgb.copy(), np.zeros(rgb.shape[:2], bool)
    area = np.s_[top : top + picture.shape[0], left : left + picture.shape[1]]
    out[area] = np.where(shape[..., None] > 127, picture, out[area])
    where[area] = shape > 127
    return out, where


def recall(photos: list[np.ndarray], make: Callable, find: Callable[[np.ndarray], list[Box]]) -> float:
    found = []
    for i, rgb in enumerate(photos):
        rng = np.random.default_rng(i)
        picture, where = pasted(rgb, make(rng), rng)
        hidden = np.zeros_like(where)
        for left, top, right, bottom in find(picture):
            hidden[top:bottom, left:right] = True
        found.append((hidden & where).sum() >= 0.5 * where.sum())
    return 100 * float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--show", type=Path)
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    photos = []
    for path in paths[:: max(1, len(paths) // arguments.limit)][: arguments.limit]:
        try:
            rgb = decode_photo(path, max_side=1024).rgb
        except PhotoError:
            continue
        photos.append(rgb)
        if arguments.show:
            arguments.show.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(arguments.show / f"{path.stem}.png"), cv2.cvtColor(redact(rgb)[0], cv2.COLOR_RGB2BGR))
    console = Console(width=100)
    console.print(describe(["crumple", "scikit-image", "opencv-python-headless", "numpy"]))
    table = Table("pasted", "found, %", title=f"{len(photos)} photos", title_justify="left")
    for height in (12, 16, 24, 40):
        for tilt in (0, 10, 20):
            found = recall(photos, lambda rng, h=height, t=tilt: plate(h, t, rng), find_plates)
            table.add_row(f"plate {height} px high, {tilt} degrees", f"{found:.0f}")
    for side in (32, 48, 80):
        table.add_row(f"face of {side} px", f"{recall(photos, lambda rng, s=side: face(s, rng), find_faces):.0f}")
    console.print(table)
    for name, find in (("faces", find_faces), ("plates", find_plates)):
        boxes = [box for rgb in photos for box in find(rgb)]
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) / sum(
            r[..., 0].size for r in photos
        )
        console.print(f"{name} found on the photos as they are: {len(boxes)}, {100 * area:.2f} % of the pixels")


if __name__ == "__main__":
    main()
