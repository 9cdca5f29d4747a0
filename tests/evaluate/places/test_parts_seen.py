import numpy as np

from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.places.parts_seen import headline, parts_seen, seen_events
from crumple.evaluate.places.truth import place_truth
from tests.evaluate.judged_photos import judged, placed, reading


def report(*pairs):
    photos, readings = zip(*pairs, strict=True)
    events = seen_events(readings, [place_truth(photo) for photo in photos])
    return parts_seen(events, len(photos), resamples([None] * len(photos), 20))


def counts(one):
    return (one.recall.hits, one.recall.of), (one.precision.hits, one.precision.of)


def test_what_is_listed_against_what_can_be_seen():
    photo = placed(visible="hood trunk front_left_door left_mirror? interior")
    made = report((photo, reading(seen="hood tailgate trunk front_right_door left_mirror roof")))
    # Said: hood, the lid once, and wrongly the right door and the roof; the mirror is unsure.
    assert counts(made.overall) == ((2, 4), (2, 4))
    rows = {row.name: counts(row) for row in made.parts}
    assert rows["trunk_or_tailgate"] == ((1, 1), (1, 1)) and rows["interior"] == ((0, 1), (0, 0))
    assert rows["front_right_door"] == ((0, 0), (0, 1)) and "left_mirror" not in rows


def test_sides_that_are_not_known():
    by_label = report((placed(visible="sill"), reading(seen="left_sill")))
    assert counts(by_label.overall) == ((1, 1), (1, 1))
    by_model = report((placed(visible="left_sill"), reading(seen="sill")))
    assert counts(by_model.overall) == ((0, 1), (1, 1))
    unsure = report((placed(visible="sill?"), reading(seen="left_sill")))
    assert counts(unsure.overall) == ((0, 0), (0, 0))


def test_photos_without_labels_and_resamples():
    photos = [placed("a", visible="hood"), placed("b", visible="hood"), judged("c", damage=[])]
    readings = [reading(seen="hood"), reading(seen="roof"), reading(seen="roof")]
    events = seen_events(readings, [place_truth(photo) for photo in photos])
    figures = headline(events, np.array([[1, 1, 1], [3, 1, 0]], float))
    assert {name: values.tolist() for name, values in figures.items()} == {
        "parts seen, recall": [0.5, 0.75],
        "parts seen, precision": [0.5, 0.75],
    }
