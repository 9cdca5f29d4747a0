import numpy as np

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.evaluate.judged.readings import Calibrations, outlined, read, told
from tests.evaluate.judged_photos import judged, placed
from tests.evaluate.squares import region

HOOD, ROOF = region((0, 0, 30, 40), 0.9, "hood"), region((30, 0, 60, 40), 0.8, "roof")
AS_THE_HEAD_SAYS = Calibrations(
    PlaceCalibration(offset=0, head=1, outline=0, seen=0, name_from=0.3, second_from=0.4),
    SeenCalibration(offset=0, head=1, outline=0, list_from=0.5),
)


def test_without_place_heads_a_finding_lies_on_the_outlines_under_it():
    photo = judged(
        found_parts=[HOOD, ROOF], found_damage=[region(0, 0.9), region(70, 0.8), region(40, 0.4)], damage=[region(0)]
    )
    made = read(photo, {"damage": {"dent": 0.5}, "parts": {"roof": 0.85}}, Calibrations())
    assert [(f.region.score, [place.name for place in f.on]) for f in made.findings] == [(0.9, ["hood"]), (0.8, [])]
    assert made.findings[0].on[0].probability == 1.0  # not calibrated, so nobody knows
    assert made.seen == ("hood",) and made.parts == (HOOD,)


def test_place_heads_are_read_as_they_are_calibrated():
    photo = placed(
        damage=[region(0)],
        found_damage=[region(0, 0.9), region(20, 0.8)],
        places=["hood 0.9 grille 0.5 roof 0.1", "roof 0.2"],
        seen="hood 0.9 grille 0.6 roof 0.4",
    )
    made = read(photo, {}, AS_THE_HEAD_SAYS)
    hood, grille = made.findings[0].on
    assert (hood.name, grille.name) == ("hood", "grille") and made.findings[1].on == ()
    assert np.allclose([hood.probability, grille.probability], [0.9, 0.5], atol=1e-6)
    assert made.seen == ("hood", "grille")


def test_what_is_told_of_a_photo_is_a_photo_with_nothing_else_on_it():
    nested = [region((0, 0, 20, 20), 0.9), region((5, 5, 15, 15), 0.8), region((5, 5, 15, 15), 0.7, "scratch")]
    left, right = (
        region((0, 20, 40, 40), score, f"front_{side}_door") for side, score in (("left", 0.9), ("right", 0.8))
    )
    photo = judged(damage=[region(0)], found_damage=nested, found_parts=[left, right])
    made = told(photo, read(photo, {}, Calibrations()))
    assert [(one.label, one.score) for one in made.found["damage"]] == [("dent", 0.9), ("scratch", 0.7)]
    assert [one.label for one in made.found["parts"]] == ["front_left_door"]  # one door under two names
    assert made.drawn == photo.drawn and len(photo.found["damage"]) == 3
    alone = judged(found_branches=("damage",), found_damage=nested[:1], damage=[])
    assert told(alone, read(alone, {}, Calibrations())).found == {"damage": (nested[0],)}


def test_only_what_has_a_pixel_and_its_score_is_read():
    found = [region(0, 0.3), region((5, 5, 5, 5), 0.9), region(20, 0.6)]
    assert [one.score for one, _ in outlined(found, {"dent": 0.5})] == [0.6]
