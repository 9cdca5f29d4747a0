"""The model's first draft: what it finds in a photo, as objects that an annotator corrects.

H, W: the photo.
"""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from crumple.detect import fusion
from crumple.detect.detections import BranchDetections, Detections
from crumple.detect.detector import Detector
from crumple.detect.outlines import outlines
from crumple.errors import CrumpleError
from crumple.label.annotations import LabelledObject
from crumple.label.cvat.schema import SCORE
from crumple.label.cvat.shapes import NAMES
from crumple.label.shapes import Shape
from crumple.taxonomy import PARTS_BRANCH

ShapeType = Literal["polygon", "mask"]
TOLERANCE = 1.5
# Square pixels below which a loose piece of a mask is a speck that nobody would want to delete by hand.
SPECK = 16.0


class Drafter:
    """Drafts photos with one model.

    Args:
        detector: classes outside the taxonomy are left out.
        shape: "polygon" or "mask".
        tolerance: pixels that a polygon may run beside the mask's edge; 0: along every pixel. Not for masks.
        threshold: the lowest score to draft; None: the model's own lower threshold of each class.
    """

    def __init__(
        self,
        detector: Detector,
        shape: ShapeType = "polygon",
        tolerance: float = TOLERANCE,
        threshold: float | None = None,
    ) -> None:
        if shape not in get_args(ShapeType):
            raise CrumpleError(f"shape must be {' or '.join(get_args(ShapeType))}, not {shape!r}")
        if not tolerance >= 0:
            raise CrumpleError(f"tolerance must be at least 0 pixels, not {tolerance!r}")
        if threshold is not None and not 0 <= threshold <= 1:
            raise CrumpleError(f"threshold must be a number from 0 to 1, not {threshold!r}")
        self.detector = detector
        self.shape = shape
        self.tolerance = tolerance
        self.threshold = threshold

    def __call__(
        self, rgb: npt.NDArray[np.uint8], threshold: float | None = None, shape: ShapeType | None = None
    ) -> list[LabelledObject]:
        """The draft of a photo (H, W, 3) uint8: parts, then damage, best first; `threshold`, `shape` for this one."""
        return self.draft(self.detector(rgb), rgb.shape[0], rgb.shape[1], threshold, shape)

    def draft(
        self,
        detections: Detections,
        height: int,
        width: int,
        threshold: float | None = None,
        shape: ShapeType | None = None,
    ) -> list[LabelledObject]:
        """The same from detections; of a part that was found twice only the surer one."""
        objects = []
        for branch, found in detections.items():
            kept = self._above(branch, found, self.threshold if threshold is None else threshold)
            patches = [kept.patch(i, height, width) for i in range(len(kept))]
            chosen = fusion.distinct(patches) if branch == PARTS_BRANCH else range(len(kept))
            for i in chosen:
                if kept.name(i) not in NAMES or not patches[i].area:
                    continue
                if (shape or self.shape) == "mask":
                    drawn = Shape(runs=patches[i].rle(height, width))
                else:
                    pieces = outlines(patches[i], tolerance=self.tolerance)
                    if not pieces:
                        continue
                    large = [piece for piece in pieces[1:] if Shape((piece,)).area >= SPECK]
                    drawn = Shape((pieces[0], *large))
                score = round(float(kept.scores[i]), 4)
                objects.append(LabelledObject(kept.name(i), drawn, {SCORE: score}))
        return objects

    def _above(self, branch: str, found: BranchDetections, threshold: float | None) -> BranchDetections:
        if threshold is not None:
            return found.keep(found.scores >= np.float32(threshold))
        info = self.detector.info
        lowest = np.array([info.threshold(branch, label).lower for label in found.classes], np.float32)
        return found.keep(found.scores >= lowest[found.labels])
