"""Judging: find what is on each photo, or remember it, and put it beside the truth. `photos` are what it makes."""

import functools
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from crumple.detect.detections import Detections, PhotoParts
from crumple.detect.model_info import ModelInfo
from crumple.evaluate.judged.photos import JudgedPhoto, Truth
from crumple.evaluate.judged.regions import Region, drawn_regions, found_regions
from crumple.files import file_sha256, write_aside
from crumple.photo import decode_photo
from crumple.prepare.quality import brightness, sharpness
from crumple.taxonomy import DAMAGE_BRANCH

OnPhoto = Callable[[int, int], None]  # photos done, photos in all


@dataclass(frozen=True, eq=False)
class Found:
    """What is on a photo. regions: by branch. parts: see JudgedPhoto."""

    regions: dict[str, tuple[Region, ...]]
    parts: PhotoParts | None = None


class InfoDetector(Protocol):
    """Photo (H, W, 3) uint8 RGB -> detections; it knows its model. `crumple.detect.detector.Detector` is one."""

    @property
    def info(self) -> ModelInfo: ...

    def __call__(self, rgb: np.ndarray) -> Detections: ...


class Finder(Protocol):
    """What is on a photo (H, W, 3) uint8 RGB, by branch: a model that looks, or a file that says what another found."""

    @property
    def info(self) -> ModelInfo: ...

    def find(self, truth: Truth, rgb: np.ndarray) -> Found: ...


@dataclass(frozen=True)
class DetectorFinder:
    """A detector as a Finder."""

    detector: InfoDetector

    @property
    def info(self) -> ModelInfo:
        return self.detector.info

    def find(self, truth: Truth, rgb: np.ndarray) -> Found:
        found = self.detector(rgb)
        regions = {name: found_regions(branch, truth.height, truth.width) for name, branch in found.items()}
        return Found(regions, found.photo)


@dataclass(frozen=True, eq=False)
class Look:
    """What one look at a photo gave; see JudgedPhoto."""

    found: Found
    brightness: float
    sharpness: float

    def to_json(self) -> dict[str, Any]:
        parts = self.found.parts
        return {
            "found": {branch: [asdict(one) for one in regions] for branch, regions in self.found.regions.items()},
            "parts": parts and [parts.names, parts.seen.round(5).tolist(), parts.damaged.round(5).tolist()],
            "brightness": self.brightness,
            "sharpness": self.sharpness,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Look":
        """Raises KeyError, TypeError, ValueError or AttributeError for what `to_json` did not make."""
        tuples = ("box", "places")
        regions = {
            branch: tuple(Region(**one | {name: tuple(one[name]) for name in tuples}) for one in found)
            for branch, found in content["found"].items()
        }
        parts = None
        if content["parts"]:
            names, seen, damaged = content["parts"]
            parts = PhotoParts(tuple(names), np.array(seen, np.float32), np.array(damaged, np.float32))
        return cls(Found(regions, parts), content["brightness"], content["sharpness"])


@functools.cache
def _code() -> str:
    """Changes with the code that decides what is found and how it is kept, also between two versions."""
    package = Path(__file__).parents[2]
    rooms = [path for room in ("detect", "model") for path in sorted((package / room).glob("*.py"))]
    ours = ("evaluate/judged/regions.py", "evaluate/judged/judge.py")
    others = ("taxonomy.py", "photo.py", "prepare/quality.py", *ours)
    files = [*rooms, *(package / name for name in others)]
    return hashlib.sha256("".join(file_sha256(path) for path in files).encode()).hexdigest()


class LookCache:
    """Looks kept in a folder, by model and photo, so that only a first evaluation runs the model.

    Args:
        folder: of all models.
        model: a key that changes with anything that changes what the model finds.
    """

    def __init__(self, folder: Path, model: str) -> None:
        key = hashlib.sha256(f"{_code()} {model}".encode()).hexdigest()
        self._folder = folder / "detections" / key[:24]

    def get(self, photo: str) -> Look | None:
        """What was found on the photo of this sha256; None if it is not known or its file is broken."""
        try:
            with gzip.open(self._path(photo), "rt") as file:
                return Look.from_json(json.load(file))
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, photo: str, look: Look) -> None:
        """Remember a look; a disk that is full or read-only is done without."""
        try:
            with write_aside(self._path(photo)) as path, gzip.open(path, "wt", compresslevel=1) as file:
                json.dump(look.to_json(), file)
        except OSError:
            pass

    def _path(self, photo: str) -> Path:
        return self._folder / f"{photo}.json.gz"


def judge(
    finder: Finder, truths: Sequence[Truth], cache: LookCache | None = None, on_photo: OnPhoto | None = None
) -> list[JudgedPhoto]:
    """Every photo with what was drawn and found on it.

    Args:
        on_photo: told after each photo how many are done and how many there are.

    Raises PhotoError when a photo cannot be decoded, and what the finder raises.
    """
    judged = []
    for done, truth in enumerate(truths, start=1):
        sha256 = file_sha256(truth.path)
        look = cache.get(sha256) if cache else None
        if look is None:
            rgb = decode_photo(truth.path).rgb
            look = Look(finder.find(truth, rgb), round(brightness(rgb), 3), round(sharpness(rgb), 3))
            if cache:
                cache.put(sha256, look)
        judged.append(_judged(truth, sha256, look))
        if on_photo:
            on_photo(done, len(truths))
    return judged


def _judged(truth: Truth, sha256: str, look: Look) -> JudgedPhoto:
    drawn: dict[str, Any] = {branch: drawn_regions(photo) for branch, photo in truth.photos.items()}
    if truth.undamaged:
        drawn.setdefault(DAMAGE_BRANCH, ())
    given = {branch: drawn_regions(photo) for branch, photo in truth.given.items()}
    found = look.found
    return JudgedPhoto(truth, sha256, drawn, given, found.regions, look.brightness, look.sharpness, found.parts)
