"""Detections of another system, read from COCO JSON, measured with the same ruler."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from crumple.assessment.assessment import PhotoInfo
from crumple.assessment.coco import CocoFile
from crumple.dataset.sets import read_data
from crumple.errors import DataError
from crumple.evaluate.judged.coco_detections import data_classes, read_detections
from crumple.evaluate.judged.judge import DetectorFinder, judge
from crumple.evaluate.judged.photos import labelled_for
from crumple.evaluate.judged.truths import read_truths
from crumple.evaluate.measures.average_precision import regions_ap
from crumple.photo import decode_photo
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.small_data import SIZE, KnowingDetector, polygon, write_data


@pytest.fixture
def both(tmp_path):
    """The data file of two sets, whose photos have the same names in two folders."""
    return read_data(write_data(tmp_path))


def one_set(folder, labels="bilgi"):
    """A data file with the damage set alone: 0.png and 1.png."""
    write_data(folder)
    entry = {"name": "bilgi", "branch": "damage", "labels": labels}
    entry["val"] = {"annotations": "damage/val.json", "images": "damage/images"}
    (folder / "data.yaml").write_text(json.dumps({"sets": [entry]}))
    return read_data(folder / "data.yaml")


def truths_of(data):
    return read_truths(data, "val", data_classes(data))


def read(path, data, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_detections(path, data, truths_of(data), "val")


BOX = (10, 10, 60, 60)  # of the dent on damage/1.png


def detection(image_id=2, category_id=1, score=0.9, **fields):
    """One annotation with the dent's polygon; fields that are None are left out."""
    entry = {"image_id": image_id, "category_id": category_id, "score": score, "segmentation": [polygon(BOX)]} | fields
    return {key: value for key, value in entry.items() if value is not None}


def detections(*annotations, **fields):
    """A file for `one_set`."""
    images = [{"id": i, "file_name": f"{i - 1}.png", "width": SIZE[0], "height": SIZE[1]} for i in (1, 2)]
    categories = [{"id": 1, "name": "dent"}, {"id": 2, "name": "scratch"}]
    return {"images": images, "categories": categories, "annotations": list(annotations)} | fields


def scores(finder, data):
    """The AP reports of all branches."""
    photos = judge(finder, truths_of(data))
    reports = {}
    for branch in finder.info.branches:
        regions = [photo.regions(branch.name) for photo in labelled_for(photos, branch.name)]
        reports[branch.name] = regions_ap(regions, branch.name, branch.classes)
    return reports


class RoughDetector(KnowingDetector):
    """Finds the right things with frayed masks and shaken boxes, some twice, and one without a pixel."""

    def branch(self, objects, classes):
        rng = np.random.default_rng(len(objects))
        found = super().branch(objects * 2, classes)
        found.boxes[:] = np.clip(found.boxes + rng.integers(-12, 13, found.boxes.shape) / 4, 0, [*SIZE, *SIZE])
        found.masks[:] = rng.random(found.masks.shape) > 0.1
        if len(found):
            found.masks[-1] = 0
        return found


def test_what_crumple_writes_gives_the_same_ap_as_its_detector(both, tmp_path):
    detector = RoughDetector()
    file = CocoFile({"parts": PARTS, "damage": DAMAGES})
    for truth in truths_of(both):
        name = truth.path.relative_to(tmp_path).as_posix()
        file.add_detections(
            PhotoInfo(name=name, sha256="", width=SIZE[0], height=SIZE[1]), detector(decode_photo(truth.path).rgb)
        )
    own, read_back = (
        scores(finder, both)
        for finder in (DetectorFinder(detector), read(tmp_path / "coco.json", both, file.to_dict()))
    )
    for branch in ("parts", "damage"):
        assert 0 < own[branch].mask.ap < 1
        for kind in ("mask", "box"):
            mine, theirs = (getattr(reports[branch], kind).model_dump() for reports in (own, read_back))
            assert theirs == pytest.approx(mine, abs=1e-6)


def random_set(folder, rng, photos=12):
    """The damage set with random triangles for labels, and random detections near them: label file, results."""
    data = one_set(folder)
    images, annotations, results = [], [], []
    for i in range(photos):
        Image.new("RGB", SIZE, (i,) * 3).save(folder / "damage" / "images" / f"{i}.png")
        images.append({"id": i, "file_name": f"{i}.png", "width": SIZE[0], "height": SIZE[1]})
        for _ in range(rng.integers(0, 6)):
            low, side = rng.uniform(0, 60, 2), rng.uniform(8, 60, 2)
            (x, y), (w, h) = low, side
            label, ring = int(rng.integers(2)), [x, y, x + w, y, x, y + h]
            annotations.append({"id": len(annotations) + 1, "image_id": i, "category_id": label, "iscrowd": 0})
            annotations[-1] |= {"segmentation": [ring], "bbox": [x, y, w, h]}
            annotations[-1]["area"] = float(coco_mask.area(coco_mask.frPyObjects([ring], *SIZE[::-1]))[0])
            for _ in range(rng.integers(0, 3)):
                shaken = (np.array([*low, *side]) + rng.normal(0, 1.5, 4)).clip(0.5, 60)
                bitmap = np.zeros(SIZE[::-1], np.uint8, order="F")
                a, b, c, d = shaken.round().astype(int)
                bitmap[b : b + d, a : a + c] = np.arange(c) / c + (np.arange(d) / d)[:, None] < 1
                rle = coco_mask.encode(bitmap)
                found = {"image_id": i, "category_id": label if rng.random() < 0.8 else 1 - label}
                mask = {"size": rle["size"], "counts": rle["counts"].decode()}
                results.append(found | {"score": float(rng.random()), "bbox": shaken.tolist(), "segmentation": mask})
    content = {"images": images, "annotations": annotations}
    content["categories"] = [{"id": i, "name": name} for i, name in enumerate(("cizik", "gocuk"))]
    (folder / "damage" / "val.json").write_text(json.dumps(content))
    return data, folder / "damage" / "val.json", results


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_pycocotools_own_on_the_same_two_files(tmp_path, seed):
    data, labels, results = random_set(tmp_path, np.random.default_rng(seed))
    report = scores(read(tmp_path / "results.json", data, results), data)["damage"]
    rows = {row.name: row for row in report.classes}
    for kind, field, other in (("mask", "segmentation", "bbox"), ("box", "bbox", "segmentation")):
        # With a box beside the mask, pycocotools would take the box's area for the mask's.
        alone = [{key: value for key, value in result.items() if key != other} for result in results]
        (tmp_path / "alone.json").write_text(json.dumps(alone))
        truth = COCO(str(labels))
        theirs = COCOeval(truth, truth.loadRes(str(tmp_path / "alone.json")), "segm" if kind == "mask" else field)
        theirs.evaluate()
        theirs.accumulate()
        theirs.summarize()
        mine = getattr(report, kind)
        overall = [mine.ap, mine.ap50, mine.ap75, mine.small, mine.medium, -1 if mine.large is None else mine.large]
        assert overall == pytest.approx(theirs.stats[:6].tolist(), abs=1e-6)
        assert 0.1 < mine.ap < 0.9
        for k, name in enumerate(("scratch", "dent")):
            of_class = theirs.eval["precision"][:, :, k, 0, 2]
            assert getattr(rows[name], kind).ap == pytest.approx(of_class.mean(), abs=1e-6)
            assert getattr(rows[name], kind).ap50 == pytest.approx(of_class[0].mean(), abs=1e-6)


def test_a_plain_list_goes_by_the_ids_of_the_only_set(tmp_path):
    data = one_set(tmp_path)
    by_name = read(tmp_path / "named.json", data, detections(detection(), detection(1, 2, 0.4)))
    # In the label file photos count from 0, "gocuk" (dent) is 1 and "cizik" (scratch) 0.
    plain = read(tmp_path / "plain.json", data, [detection(1, 1), detection(0, 0, 0.4)])
    assert plain.found == by_name.found
    assert [branch.name for branch in plain.info.branches] == ["damage"]
    assert read(tmp_path / "none.json", data, []).boxes_only == 0


def test_a_plain_list_wants_one_set(both, tmp_path):
    with pytest.raises(DataError, match="goes by the ids of one label file, and the data has 2 sets"):
        read(tmp_path / "plain.json", both, [])


def test_masks_may_be_polygons_or_run_lengths(tmp_path):
    data = one_set(tmp_path)
    bitmap = np.zeros(SIZE[::-1], np.uint8, order="F")
    bitmap[10:60, 10:60] = 1
    compressed = coco_mask.encode(bitmap)
    compressed["counts"] = compressed["counts"].decode()
    flat = bitmap.ravel(order="F").astype(int)
    runs = np.diff([0, *(np.flatnonzero(np.diff(flat)) + 1), flat.size]).tolist()
    shapes = ([polygon(BOX)], compressed, {"size": compressed["size"], "counts": runs})
    masks = []
    for shape in shapes:
        (region,) = found_on(read(tmp_path / "d.json", data, detections(detection(segmentation=shape))), data)
        assert region.box == (10, 10, 60, 60)
        masks.append(coco_mask.decode(region.rle))
    assert all((mask == bitmap).all() for mask in masks)


def found_on(finder, data, file_name="1.png"):
    (truth,) = [truth for truth in truths_of(data) if truth.file_name == file_name]
    return finder.find(truth, np.zeros(0)).regions["damage"]


def test_a_detection_without_a_mask_is_judged_by_its_box(tmp_path):
    data = one_set(tmp_path)
    for none in (None, []):
        boxed = detection(segmentation=none, bbox=[10, 10, 50, 50])
        finder = read(tmp_path / "d.json", data, detections(boxed, detection(1, 2)))
        assert finder.boxes_only == 1
        (region,) = found_on(finder, data)
        assert region.box == (10, 10, 60, 60) and coco_mask.area(region.rle) == 2500


def test_the_box_is_the_one_given_and_cut_at_the_rim(tmp_path):
    data = one_set(tmp_path)
    finder = read(tmp_path / "d.json", data, detections(detection(bbox=[-1.5, 8, 70, 113])))
    assert found_on(finder, data)[0].box == (0, 8, 68.5, 120)


def test_masks_and_boxes_of_nothing_are_wrong_detections_and_no_error(tmp_path):
    data = one_set(tmp_path)
    nothing = coco_mask.encode(np.zeros(SIZE[::-1], np.uint8, order="F"))
    nothing = {"size": nothing["size"], "counts": nothing["counts"].decode()}
    runs = {"size": [SIZE[1], SIZE[0]], "counts": [SIZE[0] * SIZE[1]]}
    found = [
        detection(segmentation=nothing, bbox=[10, 10, 50, 50]),
        detection(segmentation=runs),
        detection(segmentation=None, bbox=[159.99, 20, 0.0, 30]),
    ]
    finder = read(tmp_path / "d.json", data, detections(*found, detection(score=0.5)))
    assert [int(coco_mask.area(region.rle)) for region in found_on(finder, data)] == [0, 0, 0, 2500]
    report = scores(finder, data)["damage"]
    assert {row.name: row.mask.ap50 for row in report.classes}["dent"] == pytest.approx(0.25)


def test_categories_may_have_the_names_of_the_source(tmp_path):
    data = one_set(tmp_path)
    categories = [{"id": 1, "name": "gocuk"}, {"id": 2, "name": "cizik"}]
    finder = read(tmp_path / "d.json", data, detections(detection(), categories=categories))
    assert found_on(finder, data)[0].label == "dent"


def test_dropped_classes_and_those_of_other_branches_are_left_out(tmp_path):
    (tmp_path / "labels.yaml").write_text(json.dumps({"names": {"cizik": "scratch", "gocuk": "dent", "rust": None}}))
    data = one_set(tmp_path, labels="labels.yaml")
    categories = [{"id": i, "name": name} for i, name in enumerate(("dent", "rust", "wheel"))]
    found = [detection(2, i) for i in range(3)]
    finder = read(tmp_path / "d.json", data, detections(*found, categories=categories))
    assert [region.label for region in found_on(finder, data)] == ["dent"]


def two_maps(folder, parts, damage):
    """The two sets with label maps of their own."""
    path = write_data(folder)
    content = json.loads(path.read_text())
    for entry, names in zip(content["sets"], (parts, damage), strict=True):
        (folder / f"{entry['name']}.yaml").write_text(json.dumps({"names": names}))
        entry["labels"] = f"{entry['name']}.yaml"
    path.write_text(json.dumps(content))
    return read_data(path)


def named(*names, folders=True):
    """A file for both sets, with the categories of these names and no detection."""
    files = [("parts", i) for i in range(3)] + [("damage", i) for i in range(2)]
    images = [{"id": k, "file_name": f"{branch}/images/{i}.png"} for k, (branch, i) in enumerate(files)]
    categories = [{"id": i, "name": name} for i, name in enumerate(names)]
    return {"images": images, "categories": categories, "annotations": []}


SOURCE = {name: name for name in ("wheel", "front_left_door", "trunk", "hood")} | {"cizik": "scratch", "gocuk": "dent"}


def test_one_label_map_may_serve_both_branches(tmp_path):
    data = two_maps(tmp_path, SOURCE, SOURCE)
    content = named("gocuk") | {"annotations": [detection(4, 0)]}
    finder = read(tmp_path / "d.json", data, content)
    assert [region.label for region in finder.find(truths_of(data)[4], np.zeros(0)).regions["damage"]] == ["dent"]


def test_a_name_that_means_two_things_is_refused(tmp_path):
    data = two_maps(tmp_path, SOURCE | {"glass": "front_glass"}, SOURCE | {"glass": "glass_crack"})
    with pytest.raises(
        DataError, match="category 'glass' is glass_crack in one set's label map and front_glass in ano"
    ):
        read(tmp_path / "d.json", data, named("glass"))


def test_a_file_that_knows_damage_alone_is_judged_on_damage_alone(both, tmp_path):
    finder = read(tmp_path / "d.json", both, named("dent"))
    assert [branch.name for branch in finder.info.branches] == ["damage"]
    assert finder.info.branches[0].classes == DAMAGES
    content = named("dent")
    content["images"] = content["images"][3:]  # so it need not have looked at photos of parts
    assert read(tmp_path / "d.json", both, content).info.branches == finder.info.branches


def test_photos_with_the_same_name_are_told_by_their_folders(both, tmp_path):
    content = named("gocuk", "wheel") | {"annotations": [detection(1, 1), detection(4, 0)]}
    finder = read(tmp_path / "d.json", both, content)
    found = [finder.find(truth, np.zeros(0)).regions for truth in truths_of(both)]
    assert [len(one["parts"]) for one in found] == [0, 1, 0, 0, 0]
    assert [len(one["damage"]) for one in found] == [0, 0, 0, 0, 1]
    for image in content["images"]:
        image["file_name"] = image["file_name"].rpartition("/")[2]
    with pytest.raises(
        DataError, match=r"images\[0\]: field file_name: '0.png' could be 2 of the photos; give it with"
    ):
        read(tmp_path / "d.json", both, content)


def test_photos_with_names_of_their_own_are_told_wherever_they_lay(tmp_path):
    data = one_set(tmp_path)
    content = detections(detection())
    for image in content["images"]:
        image["file_name"] = f"C/upload/{image['file_name']}"
    assert len(found_on(read(tmp_path / "d.json", data, content), data)) == 1


def test_photos_that_are_not_judged_are_left_out(tmp_path):
    data = one_set(tmp_path)
    content = detections(detection(3), detection(4), detection(2))
    # As the labels call it, 1.png is one of them; train/1.png is then another.
    content["images"] += [{"id": 3, "file_name": "other.png"}, {"id": 4, "file_name": "train/1.png"}]
    assert len(found_on(read(tmp_path / "d.json", data, content), data)) == 1


def test_only_the_best_hundred_of_a_photo_are_kept(tmp_path):
    data = one_set(tmp_path)
    many = [detection(score=i / 1000) for i in range(150)]
    found = found_on(read(tmp_path / "d.json", data, detections(*many)), data)
    assert len(found) == 100 and found[0].score == 0.149 and found[-1].score == 0.05


def changed(where, index, **fields):
    """A good file with one entry changed; a field that is None is left out."""
    content = detections(detection())
    entry = content[where][index] | fields
    content[where][index] = {key: value for key, value in entry.items() if value is not None}
    return content


NAMED_TWICE = detections(detection())
NAMED_TWICE["images"] = [*NAMED_TWICE["images"], {"id": 3, "file_name": "1.png"}]
HALF = {"size": [60, 80], "counts": [4800]}
REFUSED = {
    "empty file": ("", "d.json: is empty; give detections in COCO format"),
    "only blanks": (" \n", "d.json: is empty"),
    "not JSON": ("{", "d.json: is not JSON; give detections in COCO format"),
    "a text": ('"x"', "d.json: must be a list of COCO results, or an object with the lists images, annotations, categ"),
    "a list missing": ({"images": []}, "must be a list of COCO results, or an object with the lists"),
    "no category": (detections(categories=[]), "none of its categories is a class that the data is labelled with"),
    "other branch": (detections(categories=[{"id": 1, "name": "wheel"}]), "none of its categories is a class"),
    "unknown class": (changed("categories", 0, name="ding"), "category 'ding' is no class of ours; add it to the"),
    "no category id": (changed("categories", 1, id=None), "categories[1]: needs a whole number id and a name"),
    "category id twice": (changed("categories", 1, id=1), "categories[1]: field id: 1 is also that of 'dent'; give"),
    "no file name": (changed("images", 0, file_name=None), "images[0]: needs a whole number id and a file_name"),
    "image id is text": (changed("images", 1, id="2"), "images[1]: needs a whole number id and a file_name"),
    "image id twice": (changed("images", 1, id=1), "images[1]: field id: 1 is also that of '0.png'"),
    "photo twice": (NAMED_TWICE, "images[2]: field file_name: '1.png' and '1.png' are the same photo of the data"),
    "other size": (changed("images", 1, width=80), "images[1]: '1.png' is 80x120 there and 160x120 here"),
    "photo missing": (
        detections(images=detections()["images"][:1]),
        "lacks 1 of the 2 photos to judge, 1.png for one: its images must list every photo that was looked at",
    ),
    "entry is a list": (detections([]), "annotations[0]: field entry: is not an object with fields"),
    "unknown image": (changed("annotations", 0, image_id=7), "annotations[0]: field image_id: 7 is not known"),
    "no image": (changed("annotations", 0, image_id=None), "annotations[0]: field image_id: is missing"),
    "unknown category": (changed("annotations", 0, category_id=9), "field category_id: 9 is not known"),
    "no score": (changed("annotations", 0, score=None), "annotations[0]: field score: is missing"),
    "score in percent": (changed("annotations", 0, score=90), "field score: must be a number from 0 to 1, not 90"),
    "score is text": (changed("annotations", 0, score="0.9"), "field score: must be a number from 0 to 1, not '0.9'"),
    "score is no number": (changed("annotations", 0, score=float("nan")), "must be a number from 0 to 1, not nan"),
    "no shape": (changed("annotations", 0, segmentation=None), "field segmentation: is missing, and there is no bbox"),
    "shape is text": (changed("annotations", 0, segmentation="x"), "field segmentation: must be polygons or RLE"),
    "open polygon": (changed("annotations", 0, segmentation=[[1, 2, 3, 4]]), "field segmentation[0]: is an empty poly"),
    "mask of another size": (changed("annotations", 0, segmentation=HALF), "field segmentation.size: is [60, 80], but"),
    "short mask": (
        changed("annotations", 0, segmentation={"size": [120, 160], "counts": [5]}),
        "field segmentation.counts: does not cover the image",
    ),
    "box of three": (changed("annotations", 0, bbox=[1, 2, 3]), "field bbox: has 3 numbers"),
    "box turned over": (changed("annotations", 0, bbox=[50, 50, -10, 10]), "field bbox: is empty: width -10"),
    "box elsewhere": (changed("annotations", 0, bbox=[300, 10, 50, 50]), "field bbox: lies outside the image"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_broken_file_is_one_line_with_file_entry_and_field(tmp_path, content, message):
    data = one_set(tmp_path)
    with pytest.raises(DataError) as caught:
        read(tmp_path / "d.json", data, content)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'd.json'}: ") and message in said and "\n" not in said


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (detection(9, 1), "[0]: field image_id: 9 is not known"),
        (detection(1, 9), "[0]: field category_id: 9 is not known"),
        (detection(1, 1, 7.5), "[0]: field score: must be a number from 0 to 1"),
    ],
)
def test_a_broken_plain_list_is_one_line_too(tmp_path, entry, message):
    data = one_set(tmp_path)
    with pytest.raises(DataError) as caught:
        read(tmp_path / "d.json", data, [entry])
    assert str(caught.value).startswith(f"{tmp_path / 'd.json'}: {message}")


def test_bytes_and_folders_are_no_detections(tmp_path):
    data = one_set(tmp_path)
    truths = truths_of(data)
    (tmp_path / "d.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(DataError, match=r"d\.json: is not JSON"):
        read_detections(tmp_path / "d.json", data, truths, "val")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_detections(tmp_path, data, truths, "val")
