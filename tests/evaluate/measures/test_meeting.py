import numpy as np
import pytest

from crumple.evaluate.measures.meeting import meet
from tests.evaluate.squares import photo, region


def test_several_findings_may_meet_one_and_one_may_meet_several():
    drawn = [region((0, 0, 10, 10)), region((10, 0, 20, 10)), region((60, 0, 70, 10), label="scratch")]
    found = [region((0, 0, 20, 10), 0.6), region((1, 0, 11, 10), 0.9), region((60, 0, 70, 10), 0.8)]
    meeting = meet(photo(drawn, found), {})
    assert [one.score for one in meeting.found] == [0.9, 0.8, 0.6]
    assert meeting.iou == pytest.approx(np.array([[90 / 110, 10 / 190, 0], [0, 0, 1], [0.5, 0.5, 0]]))
    assert meeting.best(same_class=False) == [0, 2, 1]
    assert meeting.best(same_class=True) == [0, 2, None]  # a dent lies on the scratch
    assert [meeting.about(i) for i in range(3)] == [0, 2, 0]
    assert meeting.met_by(1).tolist() == [False, False, True] and not meeting.met_by(2).any()


def test_less_than_a_tenth_and_low_scores_do_not_meet():
    drawn = [region((0, 0, 10, 10))]
    assert meet(photo(drawn, [region((9, 0, 19, 10), 0.9)]), {}).best(same_class=False) == [None]  # 10 of 190
    assert meet(photo(drawn, [region(0, 0.3)]), {"dent": 0.4}).found == ()
    assert meet(photo(drawn, [region(0, 0.3)]), {"dent": 0.3}).best(same_class=True) == [0]


def test_a_crowd_is_met_and_is_not_what_a_finding_is_about():
    drawn = [region((0, 0, 100, 10), crowd=True), region((50, 0, 60, 10))]
    meeting = meet(photo(drawn, [region(0, 0.9), region(50, 0.8)]), {})
    assert meeting.iou.tolist() == [[1, 0], [1, 1]] and meeting.solid.tolist() == [False, True]
    assert [meeting.about(i) for i in range(2)] == [None, 1]


@pytest.mark.parametrize(("drawn", "found"), [((), ()), ([region(0)], ()), ((), [region(0, 0.9)])])
def test_nothing_on_one_side(drawn, found):
    meeting = meet(photo(drawn, found), {})
    assert meeting.iou.shape == (len(found), len(drawn))
    assert meeting.best(same_class=False) == [None] * len(drawn)
    assert [meeting.about(i) for i in range(len(found))] == [None] * len(found)
