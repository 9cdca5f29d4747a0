"""Quantising an exported network to int8: the convolutions and dense layers, and no coordinate."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from crumple.detect.letterbox import letterbox
from crumple.detect.model_info import ModelInfo
from crumple.detect.network import core
from crumple.photo import decode_photo

NOT_COMPUTED = ("Parameter", "Constant", "Result")


def write_int8(path: Path, info: ModelInfo, parts: Sequence[str], photos: Sequence[Path], out: Path) -> None:
    """Quantise `path` (model.xml, float32) after training (NNCF) and write `out` (model.xml) and the .bin beside it.

    Activations get the ranges that they take on `photos`. Weights keep to seven of the eight bits, because processors
    without VNNI add two products of eight bits into sixteen, which may overflow.

    Args:
        parts: names of the Keras models that the network is made of; what lies between them is boxes, proposals and
            RoIAlign, which stay in float32.
        photos: files to calibrate on, some hundreds.

    Raises PhotoError for a photo that cannot be read.
    """
    import nncf

    nncf.set_log_level(logging.ERROR)
    model = core().read_model(path)

    def canvas(photo: Path) -> np.ndarray:
        return letterbox(decode_photo(photo).rgb, info.input_size)[0][None].astype(np.float32)

    quantised = nncf.quantize(
        model,
        nncf.Dataset(photos, canvas),
        subset_size=len(photos),
        preset=nncf.QuantizationPreset.MIXED,
        ignored_scope=nncf.IgnoredScope(names=_between(model, parts)),
        advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE),
    )
    quantised.set_rt_info(info.model_dump_json(), "crumple")
    openvino.save_model(quantised, out, compress_to_fp16=False)


def _between(model: Any, parts: Sequence[str]) -> list[str]:
    """Operations of the detector itself: "mask_rcnn/mul_3", where those of its parts are "mask_rcnn/fpn_1/...".

    Operations without such a path are convolutions that a converter made of a layer and its bias.
    """
    of_a_part = re.compile(rf"[^/]+/({'|'.join(map(re.escape, parts))})(_\d+)?/")
    names = [node.get_friendly_name() for node in model.get_ordered_ops() if node.get_type_name() not in NOT_COMPUTED]
    return [name for name in names if "/" in name and not name.startswith("Conv__") and not of_a_part.match(name)]
