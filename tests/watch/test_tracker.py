import numpy as np
import pytest

from crumple.watch.tracker import ESTABLISHED, PATIENCE, Sighting, Tracker

SIZE = (480, 640)


def shift(x, y=0.0):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def dent(x, y=100, side=40, label="dent", score=0.8):
    return Sighting(label, score, (x, y, x + side, y + side))


def numbers(tracker, sightings, motion, seconds):
    return [track.number for track in tracker.update(sightings, motion, seconds, SIZE)]


def test_a_damage_gets_its_number_when_it_was_seen_often_enough_and_keeps_it():
    tracker = Tracker()
    got = [numbers(tracker, [dent(100)], np.eye(3), i / 10) for i in range(6)]
    assert got == [[0]] * (ESTABLISHED - 1) + [[1]] * (7 - ESTABLISHED)


def test_tracks_move_with_the_camera():
    """It pans by more than the damage's own width each frame."""
    tracker = Tracker()
    for i in range(6):
        [track] = tracker.update([dent(20 + 60 * i)], shift(60) if i else None, i / 10, SIZE)
    assert track.key == 1 and track.seen == 6


def test_without_the_motion_the_same_pan_loses_it():
    tracker = Tracker()
    keys = [tracker.update([dent(20 + 60 * i)], None, i / 10, SIZE)[0].key for i in range(6)]
    assert len(set(keys)) == 6


def test_two_alike_that_pass_one_another_in_the_picture_keep_theirs():
    tracker = Tracker()
    for i in range(8):
        tracks = tracker.update([dent(100 + 12 * i), dent(300 + 12 * i)], shift(12), i / 10, SIZE)
        assert [track.key for track in tracks] == [1, 2]


def test_one_that_is_missed_for_a_while_is_found_again_where_the_camera_says():
    tracker = Tracker()
    for i in range(4):
        tracker.update([dent(100 + 20 * i)], shift(20), i / 10, SIZE)
    for i in range(4, 14):
        tracker.update([], shift(20), i / 10, SIZE)
    [track] = tracker.update([dent(100 + 20 * 14)], shift(20), 1.4, SIZE)
    assert track.number == 1


@pytest.mark.parametrize(("seconds", "x"), [(PATIENCE + 1, 0.0), (0.3, 700.0)])
def test_one_that_was_not_seen_for_long_or_left_the_picture_is_another_when_it_comes_back(seconds, x):
    tracker = Tracker()
    for i in range(3):
        tracker.update([dent(100)], np.eye(3), i / 10, SIZE)
    tracker.update([], shift(x), 0.2 + seconds, SIZE)
    [track] = tracker.update([dent(100)], shift(-x), 0.3 + seconds, SIZE)
    assert track.key == 2


def test_frames_of_a_slow_machine_further_apart_than_the_patience():
    tracker = Tracker()
    apart = 1.5 * PATIENCE
    got = [numbers(tracker, [dent(100 + 60 * i)], shift(60), apart * i) for i in range(5)]
    assert got == [[0]] * (ESTABLISHED - 1) + [[1]] * (6 - ESTABLISHED)


def test_a_damage_called_by_another_name_in_one_frame_stays_the_same():
    tracker = Tracker()
    for i, label in enumerate(["dent", "dent", "scratch", "dent"]):
        [track] = tracker.update([dent(100, label=label)], np.eye(3), i / 10, SIZE)
    assert (track.key, track.label, track.seen) == (1, "dent", 4)


def test_a_scratch_within_a_dent_is_another_damage():
    tracker = Tracker()
    both = [dent(100), dent(105, 105, 30, "scratch")]
    for i in range(4):
        tracks = tracker.update(both if i % 2 == 0 else both[::-1], np.eye(3), i / 10, SIZE)
    assert {track.label: track.key for track in tracks} == {"dent": 1, "scratch": 2}


def test_two_names_for_one_place_in_one_frame_are_one_damage():
    tracker = Tracker()
    tracker.update([dent(100)], None, 0.0, SIZE)
    for i in range(1, 4):
        tracks = tracker.update([dent(100), dent(102, label="scratch", score=0.5)], np.eye(3), i / 10, SIZE)
        assert [track.key for track in tracks] == [1, 1]
    [track] = tracker.update([dent(101, label="scratch")], np.eye(3), 0.4, SIZE)
    assert (track.key, track.label, track.seen, track.number) == (1, "dent", 5, 1)


def test_nothing_seen():
    assert Tracker().update([], None, 0.0, SIZE) == []
