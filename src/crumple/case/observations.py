"""What joining sees of a case: each finding of each photo, and what is known of the photos themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crumple.assessment.assessment import Assessment
from crumple.detect.boxes import box_iou
from crumple.detect.masks import Patch

Pixels = npt.NDArray[np.uint8]
PhotoBox = tuple[float, float, float, float]

LEAST_IOU = 0.3  # of a finding's box with that of a followed damage, for it to be that damage


@dataclass(frozen=True, eq=False)
class Observation:
    """One finding of one photo.

    photo: position of the photo. damage: its type. box (xyxy) and patch: photo pixels. places: name of each place it
    may lie on -> probability; a name may lack its side ("front_door"); empty: not known. probability: that it is real;
    None: not known. track: the damage that it is of, as a video told (`Followed.track`); None: nothing told.
    """

    photo: int
    damage: str
    box: PhotoBox
    patch: Patch
    places: Mapping[str, float] = field(default_factory=dict)
    probability: float | None = None
    track: str | None = None


@dataclass(frozen=True)
class Followed:
    """A damage in one photo that is a frame of a video, over which it was followed.

    track: its name; what has the same name in two photos is one damage. box (xyxy): shares of the photo's width and
    height.
    """

    track: str
    damage: str
    box: PhotoBox


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


def observations(assessment: Assessment, photo: int, followed: Sequence[Followed] = ()) -> list[Observation]:
    """The findings of one assessment, in their order.

    Args:
        photo: its position among the photos of the case.
        followed: the damages that were followed over a video of which the photo is a frame.
    """
    tracks = _tracks(assessment, followed)
    return [
        Observation(
            photo=photo,
            damage=finding.damage,
            box=finding.box,
            patch=Patch.from_rle(finding.mask.rle()),
            places={place.label: 1.0 if place.probability is None else place.probability for place in finding.on},
            probability=finding.probability,
            track=tracks.get(k),
        )
        for k, finding in enumerate(assessment.findings)
    ]


def _tracks(assessment: Assessment, followed: Sequence[Followed]) -> dict[int, str]:
    """By position of the finding: the track of the followed damage that it is; each is at most one finding."""
    if not followed:
        return {}
    size = np.array([assessment.photo.width, assessment.photo.height] * 2, np.float64)
    boxes = np.array([finding.box for finding in assessment.findings]).reshape(-1, 4) / size
    ious = box_iou(boxes[:, None], np.array([one.box for one in followed]))
    found: dict[int, str] = {}
    taken: set[int] = set()

    def worse(pair: list[int]) -> tuple[bool, float]:
        k, n = pair
        return assessment.findings[k].damage != followed[n].damage, -float(ious[k, n])

    for k, n in sorted(np.argwhere(ious >= LEAST_IOU).tolist(), key=worse):
        if k not in found and n not in taken:
            found[k] = followed[n].track
            taken.add(n)
    return found


def photo_evidence(assessment: Assessment, pixels: Callable[[], Pixels] | None = None) -> PhotoEvidence:
    """What an assessment says of its photo. pixels: see `PhotoEvidence`."""
    return PhotoEvidence(
        width=assessment.photo.width,
        height=assessment.photo.height,
        parts=tuple(PartOutline(part.label, part.box, Patch.from_rle(part.mask.rle())) for part in assessment.parts),
        seen={place.label: 1.0 if place.probability is None else place.probability for place in assessment.parts_seen},
        pixels=pixels,
    )
