"""Half precision where it costs nothing, and nowhere else."""

import numpy as np
import openvino
import pytest
from openvino import opset13

from crumple.export.openvino_file import holds, keep_public_names, store_halves


@pytest.fixture
def model():
    """images * whole + third, through a named inner tensor."""
    images = opset13.parameter([4], np.float32, name="images")
    images.output(0).get_tensor().set_names({"images"})
    whole = opset13.constant(np.array([1, 2, 3, 0.25], np.float32), name="whole")
    third = opset13.constant(np.full(4, 1 / 3, np.float32), name="third")
    product = opset13.multiply(images, whole)
    product.output(0).get_tensor().set_names({"inner"})
    total = opset13.add(product, third)
    total.output(0).get_tensor().set_names({"total"})
    return openvino.Model([opset13.result(total)], [images], "model")


def constants(model):
    return {op.get_friendly_name(): op for op in model.get_ops() if op.get_type_name() == "Constant"}


def test_only_what_half_precision_holds_is_stored_in_it(model, tmp_path):
    images = np.array([5, 6, 7, 8], np.float32)
    expected = openvino.compile_model(model, "CPU")(images)[0]
    store_halves(model)
    types = {name: op.get_element_type() for name, op in constants(model).items()}
    assert types == {"whole_half": openvino.Type.f16, "third": openvino.Type.f32}
    openvino.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    assert (tmp_path / "model.bin").stat().st_size < 4 * 4 + 4 * 4
    read = openvino.Core().compile_model(tmp_path / "model.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    np.testing.assert_array_equal(read(images)[0], expected)


def test_what_half_precision_holds():
    assert holds(np.array([0, -1.5, 2047, 0.1], np.float16).astype(np.float32))
    for value in (0.1, 2049, 70000, 1e-8, np.inf):
        assert not holds(np.array([1, value], np.float32)), value
    # The last bit that float32 arithmetic may turn.
    assert holds(np.nextafter(np.array([1.5], np.float32), np.float32(2)))


def test_inner_names_go_and_public_ones_stay(model):
    keep_public_names(model)
    names = {name for op in model.get_ops() for output in op.outputs() for name in output.get_names()}
    assert names == {"images", "total"}
