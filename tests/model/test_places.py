"""The places: shapes, the loss against NumPy, and a start from a checkpoint without them."""

import keras
import numpy as np
import pytest

from crumple.model.checkpoint import named_weights, save_model, start_from
from crumple.model.config import BranchConfig
from crumple.model.mask_rcnn import MaskRCNN
from crumple.model.places import _loss
from tests.model.tiny import random_images, tiny_config

pytestmark = pytest.mark.slow

PLACES = ("hood", "left_door", "right_door")


@pytest.fixture(scope="module")
def model():
    return MaskRCNN(tiny_config(places=PLACES))


def test_outputs(model):
    outputs = {name: np.asarray(value) for name, value in model.predict_on_batch(random_images(2)).items()}
    shapes = {name: outputs[name].shape for name in ("damage_places", "damage_real", "parts_seen", "parts_damaged")}
    assert shapes == {
        "damage_places": (2, 8, 3),
        "damage_real": (2, 8),
        "parts_seen": (2, 3),
        "parts_damaged": (2, 3),
    }
    assert all((outputs[name] > 0).all() and (outputs[name] < 1).all() for name in shapes)


def test_the_loss_counts_what_is_known():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4, 3)).astype(np.float32)
    target = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1]], np.float32)
    weight = np.array([[1, 1, 0], [0.5, 1, 1], [0, 0, 0], [0, 0, 0]], np.float32)
    p = 1 / (1 + np.exp(-logits.astype(float)))
    cross_entropy = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    assert float(_loss(logits, target, weight)) == pytest.approx((cross_entropy * weight).sum() / 2, rel=1e-5)
    assert float(_loss(logits, target, np.zeros_like(weight))) == 0


def test_losses_are_finite_without_anything_known(model):
    truth = {"boxes": np.tile(np.array([0, 0, 1, 1], np.float32), (2, 4, 1))}
    for name, shape in (("on", (2, 4, 3)), ("real", (2, 4)), ("seen", (2, 3)), ("damaged", (2, 3))):
        truth |= {name: np.zeros(shape, np.float32), f"{name}_weight": np.zeros(shape, np.float32)}
    losses = model.places.losses(random_images(2), truth, keras.random.SeedGenerator(0))
    assert {name: float(value) for name, value in losses.items()} == {"on": 0, "real": 0, "seen": 0, "damaged": 0}


def test_a_model_with_more_classes_and_places_starts_from_one_without(model, tmp_path):
    start = MaskRCNN(tiny_config())
    save_model(start, tmp_path)
    branches = (
        BranchConfig("parts", ("roof", "right_mirror", "hood"), proposals=16, detections=8),
        BranchConfig("damage", ("scratch", "dent"), proposals=16, detections=8),
    )
    begun, told = start_from(tmp_path, tiny_config(places=PLACES, branches=branches))
    before, after = ({name: np.asarray(v.value) for name, v in named_weights(of).items()} for of in (start, begun))
    assert all(name.startswith("places_") for name in told.fresh) and told.fresh
    assert all(np.array_equal(before[name], after[name]) for name in told.taken)
    kernel = next(name for name in told.mapped if name.startswith("parts_box/") and name.endswith("kernel"))
    # hood, left_mirror, right_mirror and background before; roof, right_mirror, hood and background now.
    assert np.array_equal(after[kernel][:, 1:], before[kernel][:, [2, 0, 3]])
    assert "fresh" in told.words and "places_trunk" in told.words


def test_places_need_the_branch_of_damage():
    with pytest.raises(ValueError, match="has none"):
        tiny_config(places=PLACES, branches=(BranchConfig("things", ("a",)),))
