"""The whole way from a photo to an assessment."""

import hashlib
import json
import os
from collections.abc import Sequence
from functools import lru_cache, partial
from numbers import Real
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic_core import to_jsonable_python

from crumple.assessment.assessment import Assessment, ModelReference, PhotoInfo, Pixels
from crumple.assessment.drawn import Drawing, see_drawn
from crumple.assessment.findings import (
    describe_findings,
    describe_objects,
    describe_parts,
    describe_places,
    describe_visible,
    see,
)
from crumple.assessment.quality import photo_checks, vehicle_check
from crumple.assessment.severity import Rules
from crumple.assessment.stopwatch import Stopwatch
from crumple.detect.detections import BranchDetections, Detections
from crumple.detect.detector import MODEL_WANTED, Detector, load_detector
from crumple.detect.letterbox import letterbox
from crumple.detect.masks import Patch
from crumple.detect.reading import read_photo_parts
from crumple.errors import CrumpleError, DataError, ModelError
from crumple.files import as_path
from crumple.photo import Photo, check_pixels, decode_photo
from crumple.taxonomy import DAMAGE_BRANCH, DAMAGES, PARTS_BRANCH

# A photo is decoded at a fraction that leaves this many times the network's input: resizing then still averages.
ENOUGH = 1.5

PhotoSource = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]


class Assessor:
    """A detector with the rules by which its findings are judged. Make one and use it for many photos.

    Args:
        detector: without a branch "damage" there are no findings, without a branch "parts" damage lies on no known
            part. What branches of other names find are `objects`.
        rules: severity rules; None: the table that ships.
        min_score: the lowest score to keep, in [0, 1]. Where it is above a class's lower threshold it takes that
            threshold's place in the assessment; `inspect`'s detections go down to it in any case. None: the lower
            thresholds for both.

    Raises ModelError, DataError (the rules) or CrumpleError (min_score), each in one line.
    """

    def __init__(self, detector: Detector, rules: Rules | None = None, min_score: float | None = None) -> None:
        if not isinstance(detector, Detector):
            raise ModelError(f"a detector must be one that load_detector gave, not {type(detector).__name__}")
        if not isinstance(rules, Rules | None):
            raise DataError(f"rules must be a table that Rules.load gave, not {type(rules).__name__}")
        damages = detector.info.classes(DAMAGE_BRANCH)
        if min_score is not None and not (isinstance(min_score, Real) and 0 <= min_score <= 1):
            raise CrumpleError(f"min_score must be a number from 0 to 1, not {min_score!r}")
        self.detector = detector
        self.rules = rules or Rules.load()
        self.rules.check_names({*DAMAGES, *damages})
        self.min_score = min_score
        info = detector.info
        self.model = ModelReference(name=info.name, version=info.version, sha256=info.sha256)
        self.thresholds = {
            branch.name: {label: info.threshold(branch.name, label) for label in branch.classes}
            for branch in info.branches
        }

    def __call__(self, source: PhotoSource) -> Assessment:
        """Assess one photo: a path, a file's bytes, or pixels (H, W, 3) uint8 RGB. Raises PhotoError."""
        watch = Stopwatch()
        with watch("decode"):
            photo = read_photo(source, at_least=self.enough)
        return self.inspect(photo, watch=watch)[0]

    @property
    def enough(self) -> int:
        """Pixels of a photo's longer side that the network can make use of; see `decode_photo`'s at_least."""
        return round(ENOUGH * max(self.detector.info.input_size))

    @property
    def settings_sha256(self) -> str:
        """Of what decides on an assessment besides the photo and the weights: rules, thresholds and `min_score`."""
        settings = (self.rules.model_dump(), self.thresholds, self.min_score)
        return hashlib.sha256(json.dumps(to_jsonable_python(settings), sort_keys=True).encode()).hexdigest()

    def inspect(
        self,
        photo: Photo,
        *,
        name: str | None = None,
        watch: Stopwatch | None = None,
        drawn: Sequence[Drawing] | None = None,
    ) -> tuple[Assessment, Detections]:
        """The assessment of a decoded photo, and its detections down to `min_score`.

        Args:
            photo: see `read_photo`. One that was decoded at a fraction is still assessed in the pixels of the whole.
            name: what to call it; None: its file name.
            watch: has the time it took to decode.
            drawn: damages that people drew on this photo: they are the findings, in place of the model's.
        """
        watch = watch or Stopwatch()
        width, height = photo.original_size if photo.file else photo.rgb.shape[1::-1]
        with watch("letterbox"):
            canvas, placement = letterbox(photo.rgb, self.detector.info.input_size, (height, width))
        with watch("network"):
            outputs = self.detector.network(canvas[None])
        with watch("paste"):
            detections = self.detector.read(outputs, placement)
            seen = {branch: see(self._reported(branch, found), height, width) for branch, found in detections.items()}
        with watch("fuse"):
            seen_parts, seen_damage = seen.pop(PARTS_BRANCH, []), seen.pop(DAMAGE_BRANCH, [])
            if drawn is not None:
                seen_damage = see_drawn(drawn, detections.get(DAMAGE_BRANCH), height, width)
            info = self.detector.info
            reading = read_photo_parts(
                seen_parts,
                seen_damage,
                detections.photo,
                info.place_calibration,
                info.seen_calibration,
                once=drawn is None,
            )
            vehicle = Patch.union(seen_parts[part.part].patch for part in reading.parts)
            parts = describe_parts(reading.parts, seen_parts, height * width)
            ids = {listed.part: part.id for listed, part in zip(reading.parts, parts, strict=True)}
            findings = describe_findings(
                [seen_damage[i] for i in reading.damages],
                [describe_places(places, ids) for places in reading.places],
                parts,
                vehicle,
                self.thresholds.get(DAMAGE_BRANCH) if drawn is None else None,
                partial(info.probability, DAMAGE_BRANCH) if drawn is None else lambda damage, score: None,
                self.rules,
                height * width,
            )
        with watch("quality"):
            sure = any(finding.threshold == "upper" for finding in findings)
            close_up = sure or (detections.photo is not None and bool(reading.visible))
            quality = [
                *photo_checks(photo.rgb, min(height, width)),
                vehicle_check(vehicle.area / (height * width), close_up),
            ]
        assessment = Assessment(
            photo=PhotoInfo(
                name=printable(name or photo.name),
                sha256=photo.sha256,
                width=width,
                height=height,
                orientation=photo.orientation,
            ),
            parts=parts,
            parts_seen=describe_visible(reading.visible, ids),
            findings=findings,
            objects=describe_objects(seen, height * width),
            quality=quality,
            model=self.model,
            thresholds=self.thresholds,
            min_score=self.min_score,
            timings=watch.timings,
        )
        assessment._pixels = Pixels(photo.file or photo.rgb)
        if self.min_score is None:
            kept = {branch: self._reported(branch, found) for branch, found in detections.items()}
        else:
            kept = {branch: found.keep(found.scores >= self.min_score) for branch, found in detections.items()}
        return assessment, Detections(kept, detections.photo)

    def _reported(self, branch: str, found: BranchDetections) -> BranchDetections:
        lowest = np.array([self.thresholds[branch][label].lower for label in found.classes], np.float32)
        return found.keep(found.scores >= np.maximum(lowest[found.labels], np.float32(self.min_score or 0)))


def assess(
    photo: PhotoSource,
    *,
    model: str | os.PathLike[str] | None = None,
    rules: str | os.PathLike[str] | None = None,
    min_score: float | None = None,
    accurate: bool = False,
) -> Assessment:
    """Assess one photo of a vehicle: its parts, what is damaged, how badly, and why.

    Args:
        photo: a path, a file's bytes, or pixels (H, W, 3) uint8 RGB.
        model: folder of an exported model; None: the one that ships. It is loaded once and kept.
        rules: severity rules (YAML); None: those that ship.
        min_score: the lowest score to report, in [0, 1]; None: the model's own lower thresholds.
        accurate: look at the photo and at its mirror image, which takes the network twice as long: boxes and masks are
            better, and about as much is found.

    Raises PhotoError, ModelError, DataError (the rules) or CrumpleError (min_score), each in one line.

    Example:
        >>> a = crumple.assess("car.jpg")
        >>> for finding in a.findings: print(finding.text)
    """
    return kept_assessor(model, rules, min_score, accurate=accurate)(photo)


def kept_assessor(
    model: str | os.PathLike[str] | None = None,
    rules: str | os.PathLike[str] | None = None,
    min_score: float | None = None,
    *,
    accurate: bool = False,
) -> Assessor:
    """The assessor of these settings, see `assess`; its model is loaded once and kept."""
    folder = None if model is None else as_path(model, MODEL_WANTED, ModelError).resolve()
    detector = _detector(folder)
    return Assessor(detector.accurately() if accurate else detector, Rules.load(rules), min_score)


@lru_cache(maxsize=2)
def _detector(folder: Path | None) -> Detector:
    return load_detector(folder)


def read_photo(source: PhotoSource, *, at_least: int | None = None) -> Photo:
    """Decode a path or bytes, or take pixels (H, W, 3) uint8 RGB as they are. Raises PhotoError.

    at_least: see `decode_photo`.
    """
    if not isinstance(source, np.ndarray):
        return decode_photo(source, at_least=at_least)
    check_pixels(source)
    rgb = np.ascontiguousarray(source)
    return Photo(rgb, "photo", hashlib.sha256(rgb.reshape(-1).data).hexdigest(), 1, (rgb.shape[1], rgb.shape[0]))


def printable(name: str) -> str:
    """A file name as text that every report can hold: what cannot be shown becomes a question mark."""
    return "".join(char if char.isprintable() else "?" for char in name)
