import numpy as np

from crumple.watch.best import BestFrames
from crumple.watch.source import Frame
from tests.fakes import Thing
from tests.watch.videos import moving_assessor

PIXELS = np.full((100, 200, 3), 128, np.uint8)


def look(number, score, box=(50, 40, 80, 60)):
    things = [Thing("damage", "dent", box, score), Thing("parts", "hood", (10, 10, 90, 90), 0.9 - number / 100)]
    return Frame(number, number / 10, PIXELS), moving_assessor(lambda _: things)(PIXELS)


def offer(best, number, score, **options):
    best.offer(*look(number, score, **options), [7])


def test_the_best_frame_of_each_is_kept_and_no_other():
    best = BestFrames()
    for number, score in enumerate((0.5, 0.9, 0.7)):
        offer(best, number, score)
    assert best.frame_of(7).number == 1 and best.frame_of("hood").number == 0
    assert [kept.number for kept in best.frames] == [0, 1] and best.parts == ["hood"]


def test_a_frame_that_is_hardly_better_takes_no_place():
    best = BestFrames()
    offer(best, 0, 0.80)
    offer(best, 1, 0.82)
    assert best.frame_of(7).number == 0


def test_a_view_that_the_edge_cuts_off_is_worth_less():
    best = BestFrames()
    offer(best, 0, 0.9, box=(0, 40, 30, 60))
    offer(best, 1, 0.6)
    assert best.frame_of(7).number == 1


def test_what_is_forgotten_takes_its_frame_along():
    best = BestFrames()
    offer(best, 0, 0.5)
    offer(best, 1, 0.9)
    best.forget([7, 8])
    assert [kept.number for kept in best.frames] == [0]
