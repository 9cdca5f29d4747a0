"""A folder with a model in it, whichever kind, as a detector."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from crumple import __version__
from crumple.detect.detector import Detector, load_detector
from crumple.detect.model_info import FILE_NAME, BranchInfo, Calibration, ClassThresholds, ModelInfo
from crumple.detect.rescoring import Rescoring
from crumple.errors import MissingExtraError, ModelError
from crumple.evaluate.judged.readings import Calibrations
from crumple.files import file_sha256, write_aside
from crumple.invalid import first_complaint
from crumple.model.config import CONFIG_FILE, WEIGHTS_FILE, ModelConfig, is_checkpoint


def is_exported(folder: Path) -> bool:
    """Whether the folder holds an exported model. One that holds a checkpoint too is taken for the exported one."""
    return (folder / "model.xml").is_file() or (folder / "model.onnx").is_file()


def open_detector(folder: Path, *, accurate: bool = False, raw: bool = False) -> Detector:
    """The detector of an exported folder (OpenVINO) or of a training checkpoint (Keras).

    Args:
        accurate: it looks twice, see `Detector.accurately`.
        raw: damages have the network's own scores, without the model's second opinion on them.

    Raises ModelError when the folder holds neither, MissingExtraError when a checkpoint meets no Keras.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; give one that `crumple export` or `crumple train` wrote")
    if is_exported(folder):
        detector = load_detector(folder)
    elif is_checkpoint(folder):
        detector = _keras_detector(folder)
    else:
        raise ModelError(
            f"{folder}: no model here; an exported one has model.xml, a checkpoint config.json and weights.npz"
        )
    detector = detector.accurately() if accurate else detector
    return Detector(detector.network, detector.info.model_copy(update={"rescoring": None})) if raw else detector


def fingerprint(folder: Path, *, accurate: bool = False, rescoring: Rescoring | None = None) -> str:
    """A key that changes with everything that decides what a detector finds, and not with its thresholds.

    Args:
        rescoring: the detector's; of the folder's own there may be two, and neither need be in use.
    """
    if is_exported(folder):
        info = ModelInfo.load(folder)
        files = [name for name in ("model.xml", "model.bin", "model.onnx") if (folder / name).is_file()]
        settings = {"size": info.input_size, "branches": [branch.model_dump() for branch in info.branches]}
    else:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        files, settings = [WEIGHTS_FILE], {key: value for key, value in config.items() if key != "metadata"}
    second_opinion = rescoring and rescoring.model_dump()
    return json.dumps(
        [settings, accurate, second_opinion, *(file_sha256(folder / name) for name in files)], sort_keys=True
    )


def set_operating_points(
    folder: Path,
    thresholds: dict[str, dict[str, ClassThresholds]],
    metrics: dict[str, float | str],
    calibration: Mapping[str, Calibration] | None = None,
    *,
    places: Calibrations | None = None,
    rescoring: Rescoring | None = None,
    accurate: bool = False,
) -> None:
    """Write what was chosen into an exported model's model.json, or into a checkpoint's config.json, from where
    `crumple export` takes it.

    Args:
        calibration: by branch, what makes its scores probabilities; None: whatever the model has stays.
        places: how photos are read for places; None: whatever the model has stays.
        rescoring: the second opinion that the thresholds are for; None: whatever the model has stays.
        accurate: they are those of two looks at each photo. What the model has for the other way stays.

    Raises ModelError for a folder that holds no model.
    """
    if not is_exported(folder) and not is_checkpoint(folder):
        raise ModelError(f"{folder}: no model here to set thresholds of; give a checkpoint or an exported model")
    path = folder / (FILE_NAME if is_exported(folder) else CONFIG_FILE)
    content = json.loads(path.read_text(encoding="utf-8"))
    plain = {b: {label: t.model_dump() for label, t in by_class.items()} for b, by_class in thresholds.items()}
    point: dict[str, object] = {"thresholds": plain, "metrics": metrics}
    if calibration is not None:
        point["calibration"] = {branch: fit.model_dump() for branch, fit in calibration.items()}
    for name, fit in (
        ("place_calibration", places and places.places),
        ("seen_calibration", places and places.seen),
        ("rescoring", rescoring),
    ):
        if fit:
            point[name] = fit.model_dump()
    own = content if is_exported(folder) else content.setdefault("metadata", {})
    if accurate:
        own["accurate"] = (own.get("accurate") or {}) | point
    else:
        own.update(point)
    with write_aside(path) as aside:
        aside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def config_info(config: ModelConfig) -> ModelInfo:
    """What a checkpoint's config says of itself, in the words of an exported model.

    Raises ModelError if its metadata is not what `set_operating_points` writes.
    """
    try:
        return ModelInfo(
            name=config.name,
            version=str(config.metadata.get("version", __version__)),
            input_size=config.input_size,
            branches=tuple(BranchInfo(name=branch.name, classes=branch.classes) for branch in config.branches),
            thresholds=config.metadata.get("thresholds", {}),
            calibration=config.metadata.get("calibration", {}),
            places=config.places,
            place_calibration=config.metadata.get("place_calibration"),
            seen_calibration=config.metadata.get("seen_calibration"),
            rescoring=config.metadata.get("rescoring"),
            metrics=config.metadata.get("metrics", {}),
            accurate=config.metadata.get("accurate"),
        )
    except ValidationError as error:
        raise ModelError(
            f"checkpoint {config.name}: {CONFIG_FILE}: metadata: {first_complaint(error)}; "
            "mend it, or take metadata out of the file"
        ) from None


def _keras_detector(folder: Path) -> Detector:
    try:
        from crumple.model.checkpoint import load_model
        from crumple.model.network import KerasNetwork
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None
    model = load_model(folder)
    return Detector(KerasNetwork(model), config_info(model.config))
