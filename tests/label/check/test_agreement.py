"""Two annotators on one photo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crumple.label.annotations import AnnotationSet
from crumple.label.check.agreement import Agreement, branches_drawn, check_agreement, cohens_kappa
from tests.label.labels import box, photo

A, B, C = "abc"


def test_kappa_of_a_worked_example():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, by chance 0.5, kappa 0.4.
    pairs = [(A, A)] * 20 + [(A, B)] * 5 + [(B, A)] * 10 + [(B, B)] * 15
    assert cohens_kappa(pairs) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30))
def test_kappa_is_symmetric_at_most_one_and_one_only_where_all_agree(pairs):
    kappa = cohens_kappa(pairs)
    if kappa is None:
        assert len({name for pair in pairs for name in pair}) == 1
        return
    assert kappa == pytest.approx(cohens_kappa([(b, a) for a, b in pairs]))
    assert kappa <= 1 and (kappa == 1) == all(a == b for a, b in pairs)


def test_kappa_without_pairs_is_none():
    assert cohens_kappa([]) is None and cohens_kappa([(A, A)]) is None


def test_what_two_annotators_see_otherwise():
    first = (
        box("dent", 10, 10, 50, 50),  # the other: scratch
        box("wheel", 10, 60, 40, 90),  # the other: smaller
        box("hood", 60, 10, 100, 50),  # the same, and the dent on it
        box("dent", 60, 10, 100, 50),
        box("scratch", 120, 10, 150, 20),  # the other: nothing
    )
    second = AnnotationSet(
        (
            box("scratch", 10, 10, 50, 50, 11),
            box("wheel", 10, 60, 40, 80, 12),
            box("hood", 60, 10, 100, 50, 13),
            box("dent", 60, 10, 100, 50, 14),
            box("trunk", 160, 50, 190, 90, 15),  # the first: nothing
        ),
        "bob",
        2,
    )
    agreement: dict[str, Agreement] = {}
    both = photo(*first, others=(second,))
    items = list(check_agreement(both, branches_drawn([both]), agreement))
    assert {(item.kind, tuple(item.annotation_ids)) for item in items} == {
        ("annotators_class", (1, 11)),
        ("annotators_overlap", (2, 12)),
        ("annotators_missed", (5,)),
        ("annotators_missed", (15,)),
    }
    texts = {item.kind: item.text for item in items}
    assert texts["annotators_class"] == "ann calls it dent, bob calls it scratch."
    parts, damage = agreement["parts"], agreement["damage"]
    assert (parts.photos, parts.objects, len(parts.ious)) == (1, 5, 2)
    assert parts.both == pytest.approx(0.8) and parts.mean_iou == pytest.approx((1 + 2 / 3) / 2, abs=0.02)
    assert parts.kappa == 1
    assert damage.both == pytest.approx(0.8) and damage.kappa == pytest.approx(0.0)


def test_a_photo_labelled_once_says_nothing():
    once, agreement = photo(box("dent", 1, 1, 9, 9)), {}
    assert not list(check_agreement(once, branches_drawn([once]), agreement)) and not agreement


def test_two_who_see_nothing_on_a_photo_agree_on_nothing():
    empty = photo(others=(AnnotationSet((), "bob", 2),))
    elsewhere = photo(box("dent", 1, 1, 9, 9), others=(AnnotationSet((box("dent", 1, 1, 9, 9),), "bob", 2),))
    agreement: dict[str, Agreement] = {}
    assert not list(check_agreement(empty, branches_drawn([empty, elsewhere]), agreement))
    assert agreement["damage"].photos == 1 and agreement["damage"].both is None and agreement["damage"].mean_iou is None


def test_who_labels_damage_alone_has_missed_no_part():
    both = photo(box("hood", 60, 10, 100, 50), others=(AnnotationSet((box("dent", 1, 1, 9, 9, 9),), "bob", 2),))
    agreement: dict[str, Agreement] = {}
    assert not list(check_agreement(both, branches_drawn([both]), agreement)) and not agreement
