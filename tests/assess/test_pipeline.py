import hashlib

import numpy as np
import pytest
from PIL import Image

import crumple
from crumple.assess.assessment import Assessment
from crumple.assess.pipeline import Assessor, read_photo
from crumple.assess.severity import Rules
from crumple.detect.model_info import BranchInfo
from crumple.errors import CrumpleError, DataError, ModelError, PhotoError
from tests.fakes import MASK, Thing, fake_detector, fake_info

PHOTO = np.random.default_rng(0).integers(0, 255, (400, 800, 3), np.uint8)  # the fake's canvas at four times its size
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
    assert (finding.id, finding.verdict, finding.severity) == ("finding-1", "confirmed", "severe")
    assert finding.text == (
        "dent on front left door, 20 % of the part, severe, because this damage is severe from 20 % of the part"
    )


def test_a_mask_counts_not_its_box():
    a = run(DOOR, Thing("damage", "dent", (45, 40, 95, 60), 0.8, left_half()))
    (place,) = a.findings[0].on
    assert place.share_of_damage == 1  # the half that is mask lies on the door
    assert a.findings[0].area_share == pytest.approx(100 * 80 / (400 * 800))


def test_damage_on_no_known_part_says_so():
    a = run(DOOR, Thing("damage", "scratch", (100, 50, 140, 60), 0.8))
    assert a.findings[0].on == []
    assert a.findings[0].text.startswith("scratch on no recognised part, minor, because")


def test_damage_across_two_parts_names_both():
    back = Thing("parts", "back_left_door", (70, 20, 120, 80), 0.9)
    a = run(DOOR, back, Thing("damage", "scratch", (50, 40, 80, 44), 0.8))
    assert [place.title for place in a.findings[0].on] == ["front left door", "back left door"]
    assert "on front left door and back left door, 2.7 % of the front left door" in a.findings[0].text


def test_suspected_damage_is_called_so_and_comes_after_confirmed():
    a = run(Thing("damage", "dent", (10, 10, 14, 14), 0.4), Thing("damage", "dent", (50, 10, 54, 14), 0.6))
    assert [(f.id, f.verdict) for f in a.findings] == [("finding-1", "confirmed"), ("finding-2", "suspected")]
    assert a.findings[1].text.startswith("suspected dent on")


def test_the_most_severe_comes_first():
    a = run(
        DOOR,
        Thing("damage", "scratch", (20, 20, 24, 24), 0.99),
        Thing("damage", "airbag_deployed", (100, 9, 110, 20), 0.7),
    )
    assert [f.damage for f in a.findings] == ["airbag_deployed", "scratch"]
    assert a.findings[0].text.startswith("deployed airbag inside the vehicle, severe, because an airbag")


def test_a_calibrated_model_says_how_often_such_findings_are_right():
    dents = [Thing("damage", "dent", (10, 10, 30, 30), 0.9), Thing("damage", "dent", (50, 10, 70, 30), 0.5)]
    assert [finding.probability for finding in run(*dents).findings] == [None, None]
    calibration = {"damage": {"slope": 1, "offset": -1, "classes": {"dent": -1}}}
    a = run(*dents, calibration=calibration)
    # Odds of 9 and of 1, divided by e^2.
    assert [(f.score, f.verdict, f.probability) for f in a.findings] == [
        (0.9, "confirmed", 0.549),
        (0.5, "suspected", 0.119),
    ]


def test_below_suspected_is_not_reported():
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
    assert a.thresholds["damage"]["dent"].suspected == 0.3
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


def test_a_model_without_parts_still_finds_damage():
    branches = (BranchInfo(name="damage", classes=("dent",)),)
    a = run(Thing("damage", "dent", (10, 10, 40, 40)), branches=branches, thresholds={})
    assert a.parts == [] and a.findings[0].on == [] and a.findings[0].vehicle_share is None


def test_a_model_without_damage_is_refused():
    branches = (BranchInfo(name="parts", classes=("hood",)),)
    with pytest.raises(ModelError, match="no branch 'damage'"):
        run(branches=branches, thresholds={})


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
    assert a.findings[0].text.endswith("severe, because we say so") and a.findings[0].title == "ding"


def test_the_public_function(monkeypatch, tmp_path):
    path = tmp_path / "car\udcff\n.png"
    Image.fromarray(PHOTO).save(path)
    loads = []
    monkeypatch.setattr(
        "crumple.assess.pipeline.load_detector", lambda folder: (loads.append(folder), fake_detector([DOOR]))[1]
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
