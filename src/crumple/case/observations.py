"""What joining sees of a case: each finding of each photo, and what is known of the photos themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crumple.assessment.assessment import Assessment
from crumple.detect.masks import Patch

Pixels = npt.NDArray[np.uint8]
PhotoBox = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Observation:
    """One finding of one photo.

    photo: position of the photo. damage: its type. box (xyxy) and patch: photo pixels. places: name of each place it
    may lie on -> probability; a name may lack its side ("front_door"); empty: not known. probability: that it is real;
    None: not known.
    """

    photo: int
    damage: str
    box: PhotoBox
    patch: Patch
    places: Mapping[str, float] = field(default_factory=dict)
    probability: float | None = None


@dataclass(frozen=True, eq=False)
class PartOutline:
    """A part of the vehicle on one photo; box (xyxy) and patch in photo pixels."""

    label: str
    box: PhotoBox
    patch: Patch


@dataclass(frozen=True, eq=False)
class PhotoEvidence:
    """What joining may use of a photo.

    width, height: of the photo in which all boxes and masks are. parts: with outlines. seen: name of each place that it
    shows -> probability. pixels: decodes the photo, at any scale, (h, w, 3) uint8 RGB; it is called at most once, and
    what it gives is not kept; None: there are no pixels, and nothing is aligned.
    """

    width: int
    height: int
    parts: tuple[PartOutline, ...] = ()
    seen: Mapping[str, float] = field(default_factory=dict)
    pixels: Callable[[], Pixels] | None = None


def observations(assessment: Assessment, photo: int) -> list[Observation]:
    """The findings of one assessment, in their order; photo: its position among the photos of the case."""
    return [
        Observation(
            photo=photo,
            damage=finding.damage,
            box=finding.box,
            patch=Patch.from_rle(finding.mask.rle()),
            places={place.label: 1.0 if place.probability is None else place.probability for place in finding.on},
            probability=finding.probability,
        )
        for finding in assessment.findings
    ]


def photo_evidence(assessment: Assessment, pixels: Callable[[], Pixels] | None = None) -> PhotoEvidence:
    """What an assessment says of its photo. pixels: see `PhotoEvidence`."""
    return PhotoEvidence(
        width=assessment.photo.width,
        height=assessment.photo.height,
        parts=tuple(PartOutline(part.label, part.box, Patch.from_rle(part.mask.rle())) for part in assessment.parts),
        seen={place.label: 1.0 if place.probability is None else place.probability for place in assessment.parts_seen},
        pixels=pixels,
    )
