import numpy as np
import pytest
from keras import layers, ops

from crumple.errors import ModelError
from crumple.model.backbone import backbone, freeze
from crumple.model.pretrained import load_imagenet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trunk():
    return backbone("efficientnet_lite0", (64, 64))


def torch_arrays(trunk, seed=0):
    """Random weights for every layer, in the source's names and layouts, as a PyTorch file would hold them."""
    rng = np.random.default_rng(seed)
    arrays = {}

    def norm(name, channels):
        for part in ("weight", "bias", "running_mean", "running_var"):
            arrays[f"{name}.{part}"] = rng.uniform(0.5, 1.5, channels).astype(np.float32)

    arrays["_conv_stem.weight"] = rng.normal(size=(32, 3, 3, 3)).astype(np.float32)
    norm("_bn0", 32)
    for layer in trunk.layers:
        if not isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D) or layer.name == "stem":
            continue
        block, part = layer.name.removeprefix("block").split("_")
        kernel = layer.kernel.shape
        if part == "depthwise":
            arrays[f"_blocks.{block}._depthwise_conv.weight"] = rng.normal(size=(kernel[2], 1, *kernel[:2]))
            norm(f"_blocks.{block}._bn1", kernel[2])
        else:
            arrays[f"_blocks.{block}._{part}_conv.weight"] = rng.normal(size=(kernel[3], kernel[2], 1, 1))
            norm(f"_blocks.{block}._bn{0 if part == 'expand' else 2}", kernel[3])
    return arrays


def test_strides_and_channels(trunk):
    assert [tuple(output.shape[1:]) for output in trunk.outputs] == [
        (16, 16, 24),
        (8, 8, 40),
        (4, 4, 112),
        (2, 2, 320),
    ]
    deeper = backbone("efficientnet_lite2", (64, 64))
    assert [output.shape[-1] for output in deeper.outputs] == [24, 48, 120, 352]


def test_imagenet_weights_land_in_their_places(trunk, tmp_path):
    arrays = torch_arrays(trunk)
    np.savez(tmp_path / "w.npz", **arrays)
    load_imagenet(trunk, tmp_path / "w.npz")
    stem = arrays["_conv_stem.weight"]
    depthwise = arrays["_blocks.3._depthwise_conv.weight"]

    def scale(norm, channel):
        return arrays[f"{norm}.weight"][channel] / np.sqrt(arrays[f"{norm}.running_var"][channel] + 1e-3)

    assert np.asarray(trunk.get_layer("stem").kernel)[1, 2, 0, 5] == pytest.approx(stem[5, 0, 1, 2] * scale("_bn0", 5))
    kernel = np.asarray(trunk.get_layer("block3_depthwise").kernel)
    assert kernel[4, 1, 7, 0] == pytest.approx(depthwise[7, 0, 4, 1] * scale("_blocks.3._bn1", 7))


def test_a_convolution_and_its_batch_norm_become_one(trunk, tmp_path):
    arrays = torch_arrays(trunk)
    np.savez(tmp_path / "w.npz", **arrays)
    load_imagenet(trunk, tmp_path / "w.npz")
    gamma, beta, mean, variance = (
        arrays[f"_blocks.0._bn1.{name}"] for name in ("weight", "bias", "running_mean", "running_var")
    )
    kernel = arrays["_blocks.0._depthwise_conv.weight"].transpose(2, 3, 0, 1)
    photos = np.random.default_rng(1).normal(size=(1, 9, 9, 32)).astype(np.float32)
    plain = np.asarray(ops.depthwise_conv(photos, kernel.astype(np.float32), padding="same"))
    expected = np.clip((plain - mean) / np.sqrt(variance + 1e-3) * gamma + beta, 0, 6)
    np.testing.assert_allclose(np.asarray(trunk.get_layer("block0_depthwise")(photos)), expected, rtol=1e-4, atol=1e-4)


def test_weights_of_another_trunk_are_refused(trunk, tmp_path):
    arrays = torch_arrays(trunk)
    arrays["_blocks.2._expand_conv.weight"] = np.zeros((3, 3, 1, 1), np.float32)
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(ModelError, match="does not fit the trunk at layer block2_expand"):
        load_imagenet(trunk, tmp_path / "w.npz")


def test_freezing_stops_at_the_stride(trunk):
    freeze(trunk, 4)
    frozen = {layer.name for layer in trunk.layers if isinstance(layer, layers.Conv2D) and not layer.trainable}
    assert {"stem", "block0_project", "block2_project", "block3_expand"} <= frozen
    assert "block3_project" not in frozen
    freeze(trunk, 4, depthwise=True)
    assert not any(layer.trainable for layer in trunk.layers if isinstance(layer, layers.DepthwiseConv2D))
    assert trunk.get_layer("block3_project").trainable
    freeze(trunk, 0)
    assert all(layer.trainable for layer in trunk.layers if isinstance(layer, layers.Conv2D))
