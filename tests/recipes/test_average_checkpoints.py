import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from crumple.model.checkpoint import load_model, named_weights, save_model
from crumple.model.config import BranchConfig
from crumple.model.mask_rcnn import MaskRCNN
from tests.model.tiny import THIN, tiny_config

pytestmark = pytest.mark.slow

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "recipes" / "average_checkpoints.py"))
BRANCHES = (BranchConfig("damage", ("scratch", "dent"), proposals=16, detections=8),)


def checkpoint(folder, **changes):
    """A model with random weights of its own, on disk."""
    settings = {"branches": BRANCHES, "backbone": THIN, "input_size": (64, 64), "metadata": {"version": "7"}}
    save_model(MaskRCNN(tiny_config(**{**settings, **changes})), folder)
    return folder


@pytest.fixture
def average(monkeypatch):
    """Run the script on these arguments."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["average_checkpoints.py", *map(str, arguments)])
        SCRIPT["main"]()

    return run


def test_every_weight_is_the_mean_under_the_first_ones_name(average, tmp_path, capsys):
    runs = [checkpoint(tmp_path / name, name=name) for name in ("a", "b")]
    average(tmp_path / "average", *runs)
    assert capsys.readouterr().out == f"2 averaged: {tmp_path}/average\n"
    found = load_model(tmp_path / "average")
    assert (found.config.name, found.config.metadata) == ("a", {})
    first, second = (named_weights(load_model(run)) for run in runs)
    assert any(not np.array_equal(first[name].value, second[name].value) for name in first)
    for name, variable in named_weights(found).items():
        np.testing.assert_allclose(variable.value, (first[name].value + second[name].value) / 2, atol=1e-7)


def test_checkpoints_of_different_configurations_are_refused_in_one_line(average, tmp_path):
    wide = checkpoint(tmp_path / "wide", box_units=64)
    with pytest.raises(SystemExit) as end:
        average(tmp_path / "average", checkpoint(tmp_path / "a"), wide)
    assert end.value.code == f"error: {wide}: its config.json differs from {tmp_path}/a's: average runs of one model"
    assert not (tmp_path / "average").exists()
