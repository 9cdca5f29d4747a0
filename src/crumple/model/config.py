"""One value that describes a model fully; it travels with the weights as config.json. No Keras here."""

import dataclasses
import re
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from crumple.invalid import first_complaint
from crumple.taxonomy import DAMAGE_BRANCH, name_fault

CONFIG_FILE, WEIGHTS_FILE = "config.json", "weights.npz"
STRIDES = (8, 16, 32, 64)
Positive = Annotated[int, Field(ge=1)]
STRICT = {"extra": "forbid"}  # read from a file, a misspelt setting is an error


@dataclass(frozen=True)
class BranchConfig:
    """A label space with its own RPN, box head and mask head on the shared trunk."""

    __pydantic_config__: typing.ClassVar = STRICT

    name: str
    classes: tuple[str, ...]
    proposals: Positive = 96  # RoIs that reach the box head at test time
    detections: Positive = 32  # slots in the output; empty ones have score 0

    def __post_init__(self) -> None:
        if wrong := name_fault(self.name, self.classes):
            raise ValueError(wrong)
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"the branch {self.name!r}: classes repeat: {list(self.classes)}")

    @property
    def scope(self) -> str:
        """The name in the names of layers: TensorFlow takes no spaces and no umlauts there."""
        scope = re.sub(r"[^A-Za-z0-9_.-]", lambda character: f".{ord(character[0]):x}.", self.name)
        return scope if re.match(r"[A-Za-z0-9.]", scope) else f".{scope}"

    @property
    def num_classes(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class Sampling:
    """What a training step looks at, per image."""

    __pydantic_config__: typing.ClassVar = STRICT

    proposals: int = 256  # of the RPN, after NMS
    rois: int = 96  # RoIs that count, positives included; filled up with negatives
    positives: int = 32  # at most
    masks: int = 8  # of the positives, how many the mask head sees
    positive_iou: float = 0.5

    def __post_init__(self) -> None:
        for name in ("proposals", "rois", "positives", "masks"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"sampling.{name} must be a whole number from 1, not {value!r}")
        if not 0 < self.positive_iou < 1:
            raise ValueError(f"sampling.positive_iou must lie between 0 and 1, not {self.positive_iou!r}")


@dataclass(frozen=True)
class ModelConfig:
    """Everything that decides the network's graph and weights. Sizes are pixels of the letterboxed input."""

    __pydantic_config__: typing.ClassVar = STRICT

    branches: tuple[BranchConfig, ...]
    name: str = "crumple-lite0"
    input_size: tuple[int, int] = (384, 384)  # height, width; multiples of 64
    backbone: str = "efficientnet_lite0"
    pyramid_channels: Positive = 128
    pyramid_strides: tuple[int, ...] = STRIDES  # P3 to P6; P6 serves the RPN alone. No other pyramid is built yet
    anchor_scale: float = 3.0  # smallest anchor side = scale * stride
    anchor_octaves: tuple[float, ...] = (0.0, 0.5)
    anchor_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)  # height / width
    pre_nms: Positive = 500  # anchors that reach the proposal NMS
    rpn_nms_iou: float = 0.7
    box_pool: Positive = 7
    mask_pool: Positive = 14  # masks come out at twice this
    pool_sampling: Positive = 1  # sampling points per bin and axis in the box head's RoIAlign
    canonical_size: float = 112.0  # a RoI of this side is pooled from stride 16 (FPN paper, eq. 1)
    box_units: Positive = 512
    mask_channels: Positive = 96
    mask_convs: Positive = 3
    mask_scores: bool = True  # a detection's score is its class's probability times the quality of its mask
    pre_detection_nms: Positive = 200  # (RoI, class) pairs that reach the detection NMS
    detection_nms_iou: float = 0.5
    places: tuple[str, ...] = ()  # where a damage can be; without any the model does not say where
    places_backbone: str = "efficientnet_lite0"
    metadata: dict[str, typing.Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not self.branches:
            raise ValueError("a model needs at least one branch")
        names = [branch.name for branch in self.branches]
        if len(set(names)) != len(names):
            raise ValueError(f"branch names repeat: {names}")
        if len(set(self.places)) != len(self.places):
            raise ValueError(f"places repeat: {list(self.places)}")
        if self.places and DAMAGE_BRANCH not in names:
            raise ValueError(f"places are those of damage: a model without the branch {DAMAGE_BRANCH!r} has none")
        if self.pyramid_strides != STRIDES:
            raise ValueError(f"pyramid_strides {self.pyramid_strides}: only {STRIDES} is built")
        if any(side < 1 or side % 64 for side in self.input_size):
            raise ValueError(f"input_size {self.input_size} must be multiples of 64")

    @property
    def anchors_per_cell(self) -> int:
        return len(self.anchor_octaves) * len(self.anchor_ratios)

    @property
    def mask_size(self) -> int:
        return 2 * self.mask_pool

    def to_dict(self) -> dict[str, typing.Any]:
        """Plain JSON types; `from_dict` is its inverse."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, typing.Any]) -> "ModelConfig":
        """What `to_dict` gave. Raises: ValueError naming the setting that is wrong."""
        try:
            return TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            raise ValueError(first_complaint(error)) from None


def is_checkpoint(folder: str | Path) -> bool:
    """Whether `save_model` wrote this folder."""
    return (Path(folder) / CONFIG_FILE).is_file() and (Path(folder) / WEIGHTS_FILE).is_file()
