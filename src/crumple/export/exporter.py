"""A checkpoint to a folder of files that run without it, all of them compared before the folder appears."""

import datetime
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crumple.detect.detections import Detections
from crumple.detect.detector import Detector, load_detector
from crumple.detect.model_info import FILE_NAME, ModelInfo
from crumple.detect.network import Network
from crumple.errors import MissingExtraError
from crumple.evaluate.judged.model_folder import config_info
from crumple.export.errors import ExportError
from crumple.export.parity import Agreement, Parity, agree, compare
from crumple.files import file_sha256

SAVED_MODEL = "saved_model"
FILES = ("model.onnx", "model.xml", "model.bin", FILE_NAME, SAVED_MODEL)


@dataclass(frozen=True)
class Export:
    """What was written, and by format how far it was from Keras at most, over all photos.

    int8: what int8 finds of what Keras finds; None where nothing was quantised.
    """

    folder: Path
    info: ModelInfo
    parity: dict[str, Parity]
    int8: Agreement | None = None


def export_checkpoint(
    checkpoint: Path,
    out: Path,
    photos: Mapping[str, np.ndarray],
    *,
    saved_model: bool = False,
    calibration: Sequence[Path] = (),
    on_step: Callable[[str], None] = lambda step: None,
) -> Export:
    """Write model.onnx, model.xml with model.bin, and model.json (and saved_model/) to the folder `out`.

    The weights are rounded to half precision first; every format holds exactly those, and must find on every photo what
    Keras finds with them: boxes within 1e-2 px, scores within 1e-3. Nothing is written otherwise.

    Args:
        photos: name -> (H, W, 3) uint8 RGB, what the formats are compared on.
        calibration: photo files that quantise OpenVINO's weights to int8, once the float32 ones have passed; it must
            then find again nearly all that Keras is sure of. Without any they stay in half precision.
        on_step: told what is being done.

    Raises ExportError when formats differ or `out` holds something else, ModelError for a bad checkpoint,
    MissingExtraError without the export packages.
    """
    _check_target(out)
    try:
        import keras

        from crumple.export.half_weights import make_half_exact
        from crumple.export.int8 import write_int8
        from crumple.export.networks import OnnxNetwork, SavedModelNetwork, openvino_network
        from crumple.export.onnx_file import INPUT, write_onnx
        from crumple.export.openvino_file import write_openvino
        from crumple.model.checkpoint import load_model
        from crumple.model.network import KerasNetwork
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "export") from None
    if keras.backend.backend() != "tensorflow":
        raise ExportError(f"exporting needs the TensorFlow backend: KERAS_BACKEND is {keras.backend.backend()}")
    on_step("loading the checkpoint")
    model = load_model(checkpoint)
    info = config_info(model.config)
    make_half_exact(model)
    on_step("running Keras")
    expected = _detect(KerasNetwork(model), info, photos)
    with _staged(out) as folder:
        on_step("converting to ONNX")
        write_onnx(model, info, folder / "model.onnx")
        on_step("converting to OpenVINO")
        write_openvino(folder / "model.onnx", info, folder / "model.xml")
        networks: dict[str, Callable[[], Network]] = {
            "ONNX Runtime": lambda: OnnxNetwork(folder / "model.onnx"),
            "OpenVINO": lambda: openvino_network(folder / "model.xml"),
        }
        if saved_model:
            on_step("writing the SavedModel")
            signature = [keras.InputSpec(shape=(1, *info.input_size, 3), dtype="float32", name=INPUT)]
            model.export(str(folder / SAVED_MODEL), format="tf_saved_model", input_signature=signature, verbose=False)
            networks["SavedModel"] = lambda: SavedModelNetwork(folder / SAVED_MODEL)
        parity = {}
        for name, open_network in networks.items():
            on_step(f"comparing {name} with Keras")
            parity[name] = _compare(expected, _detect(open_network(), info, photos), name)
        agreement = None
        if calibration:
            on_step(f"quantising to int8 on {len(calibration)} photos")
            names = [part.name for part in model.parts]
            write_int8(folder / "model.xml", info, names, calibration, folder / "int8.xml")
            for suffix in (".xml", ".bin"):
                (folder / f"int8{suffix}").rename(folder / f"model{suffix}")
            on_step("comparing int8 with Keras")
            agreement = agree(expected, _detect(openvino_network(folder / "model.xml"), info, photos))
        info = info.model_copy(
            update={
                "sha256": file_sha256(folder / "model.bin"),
                "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            }
        )
        (folder / FILE_NAME).write_text(info.model_dump_json(indent=2) + "\n", encoding="utf-8")
        load_detector(folder)
    return Export(out, info, parity, agreement)


def _detect(network: Network, info: ModelInfo, photos: Mapping[str, np.ndarray]) -> dict[str, Detections]:
    detector = Detector(network, info)
    return {name: detector(rgb) for name, rgb in photos.items()}


def _compare(expected: dict[str, Detections], actual: dict[str, Detections], name: str) -> Parity:
    total = Parity()
    for photo, detections in expected.items():
        total += compare(detections, actual[photo], f"Keras and {name} differ on {photo}")
    if total.detections == 0:
        raise ExportError(
            "Keras finds nothing on the photos, so nothing can be compared; give photos of vehicles with --photos"
        )
    return total


def _check_target(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ExportError(f"{out}: is a file; give a folder")
    if out.is_dir() and (foreign := sorted({path.name for path in out.iterdir()} - set(FILES))):
        raise ExportError(f"{out}: holds {foreign[0]}, which no export wrote; give a new folder")


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out` that takes its place, and that of an earlier export, when the block ends well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        folder = staging / "new"
        folder.mkdir()
        yield folder
        earlier = staging / "old"
        if out.exists():
            out.rename(earlier)
        try:
            folder.rename(out)
        except OSError:
            if earlier.exists():
                earlier.rename(out)
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
