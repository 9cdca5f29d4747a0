"""The model's draft as CVAT's own auto-annotation function, for `cvat-cli` and `cvat_sdk.auto_annotation`:

    cvat-cli task auto-annotate 7 --function-module crumple.label.cvat_function -p shape=str:mask -p threshold=float:0.5

Parameters of `create`: model (folder), shape (polygon or mask), tolerance (pixels), threshold. cvat-cli's own
--conf-threshold wins over threshold, and its --conv-mask-to-poly over shape.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any

import cvat_sdk.auto_annotation as cvataa
import numpy as np
from cvat_sdk import models
from PIL import Image

from crumple.detect.detector import load_detector
from crumple.label.cvat.schema import SCORE, labels
from crumple.label.cvat.shapes import to_cvat
from crumple.label.draft import TOLERANCE, Drafter, ShapeType


class DraftFunction:
    """A detection function as CVAT's SDK describes it: `spec` and `detect`."""

    def __init__(self, drafter: Drafter) -> None:
        self.drafter = drafter
        info = drafter.detector.info
        classes = {label for branch in info.branches for label in branch.classes}
        ours = [label for label in labels() if label["name"] in classes]
        self._labels: dict[str, dict[str, Any]] = {}
        for number, label in enumerate(ours):
            attributes = [attribute for attribute in label["attributes"] if attribute["name"] == SCORE]
            attributes = [{**attribute, "id": i} for i, attribute in enumerate(attributes)]
            self._labels[label["name"]] = {**label, "id": number, "attributes": attributes}
        specs = []
        for name, label in self._labels.items():
            scores = [cvataa.number_attribute_spec(a["name"], a["id"], a["values"]) for a in label["attributes"]]
            specs.append(cvataa.label_spec(name, label["id"], type=drafter.shape, attributes=scores))
        self.spec = cvataa.DetectionFunctionSpec(labels=specs)

    def detect(
        self, context: cvataa.DetectionFunctionContext, image: Image.Image
    ) -> Sequence[models.LabeledShapeRequest]:
        """The draft of one frame."""
        rgb = np.ascontiguousarray(image.convert("RGB"))
        shape: ShapeType | None = "polygon" if context.conv_mask_to_poly else None
        objects = self.drafter(rgb, context.conf_threshold, shape)
        shapes = to_cvat(objects, 0, self._labels, count(1), rgb.shape[:2], with_source=False)
        return [models.LabeledShapeRequest(**{**entry, "attributes": _values(entry)}) for entry in shapes]


def create(
    model: str | None = None,
    shape: ShapeType = "polygon",
    tolerance: float = TOLERANCE,
    threshold: float | None = None,
) -> DraftFunction:
    """What cvat-cli calls with the parameters -p; see `crumple.label.draft.Drafter`. model: None: the released one."""
    return DraftFunction(Drafter(load_detector(model), shape, tolerance, threshold))


def _values(entry: dict[str, Any]) -> list[models.AttributeValRequest]:
    return [models.AttributeValRequest(**value) for value in entry["attributes"]]
