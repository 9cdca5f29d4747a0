"""One value that describes a model fully; it travels with the weights as config.json."""

import dataclasses
import typing
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BranchConfig:
    """A label space with its own RPN, box head and mask head on the shared trunk."""

    name: str
    classes: tuple[str, ...]
    proposals: int = 96  # RoIs that reach the box head at test time
    detections: int = 32  # slots in the output; empty ones have score 0

    @property
    def num_classes(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class ModelConfig:
    """Everything that decides the network's graph and weights. Sizes are pixels of the letterboxed input."""

    branches: tuple[BranchConfig, ...]
    name: str = "crumple-lite0"
    input_size: tuple[int, int] = (384, 384)  # height, width; multiples of 64
    backbone: str = "efficientnet_lite0"
    pyramid_channels: int = 128
    pyramid_strides: tuple[int, ...] = (8, 16, 32, 64)  # P3 to P6; P6 serves the RPN alone
    anchor_scale: float = 3.0  # smallest anchor side = scale * stride
    anchor_octaves: tuple[float, ...] = (0.0, 0.5)
    anchor_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)  # height / width
    pre_nms: int = 500  # anchors that reach the proposal NMS
    rpn_nms_iou: float = 0.7
    box_pool: int = 7
    mask_pool: int = 14  # masks come out at twice this
    pool_sampling: int = 1  # sampling points per bin and axis in the box head's RoIAlign
    canonical_size: float = 112.0  # a RoI of this side is pooled from stride 16 (FPN paper, eq. 1)
    box_units: int = 512
    mask_channels: int = 96
    mask_convs: int = 3
    pre_detection_nms: int = 200  # (RoI, class) pairs that reach the detection NMS
    detection_nms_iou: float = 0.5
    metadata: dict[str, typing.Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not self.branches:
            raise ValueError("a model needs at least one branch")
        names = [branch.name for branch in self.branches]
        if len(set(names)) != len(names):
            raise ValueError(f"branch names repeat: {names}")
        if any(side % 64 for side in self.input_size):
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
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown model settings: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
        values["branches"] = tuple(
            BranchConfig(**{**branch, "classes": tuple(branch["classes"])}) for branch in values["branches"]
        )
        return cls(**values)
