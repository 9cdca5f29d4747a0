import numpy as np
import pytest

from crumple.evaluate.measures.agreement import OVERLAPS, agreement, agreement_counts, agreement_figures, people
from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.measures.meeting import meet
from crumple.taxonomy import DAMAGES
from tests.evaluate.squares import photo, region

CLASSES = ("dent", "scratch")


def counts(*photos):
    return agreement_counts([meet(one, {}) for one in photos], CLASSES)


def test_drawn_ones_are_met_at_each_overlap_and_findings_by_class():
    drawn = [region(0), region(20), region(40), region((60, 0, 70, 10), label="scratch"), region((80, 0, 90, 10))]
    found = [
        region(0, 0.9),  # the very same
        region((25, 0, 35, 10), 0.8),  # IoU 50 / 150
        region((48, 0, 58, 10), 0.7),  # IoU 20 / 180
        region((60, 0, 70, 10), 0.6),  # a dent on a scratch
        region((80, 20, 90, 30), 0.5),  # beside
    ]
    one = counts(photo(drawn, found))
    assert OVERLAPS == (0.1, 0.3, 0.5)
    assert one[0].tolist() == [[4, 3, 2, 1, 5, 3], [1, 0, 0, 0, 0, 0]]
    made = agreement(one, CLASSES, resamples([None], 3))
    assert [share.hits for share in made.anything.met] == [3, 2, 1] and made.anything.met[0].of == 5
    assert (made.anything.meeting.hits, made.anything.meeting.of) == (3, 5)
    dent, scratch = made.classes
    assert [share.share.value for share in dent.met] == [0.75, 0.5, 0.25]
    assert dent.meeting.share.value == 0.6 and scratch.meeting.share.value is None
    met, meeting = agreement_figures(one, np.ones((1, 1)))
    assert met[0] == pytest.approx([0.75, 0.0, 0.6]) and meeting[0] == pytest.approx([0.6, np.nan, 0.6], nan_ok=True)


def test_one_finding_meets_two_and_two_meet_one():
    drawn = [region((0, 0, 10, 10)), region((10, 0, 20, 10))]
    assert counts(photo(drawn, [region((0, 0, 20, 10), 0.9)]))[0, 0].tolist() == [2, 2, 2, 2, 1, 1]
    assert counts(photo(drawn[:1], [region(0, 0.9), region(1, 0.8)]))[0, 0].tolist() == [1, 1, 1, 1, 2, 2]


def test_a_crowd_is_not_drawn_and_what_lies_on_it_alone_does_not_count():
    drawn = [region((0, 0, 40, 10), crowd=True), region(60)]
    found = [region(0, 0.9), region(60, 0.8), region(80, 0.7)]
    assert counts(photo(drawn, found))[0, 0].tolist() == [1, 1, 1, 1, 2, 1]


def test_intervals_are_over_claims_and_a_second_person_stands_beside():
    photos = [photo([region(0)], [region(0, 0.9)] if i % 2 else []) for i in range(40)]
    made = agreement(counts(*photos), CLASSES, resamples([None] * 40, 300))
    share = made.classes[0].met[0].share
    assert share.value == 0.5 and 0.3 < share.low < 0.5 < share.high < 0.7
    assert made.classes[0].second_person.met == (0.81, 0.56, 0.42)
    assert made.anything.second_person.drawings == 160
    parts = agreement(counts(*photos), CLASSES, resamples([None] * 40, 3), "parts")
    assert parts.anything.second_person is None and parts.classes[0].second_person is None


def test_what_is_known_of_people_is_about_our_classes():
    known = people()
    assert set(known.classes) <= set(DAMAGES) and "35 pairs" in known.source
    assert {name: one.drawings for name, one in known.classes.items()} == {
        "scratch": 25,
        "dent": 43,
        "broken_or_missing": 41,
        "lamp_damage": 14,
        "airbag_deployed": 32,
    }
    assert all(len(one.met) == len(OVERLAPS) for one in (known.all, *known.classes.values()))
