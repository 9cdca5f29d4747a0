"""One reading of a photo: which parts it shows, which damages are told, and on which places each of them lies.

Assessment and evaluation both read a photo with `read_photo_parts`, so that what is measured is what is reported.
P: places of the network's place heads; K: places that are candidates in this photo; N: damages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from crumple.detect.detections import PhotoParts
from crumple.detect.masks import Patch
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration

# outline: the part's own outline lies under the damage. surroundings: the place head says so, from what is around it.
# damage: the type of damage says so (a deployed airbag is inside the vehicle).
KnownBy = Literal["outline", "surroundings", "damage"]


@dataclass(frozen=True, eq=False)
class Outlined:
    """One detection with its pixels. places: (P,) probabilities of the place head, for a damage; None: it has none."""

    label: str
    score: float
    patch: Patch
    places: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class LikelyPlace:
    """Where a damage may lie.

    name: one of taxonomy.PLACES (or a part of the model's own), or without its side where that is not known.
    probability: None: not known, for the model is not calibrated for places.
    part: position of the part in the list that was given, if an outline of it lies under the damage. share_of_damage,
    share_of_part: how much of either is concerned; None without an outline.
    """

    name: str
    probability: float | None
    known_by: tuple[KnownBy, ...]
    part: int | None = None
    share_of_damage: float | None = None
    share_of_part: float | None = None


@dataclass(frozen=True)
class VisiblePlace:
    """A place that the photo shows. part: position of the part with its outline in the list that was given, or None.

    name: may lack its side, as in `LikelyPlace`. probability: None: not known.
    """

    name: str
    probability: float | None
    part: int | None = None


@dataclass(frozen=True)
class Reading:
    """What a photo says. All positions are in the lists that were given.

    parts: of the parts that are listed with their outlines. visible: every place that the photo shows, those parts
    among them. damages: of those that are told, in the order given. places: where each of `damages` lies, the most
    probable first; empty: not identified.
    """

    parts: tuple[int, ...]
    visible: tuple[VisiblePlace, ...]
    damages: tuple[int, ...]
    places: tuple[tuple[LikelyPlace, ...], ...]


@dataclass(frozen=True, eq=False)
class PlaceEvidence:
    """Evidence for each candidate place of each damage.

    names: (K,) candidates. features: (N, K, 3) float64: logit of the place head, share of the damage on the part's
    outline times the part's score, logit of seen; each 0 where there is none. They are the factors of `head`,
    `outline` and `seen` of `PlaceCalibration`.
    """

    names: tuple[str, ...]
    features: npt.NDArray[np.float64]


def read_photo_parts(
    parts: Sequence[Outlined],
    damages: Sequence[Outlined],
    photo: PhotoParts | None,
    places: PlaceCalibration | None,
    seen: SeenCalibration | None,
) -> Reading:
    """Read a photo from its detections at the operating point.

    Args:
        parts, damages: from their `suspected` thresholds on, best first.
        photo: see `PhotoParts`; None: the network has no place heads, and places are those of overlapping outlines.
        places, seen: the model's (`ModelInfo.place_calibration`, `.seen_calibration`); None: defaults.
    """
    raise NotImplementedError


def place_evidence(parts: Sequence[Outlined], damages: Sequence[Outlined], photo: PhotoParts | None) -> PlaceEvidence:
    """What speaks for each place of each damage: what `PlaceCalibration` weighs, and what it is fitted on.

    Args:
        parts: those that are listed (`Reading.parts`); damages: any.
    """
    raise NotImplementedError


def seen_evidence(parts: Sequence[Outlined], photo: PhotoParts) -> npt.NDArray[np.float64]:
    """(P, 2) what speaks for each place of `photo.names` being seen: the factors of `head` and `outline`."""
    raise NotImplementedError
