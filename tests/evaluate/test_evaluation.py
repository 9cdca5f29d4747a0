"""A detector that knows the answers, run over data files on disk."""

import json

import pytest
from PIL import Image

from crumple.dataset.sets import read_data
from crumple.errors import DataError, ModelError, PhotoError
from crumple.evaluate.evaluation import Evaluation, evaluate
from crumple.evaluate.validation import validation_ap
from tests.evaluate.small_data import KnowingDetector, write_data


@pytest.fixture
def data_path(tmp_path):
    return write_data(tmp_path)


def views(evaluation, branch):
    (found,) = [one for one in evaluation.branches if one.branch == branch]
    return found


def test_knowing_detector_is_perfect_on_both_branches(data_path):
    done = []
    evaluation = evaluate(KnowingDetector(), read_data(data_path), on_photo=lambda *step: done.append(step))
    assert [branch.branch for branch in evaluation.branches] == ["parts", "damage"]
    assert done == [(i, 5) for i in range(1, 6)]
    for branch, sets, photos, instances in (("parts", ("dsmlr",), 3, 6), ("damage", ("bilgi",), 2, 3)):
        result = views(evaluation, branch)
        assert (result.sets, result.headline.photos, result.headline.instances) == (sets, photos, instances)
        assert result.headline.mask.ap == pytest.approx(1.0)
        assert result.headline.box.ap == pytest.approx(1.0)


def test_parts_are_also_judged_merged_and_as_given(data_path):
    parts = views(evaluate(KnowingDetector(), read_data(data_path)), "parts")
    assert set(parts.views) == {"sides_merged", "tailgate_merged", "as_given"}
    assert "front_door" in [row.name for row in parts.views["sides_merged"].classes]
    assert "trunk_or_tailgate" in [row.name for row in parts.views["tailgate_merged"].classes]
    # As given, two of the three wheels are one object. A single wheel's IoU with it is 0.5, a match at 0.50 alone.
    given = parts.views["as_given"]
    wheel = {row.name: row for row in given.classes}["wheel"]
    assert (given.instances, wheel.instances) == (5, 2)
    assert wheel.mask.ap < 0.6
    assert wheel.mask.ap75 < 1.0 == pytest.approx(wheel.mask.ap50)


def test_damage_has_no_views(data_path):
    assert views(evaluate(KnowingDetector(), read_data(data_path)), "damage").views == {}


def test_json_round_trip(data_path):
    evaluation = evaluate(KnowingDetector(), read_data(data_path))
    assert Evaluation.model_validate_json(evaluation.model_dump_json()) == evaluation
    content = json.loads(evaluation.model_dump_json())
    assert content["branches"][1]["headline"]["mask"]["ap50"] == pytest.approx(1.0)
    assert (content["model"]["name"], content["split"], content["limit"]) == ("knowing", "val", None)


def test_limit_takes_photos_spread_over_each_set(data_path):
    detector = KnowingDetector()
    evaluation = evaluate(detector, read_data(data_path), limit=2)
    assert detector.seen == [0, 2, 100, 101]
    assert [branch.headline.photos for branch in evaluation.branches] == [2, 2]


def test_a_model_with_one_branch_is_judged_on_its_sets_alone(data_path):
    detector = KnowingDetector({"damage": ("scratch", "dent")})
    evaluation = evaluate(detector, read_data(data_path))
    assert [branch.branch for branch in evaluation.branches] == ["damage"]
    assert detector.seen == [100, 101]


def test_validation_figures_are_flat_and_leave_out_what_has_no_ground_truth(data_path):
    figures = validation_ap(KnowingDetector(), read_data(data_path))
    names = {f"{branch}/{figure}" for branch in ("parts", "damage") for figure in ("mask_ap", "mask_ap50", "box_ap")}
    assert figures == {name: pytest.approx(1.0) for name in names}
    annotations = data_path.parent / "damage" / "val.json"
    annotations.write_text(json.dumps(json.loads(annotations.read_text()) | {"annotations": []}))
    assert set(validation_ap(KnowingDetector(), read_data(data_path))) == {n for n in names if n.startswith("parts")}


def test_model_without_the_datas_branches_is_refused(data_path):
    with pytest.raises(ModelError, match="the data is labelled for damage, parts, and the model has only tyres"):
        evaluate(KnowingDetector({"tyres": ("flat",)}), read_data(data_path))


def test_class_the_model_does_not_know_is_named(data_path):
    with pytest.raises(DataError, match=r"set 'bilgi', 1\.png: label 'dent' is not a class of the model's branch"):
        evaluate(KnowingDetector({"damage": ("scratch",)}), read_data(data_path))


def test_missing_split_is_named(data_path):
    with pytest.raises(DataError, match="set 'dsmlr' has no split 'test'"):
        evaluate(KnowingDetector(), read_data(data_path), "test")


def test_a_photo_of_another_size_than_its_annotations_is_refused(data_path):
    photo = data_path.parent / "damage" / "images" / "1.png"
    Image.new("RGB", (80, 60)).save(photo)
    with pytest.raises(DataError, match="80x60"):
        evaluate(KnowingDetector(), read_data(data_path))


def test_a_photo_that_breaks_in_the_middle_is_named(data_path):
    photo = data_path.parent / "damage" / "images" / "1.png"
    photo.write_bytes(photo.read_bytes()[:-30])
    with pytest.raises(PhotoError, match=r"1\.png"):
        evaluate(KnowingDetector(), read_data(data_path))


def test_empty_split_and_limit_zero_are_refused(data_path):
    for branch in ("parts", "damage"):
        annotations = data_path.parent / branch / "val.json"
        content = json.loads(annotations.read_text())
        annotations.write_text(json.dumps(content | {"images": [], "annotations": []}))
    with pytest.raises(DataError, match="split 'val' holds no photo"):
        evaluate(KnowingDetector(), read_data(data_path))
    with pytest.raises(DataError, match="limit 0"):
        evaluate(KnowingDetector(), read_data(data_path), limit=0)
