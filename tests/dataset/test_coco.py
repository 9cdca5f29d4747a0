import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crumple.dataset.coco import read_coco
from crumple.dataset.labels import LabelMap
from crumple.errors import DataError

LABELS = LabelMap("test", {"Rad": "wheel", "Haube": "hood", "Himmel": None}, frozenset({"wheel"}))
SQUARE = [10, 10, 20, 10, 20, 20, 10, 20]
OTHER_SQUARE = [30, 10, 44, 10, 44, 20, 30, 20]


def coco() -> dict:
    """A good file: photo 1 with a two-polygon wheel, a hood as RLE, a crowd of wheels; photo 2 with nothing."""
    return {
        "images": [
            {"id": 1, "file_name": "one.png", "width": 50, "height": 40, "group": 77},
            {"id": 2, "file_name": "sub/two.png", "width": 50, "height": 40},
        ],
        "categories": [{"id": 5, "name": "Rad"}, {"id": 6, "name": "Haube"}, {"id": 7, "name": "Himmel"}],
        "annotations": [
            {
                "id": 11,
                "image_id": 1,
                "category_id": 5,
                "iscrowd": 0,
                "bbox": [10, 10, 34, 10],
                "segmentation": [list(SQUARE), list(OTHER_SQUARE)],
            },
            {"id": 12, "image_id": 1, "category_id": 6, "segmentation": {"size": [40, 50], "counts": [0, 80, 1920]}},
            {
                "id": 13,
                "image_id": 1,
                "category_id": 5,
                "iscrowd": 1,
                "segmentation": [list(SQUARE), list(OTHER_SQUARE)],
            },
            {"id": 14, "image_id": 1, "category_id": 7, "segmentation": None},
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images" / "sub").mkdir(parents=True)
    for name in ("one.png", "sub/two.png"):
        Image.new("RGB", (50, 40)).save(tmp_path / "images" / name)
    return tmp_path


def read(folder: Path, content: object, **options):
    path = folder / "labels.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_coco(path, folder / "images", LABELS, **options)


def complaint(folder: Path, content: object, **options) -> str:
    with pytest.raises(DataError) as error:
        read(folder, content, **options)
    return str(error.value)


def test_a_good_file_is_read_in_the_projects_words(folder):
    one, two = read(folder, coco())
    assert (one.file_name, one.image_id, one.width, one.height, one.group) == ("one.png", 1, 50, 40, "77")
    assert one.path == folder / "images" / "one.png"
    assert (two.image_id, two.group, two.instances) == (2, None, ())
    left, right, hood, crowd = one.instances
    assert [i.label for i in one.instances] == ["wheel", "wheel", "hood", "wheel"]
    assert [i.annotation_id for i in one.instances] == [11, 11, 12, 13]
    assert (left.box, right.box) == ((10, 10, 20, 20), (30, 10, 44, 20))
    assert hood.box == (0, 0, 2, 40) and hood.polygons == () and hood.bitmap(40, 50).sum() == 80
    assert hood.rle is not None and isinstance(hood.rle["counts"], str)
    assert crowd.crowd and len(crowd.polygons) == 2, "a crowd is never split"


def test_wheels_as_given_stay_one_object(folder):
    whole = read(folder, coco(), split=False)[0].instances[0]
    assert len(whole.polygons) == 2 and whole.box == (10, 10, 44, 20)
    pieces = read(folder, coco())[0].instances[:2]
    np.testing.assert_array_equal(whole.bitmap(40, 50), pieces[0].bitmap(40, 50) | pieces[1].bitmap(40, 50))


def test_a_speck_of_the_drawing_hand_is_no_wheel_and_stretches_no_box(folder):
    content = coco()
    speck = [30, 10, 31, 10, 31, 11]
    content["annotations"][0]["segmentation"] = [SQUARE, speck]
    assert [i.annotation_id for i in read(folder, content)[0].instances] == [11, 12, 13]
    assert read(folder, content, split=False)[0].instances[0].box == (10, 10, 20, 20)
    content["annotations"][0]["segmentation"] = [speck, speck]
    whole = read(folder, content, split=False)[0].instances[0]
    assert len(whole.polygons) == 2, "specks alone stay what they are"


def test_the_box_comes_from_the_mask_clipped_to_the_photo(folder):
    content = coco()
    content["annotations"][0] |= {"segmentation": [[-1.8, 5, 51.9, 5, 51.9, 41]], "bbox": [0, 4, 51, 37]}
    assert read(folder, content)[0].instances[0].box == (0, 5, 50, 40)


def test_a_file_with_a_byte_order_mark_and_unused_unknown_categories_is_fine(folder):
    content = coco()
    content["categories"].append({"id": 0, "name": "vehicles"})
    assert len(read(folder, "\ufeff" + json.dumps(content))) == 2


# What is broken -> what the one line must say, besides the file's name.
BROKEN = {
    "missing image": (
        lambda c: c["images"][0].update(file_name="no.png"),
        "image 1, field file_name: there is no file",
    ),
    "folder for image": (
        lambda c: c["images"][0].update(file_name="sub"),
        "image 1, field file_name: there is no file",
    ),
    "image outside": (
        lambda c: c["images"][0].update(file_name="../labels.json"),
        "file_name: '../labels.json' leads out",
    ),
    "image absolute": (
        lambda c: c["images"][0].update(file_name="/etc/passwd"),
        "'/etc/passwd' leads out of the image",
    ),
    "image twice": (
        lambda c: c["images"][1].update(file_name="one.png"),
        "image 2, field file_name: 'one.png' is also",
    ),
    "no file name": (
        lambda c: c["images"][0].update(file_name=None),
        "image 1, field file_name: must be text, not None",
    ),
    "image id twice": (lambda c: c["images"].append(c["images"][0]), "image 1, field id: is used by an earlier image"),
    "image id text": (lambda c: c["images"][1].update(id="2"), "images[1], field id: must be a whole number, not '2'"),
    "no width": (lambda c: c["images"][1].pop("width"), "image 2, field width: is missing"),
    "zero height": (lambda c: c["images"][1].update(height=0), "field height: must be a whole number of at least 1"),
    "huge image": (
        lambda c: c["images"][1].update(width=10**9),
        "field width: 1000000000x40 is more than the 100 mega",
    ),
    "image no object": (lambda c: c["images"].append("one.png"), "images[2], field id: cannot be found"),
    "unknown class": (
        lambda c: c["categories"][0].update(name="Rost"),
        "annotation 11, field category_id: class 'Rost' (on 2 annotations) is not in the label map 'test'",
    ),
    "unknown category": (
        lambda c: c["annotations"][1].update(category_id=99),
        "12, field category_id: 99 is not among",
    ),
    "category twice": (
        lambda c: c["categories"].append({"id": 5, "name": "Haube"}),
        "category 5, field id: is used by",
    ),
    "category unnamed": (lambda c: c["categories"].append({"id": 8}), "category 8, field name: must be text"),
    "annotation id twice": (
        lambda c: c["annotations"][1].update(id=11),
        "annotation 11, field id: is used by an earlier",
    ),
    "annotation no id": (lambda c: c["annotations"][1].pop("id"), "annotations[1], field id: is missing"),
    "annotation id true": (lambda c: c["annotations"][1].update(id=True), "annotations[1], field id: must be a whole"),
    "annotation no object": (lambda c: c["annotations"].append([1]), "annotations[4], field id: cannot be found"),
    "unknown image": (
        lambda c: c["annotations"][1].update(image_id=9),
        "annotation 12, field image_id: 9 is not among",
    ),
    "box outside": (
        lambda c: c["annotations"][0].update(bbox=[10, 10, 99, 5]),
        "annotation 11, field bbox: lies outside",
    ),
    "box nan": (
        lambda c: c["annotations"][0].update(bbox=[float("nan"), 10, 9, 5]),
        "annotation 11, field bbox: holds nan",
    ),
    "empty polygon": (
        lambda c: c["annotations"][0].update(segmentation=[[]]),
        "11, field segmentation[0]: is an empty",
    ),
    "odd": (lambda c: c["annotations"][0]["segmentation"][1].pop(), "field segmentation[1]: has an odd number"),
    "infinite": (lambda c: c["annotations"][0].update(segmentation=[[1, 1, 9, 1, 9, float("inf")]]), "holds inf"),
    "no segmentation": (lambda c: c["annotations"][0].pop("segmentation"), "11, field segmentation: is missing"),
    "odd segmentation": (lambda c: c["annotations"][0].update(segmentation="x"), "must be polygons or RLE"),
    "crowd": (lambda c: c["annotations"][0].update(iscrowd=2), "annotation 11, field iscrowd: must be 0 or 1, not 2"),
    "rle size": (
        lambda c: c["annotations"][1]["segmentation"].update(size=[50, 40]),
        "12, field segmentation.size: is",
    ),
    "rle runs": (
        lambda c: c["annotations"][1]["segmentation"].update(counts=[0, 1]),
        "12, field segmentation.counts: does",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_told_in_one_line_with_file_entry_and_field(folder, kind):
    content = coco()
    spoil, expected = BROKEN[kind]
    spoil(content)
    message = complaint(folder, content)
    assert expected in message
    assert message.startswith(f"{folder / 'labels.json'}: ") and "\n" not in message


def test_what_hangs_on_a_broken_image_or_category_is_not_blamed_for_it(folder):
    content = coco()
    content["images"][0]["width"] = None
    content["categories"][0]["name"] = 5
    content["annotations"][1]["segmentation"] = "unread"
    message = complaint(folder, content)
    assert message.count("\n") == 2
    assert "image 1, field width: must be a whole number" in message
    assert "category 5, field name: must be text" in message


def test_a_bad_box_does_not_hide_the_bad_mask_beside_it(folder):
    content = coco()
    content["annotations"][0] |= {"bbox": [10, 10, 0, 5], "segmentation": [[1, 1, 5, 5]]}
    _, box, mask = complaint(folder, content).split("\n")
    assert "annotation 11, field bbox: is empty" in box
    assert "annotation 11, field segmentation[0]: is an empty polygon: 2 points" in mask


def test_all_complaints_come_at_once_up_to_twenty(folder):
    content = coco()
    content["images"][0]["file_name"] = "absent.png"
    content["annotations"] = [
        {"id": n, "image_id": 1, "category_id": 5, "segmentation": [[0, 0, 9, 9, 5]]} for n in range(56)
    ]
    first, *rest = complaint(folder, content).split("\n")
    assert first == f"{folder / 'labels.json'}: 57 problems; mend them; nothing was read:"
    assert len(rest) == 21
    assert rest[0].strip().startswith("labels.json: image 1, field file_name: there is no file")
    assert rest[1].strip().startswith("labels.json: annotation 0, field segmentation[0]: has an odd number")
    assert rest[-1].strip() == "... and 37 more"


def test_an_annotation_of_a_missing_photo_is_still_checked_and_not_blamed_for_it(folder):
    content = coco()
    content["images"][0]["file_name"] = "absent.png"
    assert "\n" not in complaint(folder, content), "the photo's absence is the only complaint"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ('{"images": [', "line 1: is not JSON: Expecting value"),
        ("<html>", "line 1: is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "must have the top-level lists images, annotations, categories; found: a list"),
        ("7", "found: a int"),
        ("{}", "found: none"),
        ('{"images": [], "annotation": [], "categories": []}', "found: annotation, categories, images"),
        ('{"images": {}, "annotations": [], "categories": []}', "must have the top-level lists"),
        ("9" * 5000, "is not JSON"),
    ],
)
def test_what_is_no_coco_file_says_so(folder, text, expected):
    message = complaint(folder, text)
    assert expected in message and "labels.json" in message and "\n" not in message


def test_a_label_file_that_cannot_be_opened_says_so(folder):
    with pytest.raises(DataError, match=r"absent\.json: there is no such annotation file"):
        read_coco(folder / "absent.json", folder / "images", LABELS)
    with pytest.raises(DataError, match="images: cannot be read: Is a directory"):
        read_coco(folder / "images", folder / "images", LABELS)
    with pytest.raises(DataError, match=r"one\.png: is not text"):
        read_coco(folder / "images" / "one.png", folder / "images", LABELS)


def test_photo_sizes_are_compared_only_when_asked(folder):
    Image.new("RGB", (40, 50)).save(folder / "images" / "one.png")
    (folder / "images" / "sub" / "two.png").write_bytes(b"<html>")
    assert len(read(folder, coco())) == 2
    _, first, second = complaint(folder, coco(), check_sizes=True).split("\n")
    assert "image 1, field width: 50x40 is not the size of" in first and "which is 40x50 upright" in first
    assert "image 2, field file_name" in second and "is a web page" in second


def test_photo_sizes_are_those_of_the_upright_photo(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 50)).save(folder / "images" / "one.jpg", exif=exif)
    content = coco()
    content["images"][0]["file_name"] = "one.jpg"
    assert len(read(folder, content, check_sizes=True)) == 2


def test_the_path_may_be_text(folder):
    (folder / "labels.json").write_text(json.dumps(coco()))
    assert len(read_coco(os.fspath(folder / "labels.json"), os.fspath(folder / "images"), LABELS)) == 2
