"""A Keras model behind the detector's network protocol (crumple.detect)."""

import numpy as np
from keras import ops

from crumple.model.mask_rcnn import MaskRCNN


class KerasNetwork:
    """canvas batch (B, H, W, 3) uint8 -> named arrays, as an exported network gives them."""

    def __init__(self, model: MaskRCNN) -> None:
        self.model = model

    def __call__(self, canvas: np.ndarray) -> dict[str, np.ndarray]:
        outputs = self.model.predict_on_batch(canvas.astype(np.float32))
        return {name: ops.convert_to_numpy(value) for name, value in outputs.items()}
