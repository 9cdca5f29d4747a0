"""Rounding leaves only half-precision numbers."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from crumple.export.errors import ExportError
from crumple.export.half_weights import make_half_exact

pytestmark = pytest.mark.slow


@pytest.fixture
def part():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, name="plain")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", name="depth")(x)
    return keras.Model(inputs, x, name="part")


def test_kernels_become_half_precision_numbers_and_vectors_stay(part):
    bias = np.float32(1 / 3)
    part.get_layer("plain").bias.assign([bias] * 6)
    before = {name: np.asarray(part.get_layer(name).kernel) for name in ("plain", "depth")}
    make_half_exact(SimpleNamespace(parts=[part]))
    for name, kernel in before.items():
        np.testing.assert_array_equal(np.asarray(part.get_layer(name).kernel), kernel.astype(np.float16))
    assert (np.asarray(part.get_layer("plain").bias) == bias).all()


def test_a_weight_beyond_half_precision_is_named(part):
    kernel = part.get_layer("plain").kernel
    kernel.assign(np.full(kernel.shape, 70000.0))
    with pytest.raises(ExportError, match=r"part/plain/kernel: a weight of 70000 does not fit half precision"):
        make_half_exact(SimpleNamespace(parts=[part]))
