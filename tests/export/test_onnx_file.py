"""What makes a conversion fail, and the loops OpenVINO refuses."""

import logging

import keras
import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from keras import layers, ops
from onnx import TensorProto, helper

from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.export.errors import ExportError
from crumple.export.onnx_file import check_names, failing_loudly, separate_passed_through

pytestmark = pytest.mark.slow


def test_a_crashed_optimiser_of_tf2onnx_is_an_error(tmp_path):
    # A scalar added right after a convolution without bias: the transpose optimiser crashes, warns and goes on.
    images = keras.Input((16, 16, 3), name="images")
    x = layers.Conv2D(4, 3, use_bias=False)(images)
    model = keras.Model(images, layers.Conv2D(2, 3)(ops.relu6(x + 3.0)))
    signature = [keras.InputSpec(shape=(1, 16, 16, 3), dtype="float32", name="images")]
    with pytest.raises(ExportError, match="several times slower: Failed to apply optimize_transpose"), failing_loudly():
        model.export(str(tmp_path / "model.onnx"), format="onnx", input_signature=signature, verbose=False)


def test_other_messages_are_no_errors():
    before = logging.getLogger("tf2onnx").handlers[:]
    with failing_loudly():
        logging.getLogger("tf2onnx.tfonnx").warning("could not find a better name")
    assert logging.getLogger("tf2onnx").handlers == before


def loop_model(rounds=3):
    """total = start + rounds * step, with `step` handed through the loop unchanged."""
    numbers = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", "s", "y", "start")}
    numbers |= {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("step", "total")}
    body = helper.make_graph(
        [helper.make_node("Add", ["x", "s"], ["y"]), helper.make_node("Identity", ["go"], ["go_on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            numbers["x"],
            numbers["s"],
        ],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), numbers["y"], numbers["s"]],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["rounds", "", "start", "step"], ["total", "same"], body=body)],
        "graph",
        [numbers["start"], numbers["step"]],
        [numbers["total"]],
        [helper.make_tensor("rounds", TensorProto.INT64, [], [rounds])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def test_separated_loops_run_in_openvino_and_mean_the_same(tmp_path):
    model = loop_model()
    separate_passed_through(model.graph)
    body = model.graph.node[0].attribute[0].g
    assert not {value.name for value in body.input} & {value.name for value in body.output}
    onnx.checker.check_model(model)
    path = tmp_path / "loop.onnx"
    onnx.save(model, path)
    inputs = {"start": np.array([1, 2], np.float32), "step": np.array([10, 20], np.float32)}
    (total,) = onnxruntime.InferenceSession(path).run(["total"], inputs)
    compiled = openvino.Core().compile_model(path, "CPU")
    np.testing.assert_array_equal(total, [31, 62])
    np.testing.assert_array_equal(compiled(inputs)["total"], total)


def test_names_are_checked():
    info = ModelInfo(name="x", version="1", input_size=(8, 8), branches=(BranchInfo(name="parts", classes=("wheel",)),))

    def value(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])

    def graph(inputs, outputs):
        return helper.make_graph([], "graph", [value(name) for name in inputs], [value(name) for name in outputs])

    outputs = ["parts_boxes", "parts_labels", "parts_masks", "parts_scores"]
    check_names(graph(["images"], outputs), info)
    with pytest.raises(ExportError, match="Identity:0"):
        check_names(graph(["images"], ["Identity:0", *outputs[1:]]), info)
    with pytest.raises(ExportError, match=r"inputs \['args_0'\]"):
        check_names(graph(["args_0"], outputs), info)
