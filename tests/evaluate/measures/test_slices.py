from dataclasses import replace

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.evaluate.judged.regions import Region
from crumple.evaluate.measures.slices import slice_report
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region


def group(report, name):
    (found,) = (group for group in report.groups if group.name == name)
    return found.slices


def square(side, score=1.0, crowd=False):
    """A dent of side x side pixels."""
    mask = np.zeros((200, 200), np.uint8, order="F")
    mask[:side, :side] = 1
    return Region("dent", (0, 0, side, side), coco_mask.encode(mask), score, crowd)


def test_objects_fall_into_sizes_by_their_drawn_area():
    photos = [
        judged("a", damage=[square(31), square(31)], found_damage=[square(31, 0.9)]),
        judged("b", damage=[square(32)], found_damage=[square(32, 0.9)]),
        judged("c", damage=[square(95)]),
        judged("d", damage=[square(96), square(150, crowd=True)], found_damage=[square(96, 0.9)]),
    ]
    small, medium, large = group(slice_report(photos, "damage", {}), "size")
    assert (small.name, small.photos, small.objects, small.found, small.recall) == ("small", 1, 2, 1, 0.5)
    assert (medium.photos, medium.objects, medium.found, medium.recall) == (2, 2, 1, 0.5)
    assert (large.photos, large.objects, large.recall) == (1, 1, 1.0)
    assert (medium.low, medium.high) == (1024, 9216) and small.low is None and large.high is None
    assert all(one.precision is None and one.findings is None for one in (small, medium, large))


def test_photos_fall_into_thirds_by_brightness_and_sharpness():
    right, wrong = region(0, 0.8), region(50, 0.8)
    photos = [
        replace(
            judged(str(n), damage=[region(0)], found_damage=[right, wrong] if n < 2 else [wrong] if n < 4 else []),
            brightness=10.0 * n,
            sharpness=100.0 - n,
        )
        for n in range(6)
    ]
    report = slice_report(photos, "damage", {})
    dark, middle, bright = group(report, "brightness")
    assert [(s.photos, s.recall, s.findings, s.precision) for s in (dark, middle, bright)] == [
        (2, 1.0, 4, 0.5),
        (2, 0.0, 2, 0.0),
        (2, 0.0, 0, None),
    ]
    assert dark.high == middle.low == pytest.approx(50 / 3) and middle.high == bright.low == pytest.approx(100 / 3)
    assert (dark.name, dark.text) == ("darkest third", "mean luma under 17")
    blurred, _, sharp = group(report, "sharpness")
    assert (blurred.recall, sharp.recall) == (0.0, 1.0) and blurred.name == "most blurred third"


def test_photos_fall_into_counts_of_drawn_objects_and_crowds_do_not_count():
    def with_drawn(count, crowds=0):
        drawn = [region(12 * n) for n in range(count)] + [region(80, crowd=True)] * crowds
        return judged(f"{count}-{crowds}", damage=drawn, found_damage=[region(0, 0.5), region(80, 0.5)])

    photos = [with_drawn(count, crowds) for count, crowds in ((0, 0), (1, 1), (2, 0), (3, 0), (4, 0), (5, 0))]
    one, few, many = group(slice_report(photos, "damage", {}), "count")
    assert (one.photos, one.objects, one.findings, one.precision) == (1, 1, 1, 1.0)  # a finding on a crowd is none
    assert (few.photos, few.objects, few.recall, few.precision) == (2, 5, 2 / 5, 0.5)
    assert (many.photos, many.objects, many.recall) == (2, 9, 2 / 9)


def test_only_what_is_reported_counts():
    photos = [judged(damage=[region(0)], found_damage=[region(0, 0.4), region(50, 0.6)])]
    one, _, _ = group(slice_report(photos, "damage", {"dent": 0.5}), "count")
    assert (one.found, one.findings, one.right) == (0, 1, 0)
    one, _, _ = group(slice_report(photos, "damage", {"dent": 0.4}), "count")
    assert (one.found, one.findings, one.right) == (1, 2, 1)


def test_equal_values_are_never_torn_apart():
    photos = [judged(str(n), damage=[region(0)]) for n in range(5)]  # brightness 0 throughout
    dark, middle, bright = group(slice_report(photos, "damage", {}), "brightness")
    assert (dark.photos, middle.photos, bright.photos) == (0, 0, 5)
    assert dark.recall is None and dark.precision is None and dark.objects == 0


def test_no_photos_have_no_slices():
    assert slice_report([], "damage", {}).groups == ()


def test_photos_on_which_nothing_is_drawn_are_in_the_thirds_only():
    report = slice_report([judged(damage=[], found_damage=[region(0, 0.9)])], "damage", {})
    assert [s.photos for s in group(report, "count")] == [0, 0, 0]
    (third,) = (s for s in group(report, "brightness") if s.photos)
    assert (third.objects, third.recall, third.findings, third.precision) == (0, None, 1, 0.0)
