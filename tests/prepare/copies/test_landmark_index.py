import numpy as np
import pytest

from crumple.prepare.copies.landmark_index import MOST_ALIKE, SAME_BITS, LandmarkIndex
from crumple.prepare.copies.landmarks import Landmarks


def random_landmarks(rng, count=30):
    return Landmarks(np.zeros((count, 2), np.float32), rng.integers(0, 256, (count, 32)).astype(np.uint8))


def changed(rng, landmarks, bits):
    """The same landmarks with so many bits of each flipped."""
    flips = np.zeros((len(landmarks.points), 256), np.uint8)
    for row in flips:
        row[rng.choice(256, bits, replace=False)] = 1
    return Landmarks(landmarks.points, landmarks.descriptors ^ np.packbits(flips, axis=1))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_a_photo_gets_a_vote_for_each_landmark_it_shares(rng):
    one, two, three = (random_landmarks(rng) for _ in range(3))
    mixed = Landmarks(two.points, np.concatenate([two.descriptors[:12], three.descriptors[:18]]))
    assert LandmarkIndex([one, two, three]).votes(mixed).tolist() == [0, 12, 18]


def test_votes_are_those_of_comparing_each_with_each_but_for_a_few(rng):
    photos = [random_landmarks(rng, 100) for _ in range(5)]
    asked = changed(rng, photos[2], 12)
    bits = np.unpackbits(asked.descriptors, axis=1)
    exact = [
        sum(int((bits ^ row).sum(axis=1).min() <= SAME_BITS) for row in np.unpackbits(photo.descriptors, axis=1))
        for photo in photos
    ]
    votes = LandmarkIndex(photos).votes(asked)
    assert exact == [0, 0, 100, 0, 0] and (votes <= exact).all()
    assert votes[2] > 90  # a key has no flipped bit in 0.38 of tables: 1 - 0.62^8 = 0.98 of landmarks are found


def test_landmarks_that_differ_in_too_many_bits_are_not_the_same(rng):
    one = random_landmarks(rng)
    assert LandmarkIndex([one]).votes(changed(rng, one, SAME_BITS + 1)).tolist() == [0]


def test_what_every_photo_has_says_nothing(rng):
    watermark = random_landmarks(rng, 1)
    assert LandmarkIndex([watermark] * MOST_ALIKE).votes(watermark).tolist() == [1] * MOST_ALIKE
    assert not LandmarkIndex([watermark] * (MOST_ALIKE + 1)).votes(watermark).any()


def test_one_landmark_votes_once_for_a_photo(rng):
    one = random_landmarks(rng, 1)
    double = Landmarks(np.zeros((2, 2), np.float32), np.repeat(one.descriptors, 2, axis=0))
    assert LandmarkIndex([double]).votes(one).tolist() == [1]


def test_no_photos_and_photos_without_landmarks(rng):
    nothing = random_landmarks(rng, 0)
    assert LandmarkIndex([]).votes(random_landmarks(rng)).tolist() == []
    assert LandmarkIndex([nothing, random_landmarks(rng)]).votes(nothing).tolist() == [0, 0]
    assert LandmarkIndex([nothing]).votes(random_landmarks(rng)).tolist() == [0]
