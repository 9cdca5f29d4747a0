"""Which photos come first."""

import numpy as np
import pytest

from crumple.label.looker import Looker
from crumple.label.order import most_different_first, most_uncertain_first, uncertainty
from crumple.label.photos import LabelPhoto, read_photos
from tests.fakes import Thing, fake_detector
from tests.label.cvat.cvat_project import Heard, drafter, write_photos


def things(*scores):
    return [Thing("damage", "dent", (10 + 9 * i, 10, 18 + 9 * i, 60), score) for i, score in enumerate(scores)]


def unsure(*scores):
    detector = fake_detector(things(*scores))
    return uncertainty(detector(np.zeros((100, 200, 3), np.uint8)), detector.info)


def test_uncertainty_is_highest_at_one_half():
    assert unsure(0.5) == pytest.approx(0.2)
    assert unsure(0.5, 0.5, 0.5, 0.5, 0.5) == pytest.approx(1)
    assert unsure(0.5, 0.5, 0.5, 0.5, 0.5, 0.99) == pytest.approx(1)
    assert unsure(0.99) < unsure(0.9) < unsure(0.6) < unsure(0.5)
    assert unsure() == unsure(0.05) == 0


def test_the_most_uncertain_come_first_and_equals_stay():
    photos = [LabelPhoto(name, name) for name in "abcd"]
    known = {"a": 0.1, "b": 0.5, "c": 0.1, "d": 0.9}
    order = most_uncertain_first(photos, lambda photo: known[photo.name])
    assert [photo.name for photo in order] == ["d", "b", "a", "c"]


def names(hashes, present=()):
    photos = [LabelPhoto(str(value), str(value), hash=value) for value in hashes]
    return [photo.hash for photo in most_different_first(photos, lambda photo: photo.hash, present)]


def test_each_photo_is_the_farthest_from_all_before():
    assert names([0b0000, 0b0001, 0b1111, 0b1110]) == [0b0000, 0b1111, 0b0001, 0b1110]
    assert names([0b0000, 0b0001, 0b1111], present=[0b0000]) == [0b1111, 0b0001, 0b0000]
    assert names([]) == []


def test_the_greedy_order_covers_within_twice_the_best():
    """Gonzalez' bound, against all pairs of centres."""
    rng = np.random.default_rng(1)
    hashes = [int(value) for value in rng.integers(0, 2**63, 12)]
    bits = [[(a ^ b).bit_count() for b in hashes] for a in hashes]

    def radius(chosen):
        return max(min(bits[i][j] for j in chosen) for i in range(len(hashes)))

    greedy = [hashes.index(value) for value in names(hashes)[:2]]
    best = min(radius((i, j)) for i in range(12) for j in range(i))
    assert radius(greedy) <= 2 * best


def test_a_photo_that_was_looked_at_for_the_order_is_not_looked_at_again(tmp_path):
    folder = write_photos(tmp_path, 2)
    heard, draft = Heard(), drafter()
    looker = Looker(folder, draft, heard)
    photos = read_photos(folder)
    assert all(looker.uncertainty(photo) > 0 for photo in photos)
    looked = len(draft.detector.network.canvases)
    objects, size = looker.draft(photos[0])
    assert ([one.label for one in objects], size) == (["hood", "dent"], (100, 200))
    assert len(draft.detector.network.canvases) == looked == 2
    looker.draft(photos[0])
    assert len(draft.detector.network.canvases) == 3


def test_hashes_come_from_the_manifest_or_the_photo(tmp_path):
    folder = write_photos(tmp_path, 1)
    looker = Looker(folder)
    photo = read_photos(folder)[0]
    assert looker.hash(LabelPhoto(photo.name, photo.sha256, hash=5)) == 5
    assert isinstance(looker.hash(photo), int)
