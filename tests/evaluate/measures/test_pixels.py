import numpy as np
import pytest

from crumple.detect.rle import decode
from crumple.evaluate.measures.pixels import count_pixels, pixel_report
from tests.evaluate.squares import CLASSES, HEIGHT, WIDTH, photo, random_photos, region


def test_three_pieces_found_as_one_lose_hardly_any_pixels():
    drawn = [region((0, 0, 10, 10)), region((12, 0, 22, 10)), region((24, 0, 34, 10))]
    report = pixel_report(count_pixels([photo(drawn, [region((0, 0, 34, 10), 0.9)])], CLASSES, {}))
    dent = report.classes[0]
    assert (dent.name, dent.intersection, dent.union, dent.drawn) == ("dent", 300, 340, 300)
    assert dent.iou == report.mean_iou == report.anything.iou == pytest.approx(300 / 340)


def test_the_wrong_class_still_covers_the_damage():
    report = pixel_report(count_pixels([photo([region(0)], [region(5, 0.9, "scratch")])], CLASSES, {}))
    dent, scratch, _ = report.classes
    assert (dent.iou, dent.union) == (0.0, 100)
    assert (scratch.iou, scratch.union, scratch.drawn) == (None, 100, 0)  # nothing to cover
    assert report.mean_iou == 0.0
    assert report.anything.name == "any" and report.anything.iou == pytest.approx(50 / 150)


def test_pixels_are_summed_over_photos_before_they_are_divided():
    photos = [
        photo([region((0, 0, 40, 10))], [region((0, 0, 40, 10), 0.9)]),
        photo([region(0)], [region(50, 0.9)]),
        photo(),
    ]
    counts = count_pixels(photos, CLASSES, {})
    assert counts.intersection[:, 0].tolist() == counts.intersection[:, -1].tolist() == [400, 0, 0]
    assert counts.union[:, 0].tolist() == [400, 200, 0] and counts.drawn[:, 0].tolist() == [400, 100, 0]
    assert pixel_report(counts).classes[0].iou == pytest.approx(400 / 600)
    as_they_are, first_twice, only_the_last = counts.iou(np.array([[1, 1, 1], [2, 0, 1], [0, 0, 3]]))
    assert as_they_are[0] == pytest.approx(400 / 600) and first_twice[0] == 1.0
    assert np.isnan(only_the_last).all()


def test_scores_below_the_operating_point_cover_nothing():
    photos = [photo([region(0)], [region(0, 0.4)])]
    assert pixel_report(count_pixels(photos, CLASSES, {"dent": 0.5})).classes[0].iou == 0.0
    assert pixel_report(count_pixels(photos, CLASSES, {"dent": 0.4})).classes[0].iou == 1.0


def test_a_crowd_counts_neither_way():
    crowd = region((0, 0, 30, 10), crowd=True)
    # Found: 20 columns of crowd, 10 of the object beyond it, 5 of nothing. 5 columns of the object lie in the crowd.
    photos = [photo([crowd, region((25, 0, 40, 10))], [region((10, 0, 45, 10), 0.9)])]
    dent = pixel_report(count_pixels(photos, CLASSES, {})).classes[0]
    assert (dent.intersection, dent.union, dent.drawn) == (100, 150, 100)
    only_crowd = pixel_report(count_pixels([photo([crowd], [region(0, 0.9)])], CLASSES, {}))
    assert only_crowd.classes[0].iou is None and only_crowd.anything.union == 0


def test_a_crowd_of_one_class_does_not_excuse_another_but_for_any_damage():
    photos = [photo([region((0, 0, 30, 10), crowd=True)], [region(0, 0.9, "scratch")])]
    report = pixel_report(count_pixels(photos, CLASSES, {}))
    assert report.classes[1].union == 100 and report.anything.union == 0


def test_no_photos():
    report = pixel_report(count_pixels([], CLASSES, {}))
    assert (report.photos, report.mean_iou, report.anything.iou) == (0, None, None)
    assert [row.iou for row in report.classes] == [None] * 3


def test_equals_the_full_masks():
    def union(regions):
        return np.any([decode(one.rle) for one in regions], axis=0) if regions else np.zeros((HEIGHT, WIDTH), bool)

    photos = random_photos(np.random.default_rng(5), 40)
    lowest = {"dent": 0.3, "scratch": 0.5}
    counts = count_pixels(photos, CLASSES, lowest)
    for n, one in enumerate(photos):
        for k, name in enumerate((*CLASSES, "any")):
            mine = [r for r in one.drawn if name in (r.label, "any")]
            out = union([r for r in mine if r.crowd])
            drawn = union([r for r in mine if not r.crowd]) & ~out
            kept = [r for r in one.found if r.score >= lowest.get(r.label, 0) and name in (r.label, "any")]
            found = union(kept) & ~out
            expected = ((drawn & found).sum(), (drawn | found).sum(), drawn.sum())
            assert (counts.intersection[n, k], counts.union[n, k], counts.drawn[n, k]) == expected
