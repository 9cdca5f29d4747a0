"""The exported network under OpenVINO: a canvas in, arrays by name out."""

import importlib
import sys
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crumple.cache import cache_folder
from crumple.detect.detections import OF_PLACES
from crumple.detect.model_info import MEND, ModelInfo
from crumple.errors import ModelError
from crumple.files import file_sha256

# On a processor that has bfloat16, OpenVINO would use it unasked: eight bits do not hold a coordinate.
OPTIONS = {"INFERENCE_PRECISION_HINT": "f32"}


class Network(Protocol):
    """Anything that detects in canvases: OpenVINO here, a Keras model during training, a fake in a test."""

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        """canvas (1, h, w, 3) uint8 RGB -> for each branch b, with D slots (score 0: empty) and masks of M x M cells:

        b_boxes (1, D, 4) xyxy canvas pixels, b_scores (1, D), b_labels (1, D) int, b_masks (1, D, M, M) probabilities.
        With place heads for P places also damage_places (1, D, P), damage_real (1, D), parts_seen (1, P) and
        parts_damaged (1, P), probabilities; see `BranchDetections` and `PhotoParts`.
        """
        ...


class OpenVINONetwork:
    """A compiled network on the CPU. `streams` threads use it at a time; more of them take turns."""

    def __init__(self, compiled: Any, streams: int = 1) -> None:
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())
        self._names = [(i, name) for i, output in enumerate(compiled.outputs) for name in output.get_names()]

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        request = self._idle.get()
        try:
            request.infer([np.ascontiguousarray(canvas, np.float32)])
            # Copied, because the request's buffers are overwritten by the next photo.
            return {name: request.get_output_tensor(i).data.copy() for i, name in self._names}
        finally:
            self._idle.put(request)


def load_network(folder: str | Path, streams: int = 1) -> OpenVINONetwork:
    """Compile folder/model.xml (or model.onnx) for the CPU. ModelError if it is missing, corrupt or mismatched.

    streams: photos at a time, from 1. One has all cores and is done soonest; of several each has its share of them, and
    together they take less time, because cores that need not wait for each other lose none.
    """
    if not isinstance(streams, int) or streams < 1:
        raise ModelError(f"streams must be a whole number from 1, not {streams!r}")
    folder = Path(folder)
    info = ModelInfo.load(folder)
    path = _graph_file(folder, info)
    try:
        compiled = core().compile_model(path, "CPU", OPTIONS | _streams_option(streams) | _cache_option())
    except RuntimeError as error:
        reason = (str(error).strip() or "no reason given").splitlines()[-1].strip()
        raise ModelError(f"{path}: OpenVINO cannot load it, export the model again: {reason}") from None
    _check_signature(compiled, info, path)
    return OpenVINONetwork(compiled, streams)


def _streams_option(streams: int) -> dict[str, str | int]:
    return {"PERFORMANCE_HINT": "LATENCY"} if streams == 1 else {"NUM_STREAMS": streams}


def _cache_option() -> dict[str, str]:
    """Where OpenVINO keeps compiled networks, so that only a machine's first start pays for compiling."""
    folder = cache_folder()
    return {} if folder is None else {"CACHE_DIR": str(folder)}


@cache
def core() -> Any:
    """The process's one OpenVINO core.

    Its CPU plugin lends the thread an alternate signal stack and takes it away when it goes. Of two cores, the one that
    goes last leaves the stack of the other behind, which is gone, and the next Ctrl-C ends in a segmentation fault
    (OpenVINO 2026.4, processors with AVX-512).
    """
    return _import_openvino().Core()


def _import_openvino() -> Any:
    """OpenVINO without its model conversion tools, which take 0.5 s of a cold start and report each import home.

    OpenVINO itself does without them when they cannot be imported; None in sys.modules says that they cannot.
    """
    tools = "openvino.tools.ovc"
    if "openvino" in sys.modules or tools in sys.modules:
        return importlib.import_module("openvino")
    sys.modules[tools] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("openvino")
    finally:
        sys.modules.pop(tools, None)


def _graph_file(folder: Path, info: ModelInfo) -> Path:
    path, weights = folder / "model.xml", folder / "model.bin"
    if not path.is_file():
        path = folder / "model.onnx"
        if not path.is_file():
            raise ModelError(f"{folder} has no model.xml and no model.onnx: give a folder that `crumple export` wrote")
        return path
    if not weights.is_file():
        raise ModelError(f"{folder} has model.xml but no model.bin: copy both, or export the model again")
    if info.sha256 and file_sha256(weights) != info.sha256:
        raise ModelError(
            f"{weights} is not the file that model.json describes (its sha256 differs): copy all three again"
        )
    return path


def _check_signature(compiled: Any, info: ModelInfo, path: Path) -> None:
    shape = compiled.inputs[0].partial_shape
    expected = [1, *info.input_size, 3]
    if len(compiled.inputs) != 1 or not shape.compatible(type(shape)(expected)):
        raise ModelError(
            f"{path} takes an input of shape {shape}, model.json says {expected}: copy all files of one export"
        )
    outputs = {name: output.partial_shape for output in compiled.outputs for name in output.get_names()}
    for name in info.outputs:
        if name not in outputs:
            raise ModelError(f"{path} has no output '{name}', which model.json implies; {MEND}")
    for name in OF_PLACES if info.places else ():
        last = outputs[name][len(outputs[name]) - 1]
        if last.is_static and last.get_length() != len(info.places):
            raise ModelError(
                f"{path}: output '{name}' has {last.get_length()} places, model.json names {len(info.places)}; {MEND}"
            )
