"""What the network found in one photo, branch by branch.

N: detections of one branch; M: cells along one side of a mask grid.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch, paste


@dataclass(frozen=True)
class BranchDetections:
    """One branch's detections, best first.

    boxes    (N, 4) float32 xyxy in photo pixels, inside the photo
    scores   (N,) float32 in (0, 1], descending
    labels   (N,) int32, index into `classes`
    masks    (N, M, M) float32 probabilities, each in its box's own frame
    classes  names
    """

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]
    masks: npt.NDArray[np.float32]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.scores)
        if self.boxes.shape != (n, 4) or self.labels.shape != (n,) or self.masks.ndim != 3 or len(self.masks) != n:
            raise ValueError(
                f"detections disagree on their number: boxes {self.boxes.shape}, scores {self.scores.shape}, "
                f"labels {self.labels.shape}, masks {self.masks.shape}"
            )

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
        return BranchDetections(self.boxes[at], self.scores[at], self.labels[at], self.masks[at], self.classes)


# By branch name: {"parts": ..., "damage": ...}.
Detections = dict[str, BranchDetections]
