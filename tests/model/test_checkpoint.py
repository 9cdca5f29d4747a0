"""A model that starts from the checkpoint of another one. (Plain saving and loading: test_mask_rcnn.py.)"""

import dataclasses

import keras
import numpy as np
import pytest

from crumple.errors import ModelError
from crumple.model.checkpoint import named_weights, save_model, start_from
from crumple.model.config import BranchConfig
from crumple.model.mask_rcnn import MaskRCNN
from tests.model.tiny import THIN, tiny_config

pytestmark = pytest.mark.slow


def config(classes=("hood", "left_mirror", "right_mirror"), **changes):
    branches = (BranchConfig("parts", classes, proposals=16, detections=8), BranchConfig("damage", ("scratch", "dent")))
    return tiny_config(branches=branches, backbone=THIN, places_backbone=THIN, **changes)


def weights_of(model):
    return {name: np.array(variable.value) for name, variable in named_weights(model).items()}


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A checkpoint and its weights."""
    keras.utils.set_random_seed(1)
    model, folder = MaskRCNN(config(places=("hood", "roof"))), tmp_path_factory.mktemp("old")
    save_model(model, folder)
    return folder, weights_of(model)


def test_classes_that_both_know_keep_their_logits_and_new_ones_begin_anew(old):
    folder, before = old
    keras.utils.set_random_seed(2)
    model, start = start_from(folder, config(("grille", "right_mirror", "hood"), places=("hood", "roof")))
    after = weights_of(model)
    assert set(start.mapped) == {f"{b}_box/{b}_box_logits/{v}" for b in ("parts", "damage") for v in ("kernel", "bias")}
    assert set(start.taken) == set(after) - set(start.mapped) and start.fresh == ()
    for name in start.taken:
        assert np.array_equal(after[name], before[name]), name
    kernel, was = (w["parts_box/parts_box_logits/kernel"] for w in (after, before))
    assert kernel.shape == was.shape == (32, 4)
    assert np.array_equal(kernel[:, 1:], was[:, [2, 0, 3]])  # right_mirror, hood, background
    assert not np.isclose(kernel[:, :1], was).all(axis=0).any()  # the grille's is nobody's
    for name in start.mapped:
        if name.startswith("damage"):
            assert np.array_equal(after[name], before[name]), name


def test_a_new_branch_and_places_that_do_not_fit_begin_anew(old):
    folder, _ = old
    more = (*config().branches, BranchConfig("tyres", ("flat",)))
    changed = dataclasses.replace(config(places=("hood", "roof", "grille"), input_size=(192, 192)), branches=more)
    _, start = start_from(folder, changed)
    assert {name.split("/")[1] for name in start.fresh if name.startswith("places")} == {
        "places_photo_dense",
        "places_photo_logits",
        "places_box_logits",
    }
    assert {name.split("/")[0] for name in start.fresh if not name.startswith("places")} == {
        "tyres_rpn",
        "tyres_box",
        "tyres_mask",
    }


def test_another_width_of_the_detector_is_refused_by_the_weights_name(old):
    with pytest.raises(ModelError, match=r"weights\.npz: parts_box/.* has shape .*; change no setting that decides"):
        start_from(old[0], config(box_units=24))
    with pytest.raises(ModelError, match=r"mask_conv2/.* is missing; change no setting that decides"):
        start_from(old[0], config(mask_convs=2))
