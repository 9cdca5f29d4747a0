"""What speaks for a place, and what it adds up to."""

import numpy as np
import pytest

from crumple.detect.logits import logistic, logit
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.place_evidence import place_evidence, seen_evidence
from tests.detect.boxes import PLACES, outlined, photo_parts


def test_logits_and_their_inverse():
    assert logit(0.9) == pytest.approx(np.log(9))
    np.testing.assert_allclose(logistic(logit([0.25, 0.5, 0.999])), [0.25, 0.5, 0.999])
    assert [logit(0), logit(1)] == pytest.approx([np.log(1e-4 / (1 - 1e-4)), -np.log(1e-4 / (1 - 1e-4))])
    assert logistic(-1e9) == 0 and logistic(1e9) == 1


def test_head_outline_and_photo_speak_for_each_place():
    door = outlined("front_left_door", (0, 0, 100, 100), 0.8)
    worse = outlined("front_left_door", (0, 0, 100, 100), 0.4)
    damages = [
        outlined("dent", (50, 0, 150, 100), places={"front_left_door": 0.9, "hood": 0.2}),
        outlined("dent", (300, 0, 310, 10), places={}),
    ]
    evidence = place_evidence([door, worse], damages, photo_parts({"front_left_door": 0.6}))
    assert evidence.names == PLACES and evidence.features.shape == (2, len(PLACES), 3)
    left, hood = PLACES.index("front_left_door"), PLACES.index("hood")
    # Half of the damage lies on the door, whose score is 0.8.
    assert evidence.features[0, left] == pytest.approx([np.log(9), 0.4, np.log(1.5)], rel=1e-5)
    assert evidence.features[0, hood] == pytest.approx([np.log(0.25), 0, np.log(1 / 99)], rel=1e-5)
    assert evidence.features[1, left] == pytest.approx([np.log(1 / 99), 0, np.log(1.5)], rel=1e-5)


def test_without_place_heads_the_parts_are_the_candidates():
    parts = [outlined("hood", (0, 0, 10, 10), 0.5), outlined("sunroof", (5, 0, 15, 10), 0.6)]
    evidence = place_evidence(parts, [outlined("dent", (0, 0, 10, 10))], None)
    assert evidence.names == ("hood", "sunroof")
    np.testing.assert_allclose(evidence.features[0], [[0, 0.5, 0], [0, 0.3, 0]])


def test_a_part_that_the_place_heads_do_not_know_is_a_candidate_too():
    damage = outlined("dent", (0, 0, 10, 10), places={"hood": 0.5})
    evidence = place_evidence([outlined("sunroof", (0, 0, 10, 10), 0.6)], [damage], photo_parts({}))
    assert evidence.names == (*PLACES, "sunroof")
    np.testing.assert_allclose(evidence.features[0, -1], [0, 0.6, 0])


def test_what_is_seen_has_the_photo_and_the_best_outline():
    parts = [outlined("wheel", (0, 0, 9, 9), 0.7), outlined("wheel", (20, 0, 29, 9), 0.9)]
    evidence = seen_evidence(parts, photo_parts({"wheel": 0.8}))
    assert evidence.shape == (len(PLACES), 2)
    assert evidence[PLACES.index("wheel")] == pytest.approx([np.log(4), 0.9], rel=1e-5)
    assert evidence[PLACES.index("hood")] == pytest.approx([np.log(1 / 99), 0], rel=1e-5)


def test_calibrations_weigh_the_evidence():
    place = PlaceCalibration(offset=-1, head=0.5, outline=2, seen=0.25)
    assert place.probability(np.array([[2.0, 0.5, 4.0]])) == pytest.approx(logistic(-1 + 1 + 1 + 1))
    seen = SeenCalibration(offset=0.5, head=1, outline=3)
    assert seen.probability(np.array([-1.0, 0.5])) == pytest.approx(logistic(1.0))
