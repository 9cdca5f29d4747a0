import json

import pytest

from crumple.detect.model_info import ClassThresholds, ModelInfo
from crumple.errors import ModelError
from tests.fakes import fake_info


def write(folder, **changes):
    fields = json.loads(fake_info().model_dump_json()) | changes
    (folder / "model.json").write_text(json.dumps(fields))
    return folder


def test_round_trip(tmp_path):
    assert ModelInfo.load(write(tmp_path)) == fake_info()


def test_a_class_without_thresholds_gets_the_defaults():
    threshold = fake_info(thresholds={"damage": {"dent": {"upper": 0.7, "lower": 0.2}}}).threshold
    assert threshold("damage", "dent").lower == 0.2
    assert threshold("damage", "scratch") == threshold("parts", "hood")


def test_a_probability_is_known_for_branches_with_a_calibration(tmp_path):
    calibration = {"damage": {"slope": 1.0, "offset": -2.0, "classes": {"dent": 2.0}}}
    info = ModelInfo.load(write(tmp_path, calibration=calibration))
    assert info.probability("damage", "dent", 0.7) == pytest.approx(0.7)
    assert info.probability("damage", "scratch", 0.7) == pytest.approx(0.24, abs=0.001)  # odds of 7/3 over e^2
    assert info.probability("parts", "hood", 0.7) is None
    fields = json.loads(fake_info().model_dump_json())
    del fields["calibration"]  # a model exported before there was any
    (tmp_path / "model.json").write_text(json.dumps(fields))
    assert ModelInfo.load(tmp_path).probability("damage", "dent", 0.7) is None


def test_thresholds_under_their_earlier_names_are_read_and_written_under_the_new_ones(tmp_path):
    earlier = {"damage": {"dent": {"confirmed": 0.7, "suspected": 0.2}, "scratch": {"suspected": 0.1}}}
    info = ModelInfo.load(write(tmp_path, thresholds=earlier, accurate={"thresholds": earlier}))
    assert info.threshold("damage", "dent") == ClassThresholds(upper=0.7, lower=0.2)
    assert info.threshold("damage", "scratch") == ClassThresholds(upper=0.5, lower=0.1)
    assert info.accurately().threshold("damage", "dent").upper == 0.7
    assert json.loads(info.model_dump_json())["thresholds"]["damage"]["dent"] == {"upper": 0.7, "lower": 0.2}


def test_two_looks_have_thresholds_calibration_and_numbers_of_their_own(tmp_path):
    accurate = {
        "thresholds": {"damage": {"dent": {"upper": 0.4, "lower": 0.2}}},
        "calibration": {"damage": {"slope": 1.0, "offset": 0.0}},
        "metrics": {"damage/mask_ap": 0.3},
    }
    info = ModelInfo.load(write(tmp_path, accurate=accurate, metrics={"damage/mask_ap": 0.2}))
    twice = info.accurately()
    assert (info.name, info.version, info.sha256) == ("fake", twice.version, twice.sha256)
    assert info.threshold("damage", "dent").upper == 0.6
    assert info.probability("damage", "dent", 0.7) is None
    assert twice.name == "fake-accurate"
    assert twice.threshold("damage", "dent").upper == 0.4
    assert twice.threshold("damage", "scratch") == ClassThresholds()
    assert twice.probability("damage", "dent", 0.7) == pytest.approx(0.7)
    assert twice.metrics == {"damage/mask_ap": 0.3}
    assert info.once is None and twice.once is info
    assert twice.accurately() is twice  # and does not lose them to look a third time


def test_without_them_two_looks_go_by_the_thresholds_of_one_and_no_probability_is_known():
    calibration = {"damage": {"slope": 1.0, "offset": 0.0}}
    twice = fake_info(calibration=calibration, metrics={"split": "val"}).accurately()
    assert twice.thresholds == fake_info().thresholds
    assert (twice.calibration, twice.metrics) == ({}, {})


def test_places_and_what_goes_with_them(tmp_path):
    point = {
        "place_calibration": {"offset": -1, "head": 0.9, "outline": 2, "seen": 0.1, "second_from": 0.4},
        "seen_calibration": {"offset": 0.1, "head": 1.1, "outline": 1},
        "rescoring": {"real": 0.2, "classes": {"dent": -0.5}},
    }
    twice = {"place_calibration": point["place_calibration"] | {"head": 1.2}}
    info = ModelInfo.load(write(tmp_path, places=["hood", "roof"], accurate=twice, **point))
    assert info.places == ("hood", "roof")
    assert (info.place_calibration.head, info.place_calibration.second_from) == (0.9, 0.4)
    assert (info.place_calibration.name_from, info.place_calibration.side_from) == (0.2, 0.6)
    assert (info.seen_calibration.head, info.seen_calibration.list_from) == (1.1, 0.5)
    assert (info.rescoring.offset, info.rescoring.score, info.rescoring.real) == (0, 1, 0.2)
    accurate = info.accurately()
    assert accurate.places == ("hood", "roof") and accurate.place_calibration.head == 1.2
    assert accurate.seen_calibration is None and accurate.rescoring is None
    # Without a point of its own the thresholds are those of one look, and hold for rescored scores.
    plain = ModelInfo.load(write(tmp_path, places=["hood", "roof"], **point)).accurately()
    assert plain.rescoring == info.rescoring and plain.place_calibration is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"places": ["hood", "hood"]}, "a place is listed twice"),
        (
            {"places": ["hood"], "branches": [{"name": "parts", "classes": ["hood"]}], "thresholds": {}},
            "there is no branch 'damage'",
        ),
        ({"place_calibration": {"offset": 0, "head": 1, "outline": 2}}, "place_calibration.seen"),
        ({"rescoring": {"damagd": 1}}, "rescoring.damagd"),
        ({"accurate": {"seen_calibration": {"offset": 0, "head": 1}}}, "accurate.seen_calibration.outline"),
        ({"input_size": [0, 3]}, "input_size"),
        ({"input_size": [384]}, "input_size"),
        ({"branches": []}, "branches"),
        ({"branches": [{"name": "a", "classes": ["x", "x"]}]}, "listed twice"),
        ({"thresholds": {"damage": {"dnet": {}}}}, "dnet"),
        ({"thresholds": {"damage": {"dent": {"upper": 0.1, "lower": 0.2}}}}, "thresholds.damage.dent"),
        ({"thresholds": {"damage": {"dent": {"confirmed": 0.1, "suspected": 0.2}}}}, "thresholds.damage.dent"),
        ({"thresholds": {"damage": {"dent": {"upper": 0.4, "confirmed": 0.4}}}}, "thresholds.damage.dent"),
        ({"calibration": {"damage": {"slope": 1, "offset": 0, "classes": {"dnet": 0}}}}, "calibration of damage dnet"),
        ({"calibration": {"wheels": {"slope": 1, "offset": 0}}}, "calibration of wheels"),
        ({"calibration": {"damage": {"slope": 1}}}, "calibration.damage.offset"),
        ({"accurate": {"thresholds": {"damage": {"dnet": {}}}}}, "accurate.thresholds of damage dnet"),
        ({"accurate": {"calibration": {"wheels": {"slope": 1, "offset": 0}}}}, "accurate.calibration of wheels"),
        ({"accurate": {"thresholds": {"damage": {"dent": {"upper": 2}}}}}, "accurate.thresholds.damage.dent"),
        ({"accurate": {"treshold": {}}}, "accurate.treshold"),
        ({"sha256": "abc"}, "sha256"),
        ({"nmae": "typo"}, "nmae"),
    ],
)
def test_a_wrong_field_is_named(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message) as caught:
        ModelInfo.load(write(tmp_path, **changes))
    assert "model.json" in str(caught.value) and "\n" not in str(caught.value)


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ModelError, match=r"has no model\.json"):
        ModelInfo.load(tmp_path)
    with pytest.raises(ModelError, match="nowhere: there is no such folder; give a folder that `crumple export` wrote"):
        ModelInfo.load(tmp_path / "nowhere")
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ModelError, match=r"model\.json: is a file, not a folder; give"):
        ModelInfo.load(tmp_path / "model.json")
    with pytest.raises(ModelError, match="not JSON"):
        ModelInfo.load(tmp_path)
    (tmp_path / "model.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ModelError, match="not JSON"):
        ModelInfo.load(tmp_path)


def test_an_unknown_branch_is_named():
    with pytest.raises(ModelError, match="no branch 'wheels', only parts, damage"):
        fake_info().branch("wheels")
