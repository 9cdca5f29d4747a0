"""Folding changes nothing, rounding leaves only half-precision numbers."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from crumple.export.errors import ExportError
from crumple.export.half_weights import fold_batch_norms, make_half_exact


@pytest.fixture
def part():
    """Convolutions of both kinds before batch norms, one with a bias, and a batch norm after an addition."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, use_bias=False, name="plain")(inputs)
    x = layers.BatchNormalization(epsilon=1e-3, trainable=False, name="plain_bn")(x)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depth")(layers.Activation("relu6")(x))
    y = layers.BatchNormalization(epsilon=1e-3, trainable=False, name="depth_bn")(x)
    x = layers.Add()([y, layers.Conv2D(6, 1, name="biased")(y)])
    x = layers.BatchNormalization(name="sum_bn")(x)
    model = keras.Model(inputs, x, name="part")
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if len(variable.shape) == 1:
            variable.assign(rng.uniform(0.3, 2.0, variable.shape))
    return model


def test_folding_changes_nothing_but_where_the_scale_lives(part):
    photos = np.random.default_rng(1).normal(size=(2, 8, 8, 3)).astype("float32")
    before = np.asarray(part(photos))
    kernels = {name: np.asarray(part.get_layer(name).kernel) for name in ("plain", "depth", "biased")}
    untouched = np.asarray(part.get_layer("sum_bn").gamma)
    fold_batch_norms(part)
    np.testing.assert_allclose(np.asarray(part(photos)), before, rtol=1e-4, atol=1e-5)
    for name in ("plain", "depth"):
        assert not np.allclose(np.asarray(part.get_layer(name).kernel), kernels[name])
        norm = part.get_layer(f"{name}_bn")
        variance = np.asarray(norm.moving_variance)
        assert (variance + np.float32(norm.epsilon) == 1).all()
        assert (np.asarray(norm.gamma) == 1).all()
        assert (np.asarray(norm.moving_mean) == 0).all()
    np.testing.assert_array_equal(np.asarray(part.get_layer("biased").kernel), kernels["biased"])
    np.testing.assert_array_equal(np.asarray(part.get_layer("sum_bn").gamma), untouched)


def test_kernels_become_half_precision_numbers_and_vectors_stay(part):
    bias = np.float32(1 / 3)
    part.get_layer("biased").bias.assign([bias] * 6)
    make_half_exact(SimpleNamespace(parts=[part]))
    for name in ("plain", "depth", "biased"):
        kernel = np.asarray(part.get_layer(name).kernel)
        np.testing.assert_array_equal(kernel.astype(np.float16).astype(np.float32), kernel)
    assert (np.asarray(part.get_layer("biased").bias) == bias).all()


def test_a_weight_beyond_half_precision_is_named(part):
    kernel = part.get_layer("biased").kernel
    kernel.assign(np.full(kernel.shape, 70000.0))
    with pytest.raises(ExportError, match=r"part/biased/kernel: a weight of 70000 does not fit half precision"):
        make_half_exact(SimpleNamespace(parts=[part]))
