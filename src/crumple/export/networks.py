"""The written files as networks, each run in float32 by its own runtime, to be compared with each other."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect.network import OpenVINONetwork, core


class OnnxNetwork:
    """model.onnx under ONNX Runtime, behind crumple.detect.network.Network."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        images = {self._session.get_inputs()[0].name: canvas.astype(np.float32)}
        return dict(zip(self._names, self._session.run(self._names, images), strict=True))


class SavedModelNetwork:
    """A SavedModel under TensorFlow, behind crumple.detect.network.Network."""

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        self._loaded = tf.saved_model.load(folder)  # `serve` lives only as long as this

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        outputs = self._loaded.serve(canvas.astype(np.float32))
        return {name: value.numpy() for name, value in outputs.items()}


def openvino_network(path: Path) -> OpenVINONetwork:
    """model.xml under OpenVINO. Left to itself, OpenVINO computes in bfloat16 where the processor is faster at that."""
    return OpenVINONetwork(core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}))
