"""Which followed damage of a video a finding of one of its frames is."""

import numpy as np

from crumple.assessment.pipeline import Assessor
from crumple.case.observations import Followed, observations
from tests.fakes import Thing, fake_detector

PHOTO = np.full((100, 200, 3), 128, np.uint8)


def tracks(boxes, *followed):
    things = [Thing("damage", damage, box, 0.9) for damage, box in boxes]
    assessment = Assessor(fake_detector(things))(PHOTO)
    seen = observations(assessment, 0, followed)
    return {(one.damage, tuple(map(round, one.box))): one.track for one in seen}


def test_a_finding_is_the_damage_that_was_followed_there():
    dent, scratch = ("dent", (20, 20, 60, 60)), ("scratch", (120, 20, 160, 60))
    found = tracks([dent, scratch], Followed("live-1/7", "dent", (0.11, 0.2, 0.31, 0.6)))
    assert found == {dent: "live-1/7", scratch: None}


def test_each_is_one_finding_the_one_of_its_type_first():
    dent, scratch = ("dent", (20, 20, 60, 60)), ("scratch", (22, 20, 62, 60))
    box = (0.1, 0.2, 0.3, 0.6)
    assert tracks([dent, scratch], Followed("a", "scratch", box)) == {dent: None, scratch: "a"}
    assert tracks([dent, scratch], Followed("a", "scratch", box), Followed("b", "lamp_damage", box)) == {
        dent: "b",
        scratch: "a",
    }


def test_nothing_followed():
    assert tracks([("dent", (20, 20, 60, 60))]) == {("dent", (20, 20, 60, 60)): None}
