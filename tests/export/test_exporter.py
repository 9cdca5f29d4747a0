"""A whole export of a small model with random weights, and what stops one."""

import json
import re
import shutil

import keras
import numpy as np
import onnx
import openvino
import pytest
from PIL import Image

from crumple.detect.detector import load_detector
from crumple.errors import ModelError
from crumple.export import exporter, onnx_file, openvino_file
from crumple.export.errors import ExportError
from crumple.export.exporter import export_checkpoint
from crumple.model.checkpoint import named_weights, save_model
from crumple.model.config import BranchConfig, ModelConfig
from crumple.model.mask_rcnn import MaskRCNN
from tests.fakes import fake_detector

pytestmark = pytest.mark.slow

FILES = {"model.onnx", "model.xml", "model.bin", "model.json"}
CONFIG = ModelConfig(
    name="small",
    input_size=(64, 128),
    branches=(
        BranchConfig("parts", ("wheel", "hood"), proposals=12, detections=6),
        BranchConfig("damage", ("dent",), proposals=12, detections=6),
    ),
    pyramid_channels=8,
    pre_nms=40,
    box_units=8,
    mask_channels=4,
    mask_convs=1,
    pre_detection_nms=16,
    metadata={"version": "0.0.1", "thresholds": {"damage": {"dent": {"upper": 0.6, "lower": 0.2}}}},
)


def make_checkpoint(folder):
    """Random weights with outputs spread wide enough that scores are not all alike."""
    keras.utils.set_random_seed(1)
    model = MaskRCNN(CONFIG)
    rng = np.random.default_rng(1)
    for name, variable in named_weights(model).items():
        if name.endswith("output/kernel") and "rpn" in name:
            variable.assign(rng.normal(0, 1.0, variable.shape))
        elif name.endswith(("box_logits/kernel", "box_deltas/kernel")):
            variable.assign(rng.normal(0, 0.3, variable.shape))
        elif name.startswith("backbone") and name.endswith("kernel"):  # channels unlike each other, as norms leave them
            shape = (1, 1, -1, 1) if "depthwise" in name else (1, 1, 1, -1)
            channels = variable.shape[2 if "depthwise" in name else 3]
            gamma, variance = (rng.uniform(0.7, 1.3, channels) for _ in range(2))
            variable.assign(variable * (gamma / np.sqrt(variance)).reshape(shape).astype("float32"))
    save_model(model, folder)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("checkpoint") / "model")


@pytest.fixture(scope="module")
def photos():
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return {
        "noise": rng.integers(0, 256, (90, 200, 3)).astype(np.uint8),
        "blocks": np.kron(coarse, np.ones((20, 20, 1), np.uint8)),
    }


@pytest.fixture(scope="module")
def exported(checkpoint, photos, tmp_path_factory):
    """The slow one: a conversion takes most of a minute on a busy machine."""
    out = tmp_path_factory.mktemp("export") / "new" / "model"
    return export_checkpoint(checkpoint, out, photos, saved_model=True)


def test_formats_agree_and_the_folder_is_complete(exported):
    assert {path.name for path in exported.folder.iterdir()} == FILES | {"saved_model"}
    assert list(exported.folder.parent.iterdir()) == [exported.folder]
    assert set(exported.parity) == {"ONNX Runtime", "OpenVINO", "SavedModel"}
    for parity in exported.parity.values():
        assert parity.detections >= 4
        assert parity.box <= 1e-2
        assert parity.score <= 1e-3


def test_the_runtime_loads_it_and_it_says_what_it_is(exported, photos):
    detector = load_detector(exported.folder)
    assert detector.info == exported.info
    assert (detector.info.name, detector.info.version, detector.info.input_size) == ("small", "0.0.1", (64, 128))
    assert detector.info.threshold("damage", "dent").lower == 0.2
    assert detector.info.created.endswith("+00:00")
    assert len(detector(photos["noise"])["parts"]) > 0


def test_each_file_carries_the_description(exported):
    (entry,) = [p for p in onnx.load(exported.folder / "model.onnx").metadata_props if p.key == "crumple"]
    model = openvino.Core().read_model(exported.folder / "model.xml")
    for text in (entry.value, model.get_rt_info("crumple").astype(str)):
        described = json.loads(text)
        assert described["branches"][0] == {"name": "parts", "classes": ["wheel", "hood"]}
        assert described["thresholds"]["damage"]["dent"]["upper"] == 0.6


def test_weights_are_stored_in_half_precision(exported, checkpoint):
    weights = sum(array.size for array in np.load(checkpoint / "weights.npz").values())
    assert (exported.folder / "model.bin").stat().st_size < 2.2 * weights


def test_int8_replaces_the_openvino_file_and_leaves_coordinates_alone(
    exported, checkpoint, photos, tmp_path, monkeypatch
):
    calibration = []
    for name, rgb in photos.items():
        calibration.append(tmp_path / f"{name}.png")
        Image.fromarray(rgb).save(calibration[-1])
    onnx_bytes = (exported.folder / "model.onnx").read_bytes()
    monkeypatch.setattr(onnx_file, "write_onnx", lambda model, info, path: path.write_bytes(onnx_bytes))
    written = export_checkpoint(checkpoint, tmp_path / "int8", photos, calibration=calibration)
    assert {path.name for path in written.folder.iterdir()} == FILES
    assert written.int8.found >= 0.8 * written.int8.sure and written.parity["OpenVINO"].box <= 1e-2
    weights = sum(array.size for array in np.load(checkpoint / "weights.npz").values())
    assert (written.folder / "model.bin").stat().st_size < 1.5 * weights
    model = openvino.Core().read_model(written.folder / "model.xml")
    assert json.loads(model.get_rt_info("crumple").astype(str))["name"] == "small"
    fed = [
        target.get_node()
        for node in model.get_ordered_ops()
        if node.get_type_name() == "FakeQuantize"
        for target in node.output(0).get_target_inputs()
    ]
    assert sum(node.get_type_name() in ("Convolution", "GroupConvolution", "MatMul") for node in fed) > 60
    inner = {"backbone", "fpn"} | {f"{b}_{part}" for b in ("parts", "damage") for part in ("rpn", "box", "mask")}
    paths = [node.get_friendly_name().split("/") for node in fed if not node.get_friendly_name().startswith("Conv__")]
    assert {re.sub(r"_\d+$", "", path[1]) for path in paths if len(path) > 1} <= inner
    assert len(load_detector(written.folder)(photos["noise"])["parts"]) > 0


def test_formats_that_differ_write_nothing_and_leave_the_old_export(
    exported, checkpoint, photos, tmp_path, monkeypatch
):
    def copy(model, info, path):
        path.write_bytes((exported.folder / "model.onnx").read_bytes())

    def write_shifted(onnx_path, info, path):
        model = onnx.load(onnx_path)
        (output,) = [node for node in model.graph.node if "parts_boxes" in node.output]
        output.output[list(output.output).index("parts_boxes")] = "unshifted"
        model.graph.initializer.append(onnx.helper.make_tensor("shift", onnx.TensorProto.FLOAT, [], [0.5]))
        model.graph.node.append(onnx.helper.make_node("Add", ["unshifted", "shift"], ["parts_boxes"]))
        onnx.save(model, onnx_path)
        write(onnx_path, info, path)

    write = openvino_file.write_openvino
    monkeypatch.setattr(onnx_file, "write_onnx", copy)  # the slow conversion is done already
    monkeypatch.setattr(openvino_file, "write_openvino", write_shifted)
    out = tmp_path / "out"
    shutil.copytree(exported.folder, out)
    with pytest.raises(
        ExportError, match="Keras and ONNX Runtime differ on noise, branch 'parts': the counterpart nearest"
    ):
        export_checkpoint(checkpoint, out, photos)
    assert (out / "model.json").read_bytes() == (exported.folder / "model.json").read_bytes()
    assert list(tmp_path.iterdir()) == [out]


def test_photos_on_which_nothing_is_found_prove_nothing():
    nothing = {"noise": fake_detector([])(np.zeros((8, 8, 3), np.uint8))}
    with pytest.raises(ExportError, match="nothing can be compared; give photos of vehicles with --photos"):
        exporter._compare(nothing, nothing, "OpenVINO")


def test_an_earlier_export_is_replaced_whole(tmp_path):
    out = tmp_path / "out"
    (out / "saved_model").mkdir(parents=True)
    with exporter._staged(out) as folder:
        (folder / "model.xml").write_text("new")
    assert [path.name for path in out.iterdir()] == ["model.xml"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_with_something_else_in_it_is_left_alone(checkpoint, tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ExportError, match=r"holds holiday\.jpg, which no export wrote"):
        export_checkpoint(checkpoint, tmp_path, {})
    with pytest.raises(ExportError, match="is a file; give a folder"):
        export_checkpoint(checkpoint, tmp_path / "holiday.jpg", {})


def test_no_checkpoint_is_named_and_nothing_is_written(tmp_path):
    with pytest.raises(ModelError, match="no checkpoint here"):
        export_checkpoint(tmp_path / "absent", tmp_path / "out", {})
    assert list(tmp_path.iterdir()) == []


def test_another_backend_is_refused(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ExportError, match="KERAS_BACKEND is jax"):
        export_checkpoint(checkpoint, tmp_path / "out", {})


def test_the_old_export_comes_back_if_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "model.xml").write_text("old")
    rename = type(out).rename

    def full_disk(path, target):
        if path.name == "new":
            raise OSError("no space")
        return rename(path, target)

    monkeypatch.setattr(type(out), "rename", full_disk)
    with pytest.raises(OSError, match="no space"), exporter._staged(out) as folder:
        (folder / "model.xml").write_text("new")
    assert (out / "model.xml").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]
