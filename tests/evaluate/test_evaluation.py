"""A detector that knows the answers, run over data files on disk; and photos by hand on which little can be said."""

import json

import pytest
from PIL import Image

from crumple.dataset.leak_records import LeakAudit
from crumple.dataset.sets import read_data
from crumple.detect.model_info import BranchInfo, ClassThresholds, ModelInfo, OperatingPoint
from crumple.errors import DataError, ModelError, PhotoError
from crumple.evaluate.evaluation import Evaluation, evaluate, headline_figures
from crumple.evaluate.in_training import validation_ap
from crumple.evaluate.judged.judge import DetectorFinder, judge
from crumple.evaluate.judged.truths import read_truths
from crumple.evaluate.subject import subject
from crumple.evaluate.tuning.choice import choose
from crumple.evaluate.tuning.thresholds import DAMAGE_LOWEST
from tests.evaluate.judged_photos import judged
from tests.evaluate.small_data import KnowingDetector, write_data
from tests.evaluate.squares import region

NO_LEAKS = LeakAudit(splits={}, pairs=(), leaks=(), claims=(), verdict="no other split")
INFO = ModelInfo(
    name="hand",
    version="1",
    input_size=(64, 64),
    branches=(BranchInfo(name="parts", classes=("hood",)), BranchInfo(name="damage", classes=("dent", "scratch"))),
)


@pytest.fixture
def data_path(tmp_path):
    return write_data(tmp_path)


def evaluated(detector, data_path, *, split="val", limit=None):
    """The evaluation of a detector on a data file."""
    data = read_data(data_path)
    classes = {branch.name: branch.classes for branch in detector.info.branches}
    photos = judge(DetectorFinder(detector), read_truths(data, split, classes, limit))
    return evaluate(subject(detector.info, photos), NO_LEAKS, split=split, limit=limit)


def by_hand(*photos, info=INFO):
    """The evaluation of judged photos."""
    return evaluate(subject(info, photos), NO_LEAKS, split="val")


def views(evaluation, branch):
    (found,) = [one for one in evaluation.branches if one.branch == branch]
    return found


def test_knowing_detector_is_perfect_on_both_branches(data_path):
    evaluation = evaluated(KnowingDetector(), data_path)
    assert [branch.branch for branch in evaluation.branches] == ["parts", "damage"]
    assert evaluation.photos == 5
    for branch, sets, photos, instances in (("parts", ("dsmlr",), 3, 6), ("damage", ("bilgi",), 2, 3)):
        result = views(evaluation, branch)
        assert (result.sets, result.headline.photos, result.headline.instances) == (sets, photos, instances)
        assert result.headline.mask.ap == pytest.approx(1.0)
        assert result.headline.box.ap == pytest.approx(1.0)
        assert result.intervals["mask"].overall.ap.value == pytest.approx(1.0)
        overall = result.operating.overall
        assert (overall.objects, overall.true_positives, overall.false_positives) == (instances, instances, 0)
        assert overall.f1.value == result.pixel_intervals["any"].value == 1.0
        assert result.presence.anything.recall == 1.0
        assert sum(count for row in result.confusion.counts for count in row) == instances
        assert result.calibration.detections == instances
    assert (evaluation.damage_anywhere.recall, evaluation.damage_anywhere.undamaged) == (1.0, 0)
    assert evaluation.clean_cars is None and [one.named for one in evaluation.places] == [None]


def test_parts_are_also_judged_merged_and_as_given(data_path):
    parts = views(evaluated(KnowingDetector(), data_path), "parts")
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
    assert views(evaluated(KnowingDetector(), data_path), "damage").views == {}


def test_json_round_trip(data_path):
    evaluation = evaluated(KnowingDetector(), data_path)
    assert Evaluation.model_validate_json(evaluation.model_dump_json()) == evaluation
    content = json.loads(evaluation.model_dump_json())
    assert content["branches"][1]["headline"]["mask"]["ap50"] == pytest.approx(1.0)
    assert (content["model"]["name"], content["split"], content["limit"]) == ("knowing", "val", None)


def test_limit_takes_photos_spread_over_each_set(data_path):
    detector = KnowingDetector()
    evaluation = evaluated(detector, data_path, limit=2)
    assert detector.seen == [0, 2, 100, 101]
    assert evaluation.limit == 2
    assert [branch.headline.photos for branch in evaluation.branches] == [2, 2]


def test_a_model_with_one_branch_is_judged_on_its_sets_alone(data_path):
    detector = KnowingDetector({"damage": ("scratch", "dent")})
    evaluation = evaluated(detector, data_path)
    assert [branch.branch for branch in evaluation.branches] == ["damage"]
    assert detector.seen == [100, 101]
    assert evaluation.damage_anywhere.damaged == 2
    assert evaluation.places == ()


def test_a_model_of_parts_alone_says_nothing_of_damage(data_path):
    detector = KnowingDetector({"parts": KnowingDetector().info.branch("parts").classes})
    evaluation = evaluated(detector, data_path)
    assert [branch.branch for branch in evaluation.branches] == ["parts"]
    assert evaluation.damage_anywhere is None and evaluation.clean_cars is None


def test_validation_figures_are_flat_and_leave_out_what_has_no_ground_truth(data_path):
    figures = validation_ap(KnowingDetector(), read_data(data_path))
    names = {f"{branch}/{figure}" for branch in ("parts", "damage") for figure in ("mask_ap", "mask_ap50", "box_ap")}
    assert figures == {name: pytest.approx(1.0) for name in names}
    evaluation = evaluated(KnowingDetector(), data_path)
    assert headline_figures({branch.branch: branch.headline for branch in evaluation.branches}) == figures
    annotations = data_path.parent / "damage" / "val.json"
    annotations.write_text(json.dumps(json.loads(annotations.read_text()) | {"annotations": []}))
    assert set(validation_ap(KnowingDetector(), read_data(data_path))) == {n for n in names if n.startswith("parts")}


def test_model_without_the_datas_branches_is_refused(data_path):
    with pytest.raises(ModelError, match="the data is labelled for damage, parts, and the model has only tyres"):
        evaluated(KnowingDetector({"tyres": ("flat",)}), data_path)


def test_class_the_model_does_not_know_is_named(data_path):
    with pytest.raises(DataError, match=r"set 'bilgi', 1\.png: label 'dent' is not a class of the model's branch"):
        evaluated(KnowingDetector({"damage": ("scratch",)}), data_path)


def test_missing_split_is_named(data_path):
    with pytest.raises(DataError, match="no set that can be judged has a split 'test'; they have val"):
        evaluated(KnowingDetector(), data_path, split="test")


def test_a_photo_of_another_size_than_its_annotations_is_refused(data_path):
    photo = data_path.parent / "damage" / "images" / "1.png"
    Image.new("RGB", (80, 60)).save(photo)
    with pytest.raises(DataError, match="80x60"):
        evaluated(KnowingDetector(), data_path)


def test_a_photo_that_breaks_in_the_middle_is_named(data_path):
    photo = data_path.parent / "damage" / "images" / "1.png"
    photo.write_bytes(photo.read_bytes()[:-30])
    with pytest.raises(PhotoError, match=r"1\.png"):
        evaluated(KnowingDetector(), data_path)


def test_empty_split_and_limit_zero_are_refused(data_path):
    for branch in ("parts", "damage"):
        annotations = data_path.parent / branch / "val.json"
        content = json.loads(annotations.read_text())
        annotations.write_text(json.dumps(content | {"images": [], "annotations": []}))
    with pytest.raises(DataError, match="split 'val' holds no photo; give another --split"):
        evaluated(KnowingDetector(), data_path)
    with pytest.raises(DataError, match="limit 0"):
        evaluated(KnowingDetector(), data_path, limit=0)


DENT = region(0)
HALF_SURE = [
    judged("a", damage=[DENT], found_damage=[region(0, 0.35)]),
    judged("b", undamaged=True, parts=[], found_damage=[region(0, 0.25)]),
]


def test_the_models_own_thresholds_decide_what_is_reported():
    elsewhere = {"metrics": {"split": "tuning"}}
    strict = INFO.model_copy(update={"thresholds": {"damage": {"dent": ClassThresholds(lower=0.4)}}} | elsewhere)
    loose = INFO.model_copy(update={"thresholds": {"damage": {"dent": ClassThresholds(lower=0.2)}}} | elsewhere)
    for info, found, alarms in ((strict, 0, 0), (loose, 1, 1)):
        evaluation = by_hand(*HALF_SURE, info=info)
        assert evaluation.thresholds_from == "model" and evaluation.notes == ()
        assert views(evaluation, "damage").operating.overall.true_positives == found
        assert evaluation.damage_anywhere.recall == found
        assert evaluation.clean_cars.lower.findings == alarms


def test_thresholds_that_were_chosen_on_these_photos_say_so():
    theirs = subject(INFO, HALF_SURE, assessed=False)
    assert theirs.thresholds_from == "these photos" and theirs.lowest("damage")["dent"] == DAMAGE_LOWEST
    update = {"thresholds": {"damage": {"dent": ClassThresholds()}}, "metrics": {"split": "val"}}
    (note,) = by_hand(*HALF_SURE, info=INFO.model_copy(update=update)).notes
    assert "thresholds were chosen on val" in note
    (unknown,) = by_hand(*HALF_SURE, info=INFO.model_copy(update=update | {"metrics": {}})).notes
    assert "does not say on which photos its thresholds were chosen" in unknown
    (borrowed,) = by_hand(*HALF_SURE, info=INFO.model_copy(update=update).accurately()).notes
    assert "has no thresholds for two looks: those in use are for one look" in borrowed
    own = update | {"accurate": OperatingPoint(thresholds=update["thresholds"], metrics={"split": "tuning"})}
    assert by_hand(*HALF_SURE, info=INFO.model_copy(update=own).accurately()).notes == ()
    info = INFO.model_copy(update=update)
    given = subject(info, HALF_SURE, choice=choose(HALF_SURE, info))
    assert given.thresholds_from == "these photos"


def test_a_model_without_thresholds_is_judged_at_those_of_an_assessment():
    evaluation = by_hand(*HALF_SURE)
    assert evaluation.thresholds_from == "defaults" and "The model has no thresholds" in evaluation.notes[0]
    lowest = {label: one.lower for label, one in evaluation.thresholds["damage"].items()}
    assert lowest == {label: INFO.threshold("damage", label).lower for label in INFO.classes("damage")}
    assert lowest["dent"] == 0.3
    assert views(evaluation, "damage").operating.overall.true_positives == 1, "0.35 is reported, 0.25 is not"
    assert evaluation.clean_cars.lower.findings == 0


def test_the_same_seed_gives_the_same_intervals():
    photos = [judged(str(i), damage=[DENT], found_damage=[region(i % 7, 0.9)] if i % 3 else []) for i in range(20)]
    first, again, other = (
        evaluate(subject(INFO, photos, seed=seed), NO_LEAKS, split="val", seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    one, another = (views(evaluation, "damage").pixel_intervals["any"] for evaluation in (first, other))
    assert one.value == another.value and (one.low, one.high) != (another.low, another.high)


def test_nothing_found_anywhere():
    photos = [judged("a", damage=[DENT], parts=[region(0, label="hood")]), judged("b", undamaged=True, parts=[])]
    evaluation = by_hand(*photos)
    for branch in evaluation.branches:
        assert (branch.headline.mask.ap, branch.headline.box.ap) == (0.0, 0.0)
        overall = branch.operating.overall
        assert (overall.precision.value, overall.recall.value, overall.f1.value) == (None, 0.0, 0.0)
        assert overall.mean_iou.value is None
        assert branch.calibration.before.ece is None and branch.calibration.parameters is None
        assert all(curve.best is None for curve in branch.curves.values())
    assert views(evaluation, "damage").pixel_intervals["any"].value == 0.0
    assert (evaluation.clean_cars.lower.share, evaluation.damage_anywhere.recall) == (0.0, 0.0)
    (places,) = evaluation.places
    assert (places.findings.on_no_part.of, places.named.any_class.met.hits, places.named.any_class.met.of) == (0, 0, 1)
    assert evaluation.thresholds["damage"]["dent"] == ClassThresholds()


def test_nothing_drawn_anywhere():
    evaluation = by_hand(judged("a", damage=[], found_damage=[region(0, 0.9)]), judged("b", damage=[]))
    (damage,) = evaluation.branches
    assert damage.headline.mask.ap is None and damage.intervals["mask"].overall.ap.value is None
    overall = damage.operating.overall
    assert (overall.precision.value, overall.recall.value, overall.f1.value) == (0.0, None, 0.0)
    assert damage.pixels.mean_iou is None and damage.pixel_intervals["any"].value is None
    assert (damage.presence.anything.recall, damage.presence.anything.false_alarms) == (None, 0.5)
    anywhere = evaluation.damage_anywhere
    assert (anywhere.damaged, anywhere.recall, anywhere.auc, anywhere.at) == (0, None, None, ())
    assert evaluation.clean_cars is None


def test_undamaged_photos_alone_have_alarms_and_no_average_precision():
    evaluation = by_hand(*(judged(str(i), undamaged=True, parts=[], found_damage=[region(0, 0.9)]) for i in range(2)))
    assert [branch.branch for branch in evaluation.branches] == ["parts"]
    assert evaluation.clean_cars.lower.findings == 2
    assert evaluation.damage_anywhere.recall is None and evaluation.damage_anywhere.false_alarms == 1.0


def test_a_class_that_is_absent_is_none_and_leaves_the_mean_alone():
    (damage,) = by_hand(judged("a", damage=[DENT], found_damage=[region(0, 0.9)])).branches
    rows = {row.name: row for row in damage.headline.classes}
    assert rows["scratch"].mask.ap is None and damage.headline.mask.ap == rows["dent"].mask.ap == pytest.approx(1)
    scratch = damage.operating.classes["scratch"]
    assert (scratch.precision.value, scratch.recall.value, scratch.f1.value) == (None, None, None)
    assert damage.operating.mean.recall.value == 1.0
    assert damage.pixel_intervals["scratch"].value is None
    assert damage.curves["scratch"].interpolated is None
    assert damage.calibration.after is None  # one claim cannot be held back


def test_found_masks_without_a_pixel_are_false_alarms_that_nobody_is_told_of():
    empty = region((5, 5, 5, 5), 0.9)
    (damage,) = by_hand(judged("a", damage=[DENT], found_damage=[empty, region(0, 0.8)])).branches
    assert damage.headline.mask.ap == pytest.approx(0.5)
    assert damage.operating.overall.false_positives == 0
    hood = region((0, 0, 50, 30), 0.9, label="hood")
    both = judged(
        "a", damage=[DENT], parts=[hood], found_damage=[empty], found_parts=[hood, region((5, 5, 5, 5), 0.8, "hood")]
    )
    assert by_hand(both).places[0].named.any_class.met.hits == 0
    assert by_hand(judged("a", undamaged=True, parts=[], found_damage=[empty])).clean_cars.lower.findings == 0


def test_crowds_alone_are_neither_found_nor_missed():
    crowd = region((0, 0, 60, 40), crowd=True)
    (damage,) = by_hand(judged("a", damage=[crowd], found_damage=[region(0, 0.9)])).branches
    assert damage.headline.instances == 0 and damage.headline.mask.ap is None
    overall = damage.operating.overall
    assert (overall.objects, overall.false_positives, overall.precision.value) == (0, 0, None)
