"""The whole network: shapes, losses that stay finite, checkpoints, and the same numbers on JAX."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from crumple.errors import ModelError
from crumple.model.checkpoint import load_model, named_weights, save_model
from crumple.model.config import BranchConfig, Sampling
from crumple.model.mask_head import mask_quality
from crumple.model.mask_rcnn import MaskRCNN
from tests.model.tiny import THIN, random_images, tiny_config, truth

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    return MaskRCNN(tiny_config())


def test_outputs(model):
    outputs = {k: np.asarray(v) for k, v in model(random_images(2)).items()}
    for branch, classes in (("parts", 3), ("damage", 2)):
        assert outputs[f"{branch}_boxes"].shape == (2, 8, 4)
        assert outputs[f"{branch}_masks"].shape == (2, 8, 28, 28)
        scores, labels = outputs[f"{branch}_scores"], outputs[f"{branch}_labels"]
        assert (np.diff(scores, axis=1) <= 0).all() and scores.max() <= 1
        assert set(labels[scores > 0]) <= set(range(classes))
        boxes = outputs[f"{branch}_boxes"][scores > 0]
        assert (boxes >= 0).all() and (boxes[:, [0, 2]] <= 192).all() and (boxes[:, [1, 3]] <= 128).all()


def test_scores_are_those_of_the_class_times_the_quality_of_the_mask(model):
    plain = MaskRCNN(tiny_config(mask_scores=False))
    for name, value in named_weights(plain).items():
        value.assign(named_weights(model)[name])
    images = random_images(2)
    scored, without = ({k: np.asarray(v) for k, v in m(images).items()} for m in (model, plain))
    moved = False
    for branch in ("parts", "damage"):
        expected = without[f"{branch}_scores"] * np.asarray(mask_quality(without[f"{branch}_masks"]))
        order = np.argsort(-expected, axis=1, kind="stable")
        assert expected.max() > 0
        moved |= bool((order != np.arange(order.shape[1])).any())
        assert np.allclose(scored[f"{branch}_scores"], np.take_along_axis(expected, order, 1), atol=1e-6)
        kept = scored[f"{branch}_scores"] > 0
        for kind, tolerance in (("boxes", 1e-3), ("labels", 0), ("masks", 1e-5)):
            theirs = without[f"{branch}_{kind}"]
            theirs = np.take_along_axis(theirs, order.reshape(*order.shape, *[1] * (theirs.ndim - 2)), 1)
            assert np.allclose(scored[f"{branch}_{kind}"][kept], theirs[kept], atol=tolerance), kind
    assert moved  # else nothing was reordered


def test_one_branch_is_an_ordinary_mask_rcnn():
    single = MaskRCNN(tiny_config(branches=(BranchConfig("things", ("a", "b"), proposals=8, detections=4),)))
    outputs = single(random_images(1))
    assert sorted(outputs) == ["things_boxes", "things_labels", "things_masks", "things_scores"]


def losses_and_gradients(model, batch, labelled):
    images = {"parts": labelled[0], "damage": labelled[1]}
    with tf.GradientTape() as tape:
        losses = model.losses_of(batch, images, Sampling(32, 16, 6, 4), keras.random.SeedGenerator(0))
        total = sum(losses.values())
    gradients = tape.gradient(total, [v.value for v in model.trainable_variables])
    return {k: float(v) for k, v in losses.items()}, gradients


CASES = {
    "ordinary": ([2, 0], [True, False], [0, 3], [False, True]),
    "no objects at all": ([0, 0], [True, True], [0, 0], [True, True]),
    "parts unlabelled": ([0, 0], [False, False], [2, 1], [True, True]),
    "nothing labelled": ([0, 0], [False, False], [0, 0], [False, False]),
    "a hundred objects": ([100, 100], [True, True], [100, 0], [True, True]),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_losses_and_gradients_are_finite(model, case):
    parts, parts_labelled, damage, damage_labelled = CASES[case]
    batch = {
        "images": random_images(2),
        "parts": truth(parts, parts_labelled, slots=100, classes=3),
        "damage": truth(damage, damage_labelled, slots=100),
    }
    losses, gradients = losses_and_gradients(model, batch, (2, 2))
    assert all(np.isfinite(value) for value in losses.values())
    assert all(np.isfinite(np.asarray(g)).all() for g in gradients if g is not None)
    if not any(parts_labelled):
        assert all(value == 0 for name, value in losses.items() if name.startswith("parts/"))
    if case == "ordinary":
        assert all(value > 0 for value in losses.values())


def test_an_unlabelled_branch_gets_no_gradient(model):
    batch = {
        "images": random_images(2),
        "parts": truth([0, 0], [False, False], classes=3),
        "damage": truth([2, 1], [True, True]),
    }
    _, gradients = losses_and_gradients(model, batch, (2, 2))
    norms = {
        v.path: 0.0 if g is None else float(np.abs(np.asarray(g)).max())
        for v, g in zip(model.trainable_variables, gradients, strict=True)
    }
    assert all(norm == 0 for path, norm in norms.items() if path.startswith("parts_"))
    assert norms["damage_box_logits/kernel"] > 0


def test_only_labelled_images_count(model):
    """What the unlabelled image shows makes no difference to a branch's losses."""
    base = {"parts": truth([0, 0], [False, False], classes=3), "damage": truth([2, 1], [False, True])}
    one, two = random_images(2, seed=1), random_images(2, seed=1)
    two[0] = 0
    first, _ = losses_and_gradients(model, {"images": one, **base}, (1, 1))
    second, _ = losses_and_gradients(model, {"images": two, **base}, (1, 1))
    assert first == pytest.approx(second, rel=1e-4)


def test_checkpoint_round_trip(model, tmp_path):
    save_model(model, tmp_path / "full")
    again = load_model(tmp_path / "full")
    assert again.config == model.config
    for name, variable in named_weights(model).items():
        assert np.array_equal(variable.value, named_weights(again)[name].value)
    save_model(model, tmp_path / "half", half=True)
    sizes = [(tmp_path / kind / "weights.npz").stat().st_size for kind in ("half", "full")]
    assert sizes[0] < 0.6 * sizes[1]
    kernel = "damage_box/damage_box_dense1/kernel"
    stored = np.asarray(named_weights(load_model(tmp_path / "half"))[kernel].value)
    assert np.array_equal(stored, np.asarray(named_weights(model)[kernel].value).astype(np.float16))


def test_broken_checkpoints_say_what_is_wrong(model, tmp_path):
    with pytest.raises(ModelError, match="no checkpoint here"):
        load_model(tmp_path)
    save_model(model, tmp_path)
    weights = tmp_path / "weights.npz"
    arrays = dict(np.load(weights))
    np.savez(weights, **{k: v for k, v in arrays.items() if "fpn" not in k})
    with pytest.raises(ModelError, match=r"weights do not fit the configuration, fpn/.* for one; copy the"):
        load_model(tmp_path)
    name = next(name for name in arrays if "fpn" in name)
    np.savez(weights, **{**arrays, name: arrays[name][..., :1]})
    with pytest.raises(ModelError, match=r"fpn/.* has shape .*; copy the"):
        load_model(tmp_path)
    weights.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(ModelError, match=r"cannot read weights: not a whole \.npz"):
        load_model(tmp_path)
    (tmp_path / "config.json").write_text('{"branches": []}')
    with pytest.raises(ModelError, match="at least one branch"):
        load_model(tmp_path)


FORWARD = """
import sys, numpy as np
from crumple.model.checkpoint import load_model
from crumple.model.network import KerasNetwork
from tests.model import tiny
np.savez(sys.argv[3], **KerasNetwork(load_model(sys.argv[1]))(np.load(sys.argv[2])))
"""


def test_jax_gives_the_same_numbers(tmp_path):
    keras.utils.set_random_seed(1)
    model = MaskRCNN(tiny_config(backbone=THIN))
    rng = np.random.default_rng(0)
    # Fresh heads score all anchors, RoIs and masks alike, and rounding would decide their order: spread the scores out.
    spread = {"rpn_output/kernel": 0.5, "box_logits/kernel": 500.0, "mask_logits/kernel": 0.5}
    for name, variable in named_weights(model).items():
        for end, deviation in spread.items():
            if name.endswith(end):
                variable.assign(rng.normal(0, deviation, variable.shape))
    save_model(model, tmp_path / "model")
    np.save(tmp_path / "images.npy", random_images(2))
    arguments = [str(tmp_path / name) for name in ("model", "images.npy", "jax.npz")]
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", FORWARD, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(Path(arguments[2])) as jax:
        for name, value in model(random_images(2)).items():
            assert np.allclose(value, jax[name], atol=2e-3), name
