import numpy as np
import pytest

from crumple.evaluate.measures.average_precision import regions_ap
from crumple.evaluate.measures.error_types import error_types, photo_errors
from crumple.evaluate.measures.matching import match_photo
from tests.evaluate.squares import CLASSES, photo, random_photos, region


def types(drawn, found, lowest=None):
    return photo_errors(match_photo(photo(drawn, found), lowest or {})).types


def made_on(photos, lowest=None):
    return error_types(photos, [match_photo(one, lowest or {}) for one in photos], CLASSES)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (region(1, 0.8), "right"),
        (region(5, 0.8), "outline"),  # IoU 1/3
        (region(1, 0.8, "scratch"), "class"),
        (region(5, 0.8, "scratch"), "class_and_outline"),
        (region(9, 0.8), "background"),  # IoU 1/19
        (region(60, 0.8), "background"),
    ],
)
def test_each_finding_has_one_type(found, kind):
    assert types([region(0)], [found]) == (kind,)


def test_a_second_finding_is_a_duplicate():
    assert types([region(0)], [region(0, 0.9), region(1, 0.8)]) == ("right", "duplicate")


def test_the_outline_of_its_own_class_is_asked_before_another_class():
    assert types([region(5), region(0, label="scratch")], [region(0, 0.9)]) == ("outline",)


def test_a_crowd_is_neither_found_nor_missed_nor_wrong():
    errors = photo_errors(match_photo(photo([region((0, 0, 60, 10), crowd=True)], [region(0, 0.9)]), {}))
    assert errors.types == (None,) and errors.missed == ()


def test_what_has_only_its_outline_or_its_class_wrong_is_not_missed():
    drawn = [region(0), region(20), region(40), region(60), region(80)]
    found = [region(0, 0.9), region(25, 0.9), region(40, 0.9, "scratch"), region(65, 0.9, "scratch")]
    assert photo_errors(match_photo(photo(drawn, found), {})).missed == (3, 4)


def test_counts_are_of_what_is_reported_and_ap_of_all_scores():
    made = made_on([photo([region(0)], [region(0, 0.3), region(60, 0.9)])], lowest={"dent": 0.5})
    assert made.reported == {
        **dict.fromkeys(("right", "outline", "class", "duplicate", "class_and_outline"), 0),
        "background": 1,
        "missed": 1,
    }
    assert made.ap50 == 0.5
    assert made.without["background"] == 1.0 and made.without["missed"] == 0.5


@pytest.mark.parametrize(
    ("drawn", "found", "kind"),
    [
        ([region(0)], [region(5, 0.9)], "outline"),
        ([region(0), region(30, label="scratch")], [region(0, 0.9, "scratch"), region(30, 0.8, "scratch")], "class"),
        ([region(0), region(30)], [region(0, 0.9), region(1, 0.8), region(30, 0.7)], "duplicate"),
        ([region(0)], [region(5, 0.9, "scratch"), region(0, 0.8), region(30, 0.9)], "background"),
        ([region(0), region(30)], [region(0, 0.8)], "missed"),
    ],
)
def test_without_its_only_errors_everything_is_right(drawn, found, kind):
    made = made_on([photo(drawn, found)])
    assert made.ap50 < 1 and made.without[kind] == pytest.approx(1.0)


def test_an_object_that_is_found_already_is_not_found_again_by_mending():
    # Both lie on the one object: mended, the second would be a false alarm, so it goes.
    drawn = [region((0, 0, 10, 10))]
    found = [region((5, 0, 15, 10), 0.9), region((0, 5, 10, 15), 0.8), region(0, 0.1)]
    assert types(drawn, found) == ("outline", "outline", "right")
    assert made_on([photo(drawn, found)]).without["outline"] == 1.0


def test_ap50_is_the_headlines_and_no_error_mended_lowers_it():
    photos = random_photos(np.random.default_rng(5), 40)
    made = made_on(photos)
    assert made.ap50 == pytest.approx(regions_ap(photos, "damage", CLASSES).mask.ap50)
    assert all(value >= made.ap50 for value in made.without.values())
    found = sum(len(one.found) for one in photos)
    on_crowds = sum(kind is None for one in photos for kind in photo_errors(match_photo(one, {})).types)
    assert sum(made.reported.values()) - made.reported["missed"] == found - on_crowds


def test_nothing_drawn_has_no_ap():
    made = made_on([photo([], [region(0, 0.9)])])
    assert made.ap50 is None and set(made.without.values()) == {None}
    assert made.reported["background"] == 1
