import pytest

from crumple.evaluate.measures.bootstrap import Estimate
from crumple.evaluate.measures.confusion import Confusion
from crumple.evaluate.measures.photo_shares import ALARMED
from crumple.evaluate.report.summary import right_names, summary
from tests.evaluate.evaluations import evaluation, model, photos
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region


def told(made):
    return {finding.name: finding for finding in summary(made)}


def test_each_question_has_its_figure():
    found = told(evaluation())
    assert {name: finding.figure.value for name, finding in found.items()} == {
        "findings on no part": 0.5,
        "right part named": 1.0,
        "damaged panels found": 1.0,
        "undamaged panels alarmed": 0.0,
        "parts seen": 0.5,
        "damaged photos noticed": 1.0,
        "clean cars with an alarm": 1.0,
        "drawn damages met": pytest.approx(2 / 3),
        "single damages found": pytest.approx(2 / 3),
        "shared damage area": pytest.approx(200 / 300),
        "single parts found": pytest.approx(2 / 3),
        "parts named right": pytest.approx(2 / 3),
    }
    assert (
        "on undamaged cars, on 1 of 1 photo of parts_set: 1 finding, 1 of them from the upper threshold on"
        in found["clean cars with an alarm"].says
    )
    assert found["clean cars with an alarm"].counts == "1 of 1 photo"
    damages = found["single damages found"].says
    assert "Of 3 single damages that people drew, it finds 66.7 %" in damages
    assert "It finds dent most often (100.0 %) and scratch least often (0.0 %)." in damages
    assert "it gives 2 (66.7 %) the right one" in found["parts named right"].says
    assert found["right part named"].says == (
        "Of 1 damage that it finds and whose part people named, it names the right part for 100.0 %; whichever the "
        "side, for 100.0 %."
    )
    assert "; on photos that two people drew, the second met 77 % and 53 %." in found["drawn damages met"].says


def test_what_was_not_measured_says_so():
    found = told(evaluation([photos()[1]]))
    for name, words in (
        ("clean cars with an alarm", "nothing is known about alarms on clean cars"),
        ("right part named", "was not measured"),
    ):
        assert found[name].figure.value is None and words in found[name].says
    found = told(evaluation([judged(damage=[], found_damage=[region(0, 0.9)])]))
    assert found["single damages found"].says == "No damage is drawn on the photos judged."
    assert "damaged photos noticed" not in found


def test_of_the_damaged_photos_that_are_noticed_those_that_are_so_rightly_are_told_apart():
    made = [judged(str(x), damage=[region(0)], found_damage=[region(x, 0.9)]) for x in (0, 5, 60)]
    found = told(evaluation(made))
    says = found["damaged photos noticed"].says
    assert says.startswith("It reports damage on 3 of 3 photos with drawn damage. On 33.3 % (95 % interval ")
    assert " of 3 photos some of that is right by type and place (mask IoU 0.5), on 66.7 % (" in says
    assert says.endswith(" of 3 photos whatever the outline (0.1).")
    assert " Another 33.3 % lies on a damage of that name, with another outline." in found["single damages found"].says


def test_a_model_that_reports_nothing():
    says = told(evaluation([judged(damage=[region(0)])]))["single damages found"].says
    assert "it finds 0.0 % with" in says and "It reports nothing" in says


def test_a_model_of_one_branch_or_of_another_is_asked_no_more_than_it_claims():
    assert list(told(evaluation([photos()[2]], model(["parts"])))) == ["single parts found", "parts named right"]
    assert list(told(evaluation([photos()[1]], model(["damage"])))) == [
        "damaged photos noticed",
        "clean cars with an alarm",
        "drawn damages met",
        "single damages found",
        "shared damage area",
    ]


def test_clean_cars_have_the_interval_of_metrics_json_or_a_plain_count():
    def clean(alarms):
        damaged = judged("damaged", damage=[region(0)], found_damage=[region(0, 0.9)])
        found = [[region(0, 0.7)]] * alarms + [[]] * (60 - alarms)
        cars = [judged(str(i), undamaged=True, parts=[], found_damage=one) for i, one in enumerate(found)]
        return evaluation([damaged, *cars])

    made = clean(20)
    some = told(made)["clean cars with an alarm"]
    assert (
        some.figure == made.photo_shares[ALARMED] == made.alarms[0].alarmed.share
        and some.figure.low < 1 / 3 < some.figure.high
    )
    assert some.counts == "" and "on 33.3 % (95 % interval " in some.says and "of 60 photos of parts_set" in some.says
    none = told(clean(0))["clean cars with an alarm"]
    assert none.figure == Estimate(value=0.0) and none.counts == "0 of 60 photos"
    assert none.says == "It reports damage on undamaged cars, on 0 of 60 photos of parts_set."


def test_names_are_right_or_not_only_for_what_was_drawn_and_found():
    table = Confusion(labels=("dent", "scratch", "background"), counts=((5, 2, 9), (1, 3, 0), (7, 7, 0)))
    assert right_names(table) == (8, 11)
