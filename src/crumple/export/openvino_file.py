"""ONNX -> OpenVINO IR, its weights stored in half precision wherever that changes none of them."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino
from openvino import opset13
from openvino._offline_transformations import apply_moc_transformations

from crumple.detect.model_info import ModelInfo
from crumple.detect.network import core

# A weight that comes out of the converters' float32 arithmetic this close to a half-precision number is that number.
ROUNDING = 2.0**-22


def write_openvino(onnx_path: Path, info: ModelInfo, path: Path) -> None:
    """Write `path` (model.xml) and the .bin beside it. The file carries `info` as the runtime entry "crumple"."""
    model = core().read_model(onnx_path)
    # What openvino.convert_model does too, but without its telemetry: a tenth off the time of every cold start.
    apply_moc_transformations(model, cf=True, smart_reshape=False)
    store_halves(model)
    keep_public_names(model)
    model.set_rt_info(info.model_dump_json(), "crumple")
    # Its own compression would also round what half precision does not hold: biases, coordinates.
    openvino.save_model(model, path, compress_to_fp16=False)


def store_halves(model: Any) -> None:
    """Replace every float32 array that half precision holds by its half-precision form and a conversion back."""
    for node in model.get_ordered_ops():
        if node.get_type_name() != "Constant" or node.get_element_type() != openvino.Type.f32:
            continue
        values = node.get_data()
        if values.size < 2 or not holds(values):
            continue
        stored = opset13.constant(values.astype(np.float16), name=f"{node.get_friendly_name()}_half")
        node.output(0).replace(opset13.convert(stored, "f32").output(0))


def holds(values: np.ndarray) -> bool:
    """Whether half precision holds these float32 values, up to float32's own rounding."""
    with np.errstate(over="ignore", invalid="ignore"):
        halves = values.astype(np.float16).astype(np.float32)
        return bool((np.abs(halves - values) <= ROUNDING * np.abs(values)).all())


def keep_public_names(model: Any) -> None:
    """Drop the names of inner tensors: optimisation can merge one with an output, which then answers to either."""
    public = {id_ for output in model.outputs for id_ in output.get_names()}
    for node in model.get_ordered_ops():
        if node.get_type_name() in ("Parameter", "Result"):
            continue
        for output in node.outputs():
            names = output.get_names()
            if names and not names & public:
                output.get_tensor().set_names(set())
