import numpy as np
import pytest

from crumple.errors import DataError
from crumple.evaluate.measures.bootstrap import Estimate, resamples
from crumple.evaluate.measures.matching import match_photo
from crumple.evaluate.measures.operating_point import operating_point, operating_samples, photo_counts
from tests.evaluate.squares import CLASSES, photo, random_photos, region


def point(photos, lowest=None, classes=CLASSES, groups=None, count=0):
    matches = [match_photo(one, lowest or {}) for one in photos]
    return operating_point(matches, classes, resamples(groups or [None] * len(photos), count))


def values(figures):
    return [getattr(figures, name).value for name in ("precision", "recall", "f1", "mean_iou")]


PHOTOS = [
    # Two of three dents found, one with an overlap of 9/11, and one false alarm; a scratch is missed.
    photo(
        [region(0), region(20), region(40), region(60, label="scratch")], [region(1, 0.9), region(20, 0.8), region(80)]
    ),
    # The scratch is found, and again: the second is a false alarm. The third scores too low.
    photo(
        [region(0, label="scratch")],
        [region(0, 0.9, "scratch"), region(1, 0.8, "scratch"), region(50, 0.2, "scratch")],
    ),
]


def test_figures_worked_out_by_hand():
    result = point(PHOTOS, {"scratch": 0.5})
    dent, scratch = result.classes["dent"], result.classes["scratch"]
    assert (dent.objects, dent.true_positives, dent.false_positives) == (3, 2, 1)
    assert values(dent) == pytest.approx([2 / 3, 2 / 3, 2 / 3, (9 / 11 + 1) / 2])
    assert (scratch.objects, scratch.true_positives, scratch.false_positives) == (2, 1, 1)
    assert values(scratch) == pytest.approx([1 / 2, 1 / 2, 1 / 2, 1])
    overall = result.overall
    assert (overall.objects, overall.true_positives, overall.false_positives) == (5, 3, 2)
    assert values(overall) == pytest.approx([3 / 5, 3 / 5, 3 / 5, (9 / 11 + 2) / 3])
    assert values(result.mean) == pytest.approx([7 / 12, 7 / 12, 7 / 12, (10 / 11 + 1) / 2])


def test_a_lower_threshold_lets_more_in():
    assert point(PHOTOS).classes["scratch"].false_positives == 2
    assert point(PHOTOS, {"scratch": 0.85}).classes["scratch"].false_positives == 0
    assert point(PHOTOS, {"scratch": 0.95}).classes["scratch"].precision.value is None


def test_an_absent_class_has_no_figures_and_is_in_no_mean():
    absent = point(PHOTOS).classes["glass_crack"]
    assert (absent.objects, absent.true_positives, absent.false_positives) == (0, 0, 0)
    assert values(absent) == [None] * 4


def test_a_class_that_is_only_found_is_all_false_alarms_and_in_no_mean():
    result = point([photo([region(0)], [region(0, 0.9), region(50, 0.9, "scratch")])])
    assert values(result.classes["scratch"]) == [0.0, None, 0.0, None]
    assert values(result.mean) == [1.0, 1.0, 1.0, 1.0]
    assert values(result.overall) == pytest.approx([1 / 2, 1, 2 / 3, 1])


def test_nothing_found_nothing_drawn_and_no_photos():
    assert values(point([photo([region(0)])]).overall) == [None, 0.0, 0.0, None]
    assert values(point([photo(found=[region(0)])]).overall) == [0.0, None, 0.0, None]
    for photos in ([photo()], []):
        result = point(photos)
        assert values(result.overall) == values(result.mean) == [None] * 4
        assert result.overall.objects == 0


def test_crowds_are_in_no_count():
    result = point([photo([region((0, 0, 40, 10), crowd=True), region(60)], [region(0, 0.9), region(60, 0.8)])])
    assert (result.overall.objects, result.overall.true_positives, result.overall.false_positives) == (1, 1, 0)
    assert values(result.overall) == [1.0] * 4


def test_without_resamples_there_are_no_intervals_and_with_them_they_hold_the_figure():
    assert point(PHOTOS).overall.recall == Estimate(value=0.6)
    photos = random_photos(np.random.default_rng(0), 80)
    result = point(photos, count=300)
    for figures in (result.overall, result.mean, *result.classes.values()):
        for name in ("precision", "recall", "f1", "mean_iou"):
            one = getattr(figures, name)
            assert one.low < one.value < one.high
    by_claim = point(photos, groups=[str(i // 8) for i in range(80)], count=300)
    assert by_claim.overall.recall.value == result.overall.recall.value


def test_a_resample_has_the_figures_of_photos_copied_as_often():
    photos = random_photos(np.random.default_rng(1), 8)
    weights = resamples([None] * 8, 5)
    samples = operating_samples(photo_counts([match_photo(one, {}) for one in photos], CLASSES), weights)
    for row, counts in enumerate(weights.astype(int)):
        copied = point([one for one, count in zip(photos, counts, strict=True) for _ in range(count)])
        assert samples.overall[row] == pytest.approx(values(copied.overall))
        assert samples.mean[row] == pytest.approx(values(copied.mean))
        expected = [[np.nan if v is None else v for v in values(figures)] for figures in copied.classes.values()]
        assert samples.classes[row] == pytest.approx(np.array(expected), nan_ok=True)


def test_an_unknown_label_is_refused():
    with pytest.raises(DataError, match="label 'scratch' is not a class of the model"):
        point(PHOTOS, classes=("dent",))
