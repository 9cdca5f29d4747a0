"""What a user would pick instead, built from our own code: ResNet-50, 256 channels, P2 to P6, heads as Detectron2 has
them (mask_rcnn_R_50_FPN: 1,000 proposals, 7x7 pooling with 2x2 samples, two dense layers of 1,024, 100 detections,
four convolutions of 256 on 14x14). Weights are random: it is there to be timed, not to find anything.
"""

import dataclasses
from pathlib import Path

import keras
from keras import layers

from crumple.detect.model_info import ModelInfo
from crumple.evaluate.judged.model_folder import config_info
from crumple.export.half_weights import make_half_exact
from crumple.export.onnx_file import write_onnx
from crumple.export.openvino_file import write_openvino
from crumple.model.anchors import generate_anchors
from crumple.model.branch import Branch
from crumple.model.config import BranchConfig, ModelConfig
from crumple.model.fpn import fpn
from crumple.model.mask_rcnn import MaskRCNN
from crumple.taxonomy import DAMAGES, PARTS

STAGES = ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out", "conv5_block3_out")  # strides 4, 8, 16, 32
BRANCHES = {"parts": PARTS, "damage": DAMAGES}


@dataclasses.dataclass(frozen=True)
class UsualConfig(ModelConfig):
    """A configuration from P2 on, which the released model's own code does not build."""

    pyramid_strides: tuple[int, ...] = (4, 8, 16, 32, 64)

    def __post_init__(self) -> None:
        if any(side % 64 for side in self.input_size):
            raise ValueError(f"input_size {self.input_size} must be multiples of 64")


def usual_config(branches: int, input_size: tuple[int, int]) -> UsualConfig:
    """The first of BRANCHES, or both, at an input size (height, width)."""
    chosen = list(BRANCHES.items())[-branches:]
    return UsualConfig(
        branches=tuple(BranchConfig(name, classes, 1000, 100) for name, classes in chosen),
        name=f"resnet50-{branches}",
        input_size=input_size,
        backbone="resnet50",
        pyramid_channels=256,
        anchor_scale=8.0,
        anchor_octaves=(0.0,),
        pre_nms=1000,
        pool_sampling=2,
        canonical_size=224.0,
        box_units=1024,
        mask_channels=256,
        mask_convs=4,
        pre_detection_nms=1000,
    )


class UsualMaskRCNN(MaskRCNN):
    """The same model on a ResNet-50 trunk with one pyramid level more."""

    def __init__(self, config: UsualConfig) -> None:
        keras.Model.__init__(self, name="mask_rcnn", dtype="float32")
        self.config = config
        self.anchors = generate_anchors(config)
        self.trunk = resnet50(config.input_size)
        self.fpn = fpn([tuple(output.shape[1:]) for output in self.trunk.outputs], config.pyramid_channels)
        self.places = None
        branches = [Branch(branch, config) for branch in config.branches]
        self.heads = [model for branch in branches for model in branch.models]
        self.branches = {branch.config.name: branch for branch in branches}
        self.built = True

    def _pyramid(self, images):
        return self.fpn(self.trunk(images))


def resnet50(input_size: tuple[int, int]) -> keras.Model:
    """(B, H, W, 3) in 0..255 -> four arrays at strides 4, 8, 16, 32; random weights."""
    images = keras.Input((*input_size, 3), name="images")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="normalise")(images)
    resnet = keras.applications.ResNet50(include_top=False, weights=None, input_shape=(*input_size, 3))
    stages = keras.Model(resnet.input, [resnet.get_layer(name).output for name in STAGES], name="resnet50")
    return keras.Model(images, stages(x), name="backbone")


def export(model: MaskRCNN, folder: Path, batch: int = 1) -> Path:
    """Write model.xml, .bin and .json by the product's own exporter, for `batch` photos at a time; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    info: ModelInfo = config_info(model.config)
    make_half_exact(model)
    write_onnx(model, info, folder / "export.onnx", batch)
    write_openvino(folder / "export.onnx", info, folder / "model.xml")
    (folder / "export.onnx").unlink()
    (folder / "model.json").write_text(info.model_dump_json(), encoding="utf-8")
    return folder


def export_trunk(trunk: keras.Model, folder: Path) -> Path:
    """Write a bare backbone as model.onnx; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    signature = [keras.InputSpec(shape=(1, *trunk.input_shape[1:]), dtype="float32", name="images")]
    trunk.export(str(folder / "model.onnx"), format="onnx", input_signature=signature, verbose=False)
    return folder
