"""What the network found in one photo, branch by branch.

N: detections of one branch; M: cells along one side of a mask grid; P: places.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch, paste

# What a network with place heads gives beside the four outputs of each branch: those whose last axis is the places, and
# the second opinion on each damage.
DAMAGE_PLACES, PARTS_SEEN, PARTS_DAMAGED = OF_PLACES = ("damage_places", "parts_seen", "parts_damaged")
DAMAGE_REAL = "damage_real"
PLACE_OUTPUTS = (*OF_PLACES, DAMAGE_REAL)


@dataclass(frozen=True)
class BranchDetections:
    """One branch's detections, best first.

    boxes    (N, 4) float32 xyxy in photo pixels, inside the photo
    scores   (N,) float32 in (0, 1], descending
    labels   (N,) int32, index into `classes`
    masks    (N, M, M) float32 probabilities, each in its box's own frame
    classes  names
    places   (N, P) float32 probabilities that each lies on each of `PhotoParts.names`; None: the network does not say
    real     (N,) float32 probabilities that each is damage at all, a second opinion; None as for places
    """

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]
    masks: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    places: npt.NDArray[np.float32] | None = None
    real: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n = len(self.scores)
        if self.boxes.shape != (n, 4) or self.labels.shape != (n,) or self.masks.ndim != 3 or len(self.masks) != n:
            raise ValueError(
                f"detections disagree on their number: boxes {self.boxes.shape}, scores {self.scores.shape}, "
                f"labels {self.labels.shape}, masks {self.masks.shape}"
            )
        if self.places is not None and (self.places.ndim != 2 or len(self.places) != n):
            raise ValueError(f"{n} detections have places of shape {self.places.shape}")
        if self.real is not None and self.real.shape != (n,):
            raise ValueError(f"{n} detections have second opinions of shape {self.real.shape}")

    def __len__(self) -> int:
        return len(self.scores)

    def name(self, i: int) -> str:
        """Class name of detection i."""
        return self.classes[self.labels[i]]

    def patch(self, i: int, height: int, width: int) -> Patch:
        """Mask of detection i, as runs of pixels, on a photo (height, width)."""
        return paste(self.masks[i], self.boxes[i], height, width)

    def bitmap(self, i: int, height: int, width: int) -> npt.NDArray[np.bool_]:
        """Mask of detection i on the whole photo: (height, width) bool."""
        return self.patch(i, height, width).on_photo(height, width)

    def rle(self, i: int, height: int, width: int) -> dict[str, object]:
        """Mask of detection i as COCO compressed run lengths; many times faster than encoding `bitmap`."""
        return self.patch(i, height, width).rle(height, width)

    def keep(self, index: npt.ArrayLike) -> "BranchDetections":
        """The detections at `index` (positions, or a mask (N,) bool), in that order."""
        at = np.asarray(index)
        if at.size == 0:  # an empty list arrives as float64, which indexes nothing
            at = at.astype(np.int64)
        places, real = (None if values is None else values[at] for values in (self.places, self.real))
        boxes, scores, labels, masks = (values[at] for values in (self.boxes, self.scores, self.labels, self.masks))
        return BranchDetections(boxes, scores, labels, masks, self.classes, places, real)


@dataclass(frozen=True, eq=False)
class PhotoParts:
    """What the photo as a whole says of the places on it.

    names    the P places, in the order of the network's outputs
    seen     (P,) float32 probability that the photo shows each
    damaged  (P,) float32 probability that the photo shows damage on each
    """

    names: tuple[str, ...]
    seen: npt.NDArray[np.float32]
    damaged: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.seen.shape != (len(self.names),) or self.damaged.shape != (len(self.names),):
            raise ValueError(f"{len(self.names)} places, seen {self.seen.shape} and damaged {self.damaged.shape}")


@dataclass(frozen=True, eq=False)
class Detections(Mapping[str, BranchDetections]):
    """All of one photo: a mapping from branch name to detections, `detections["damage"]`, and what the whole says.

    photo: None: the network has no place heads.
    """

    branches: Mapping[str, BranchDetections]
    photo: PhotoParts | None = None

    def __getitem__(self, branch: str) -> BranchDetections:
        return self.branches[branch]

    def __iter__(self) -> Iterator[str]:
        return iter(self.branches)

    def __len__(self) -> int:
        return len(self.branches)
