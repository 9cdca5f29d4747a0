"""A model small enough to build in a second, and truth to go with it.

Importing this makes the backbone THIN known: the stages of EfficientNet-Lite with one block each and few channels. A
training step of it takes half as long to trace and to compile.
"""

import numpy as np

from crumple.model.backbone import SCALINGS, Scaling
from crumple.model.config import BranchConfig, ModelConfig

THIN = "thin"
SCALINGS[THIN] = Scaling(width=0.1, depth=0.1)


def tiny_config(**changes) -> ModelConfig:
    settings = {
        "branches": (
            BranchConfig("parts", ("hood", "left_mirror", "right_mirror"), proposals=16, detections=8),
            BranchConfig("damage", ("scratch", "dent"), proposals=16, detections=8),
        ),
        "input_size": (128, 192),
        "pyramid_channels": 16,
        "box_units": 32,
        "mask_channels": 8,
        "mask_convs": 1,
        "pre_nms": 64,
        "pre_detection_nms": 32,
    }
    return ModelConfig(**{**settings, **changes})


def random_images(count: int, size=(128, 192), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (count, *size, 3)).astype(np.float32)


def truth(objects: list[int], labelled: list[bool], slots: int = 6, classes: int = 2, seed: int = 0) -> dict:
    """Boxes that fit into 128 x 192, the first `objects[i]` slots of image i in use."""
    rng = np.random.default_rng(seed)
    count = len(objects)
    corner = rng.uniform(0, 80, (count, slots, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(8, 48, (count, slots, 2))], axis=-1).astype(np.float32)
    labels = rng.integers(0, classes, (count, slots)).astype(np.int32)
    for image, used in enumerate(objects):
        labels[image, used:] = -1
        boxes[image, used:] = 0
    masks = (rng.uniform(size=(count, slots, 112, 112)) > 0.3).astype(np.uint8)
    undrawn = np.zeros((count, classes), bool)
    return {"boxes": boxes, "labels": labels, "masks": masks, "undrawn": undrawn, "labelled": np.array(labelled)}
