"""Telling an exported model from a checkpoint from neither."""

import dataclasses
import json
import math

import pytest

from crumple.detect.model_info import Calibration, ClassThresholds, ModelInfo
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.rescoring import Rescoring
from crumple.errors import ModelError
from crumple.evaluate.judged.model_folder import (
    config_info,
    fingerprint,
    is_checkpoint,
    open_detector,
    set_operating_points,
)
from crumple.evaluate.judged.readings import Calibrations
from crumple.model.config import BranchConfig, ModelConfig

CONFIG = ModelConfig(
    name="small",
    input_size=(128, 192),
    branches=(BranchConfig("damage", ("scratch", "dent")), BranchConfig("parts", ("wheel",))),
    metadata={"version": "7", "thresholds": {"damage": {"dent": {"upper": 0.6, "lower": 0.2}}}},
)


def test_config_becomes_model_info():
    info = config_info(CONFIG)
    assert (info.name, info.version, info.input_size) == ("small", "7", (128, 192))
    assert [(branch.name, branch.classes) for branch in info.branches] == [
        ("damage", ("scratch", "dent")),
        ("parts", ("wheel",)),
    ]
    assert info.threshold("damage", "dent") == ClassThresholds(upper=0.6, lower=0.2)


def test_thresholds_that_are_none_are_told_in_one_line():
    wrong = dataclasses.replace(CONFIG, metadata={"thresholds": {"damage": {"rust": {}}}})
    complaint = r"^checkpoint small: config\.json: metadata: thresholds of damage rust, which no branch has; mend it.*$"
    with pytest.raises(ModelError, match=complaint):
        config_info(wrong)


def test_no_folder_and_no_model_are_named(tmp_path):
    with pytest.raises(ModelError, match="no such folder"):
        open_detector(tmp_path / "absent")
    (tmp_path / "config.json").write_text("{}")
    assert not is_checkpoint(tmp_path)
    with pytest.raises(ModelError, match=r"no model here; an exported one has model\.xml, a checkpoint"):
        open_detector(tmp_path)


def test_an_exported_folder_goes_to_the_runtime(tmp_path):
    (tmp_path / "model.xml").touch()
    with pytest.raises(ModelError, match=r"has no model\.json"):
        open_detector(tmp_path)


def test_a_folder_with_both_is_the_exported_model_in_every_respect(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG.to_dict()))
    (tmp_path / "weights.npz").touch()
    of_the_checkpoint = fingerprint(tmp_path)
    (tmp_path / "model.onnx").touch()
    for look in (open_detector, fingerprint):
        with pytest.raises(ModelError, match=r"has no model\.json"):
            look(tmp_path)
    (tmp_path / "model.json").write_text(config_info(CONFIG).model_dump_json())
    assert fingerprint(tmp_path) != of_the_checkpoint


def test_operating_points_are_kept_in_the_checkpoint(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG.to_dict()))
    (tmp_path / "weights.npz").touch()
    chosen = {"parts": {"wheel": ClassThresholds(upper=0.7, lower=0.4)}}
    set_operating_points(tmp_path, chosen, {"parts/mask_ap": 0.5})
    info = config_info(ModelConfig.from_dict(json.loads((tmp_path / "config.json").read_text())))
    assert info.threshold("parts", "wheel") == chosen["parts"]["wheel"]
    assert info.metrics == {"parts/mask_ap": 0.5} and info.version == "7"


def test_a_calibration_is_kept_in_the_checkpoint_until_another_is_set(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG.to_dict()))
    (tmp_path / "weights.npz").touch()
    fitted = {"damage": Calibration(slope=1.1, offset=-2.0, classes={"dent": 0.3})}
    set_operating_points(tmp_path, {}, {}, fitted)
    set_operating_points(tmp_path, {}, {})
    info = config_info(ModelConfig.from_dict(json.loads((tmp_path / "config.json").read_text())))
    assert info.calibration == fitted
    assert info.probability("damage", "dent", 0.5) == pytest.approx(1 / (1 + math.exp(1.7)))
    assert config_info(CONFIG).probability("damage", "dent", 0.5) is None


def test_how_photos_are_read_for_places_is_kept_until_it_is_chosen_anew(tmp_path):
    placing = dataclasses.replace(CONFIG, places=("hood", "roof"))
    (tmp_path / "config.json").write_text(json.dumps(placing.to_dict()))
    (tmp_path / "weights.npz").touch()
    chosen = Calibrations(
        PlaceCalibration(offset=1, head=2, outline=3, seen=4, name_from=0.1),
        SeenCalibration(offset=1, head=2, outline=3),
    )
    set_operating_points(tmp_path, {}, {}, places=chosen)
    set_operating_points(tmp_path, {}, {}, places=Calibrations())
    info = config_info(ModelConfig.from_dict(json.loads((tmp_path / "config.json").read_text())))
    assert (info.places, info.place_calibration, info.seen_calibration) == (
        ("hood", "roof"),
        chosen.places,
        chosen.seen,
    )
    twice = Calibrations(seen=SeenCalibration(offset=0, head=1, outline=0))
    set_operating_points(tmp_path, {}, {}, places=twice, accurate=True)
    info = config_info(ModelConfig.from_dict(json.loads((tmp_path / "config.json").read_text())))
    assert info.seen_calibration == chosen.seen and info.accurately().seen_calibration == twice.seen


def test_operating_points_of_one_look_and_of_two_leave_each_other_alone(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG.to_dict()))
    (tmp_path / "weights.npz").touch()
    once, twice, later = ({"parts": {"wheel": ClassThresholds(upper=score)}} for score in (0.7, 0.5, 0.6))
    fitted = {"damage": Calibration(slope=1.1, offset=-2.0)}
    set_operating_points(tmp_path, once, {"parts/mask_ap": 0.5})
    set_operating_points(tmp_path, twice, {"parts/mask_ap": 0.6}, fitted, accurate=True)
    set_operating_points(tmp_path, later, {"parts/mask_ap": 0.5})
    info = config_info(ModelConfig.from_dict(json.loads((tmp_path / "config.json").read_text())))
    assert (info.thresholds, info.calibration, info.metrics) == (later, {}, {"parts/mask_ap": 0.5})
    both = info.accurately()
    assert (both.thresholds, both.calibration, both.metrics) == (twice, fitted, {"parts/mask_ap": 0.6})


def test_an_exported_model_keeps_them_in_its_own_file(tmp_path):
    (tmp_path / "model.xml").touch()
    before = config_info(CONFIG).model_copy(update={"places": ("hood", "roof"), "sha256": "0" * 64})
    (tmp_path / "model.json").write_text(before.model_dump_json())
    chosen = {"parts": {"wheel": ClassThresholds(upper=0.7, lower=0.4)}}
    rescoring = Rescoring(offset=0.1, score=0.9)
    set_operating_points(tmp_path, chosen, {"split": "val"}, rescoring=rescoring)
    set_operating_points(tmp_path, {}, {"split": "tuning"}, accurate=True)
    after = ModelInfo.load(tmp_path)
    assert (after.thresholds, after.rescoring, after.metrics) == (chosen, rescoring, {"split": "val"})
    assert (after.sha256, after.places, after.accurately().metrics) == ("0" * 64, ("hood", "roof"), {"split": "tuning"})


def test_operating_points_want_a_model(tmp_path):
    with pytest.raises(ModelError, match="no model here to set thresholds of; give a checkpoint or an exported model"):
        set_operating_points(tmp_path, {}, {})
