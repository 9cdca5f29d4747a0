import numpy as np

from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.measures.meeting import meet
from crumple.evaluate.places.named_parts import (
    Confused,
    finding_events,
    finding_places,
    headline,
    named_part_events,
    named_parts,
)
from crumple.evaluate.places.truth import place_truth
from tests.evaluate.judged_photos import judged, placed, reading
from tests.evaluate.squares import region


def report(*pairs):
    """pairs: (photo, its reading)."""
    photos, readings = zip(*pairs, strict=True)
    meetings = [meet(PhotoRegions(100, 40, p.drawn["damage"], r.regions), {}) for p, r in pairs]
    events = named_part_events(readings, [place_truth(photo) for photo in photos], meetings)
    return named_parts(events, resamples([None] * len(photos), 20))


def counts(one):
    return {name: (share.hits, share.of) for name, share in one if name != "name"}


def test_findings_on_no_part_and_without_a_side():
    photo = reading(
        (region(0, 0.9), ""),
        (region(20, 0.8), "interior 0.9"),
        (region(40, 0.7, "scratch"), "front_door 0.9 hood 0.5"),
        (region(60, 0.6), "hood 0.9 front_door 0.5"),
        (region(80, 0.5, "airbag_deployed"), ""),
    )
    events = finding_events([photo, reading()])
    figures = finding_places(events, np.ones((1, 2)))
    assert (figures.on_no_part.hits, figures.side_not_known.hits, figures.on_no_part.of) == (1, 1, 4)


def test_the_first_part_that_is_said_against_the_first_that_is_labelled():
    damage = [region(0), region(20), region(40), region(60), region(80)]
    photo = placed(
        damage=damage,
        on=["hood", "front_left_door+left_fender", "left_fender+front_left_door", "roof", "front_bumper"],
    )
    said = reading(
        (region(0, 0.9), "hood 0.9 roof 0.5"),  # right
        (region(20, 0.8), "front_right_door 0.9"),  # the other side
        (region(40, 0.7), "front_left_door 0.9"),  # the second of its parts
        (region(60, 0.6), ""),  # no part
    )  # and one damage is missed
    made = report((photo, said))
    assert counts(made.any_class) == {"met": (4, 5), "right": (1, 4), "among": (2, 4), "sides_merged": (2, 4)}
    assert made.confused == (
        Confused(part="front_left_door", said="front_right_door", damages=1),
        Confused(part="left_fender", said="front_left_door", damages=1),
        Confused(part="roof", said=None, damages=1),
    )
    rows = {row.name: counts(row) for row in made.parts}
    assert list(rows) == ["front_bumper", "front_left_door", "hood", "left_fender", "roof"]
    assert rows["front_bumper"] == {"met": (0, 1), "right": (0, 0), "among": (0, 0), "sides_merged": (0, 0)}
    assert rows["front_left_door"]["sides_merged"] == (1, 1)


def test_a_finding_of_another_type_is_about_it_and_not_of_its_class():
    photo = placed(damage=[region(0), region(20, label="scratch")], on=["hood", "hood"])
    said = reading(
        (region(0, 0.9, "scratch"), "roof 0.9"),
        (region((0, 0, 10, 8), 0.8), "hood 0.9"),  # a dent, which overlaps less
        (region(20, 0.7, "scratch"), "hood 0.9"),
    )
    made = report((photo, said))
    assert counts(made.any_class)["right"] == (1, 2) and counts(made.same_class)["right"] == (2, 2)
    assert [(row.name, row.right.hits, row.right.of) for row in made.damages] == [("scratch", 1, 1), ("dent", 0, 1)]


def test_labels_are_believed_as_far_as_they_say_something():
    damage = [region(0), region(20), region(40), region(60), region(80, crowd=True)]
    photo = placed(damage=damage, on=["front_door", "hood?+roof", "", "trunk", "hood"])
    said = reading(
        (region(0, 0.9), "front_right_door 0.9"),
        (region(20, 0.8), "roof 0.9"),
        (region(40, 0.7), "roof 0.9"),
        (region(60, 0.6), "tailgate 0.9"),
        (region(80, 0.5), "roof 0.9"),
    )
    made = report((photo, said))
    # Of the door nobody knows the side; the hood is unsure, the third lies nowhere, the crowd is no one damage.
    assert counts(made.any_class) == {"met": (2, 2), "right": (1, 1), "among": (1, 1), "sides_merged": (2, 2)}
    assert made.unsure == 1 and made.confused == ()


def test_a_part_without_its_side_is_right_when_sides_are_merged():
    photo = placed(damage=[region(0)], on=["left_fender"])
    made = report((photo, reading((region(0, 0.9), "fender 0.9"))))
    assert counts(made.any_class) == {"met": (1, 1), "right": (0, 1), "among": (0, 1), "sides_merged": (1, 1)}


def test_photos_without_labels_say_nothing_and_intervals_are_over_photos():
    right = (placed("a", damage=[region(0)], on=["hood"]), reading((region(0, 0.9), "hood 0.9")))
    wrong = (placed("b", damage=[region(0)], on=["hood"]), reading((region(0, 0.9), "roof 0.9")))
    unknown = (judged("c", damage=[region(0)]), reading((region(0, 0.9), "hood 0.9")))
    photos, readings = zip(right, wrong, wrong, unknown, strict=True)
    meetings = [
        meet(PhotoRegions(100, 40, p.drawn["damage"], r.regions), {}) for p, r in zip(photos, readings, strict=True)
    ]
    events = named_part_events(readings, [place_truth(photo) for photo in photos], meetings)
    weights = np.array([[1, 1, 1, 1], [3, 0, 1, 0], [0, 0, 0, 4]], float)
    figures = headline(events.any_class(), weights)
    assert figures["right part named"][:2].tolist() == [1 / 3, 3 / 4] and np.isnan(figures["right part named"][2])
    assert counts(report(unknown).any_class)["met"] == (0, 0)
