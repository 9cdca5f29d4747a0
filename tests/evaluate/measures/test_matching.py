import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from crumple.evaluate.measures.matching import CROWD, NO_PARTNER, match_photo
from tests.evaluate.squares import CLASSES, HEIGHT, WIDTH, photo, random_photos, region


def test_each_object_goes_to_the_best_score_that_overlaps_half_of_it():
    drawn = [region(0), region(50), region(80)]
    found = [region(0, 0.6), region(1, 0.9), region(54, 0.8), region(80, 0.7, label="scratch")]
    match = match_photo(photo(drawn, found), {})
    assert [one.score for one in match.found] == [0.9, 0.8, 0.7, 0.6]
    # 54 overlaps 50 by 60 of 140 pixels only; the scratch is on no drawn scratch; 0.6 comes too late.
    assert match.partner.tolist() == [0, NO_PARTNER, NO_PARTNER, NO_PARTNER]
    assert match.iou.tolist() == pytest.approx([90 / 110, 0, 0, 0])
    assert match.hit.tolist() == [True, False, False]
    assert match.drawn == tuple(drawn)


def test_the_larger_overlap_wins_and_the_next_takes_what_is_left():
    match = match_photo(photo([region(0), region(3)], [region(2, 0.9), region(2, 0.8)]), {})
    assert match.partner.tolist() == [1, 0]
    assert match.iou.tolist() == pytest.approx([90 / 110, 80 / 120])


def test_an_overlap_of_exactly_half_counts():
    match = match_photo(photo([region((0, 0, 20, 10))], [region((0, 0, 10, 10), 0.9)]), {})
    assert match.partner.tolist() == [0] and match.iou.tolist() == [0.5]


def test_scores_below_their_class_are_left_out():
    found = [region(0, 0.3), region(20, 0.3, "scratch"), region(40, 0.5)]
    match = match_photo(photo([region(0)], found), {"dent": 0.5})
    assert [(one.label, one.score) for one in match.found] == [("dent", 0.5), ("scratch", 0.3)]
    assert match.hit.tolist() == [False]


def test_a_crowd_takes_any_number_and_is_never_hit():
    drawn = [region((0, 0, 40, 10), crowd=True), region(30)]
    match = match_photo(photo(drawn, [region(0, 0.9), region(2, 0.8), region(30, 0.7), region(30, 0.6)]), {})
    assert match.partner.tolist() == [CROWD, CROWD, 1, CROWD]
    assert match.iou.tolist() == [0, 0, 1, 0]
    assert match.hit.tolist() == [False, True]


def test_nothing_drawn_or_nothing_found():
    match = match_photo(photo([], [region(0, 0.9)]), {})
    assert match.partner.tolist() == [NO_PARTNER] and match.hit.shape == (0,)
    match = match_photo(photo([region(0)], []), {})
    assert match.partner.shape == match.iou.shape == (0,) and match.hit.tolist() == [False]


@pytest.mark.parametrize("seed", range(5))
def test_matches_are_those_of_pycocotools(seed, capsys):
    photos = random_photos(np.random.default_rng(seed))
    expected = coco_matches(photos)
    capsys.readouterr()
    for i, one in enumerate(photos):
        match = match_photo(one, {})
        for label in CLASSES:
            mine = [k for k, found in enumerate(match.found) if found.label == label]
            assert match.partner[mine].tolist() == expected.get((i, label), [])


def coco_matches(photos):
    """(photo, label) -> for each detection, highest score first, the index of what it matches, from COCOeval."""
    annotations, results = [], []
    for i, one in enumerate(photos):
        for j, drawn in enumerate(one.drawn):
            annotations.append(
                {
                    "id": 1000 * (i + 1) + j,
                    "image_id": i,
                    "category_id": CLASSES.index(drawn.label),
                    "segmentation": drawn.rle,
                    "area": float(coco_mask.area(drawn.rle)),
                    "iscrowd": int(drawn.crowd),
                }
            )
        for found in one.found:
            result = {"image_id": i, "category_id": CLASSES.index(found.label), "score": found.score}
            results.append(result | {"segmentation": found.rle})
    truth = COCO()
    truth.dataset = {
        "images": [{"id": i, "width": WIDTH, "height": HEIGHT} for i in range(len(photos))],
        "categories": [{"id": k, "name": name} for k, name in enumerate(CLASSES)],
        "annotations": annotations,
    }
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(results), "segm")
    evaluation.evaluate()
    matches = {}
    for one in evaluation.evalImgs:
        if one is not None and one["aRng"] == evaluation.params.areaRng[0]:
            ids, ignored = one["dtMatches"][0].astype(int), one["dtIgnore"][0].astype(bool)
            partner = np.where(ignored, CROWD, np.where(ids > 0, ids % 1000, NO_PARTNER))
            matches[one["image_id"], CLASSES[one["category_id"]]] = partner.tolist()
    return matches
