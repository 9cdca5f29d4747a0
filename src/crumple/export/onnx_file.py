"""Keras -> ONNX, with post-processing inside the graph."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import onnx

from crumple.detect.model_info import ModelInfo
from crumple.export.errors import ExportError
from crumple.model.mask_rcnn import MaskRCNN

INPUT = "images"


def write_onnx(model: MaskRCNN, info: ModelInfo, path: Path, batch: int = 1) -> None:
    """Write `model` for `batch` photos at a time: input `images` (batch, h, w, 3) float32 in 0..255.

    Its outputs are those of `crumple.detect.network`. The file carries `info` as the metadata entry "crumple". Raises
    ExportError when the conversion fails or degrades.
    """
    signature = [keras.InputSpec(shape=(batch, *info.input_size, 3), dtype="float32", name=INPUT)]
    with failing_loudly():
        model.export(str(path), format="onnx", input_signature=signature, verbose=False)
    graph = onnx.load(path)
    separate_passed_through(graph.graph)
    check_names(graph.graph, info)
    onnx.helper.set_model_props(graph, {"crumple": info.model_dump_json()})
    onnx.checker.check_model(graph)
    onnx.save(graph, path)


@contextmanager
def failing_loudly() -> Iterator[None]:
    """Raise ExportError at the end if tf2onnx logged that one of its optimisers failed.

    tf2onnx goes on without it, and the file that comes out works, several times slower.
    """
    failures: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING and record.getMessage().startswith("Failed"):
                reason = record.exc_info[1] if record.exc_info else None
                failures.append(f"{record.getMessage()}{f' ({type(reason).__name__}: {reason})' if reason else ''}")

    listener, logger = Listener(), logging.getLogger("tf2onnx")
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
    if failures:
        raise ExportError(f"tf2onnx left the graph unoptimised, which would run several times slower: {failures[0]}")


def separate_passed_through(graph: Any) -> None:
    """Copy what a loop body hands through unchanged, so that none of its inputs is an output too.

    OpenVINO 2026 counts such a tensor twice and refuses the loop (openvinotoolkit/openvino#35874).
    """
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type != "Loop" or attribute.name != "body":
                continue
            body = attribute.g
            inputs = {value.name for value in body.input}
            for output in body.output:
                if output.name in inputs:
                    name = f"{output.name}_passed_through"
                    body.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
                    output.name = name


def check_names(graph: Any, info: ModelInfo) -> None:
    """Raise ExportError unless inputs and outputs have the names the runtime asks for."""
    expected = set(info.outputs)
    outputs = {value.name for value in graph.output}
    if [value.name for value in graph.input] != [INPUT] or outputs != expected:
        raise ExportError(
            f"the converted graph has inputs {[value.name for value in graph.input]} and outputs {sorted(outputs)}, "
            f"not [{INPUT!r}] and {sorted(expected)}: this Keras and tf2onnx name them otherwise"
        )
