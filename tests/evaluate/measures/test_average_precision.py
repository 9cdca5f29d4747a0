"""AP of synthetic detections whose answer is known, and equality with pycocotools called directly."""

from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.detect.detections import BranchDetections
from crumple.errors import DataError
from crumple.evaluate.judged.regions import MAX_FOUND, PhotoRegions, Region, drawn_regions, found_regions
from crumple.evaluate.measures.average_precision import regions_ap

HEIGHT, WIDTH = 200, 240
CLASSES = ("left_door", "right_door", "wheel")
ONE = pytest.approx(1.0, abs=1e-12)  # pycocotools divides by (found + 2e-16)


def rectangle(label, box, crowd=False):
    x0, y0, x1, y1 = box
    polygon = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)
    return Instance(label, (polygon,), None, tuple(map(float, box)), crowd, 1)


def photo(*instances):
    return LabelledPhoto(Path("a.jpg"), "a.jpg", 7, WIDTH, HEIGHT, None, instances)


def detections(*found, classes=CLASSES):
    """found: (label, box, score), each with a mask that fills its box."""
    found = sorted(found, key=lambda item: -item[2])
    return BranchDetections(
        np.array([box for _, box, _ in found], np.float32).reshape(-1, 4),
        np.array([score for *_, score in found], np.float32),
        np.array([classes.index(label) for label, *_ in found], np.int32),
        np.ones((len(found), 28, 28), np.float32),
        classes,
    )


def report(photos, found, **options):
    regions = [
        PhotoRegions(WIDTH, HEIGHT, drawn_regions(drawn), found_regions(one, HEIGHT, WIDTH))
        for drawn, one in zip(photos, found, strict=True)
    ]
    return regions_ap(regions, "parts", CLASSES, **options)


def by_class(result):
    return {row.name: row for row in result.classes}


def test_perfect_detections_score_one():
    boxes = [("left_door", (10, 10, 60, 90)), ("wheel", (100, 50, 120, 70)), ("wheel", (130, 40, 235, 190))]
    result = report([photo(*(rectangle(*item) for item in boxes))], [detections(*((*item, 0.9) for item in boxes))])
    for scores in (result.box, result.mask):
        expected = dict.fromkeys(("ap", "ap10", "ap25", "ap50", "ap75", "small", "medium", "large"), ONE)
        assert scores.model_dump() == expected
    rows = by_class(result)
    assert (rows["wheel"].instances, rows["wheel"].photos, result.instances, result.photos) == (2, 1, 3, 1)
    assert rows["wheel"].mask.small == rows["wheel"].mask.large == ONE
    assert rows["wheel"].mask.medium is None


def test_shifted_boxes_lose_the_thresholds_above_their_overlap():
    # 100 px wide, shifted by 20: IoU = 80 / 120 = 0.667, so it counts at 0.50, 0.55, 0.60 and 0.65 of ten thresholds.
    result = report([photo(rectangle("wheel", (10, 10, 110, 60)))], [detections(("wheel", (30, 10, 130, 60), 0.8))])
    assert result.mask.ap == result.box.ap == pytest.approx(0.4)
    assert (result.mask.ap50, result.mask.ap75) == (ONE, 0.0)


def test_a_loose_outline_counts_at_the_lenient_thresholds_alone():
    # 100 px wide, shifted by 50 and by 75: IoU 50 / 150 = 0.333 and 25 / 175 = 0.143.
    drawn = photo(rectangle("wheel", (10, 10, 110, 60)))
    third, seventh = (report([drawn], [detections(("wheel", (10 + x, 10, 110 + x, 60), 0.8))]).mask for x in (50, 75))
    assert (third.ap, third.ap10, third.ap25, third.ap50) == (0.0, ONE, ONE, 0.0)
    assert (seventh.ap, seventh.ap10, seventh.ap25, seventh.ap50) == (0.0, ONE, 0.0, 0.0)


def test_a_false_alarm_with_a_higher_score_halves_the_precision():
    found = detections(("wheel", (10, 10, 60, 60), 0.8), ("wheel", (150, 100, 200, 150), 0.9))
    result = report([photo(rectangle("wheel", (10, 10, 60, 60)))], [found])
    assert result.mask.ap == pytest.approx(0.5)


def test_class_without_ground_truth_is_absent_and_not_averaged():
    found = detections(("wheel", (10, 10, 60, 60), 0.8), ("left_door", (150, 100, 200, 150), 0.9))
    result = report([photo(rectangle("wheel", (10, 10, 60, 60)))], [found])
    assert by_class(result)["left_door"].mask.ap is None
    assert by_class(result)["left_door"].instances == 0
    assert result.mask.ap == ONE


def test_no_detections_score_zero():
    result = report([photo(rectangle("wheel", (10, 10, 60, 60)))], [detections()])
    assert (result.box.ap, result.mask.ap, result.mask.ap50, result.mask.medium) == (0.0, 0.0, 0.0, 0.0)
    assert result.mask.small is None


def test_no_ground_truth_and_no_photos_have_no_score():
    for result in (report([photo()], [detections(("wheel", (10, 10, 60, 60), 0.8))]), report([], [])):
        assert result.instances == 0
        assert {*result.box.model_dump().values(), *result.mask.model_dump().values()} == {None}


def test_crowd_takes_detections_without_counting_them():
    drawn = photo(rectangle("wheel", (10, 10, 60, 60)), rectangle("wheel", (100, 100, 200, 180), crowd=True))
    found = detections(
        ("wheel", (10, 10, 60, 60), 0.5), ("wheel", (100, 100, 140, 140), 0.9), ("wheel", (150, 120, 190, 170), 0.9)
    )
    result = report([drawn], [found])
    assert (result.mask.ap, result.box.ap, result.instances) == (ONE, ONE, 1)


def test_merging_forgives_the_wrong_side():
    drawn, found = photo(rectangle("left_door", (10, 10, 60, 60))), detections(("right_door", (10, 10, 60, 60), 0.8))
    assert report([drawn], [found]).mask.ap == 0.0
    merged = report([drawn], [found], relabel={"left_door": "door", "right_door": "door"})
    assert merged.mask.ap == ONE
    assert [row.name for row in merged.classes] == ["door", "wheel"]


def test_masks_are_sized_by_their_own_area():
    # A diagonal sliver: mask under 32x32 pixels in a box of 100x100. It is missed; another is found elsewhere.
    sliver = np.array([[10, 10], [14, 10], [110, 110], [106, 110]], float)
    drawn = Instance("wheel", (sliver,), None, (10.0, 10.0, 110.0, 110.0), False, 1)
    small = rectangle("wheel", (200, 150, 220, 170))
    mask = np.eye(28, dtype=np.float32)
    found = detections(("wheel", (200, 150, 220, 170), 0.5), ("wheel", (100, 20, 190, 110), 0.9))
    found.masks[0] = mask
    result = report([photo(drawn, small)], [found])
    # Were the found sliver sized by its box (large), it would not be a false alarm among the small ones.
    assert result.mask.small == pytest.approx(0.5 * 51 / 101)


def test_only_the_best_hundred_of_a_photo_count():
    many = [("left_door", (150, 100, 200, 150), 0.9)] * MAX_FOUND
    found = detections(*many, ("wheel", (10, 10, 60, 60), 0.5))
    drawn = photo(rectangle("wheel", (10, 10, 60, 60)))
    assert report([drawn], [found]).mask.ap == 0.0
    assert report([drawn], [detections(*many[1:], ("wheel", (10, 10, 60, 60), 0.5))]).mask.ap == ONE
    regions = PhotoRegions(
        WIDTH,
        HEIGHT,
        drawn_regions(drawn),
        (
            Region("wheel", (0, 0, 1, 1), drawn_regions(drawn)[0].rle, 0.5),
            *found_regions(detections(*many), HEIGHT, WIDTH),
        ),
    )
    assert regions_ap([regions], "parts", CLASSES).mask.ap == 0.0


def test_unknown_label_is_refused():
    with pytest.raises(DataError, match=r"label 'roof' is not a class of branch 'parts' \(it has left_door, "):
        report([photo(rectangle("roof", (10, 10, 60, 60)))], [detections()])


def random_scene(rng):
    """12 photos with up to 9 objects, some crowds, found with jitter, confusion, misses and false alarms."""
    photos, found = [], []
    for _ in range(12):
        instances, seen = [], []
        for _ in range(rng.integers(0, 10)):
            x, y = rng.integers(0, WIDTH - 30), rng.integers(0, HEIGHT - 30)
            w, h = rng.integers(8, WIDTH - x), rng.integers(8, HEIGHT - y)
            label = CLASSES[rng.integers(2)]
            instances.append(rectangle(label, (x, y, x + w, y + h), crowd=bool(rng.random() < 0.1)))
            if rng.random() < 0.8:
                box = np.clip(
                    np.array([x, y, x + w, y + h]) + rng.normal(0, 0.06, 4) * [w, h, w, h], 0, [WIDTH, HEIGHT] * 2
                )
                seen.append((label if rng.random() < 0.8 else "wheel", box, rng.random()))
        for _ in range(rng.integers(0, 4)):
            x, y = rng.integers(0, WIDTH - 40), rng.integers(0, HEIGHT - 40)
            seen.append((CLASSES[rng.integers(3)], (x, y, x + 30, y + 30), rng.random()))
        photos.append(photo(*instances))
        one = detections(*seen)
        one.masks[:] = rng.random((len(seen), 28, 28)) > 0.2
        found.append(one)
    return photos, found


@pytest.mark.parametrize("seed", range(3))
def test_equals_pycocotools_called_directly(seed, capsys):
    photos, found = random_scene(np.random.default_rng(seed))
    result = report(photos, found)
    assert capsys.readouterr().out == ""
    for kind, scores in (("bbox", result.box), ("segm", result.mask)):
        expected = direct_stats(photos, found, kind)
        values = [getattr(scores, name) for name in ("ap", "ap50", "ap75", "small", "medium", "large")]
        assert values == pytest.approx(expected, abs=1e-9)


def direct_stats(photos, found, kind):
    """The first six figures of `COCOeval.summarize`, from bitmaps and a JSON-like data set made without crumple."""
    truth, results = COCO(), []
    annotations = []
    for i, (drawn, one) in enumerate(zip(photos, found, strict=True)):
        for instance in drawn.instances:
            x0, y0, x1, y1 = instance.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": i,
                    "category_id": CLASSES.index(instance.label),
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "segmentation": [instance.polygons[0].ravel().tolist()],
                    "area": int(instance.bitmap(HEIGHT, WIDTH).sum()),
                    "iscrowd": int(instance.crowd),
                }
            )
            if instance.crowd:  # COCO gives crowds as RLE
                annotations[-1]["segmentation"] = coco_mask.encode(
                    np.asfortranarray(instance.bitmap(HEIGHT, WIDTH).astype(np.uint8))
                )
        for k in range(len(one)):
            x0, y0, x1, y1 = one.boxes[k].astype(float)
            result = {"image_id": i, "category_id": int(one.labels[k]), "score": float(one.scores[k])}
            if kind == "bbox":
                result["bbox"] = [x0, y0, x1 - x0, y1 - y0]
            else:
                bitmap = np.asfortranarray(one.bitmap(k, HEIGHT, WIDTH).astype(np.uint8))
                result["segmentation"] = coco_mask.encode(bitmap)
            results.append(result)
    truth.dataset = {
        "images": [{"id": i, "width": WIDTH, "height": HEIGHT} for i in range(len(photos))],
        "categories": [{"id": k, "name": name} for k, name in enumerate(CLASSES)],
        "annotations": annotations,
    }
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(results), kind)
    evaluation.evaluate()  # at COCO's own ten thresholds
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats[:6]
