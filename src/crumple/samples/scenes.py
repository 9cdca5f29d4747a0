"""The sample photos, and where damage is painted onto them. The places were chosen by hand, looking at the photos."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from crumple.files import write_aside
from crumple.photo import decode_photo
from crumple.samples.dent import Dent
from crumple.samples.lamp import BrokenLamp
from crumple.samples.paint import Damage, paint
from crumple.samples.scratch import Scratch

CLOSE_UP = 640  # pixels of a crop's longer side
PHOTOS = Path(str(files("crumple.samples") / "photos"))
CLEAN = ("hatchback_rear_left.jpg", "saloon_rear_right.webp")
BLURRED = ("motion_blur.jpg",)

HATCHBACK_LEFT_LAMP = (
    *((238.5, 102.5), (246, 106), (252, 110.5), (257, 115), (260, 120), (262, 130)),
    *((264, 145), (265.5, 165.5), (246, 165), (241.5, 162), (238.5, 156), (238, 130)),
)
SALOON_RIGHT_LAMP = (
    *((209, 293), (215, 281), (227, 269), (240, 264), (275, 259), (345, 251), (400, 242)),
    *((440, 236), (455, 235), (463, 240), (465, 250), (460, 268), (450, 285), (430, 300)),
    *((400, 311), (370, 317), (340, 318), (310, 314), (280, 307), (240, 304), (213, 300)),
)


@dataclass(frozen=True)
class Scene:
    """One painted photo: its name, the photo it is painted on, and what is painted, in photo pixels.

    crop: the part of the photo that is kept, left, top, right, bottom, enlarged to CLOSE_UP; None: all of it.
    """

    name: str
    photo: str
    damages: tuple[Damage, ...]
    crop: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class PaintedPhoto:
    """A photo with painted damage: `image` (H, W, 3) uint8 RGB; `truth`: each damage's label and bool mask (H, W)."""

    name: str
    photo: str
    image: np.ndarray
    truth: tuple[tuple[str, np.ndarray], ...]


SCENES = (
    Scene(
        "hatchback_scraped_door",
        "hatchback_rear_left.jpg",
        (Scratch(((84, 186), (112, 181), (140, 180), (166, 186)), spread=11, strokes=70, seed=1, width=1.4, rub=0.5),),
        crop=(40, 135, 250, 290),
    ),
    Scene(
        "hatchback_dented",
        "hatchback_rear_left.jpg",
        (Dent((255, 200), (34, 18), seed=6, depth=1.4, creases=3),),
        crop=(170, 130, 430, 290),
    ),
    Scene(
        "hatchback_broken_lamp",
        "hatchback_rear_left.jpg",
        (BrokenLamp(HATCHBACK_LEFT_LAMP, impact=(252, 132), reach=13, seed=4),),
        crop=(150, 60, 400, 260),
    ),
    Scene(
        "saloon_dented",
        "saloon_rear_right.webp",
        (Dent((165, 262), (40, 26), seed=8, depth=1.3),),
        crop=(0, 130, 512, 430),
    ),
    Scene(
        "saloon_broken_lamp",
        "saloon_rear_right.webp",
        (BrokenLamp(SALOON_RIGHT_LAMP, impact=(400, 276), reach=36, seed=9, shards=60),),
    ),
)


def write_samples(folder: Path) -> list[Path]:
    """Write all sample photos into a folder: clean_*, painted_* and blurred_*; their paths, sorted.

    The names say which damage is painted, so that nobody who meets the files alone takes it for real; attribution and
    licences go along.
    """
    for notice in ("README.md", *sorted(path.name for path in PHOTOS.glob("LICENSE.*"))):
        with write_aside(folder / notice) as path:
            path.write_bytes((PHOTOS / notice).read_bytes())
    written = []
    for kind, names in (("clean", CLEAN), ("blurred", BLURRED)):
        for name in names:
            with write_aside(folder / f"{kind}_{name}") as path:
                path.write_bytes((PHOTOS / name).read_bytes())
            written.append(folder / f"{kind}_{name}")
    for photo in painted_photos():
        target = folder / f"painted_{photo.name}.jpg"
        with write_aside(target) as path:
            Image.fromarray(photo.image).save(path, quality=92, subsampling=0)
        written.append(target)
    return sorted(written)


@cache
def painted_photos() -> tuple[PaintedPhoto, ...]:
    """Every scene, painted. The same pixels and masks every time; treat the arrays as read-only."""
    return tuple(paint_scene(scene) for scene in SCENES)


def paint_scene(scene: Scene) -> PaintedPhoto:
    """Read a scene's photo, paint its damages onto it, and go close."""
    image, truth = paint(decode_photo(PHOTOS / scene.photo).rgb, scene.damages)
    if scene.crop is not None:
        image = _close_up(image, scene.crop, cv2.INTER_CUBIC)
        truth = [(label, _close_up(mask.view(np.uint8), scene.crop, cv2.INTER_NEAREST) > 0) for label, mask in truth]
    return PaintedPhoto(scene.name, scene.photo, image, tuple(truth))


def _close_up(image: np.ndarray, crop: tuple[int, int, int, int], interpolation: int) -> np.ndarray:
    left, top, right, bottom = crop
    scale = CLOSE_UP / max(right - left, bottom - top)
    size = (round((right - left) * scale), round((bottom - top) * scale))
    return cv2.resize(image[top:bottom, left:right], size, interpolation=interpolation)
