"""Every photo is looked at once, and what was seen is remembered."""

import gzip
from dataclasses import replace

import numpy as np
import pytest

from crumple.dataset.sets import read_data
from crumple.detect.detections import Detections, PhotoParts
from crumple.errors import PhotoError
from crumple.evaluate.judged.judge import DetectorFinder, Found, Look, LookCache, judge
from crumple.evaluate.judged.truths import read_truths
from crumple.photo import decode_photo
from crumple.prepare.quality import brightness, sharpness
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.small_data import KnowingDetector, write_data

SHADES = [0, 1, 2, 100, 101]


@pytest.fixture
def truths(tmp_path):
    return read_truths(read_data(write_data(tmp_path / "data")), "val", {"parts": PARTS, "damage": DAMAGES})


def looks(truths, cache):
    """Judged photos, and what the detector had to look at for them."""
    detector = KnowingDetector()
    return judge(DetectorFinder(detector), truths, cache), detector.seen


def test_a_photo_has_what_was_drawn_found_and_measured(truths):
    done = []
    photos = judge(DetectorFinder(KnowingDetector()), truths, on_photo=lambda *step: done.append(step))
    assert done == [(i, 5) for i in range(1, 6)]
    assert [photo.name for photo in photos] == [f"dsmlr/{i}.png" for i in range(3)] + ["bilgi/0.png", "bilgi/1.png"]
    first = photos[0]
    assert [region.label for region in first.drawn["parts"]] == ["wheel", "wheel", "front_left_door"]
    assert len(first.given["parts"]) == 2 and "damage" not in first.drawn
    assert [region.label for region in first.found["parts"]] == ["wheel", "wheel", "front_left_door"]
    assert first.found["damage"] == ()
    rgb = decode_photo(truths[4].path).rgb
    assert photos[4].brightness == pytest.approx(brightness(rgb), abs=1e-3) == 101
    assert photos[4].sharpness == pytest.approx(sharpness(rgb), abs=1e-3)


def test_a_second_run_does_not_call_the_detector_and_gives_the_same(truths, tmp_path):
    cache = LookCache(tmp_path, "model")
    first, seen = looks(truths, cache)
    assert seen == SHADES
    second, seen = looks(truths, LookCache(tmp_path, "model"))
    assert seen == []
    for before, after in zip(first, second, strict=True):
        assert after.found == before.found
        assert (after.brightness, after.sharpness) == (before.brightness, before.sharpness)
    assert all(type(region.box) is tuple for region in second[0].found["parts"])


def test_another_model_has_other_looks(truths, tmp_path):
    looks(truths, LookCache(tmp_path, "model"))
    assert looks(truths, LookCache(tmp_path, "another"))[1] == SHADES


def test_a_photo_that_changed_is_looked_at_again(truths, tmp_path):
    looks(truths, LookCache(tmp_path, "model"))
    truths[0].path.write_bytes(truths[0].path.read_bytes() + b" ")
    assert looks(truths, LookCache(tmp_path, "model"))[1] == [0]


def zipped(text):
    return gzip.compress(text.encode())


BROKEN = {
    "empty": lambda good: b"",
    "no gzip": lambda good: b"not gzip",
    "cut": lambda good: good[: len(good) // 2],
    "garbled": lambda good: zipped("{}")[:10] + b"\xff" * 20,
    "no JSON": lambda good: zipped("{"),
    "a list": lambda good: zipped("[]"),
    "lacks fields": lambda good: zipped('{"found": {}}'),
    "other regions": lambda good: zipped('{"found": {"parts": [{"box": [1]}]}, "brightness": 1, "sharpness": 1}'),
    "no regions": lambda good: zipped('{"found": {"parts": 5}, "brightness": 1, "sharpness": 1}'),
    "not text": lambda good: gzip.compress(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_cache_file_is_ignored_and_replaced(truths, tmp_path, breaking):
    first, _ = looks(truths, LookCache(tmp_path, "model"))
    (path,) = tmp_path.rglob(f"{first[0].sha256}.json.gz")
    path.write_bytes(breaking(path.read_bytes()))
    again, seen = looks(truths, LookCache(tmp_path, "model"))
    assert seen == [0] and again[0].found == first[0].found
    assert looks(truths, LookCache(tmp_path, "model"))[1] == []


def test_a_cache_that_cannot_be_written_is_done_without(truths, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    for _ in range(2):
        assert looks(truths, LookCache(in_the_way, "model"))[1] == SHADES
    assert in_the_way.read_bytes() == b""


def test_masks_in_the_cache_are_exact(truths, tmp_path):
    class Rough(KnowingDetector):
        def branch(self, objects, classes):
            found = super().branch(objects, classes)
            found.masks[:] = np.random.default_rng(0).random(found.masks.shape)
            return found

    cache = LookCache(tmp_path, "rough")
    first = judge(DetectorFinder(Rough()), truths, cache)
    second = judge(DetectorFinder(Rough()), truths, cache)
    assert [photo.found for photo in first] == [photo.found for photo in second]


def test_what_place_heads_say_is_kept_to_the_decimals_of_their_logits(truths, tmp_path):
    class Placing(KnowingDetector):
        def __call__(self, rgb):
            found = super().__call__(rgb)
            damage = found["damage"]
            places = np.full((len(damage), 2), 0.123456789, np.float32)
            parts = PhotoParts(("hood", "roof"), np.array([0.987654321, 0.5], np.float32), np.zeros(2, np.float32))
            return Detections(dict(found) | {"damage": replace(damage, places=places)}, parts)

    looks = [judge(DetectorFinder(Placing()), truths, LookCache(tmp_path, "placing"))[4] for _ in range(2)]
    for photo in looks:
        assert [region.places for region in photo.found["damage"]] == [pytest.approx((0.12346, 0.12346), abs=1e-6)] * 2
        assert photo.parts.names == ("hood", "roof") and photo.parts.damaged.tolist() == [0, 0]
    assert looks[1].parts.seen.tolist() == pytest.approx([0.98765, 0.5], abs=1e-6)


def test_a_photo_that_cannot_be_decoded_is_named(truths):
    path = truths[4].path
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(PhotoError, match=r"1\.png"):
        judge(DetectorFinder(KnowingDetector()), truths)


def test_looks_of_other_code_are_not_taken(tmp_path, monkeypatch):
    mine = LookCache(tmp_path, "model")
    mine.put("photo", Look(Found({}), 1.0, 2.0))
    assert LookCache(tmp_path, "model").get("photo").sharpness == 2.0
    monkeypatch.setattr("crumple.evaluate.judged.judge._code", lambda: "changed")
    assert LookCache(tmp_path, "model").get("photo") is None
