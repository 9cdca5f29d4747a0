import json

import numpy as np
import pytest
from pycocotools.coco import COCO

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor
from tests.fakes import DAMAGES, PARTS, Thing, fake_detector

PHOTO = np.zeros((400, 800, 3), np.uint8)
THINGS = [
    Thing("parts", "hood", (10, 10, 90, 90), 0.9),
    Thing("damage", "dent", (20, 20, 40, 45), 0.8),
    Thing("damage", "scratch", (60, 20, 70, 25), 0.4),
]


def load(tmp_path, content):
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(content))
    return COCO(str(path))


def test_pycocotools_reads_it_with_scores_and_exact_masks(tmp_path):
    assessment = Assessor(fake_detector(THINGS))(PHOTO)
    coco = load(tmp_path, assessment.to_coco())
    names = {c["id"]: (c["supercategory"], c["name"]) for c in coco.loadCats(coco.getCatIds())}
    assert list(names.values()) == [("part", name) for name in PARTS] + [("damage", name) for name in DAMAGES]
    found = {names[a["category_id"]]: a for a in coco.loadAnns(coco.getAnnIds())}
    assert {key: a["score"] for key, a in found.items()} == {
        ("part", "hood"): 0.9,
        ("damage", "dent"): 0.8,
        ("damage", "scratch"): 0.4,
    }
    dent = found["damage", "dent"]
    assert dent["bbox"] == [80, 80, 80, 100] and dent["area"] == 8000
    mask = coco.annToMask(dent)
    assert mask.shape == (400, 800) and mask.sum() == 8000 and mask[80:180, 80:160].all()
    (image,) = coco.loadImgs(coco.getImgIds())
    assert (image["file_name"], image["width"], image["height"]) == ("photo", 800, 400)
    assert {"info", "licenses"} <= set(coco.dataset)


def test_an_assessment_read_from_json_gives_the_same(tmp_path):
    assessment = Assessor(fake_detector(THINGS))(PHOTO)
    assert Assessment.model_validate_json(assessment.model_dump_json()).to_coco() == assessment.to_coco()


def test_it_can_be_scored_as_results(tmp_path):
    content = Assessor(fake_detector(THINGS))(PHOTO).to_coco()
    results = load(tmp_path, content).loadRes(content["annotations"])
    assert len(results.getAnnIds()) == 3


def test_nothing_found_is_a_valid_file(tmp_path):
    content = Assessor(fake_detector([]))(PHOTO).to_coco()
    assert content["annotations"] == [] and len(content["images"]) == 1
    assert load(tmp_path, content).getCatIds() == pytest.approx(range(1, 8))
