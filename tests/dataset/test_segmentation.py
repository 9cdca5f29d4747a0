import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from crumple.dataset.instances import Instance
from crumple.dataset.segmentation import Complaint, check_box, polygon_area, read_polygons, read_rle, rle_box

MASKS = hnp.arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def column_runs(mask: np.ndarray) -> list[int]:
    """Uncompressed COCO counts: lengths of runs down the columns, starting with a run of False."""
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(np.diff(flat))
    return np.diff([0, *edges, mask.size]).tolist()


@given(MASKS)
def test_both_kinds_of_rle_give_the_mask_back(mask):
    height, width = mask.shape
    compressed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    for counts in (compressed, column_runs(mask)):
        segmentation = {"size": [height, width], "counts": counts}
        if not mask.any():
            with pytest.raises(Complaint, match="is an empty mask"):
                read_rle(segmentation, height, width)
            continue
        rle = read_rle(segmentation, height, width)
        np.testing.assert_array_equal(Instance("wheel", (), rle, rle_box(rle), False, 1).bitmap(height, width), mask)
        ys, xs = np.nonzero(mask)
        assert rle_box(rle) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


@given(st.text(st.characters(min_codepoint=0, max_codepoint=200), max_size=30) | st.lists(st.integers(-5, 900)))
def test_run_lengths_that_lie_never_reach_the_c_code(counts):
    try:
        rle = read_rle({"size": [20, 30], "counts": counts}, 20, 30)
    except Complaint:
        return
    assert 0 < coco_mask.area(rle) <= 600


@pytest.mark.parametrize(
    ("segmentation", "field", "reason"),
    [
        ({"size": [30, 20], "counts": [0, 600]}, "segmentation.size", r"is \[30, 20\], but the image is \[20, 30\]"),
        ({"counts": [0, 600]}, "segmentation.size", "is None"),
        ({"size": [20, 30]}, "segmentation.counts", "must be a list of whole numbers or compressed text"),
        ({"size": [20, 30], "counts": [0.5, 599.5]}, "segmentation.counts", "must be a list of whole numbers"),
        ({"size": [20, 30], "counts": [0, 601]}, "segmentation.counts", "runs sum to 601, not 600"),
        ({"size": [20, 30], "counts": [-1, 601]}, "segmentation.counts", "does not cover the image"),
        ({"size": [20, 30], "counts": [600]}, "segmentation", "is an empty mask"),
        ({"size": [20, 30], "counts": "abc é"}, "segmentation.counts", "broken at character 4"),
        ({"size": [20, 30], "counts": "o" * 40}, "segmentation.counts", "is not compressed RLE"),
        ({"size": [20, 30], "counts": "o"}, "segmentation.counts", "broken at character 2"),
    ],
)
def test_a_broken_mask_is_named_by_field(segmentation, field, reason):
    with pytest.raises(Complaint, match=reason) as complaint:
        read_rle(segmentation, 20, 30)
    assert complaint.value.field == field


def test_polygons_keep_their_points_and_a_rounding_overhang_is_clipped():
    first, second = read_polygons([[0, 0, 10.5, 0, 10.5, 8], [-2, -1.5, 32, -1, 32, 22, 5, 21]], 20, 30)
    np.testing.assert_array_equal(first, [[0, 0], [10.5, 0], [10.5, 8]])
    np.testing.assert_array_equal(second, [[0, 0], [30, 0], [30, 20], [5, 20]])
    assert first.dtype == np.float64


@pytest.mark.parametrize(
    ("segmentation", "field", "reason"),
    [
        ([], "segmentation", "has no polygon"),
        ([[]], "segmentation[0]", "is an empty polygon: 0 points"),
        ([[1, 1, 5, 5]], "segmentation[0]", "is an empty polygon: 2 points, at least 3 are needed"),
        ([[1, 1, 5, 5, 9, 9]], "segmentation[0]", "has no area inside the image"),
        ([[0, 0, 9, 0, 9, 9], [-2, 0, -1, 0, -1, 9]], "segmentation[1]", "has no area inside the image"),
        ([[0, 0, 9, 0, 9, 9], [0, 0, 9, 0, 9, 9, 1]], "segmentation[1]", r"odd number of coordinates \(7\)"),
        ([[0, 0, 9, 0, 9, float("nan")]], "segmentation[0]", "holds nan"),
        ([[0, 0, 9, 0, 9, float("-inf")]], "segmentation[0]", "holds -inf"),
        ([[0, 0, 9, 0, 9, 10**400]], "segmentation[0]", "number too large"),
        ([[0, 0, 9, 0, 9, "7"]], "segmentation[0]", "must be a list of numbers"),
        ([[[0, 0], [9, 0], [9, 9]]], "segmentation[0]", "must be a list of numbers"),
        ([0, 0, 9, 0, 9, 9], "segmentation[0]", "must be a list of numbers"),
        ([[0, 0, 32.1, 0, 9, 9]], "segmentation[0]", "outside the image: x 0 to 32.1, y 0 to 9; the image is 30x20"),
        ([[0, -2.5, 9, 0, 9, 9]], "segmentation[0]", "lies outside the image"),
        ([[0, 0, 9, 0, 9, 22.5]], "segmentation[0]", "lies outside the image"),
    ],
)
def test_a_broken_polygon_is_named_by_field(segmentation, field, reason):
    with pytest.raises(Complaint, match=reason) as complaint:
        read_polygons(segmentation, 20, 30)
    assert complaint.value.field == field


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ([0, 0, 10], "has 3 numbers"),
        ("0 0 10 10", "must be a list of numbers"),
        ([0, 0, 0, 5], "is empty: width 0, height 5"),
        ([5, 5, -3, 5], "is empty"),
        ([0, 0, float("inf"), 5], "holds inf"),
        ([25, 0, 8, 5], "lies outside the image: x 25 to 33, y 0 to 5; the image is 30x20"),
        ([-3, 0, 8, 5], "lies outside the image"),
        ([0, 15, 8, 8], "lies outside the image"),
    ],
)
def test_a_broken_box_says_why(box, reason):
    with pytest.raises(Complaint, match=reason) as complaint:
        check_box(box, 20, 30)
    assert complaint.value.field == "bbox"


def test_a_box_may_overhang_by_rounding():
    check_box([-2, -1, 34, 22.5], 20, 30)


@given(hnp.arrays(np.float64, (5, 2), elements=st.floats(0, 100)), st.floats(-50, 50), st.floats(-50, 50))
def test_area_does_not_depend_on_where_the_polygon_lies_or_starts(points, dx, dy):
    area = polygon_area(points)
    assert polygon_area(points + np.array([dx, dy])) == pytest.approx(area, abs=1e-6)
    assert polygon_area(np.roll(points, 2, axis=0)) == pytest.approx(area, abs=1e-6)
    assert polygon_area(points[::-1]) == pytest.approx(area, abs=1e-6)


def test_area_of_a_rectangle():
    assert polygon_area(np.array([[1, 2], [7, 2], [7, 5], [1, 5]], float)) == 18


def test_a_bitmap_is_the_union_of_the_polygons_and_refuses_another_size():
    polygons = read_polygons([[0, 0, 10, 0, 10, 10, 0, 10], [20, 0, 30, 0, 30, 10, 20, 10]], 20, 30)
    bitmap = Instance("wheel", polygons, None, (0, 0, 30, 10), False, 1).bitmap(20, 30)
    expected = np.zeros((20, 30), bool)
    expected[:10, :10] = expected[:10, 20:] = True
    np.testing.assert_array_equal(bitmap, expected)
    rle = read_rle({"size": [20, 30], "counts": [0, 600]}, 20, 30)
    with pytest.raises(ValueError, match=r"the mask is \[20, 30\]"):
        Instance("wheel", (), rle, (0, 0, 30, 20), True, 1).bitmap(30, 20)
