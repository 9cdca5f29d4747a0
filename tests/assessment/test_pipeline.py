import hashlib
import json

import numpy as np
import pytest
from PIL import Image

import crumple
from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor, read_photo
from crumple.assessment.severity import Rules
from crumple.assessment.writers import OBJECT_COLUMNS, object_rows
from crumple.detect.detector import Detector
from crumple.detect.model_info import BranchInfo
from crumple.errors import CrumpleError, DataError, ModelError, PhotoError
from tests.fakes import MASK, FakeNetwork, Thing, fake_detector, fake_info

PHOTO = np.random.default_rng(0).integers(0, 255, (400, 800, 3), np.uint8)  # the fake's canvas at four times its size
approx = pytest.approx
DOOR = Thing("parts", "front_left_door", (20, 20, 70, 80), 0.95)  # 200 x 240 photo pixels


def left_half():
    mask = np.zeros((MASK, MASK), np.float32)
    mask[:, : MASK // 2] = 1
    return mask


def run(*things, min_score=None, photo=PHOTO, **info):
    return Assessor(fake_detector(things, fake_info(**info)), min_score=min_score)(photo)


def test_a_dent_on_a_door():
    a = run(DOOR, Thing("damage", "dent", (20, 20, 50, 40), 0.8))
    (part,), (finding,) = a.parts, a.findings
    assert (part.id, part.title, part.side, part.box) == ("part-1", "front left door", "left", (80, 80, 280, 320))
    assert part.area_share == pytest.approx(200 * 240 / (400 * 800))
    assert part.mask.bitmap().sum() == 200 * 240
    (place,) = finding.on
    assert (place.part, place.share_of_damage) == ("part-1", 1)
    assert place.share_of_part == pytest.approx(120 * 80 / (200 * 240)) == pytest.approx(finding.vehicle_share)
    assert (finding.id, finding.threshold, finding.likelihood, finding.severity) == (
        *("finding-1", "upper", "likely", "severe"),
    )
    assert finding.text == (
        "dent on front left door, likely. Severe: covers 20 % of the front left door (severe starts at 20 %)"
    )


def test_a_mask_counts_not_its_box():
    a = run(DOOR, Thing("damage", "dent", (45, 40, 95, 60), 0.8, left_half()))
    (place,) = a.findings[0].on
    assert place.share_of_damage == 1  # the half that is mask lies on the door
    assert a.findings[0].area_share == pytest.approx(100 * 80 / (400 * 800))


def test_damage_on_no_known_part_says_so():
    a = run(DOOR, Thing("damage", "scratch", (100, 50, 140, 60), 0.8))
    assert a.findings[0].on == []
    assert a.findings[0].text.startswith("scratch, panel not identified, likely. Severity unclear: the panel")


def test_damage_across_two_parts_names_both():
    back = Thing("parts", "back_left_door", (70, 20, 120, 80), 0.95)
    a = run(DOOR, back, Thing("damage", "scratch", (55, 40, 85, 44), 0.8))
    assert [place.title for place in a.findings[0].on] == ["front left door", "back left door"]
    assert a.findings[0].text.startswith(
        "scratch on front left door and back left door, likely. Minor: covers 2 % of the front"
    )


def test_without_calibration_the_threshold_says_what_is_likely_and_that_comes_first():
    a = run(Thing("damage", "dent", (10, 10, 14, 14), 0.4), Thing("damage", "dent", (50, 10, 54, 14), 0.6))
    assert [(f.threshold, f.likelihood) for f in a.findings] == [("upper", "likely"), ("lower", "possible")]
    assert [(f.id, f.score) for f in a.findings] == [("finding-1", 0.6), ("finding-2", 0.4)]
    assert a.findings[1].text.startswith("dent, panel not identified, possible.")


def test_the_most_severe_comes_first():
    a = run(
        DOOR,
        Thing("damage", "scratch", (20, 20, 24, 24), 0.99),
        Thing("damage", "airbag_deployed", (100, 9, 110, 20), 0.7),
    )
    assert [f.damage for f in a.findings] == ["airbag_deployed", "scratch"]
    assert a.findings[0].text.startswith("deployed airbag inside the vehicle, likely. Severe: an airbag")


def test_a_calibrated_model_says_how_often_such_findings_are_right():
    dents = [Thing("damage", "dent", (10, 10, 30, 30), 0.9), Thing("damage", "dent", (50, 10, 70, 30), 0.5)]
    assert [finding.probability for finding in run(*dents).findings] == [None, None]
    calibration = {"damage": {"slope": 1, "offset": -1, "classes": {"dent": -1}}}
    a = run(*dents, calibration=calibration)
    # Odds of 9 and of 1, divided by e^2.
    assert [(f.score, f.threshold, f.probability, f.likelihood) for f in a.findings] == [
        (0.9, "upper", 0.549, "possible"),
        (0.5, "lower", 0.119, "doubtful"),
    ]
    assert [f.text.partition(".")[0] for f in a.findings] == [
        "dent, panel not identified, possible",
        "dent, panel not identified, doubtful",
    ]


def test_below_the_lower_threshold_nothing_is_reported():
    assert run(Thing("damage", "dent", (10, 10, 40, 40), 0.29)).findings == []


def test_min_score_raises_the_thresholds_but_does_not_lower_them():
    things = [Thing("damage", "dent", (10 * i, 10, 10 * i + 8, 20), s) for i, s in enumerate((0.1, 0.4, 0.7), start=1)]
    assert [f.score for f in run(*things).findings] == pytest.approx([0.7, 0.4])
    assert [f.score for f in run(*things, min_score=0.5).findings] == pytest.approx([0.7])
    assert [f.score for f in run(*things, min_score=0.05).findings] == pytest.approx([0.7, 0.4])
    assert run(*things, min_score=0.05).min_score == 0.05


@pytest.mark.parametrize(("min_score", "expected"), [(None, [0.7, 0.4]), (0.05, [0.7, 0.4, 0.1]), (0.5, [0.7])])
def test_detections_go_down_to_min_score(min_score, expected):
    things = [Thing("damage", "dent", (10 * i, 10, 10 * i + 8, 20), s) for i, s in enumerate((0.1, 0.4, 0.7), start=1)]
    _, detections = Assessor(fake_detector(things), min_score=min_score).inspect(read_photo(PHOTO))
    assert detections["damage"].scores.tolist() == pytest.approx(expected)


def test_one_part_under_two_names_is_reported_once():
    twin = Thing("parts", "back_left_door", (21, 20, 70, 80), 0.6)
    a = run(DOOR, twin)
    assert [part.label for part in a.parts] == ["front_left_door"]


def test_thresholds_model_and_timings_are_told():
    a = run(DOOR, sha256="0" * 64)
    assert a.thresholds["damage"]["dent"].lower == 0.3
    assert (a.model.name, a.model.version, a.model.sha256) == ("fake", "1", "0" * 64)
    assert list(a.timings) == ["decode", "letterbox", "network", "paste", "fuse", "quality"]


def test_quality_says_when_no_vehicle_is_seen():
    a = run()
    assert [check.name for check in a.warnings] == ["no_vehicle"]
    assert run(DOOR).warnings == []


def test_orientation_is_applied_and_boxes_are_upright(tmp_path):
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PHOTO).save(path, exif=exif)
    a = run(Thing("parts", "hood", (0, 0, 50, 100), 0.9), photo=path)
    assert (a.photo.width, a.photo.height, a.photo.orientation) == (400, 800, 6)
    assert a.photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert a.parts[0].box == (0, 0, 400, 800)


def test_a_large_jpeg_is_decoded_at_a_fraction_and_assessed_in_the_pixels_of_the_whole(tmp_path):
    """2400x1200 pixels for a canvas of 200x100: an eighth is enough."""
    path = tmp_path / "large.jpg"
    Image.fromarray(np.kron(PHOTO[:150, :300], np.ones((8, 8, 1), np.uint8))).save(path, quality=95)
    assessor = Assessor(fake_detector([DOOR, Thing("damage", "dent", (20, 20, 50, 40), 0.8)]))
    fast, whole = assessor(path), assessor.inspect(read_photo(path))[0]
    assert read_photo(path, at_least=assessor.enough).rgb.shape == (150, 300, 3)
    assert (fast.photo, fast.parts, fast.findings) == (whole.photo, whole.parts, whole.findings)
    assert [(check.name, check.ok) for check in fast.quality] == [(check.name, check.ok) for check in whole.quality]
    assert fast.quality[0].value == 1200
    assert fast.plot().tobytes() == whole.plot().tobytes()


def test_json_round_trip_and_plot(tmp_path):
    path = tmp_path / "car.png"
    Image.fromarray(PHOTO).save(path)
    a = run(DOOR, Thing("damage", "dent", (20, 20, 50, 40), 0.8), photo=path)
    again = Assessment.model_validate_json(a.model_dump_json())
    assert again == a
    picture = np.asarray(a.plot())
    assert picture.shape == PHOTO.shape and (picture != PHOTO).any()
    np.testing.assert_array_equal(np.asarray(again.plot(path)), picture)
    np.testing.assert_array_equal(np.asarray(again.plot(PHOTO)), picture)
    with pytest.raises(PhotoError, match="has no pixels"):
        again.plot()
    with pytest.raises(PhotoError, match="assessed at 800x400 pixels, the photo given is 40x30"):
        again.plot(np.zeros((30, 40, 3), np.uint8))
    with pytest.raises(PhotoError, match=r"uint8 RGB array, not \(400, 800, 3\) float64"):
        again.plot(PHOTO / 255)
    with pytest.raises(PhotoError, match="a photo must be a path"):
        again.plot(5)


PLACES = ("front_left_door", "front_right_door", "left_fender", "right_fender", "hood", "interior", "wheel")
CALIBRATED = {
    "places": PLACES,
    "place_calibration": {"offset": 0, "head": 1, "outline": 2, "seen": 0},
    "seen_calibration": {"offset": 0, "head": 1, "outline": 2},
}


def look(*things, seen=None, **info):
    """Without `seen` the photo shows the front left door."""
    seen = {"front_left_door": 0.9} if seen is None else seen
    return Assessor(fake_detector(things, fake_info(**CALIBRATED | info), seen=seen))(PHOTO)


def test_a_close_up_without_an_outline_is_placed_and_its_severity_unclear():
    a = look(Thing("damage", "dent", (20, 20, 180, 90), 0.8, places={"left_fender": 0.82}), seen={"left_fender": 0.9})
    [finding], [place] = a.findings, a.findings[0].on
    assert (place.part, place.label, place.title) == (None, "left_fender", "left fender")
    assert place.probability == approx(0.82, abs=0.002)  # less a little for the other side
    assert (place.known_by, place.share_of_damage, place.share_of_part) == (["surroundings"], None, None)
    assert finding.severity == "unclear"
    assert finding.text == (
        "dent on left fender, likely. Severity unclear: the photo is too close to show how much of the left fender is "
        "affected"
    )
    [seen] = a.parts_seen
    assert (seen.label, seen.side, seen.probability, seen.part) == ("left_fender", "left", approx(0.9, abs=0.003), None)
    assert a.parts == [] and a.warnings == []  # a part close up is a vehicle


def test_an_outline_and_the_surroundings_together_place_and_measure():
    a = look(DOOR, Thing("damage", "dent", (20, 20, 50, 40), 0.8, places={"front_left_door": 0.8}))
    [place] = a.findings[0].on
    assert (place.part, place.known_by) == ("part-1", ["outline", "surroundings"])
    assert place.probability == approx(0.964, abs=0.002)  # odds of 4 times e^(2 * 0.95)
    assert a.findings[0].reason == "covers 20 % of the front left door (severe starts at 20 %)"


def test_a_side_that_is_not_known_is_told_in_words():
    unsure = {"left_fender": 0.4, "right_fender": 0.42}
    a = look(Thing("damage", "dent", (20, 20, 50, 40), 0.8, places=unsure), seen=unsure)
    [place], [seen] = a.findings[0].on, a.parts_seen
    assert (place.label, place.title, place.probability) == ("fender", "fender, side not known", approx(0.82))
    assert a.findings[0].text.startswith("dent on fender, side not known, likely. Severity unclear: the photo is too")
    assert (seen.label, seen.title, seen.side) == ("fender", "fender, side not known", None)


def test_inside_the_vehicle_is_no_panel_to_measure_against():
    a = look(Thing("damage", "scratch", (20, 20, 50, 40), 0.8, places={"interior": 0.9}))
    assert a.findings[0].text == (
        "scratch inside the vehicle, likely. Severity unclear: there is no panel to measure it against"
    )
    airbag = look(Thing("damage", "airbag_deployed", (20, 20, 50, 40), 0.8)).findings[0]
    assert [(place.label, place.known_by, place.probability) for place in airbag.on] == [("interior", ["damage"], 1)]


def test_a_part_that_fills_the_photo_is_no_measure():
    door = Thing("parts", "front_left_door", (0, 0, 200, 100), 0.95)
    a = look(door, Thing("damage", "dent", (20, 20, 50, 40), 0.8, places={"front_left_door": 0.9}))
    assert a.findings[0].on[0].share_of_part == pytest.approx(600 / 20_000)
    assert a.findings[0].reason == "the photo is too close to show how much of the front left door is affected"
    most = Thing("parts", "front_left_door", (0, 0, 200, 97), 0.95)  # its lower edge can be seen
    a = look(most, Thing("damage", "dent", (20, 20, 50, 40), 0.8, places={"front_left_door": 0.9}))
    assert a.findings[0].reason == "covers 3.1 % of the front left door (moderate starts at 5 %)"


def test_nested_findings_are_told_once():
    large, within = (20, 20, 60, 60), (25, 25, 40, 40)
    a = look(Thing("damage", "dent", large, 0.7), Thing("damage", "dent", within, 0.9))
    assert [finding.score for finding in a.findings] == [approx(0.7)]


def test_of_severities_unclear_comes_after_moderate():
    a = look(
        DOOR,
        Thing("damage", "scratch", (20, 20, 30, 25), 0.9, places={"front_left_door": 0.9}),
        Thing("damage", "dent", (100, 20, 120, 40), 0.9, places={"hood": 0.9}),
        Thing("damage", "dent", (20, 40, 50, 50), 0.9, places={"front_left_door": 0.9}),
    )
    assert [(f.damage, f.severity) for f in a.findings] == [
        ("dent", "moderate"),
        ("dent", "unclear"),
        ("scratch", "minor"),
    ]


def test_the_parts_seen_say_which_have_an_outline():
    wheels = [Thing("parts", "wheel", (x, 80, x + 20, 100), 0.9) for x in (20, 100)]
    a = look(DOOR, *wheels, seen={"front_left_door": 0.9, "wheel": 0.95, "left_fender": 0.8, "hood": 0.3})
    assert [(part.id, part.label) for part in a.parts] == [
        ("part-1", "front_left_door"),
        ("part-2", "wheel"),
        ("part-3", "wheel"),
    ]
    assert {seen.label: seen.part for seen in a.parts_seen} == {
        "wheel": "part-2",
        "front_left_door": "part-1",
        "left_fender": None,
    }


def test_scores_with_a_second_opinion_meet_the_thresholds():
    dent = Thing("damage", "dent", (20, 20, 50, 40), 0.5, places={"hood": 0.9}, real=0.9)
    assert look(dent).findings[0].threshold == "lower"
    network = FakeNetwork(info := fake_info(**CALIBRATED, rescoring={"real": 0.5}), [dent])
    [finding] = Assessor(Detector(network, info))(PHOTO).findings
    assert (finding.score, finding.threshold) == (0.75, "upper")


def test_an_assessment_of_an_earlier_version_still_opens():
    told = json.loads(run(DOOR, Thing("damage", "dent", (20, 20, 50, 40), 0.8)).model_dump_json())
    del told["parts_seen"]
    for place in told["findings"][0]["on"]:
        del place["probability"], place["known_by"]
    again = Assessment.model_validate_json(json.dumps(told))
    assert again.parts_seen == [] and again.findings[0].on[0].known_by == ["outline"]


def test_a_model_without_parts_still_finds_damage():
    branches = (BranchInfo(name="damage", classes=("dent",)),)
    a = run(Thing("damage", "dent", (10, 10, 40, 40)), branches=branches, thresholds={})
    assert a.parts == [] and a.findings[0].on == [] and a.findings[0].vehicle_share is None


def test_a_model_without_damage_lists_parts():
    branches = (BranchInfo(name="parts", classes=("hood",)),)
    a = run(Thing("parts", "hood", (10, 10, 90, 90)), branches=branches, thresholds={})
    assert [part.label for part in a.parts] == ["hood"] and a.findings == [] and not a.looked_for_damage
    assert a.plot().size == (a.photo.width, a.photo.height)


def test_what_further_branches_find_are_objects():
    branches = (BranchInfo(name="damage", classes=("hail",)), BranchInfo(name="rims", classes=("kerb rash", "bent")))
    things = [
        Thing("damage", "hail", (10, 10, 40, 40), 0.9),
        Thing("rims", "bent", (50, 20, 90, 60), 0.8),
        Thing("rims", "kerb rash", (100, 20, 140, 60), 0.2),
    ]
    a = run(*things, branches=branches, thresholds={})
    assert [finding.damage for finding in a.findings] == ["hail"] and a.looked_for_damage
    [bent] = a.objects
    assert (bent.id, bent.branch, bent.label, bent.score) == ("object-1", "rims", "bent", 0.8)
    assert bent.area_share == pytest.approx(40 * 40 / (100 * 200), rel=0.01)
    again = Assessment.model_validate_json(a.model_dump_json())
    assert again.objects == a.objects
    [row] = object_rows(a)
    assert tuple(row) == OBJECT_COLUMNS and (row["object"], row["left"], row["right"]) == ("object-1", 200, 360)
    coco = a.to_coco()
    names = {one["id"]: (one["supercategory"], one["name"]) for one in coco["categories"]}
    assert [names[one["category_id"]] for one in coco["annotations"]] == [("damage", "hail"), ("rims", "bent")]
    assert (np.asarray(a.plot()) != np.asarray(a.model_copy(update={"objects": []}).plot(a._pixels.rgb))).any()


@pytest.mark.parametrize("pixels", [np.zeros((4, 4)), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_pixels_of_another_kind_are_refused(pixels):
    with pytest.raises(PhotoError, match="uint8 RGB"):
        read_photo(pixels)


@pytest.mark.parametrize("photo", [123, None, 1.5, ["car.jpg"], bytearray(b"x"), ""])
def test_what_is_no_photo_at_all_is_refused(photo):
    with pytest.raises(
        PhotoError, match=r"^a photo must be a path, a file's bytes or an \(H, W, 3\) uint8 RGB array, "
    ):
        run(photo=photo)


@pytest.mark.parametrize("min_score", [-0.1, 1.1, float("nan"), "0.5"])
def test_a_min_score_that_is_none_is_refused(min_score):
    with pytest.raises(CrumpleError, match="min_score must be a number from 0 to 1, not"):
        run(min_score=min_score)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("models/mine",), "a detector must be one that load_detector gave, not str"),
        ((fake_detector([]), "rules.yaml"), "rules must be a table that Rules.load gave, not str"),
    ],
)
def test_an_assessor_of_something_else_is_refused(arguments, message):
    with pytest.raises(CrumpleError, match=message):
        Assessor(*arguments)


def test_rules_may_name_the_damages_of_the_model_and_of_the_taxonomy(tmp_path):
    branches = (BranchInfo(name="damage", classes=("hail",)),)
    detector = fake_detector([], fake_info(branches=branches, thresholds={}))
    path = tmp_path / "rules.yaml"
    for name in ("hail", "dent"):
        path.write_text(f"damages: {{{name}: {{words: it}}}}\nother: {{words: damage}}\n")
        Assessor(detector, Rules.load(path))
    path.write_text("damages: {rust: {words: it}}\nother: {words: damage}\n")
    with pytest.raises(DataError, match=r"rules\.yaml: damages\.rust: is no known damage type; .* glass_crack, hail, "):
        Assessor(detector, Rules.load(path))


def test_own_rules_decide(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("damages: {dent: {words: ding, at_least: severe, because: we say so}}\nother: {words: damage}\n")
    a = Assessor(fake_detector([DOOR, Thing("damage", "dent", (20, 20, 22, 22))]), Rules.load(path))(PHOTO)
    assert a.findings[0].text.endswith("Severe: we say so") and a.findings[0].title == "ding"


def test_the_public_function(monkeypatch, tmp_path):
    path = tmp_path / "car\udcff\n.png"
    Image.fromarray(PHOTO).save(path)
    loads = []
    monkeypatch.setattr(
        "crumple.assessment.pipeline.load_detector", lambda folder: (loads.append(folder), fake_detector([DOOR]))[1]
    )
    a = crumple.assess(path, model=tmp_path)
    assert [part.label for part in a.parts] == ["front_left_door"]
    assert a.photo.name == "car??.png"
    assert a.model_dump_json()
    assert crumple.assess(path, model=tmp_path, accurate=True).model.name == "fake-accurate"
    assert crumple.assess(path, model=tmp_path).model.name == "fake"
    assert loads == [tmp_path]  # one network, however often it looks
    with pytest.raises(ModelError, match="a model must be the path of its folder, not int"):
        crumple.assess(path, model=5)
