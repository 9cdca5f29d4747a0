import numpy as np
import pytest

from crumple.errors import DataError
from crumple.evaluate.measures.confusion import confusion
from tests.evaluate.squares import CLASSES, photo, random_photos, region


def counts(drawn, found, lowest=None):
    """{(drawn label, found label): count} of the cells that are not zero."""
    result = confusion([photo(drawn, found)], CLASSES, lowest or {})
    labels = result.labels
    return {(labels[i], labels[j]): n for i, row in enumerate(result.counts) for j, n in enumerate(row) if n}


def test_right_wrong_missed_and_false_alarm():
    drawn = [region(0), region(20), region(40, label="scratch")]
    found = [region(1, 0.9), region(21, 0.8, "scratch"), region(70, 0.7, "glass_crack")]
    assert counts(drawn, found) == {
        ("dent", "dent"): 1,
        ("dent", "scratch"): 1,
        ("scratch", "background"): 1,
        ("background", "glass_crack"): 1,
    }


def test_labels_end_with_the_background():
    result = confusion([], CLASSES, {})
    assert result.labels == (*CLASSES, "background")
    assert result.counts == ((0,) * 4,) * 4


def test_the_higher_score_takes_the_object_whatever_its_class():
    assert counts([region(0)], [region(0, 0.8), region(2, 0.9, "scratch")]) == {
        ("dent", "scratch"): 1,
        ("background", "dent"): 1,
    }


def test_of_two_drawn_classes_in_one_place_its_own_is_taken():
    drawn = [region(0, label="scratch"), region(0), region(0, label="glass_crack")]
    assert counts(drawn, [region(0, 0.9), region(0, 0.8, "scratch")]) == {
        ("dent", "dent"): 1,
        ("scratch", "scratch"): 1,
        ("glass_crack", "background"): 1,
    }


def test_overlap_below_half_is_a_miss_and_a_false_alarm():
    assert counts([region(0)], [region(4, 0.9)]) == {("dent", "background"): 1, ("background", "dent"): 1}


def test_a_crowd_takes_any_number_of_any_class_and_is_never_missed():
    drawn = [region((0, 0, 60, 10), crowd=True), region(50)]
    found = [region(0, 0.9), region(20, 0.8, "scratch"), region(50, 0.7), region(80, 0.6)]
    assert counts(drawn, found) == {("dent", "dent"): 1, ("background", "dent"): 1}
    assert counts([region(0, crowd=True)], []) == {}


def test_scores_below_the_operating_point_are_misses():
    assert counts([region(0)], [region(0, 0.4)], {"dent": 0.5}) == {("dent", "background"): 1}


def test_every_object_has_one_cell_and_every_finding_at_most_one():
    photos = random_photos(np.random.default_rng(2), 40)
    table = np.array(confusion(photos, CLASSES, {}).counts)
    for k, name in enumerate(CLASSES):
        assert table[k].sum() == sum(r.label == name and not r.crowd for one in photos for r in one.drawn)
        assert table[:, k].sum() <= sum(r.label == name for one in photos for r in one.found)
    assert table[-1, -1] == 0 and np.trace(table) > 0


def test_a_label_that_is_no_class():
    with pytest.raises(DataError, match="label 'rust' is not among the classes dent, scratch, glass_crack"):
        counts([region(0, label="rust")], [])
