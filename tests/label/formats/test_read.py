"""Files as the tools themselves write them."""

import base64
import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from crumple.detect.rle import decode
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.cvat.frame_names import frame_name
from crumple.label.formats.detect import detect
from tests.label.formats.format_photos import read, write_photos

CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><id>7</id><name>cars</name></task></meta>
<image id="0" name="sub/c.png" width="64" height="48">
  <polygon label="dent" source="manual" occluded="1" points="1.00,2.50;10.00,2.50;10.00,12.00" z_order="0">
    <attribute name="severity">minor</attribute><attribute name="truncated">false</attribute>
    <attribute name="score">42</attribute>
  </polygon>
  <polygon label="wheel" source="manual" occluded="0" points="1,1;5,1;5,5" z_order="0" group_id="3">
    <attribute name="severity">unknown</attribute><attribute name="score">0</attribute></polygon>
  <polygon label="wheel" source="manual" occluded="0" points="11,1;15,1;15,5" z_order="0" group_id="3"></polygon>
  <box label="hood" source="file" occluded="0" xtl="2.0" ytl="4.0" xbr="12.0" ybr="8.0" rotation="90.0" z_order="0"/>
  <mask label="scratch" source="auto" occluded="0" rle="1, 2, 2, 1" left="20" top="10" width="3" height="2"/>
  <ellipse label="wheel" source="manual" occluded="0" cx="30" cy="20" rx="6" ry="3" rotation="0" z_order="0"/>
  <polyline label="scratch" source="manual" occluded="0" points="1,1;9,9" z_order="0"/>
  <tag label="dent" source="manual"/>
</image>
<image id="1" name="a.png" subset="Validation" width="40" height="30"></image>
</annotations>"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_photos(tmp_path_factory.mktemp("images"))


def test_cvat(tmp_path, images):
    (tmp_path / "annotations.xml").write_text(CVAT)
    assert detect(tmp_path) == detect(tmp_path / "annotations.xml") == "cvat"
    reading = read("cvat", tmp_path, images)
    car, empty = reading.photos["sub/c.png"], reading.photos["a.png"]
    dent, wheels, hood, scratch, round_ = car.objects
    assert empty.objects == () and (car.split, empty.split) == (None, "val")
    assert dent.shape.to_coco() == [[1, 2.5, 10, 2.5, 10, 12]]
    assert dent.attributes == {"severity": "minor", "truncated": False, "score": 0.42, "occluded": True}
    assert wheels.attributes == {}, "what nobody has set"
    assert len(wheels.shape.polygons) == 2, "pieces of a group are one object"
    assert hood.shape.box == pytest.approx((5, 1, 9, 11)), "turned about its centre"
    pixels = np.argwhere(decode(scratch.shape.runs)).tolist()
    assert pixels == [[10, 21], [10, 22], [11, 22]], "run lengths go along the rows of the mask's box"
    assert round_.shape.area == pytest.approx(np.pi * 18, rel=0.01)
    assert sorted(reading.losses.lines()) == [
        "boxes that became polygons of four corners: 1",
        "circles and ellipses that became polygons of 64 corners: 1",
        "polyline shapes, which have no area and were left out: 1",
        "tag shapes, which have no area and were left out: 1",
    ]


def test_a_frame_that_was_pushed_is_known_by_its_hash(tmp_path, images):
    name = frame_name("elsewhere/its old name.png", file_sha256(images / "sub" / "c.png"))
    (tmp_path / "annotations.xml").write_text(CVAT.replace("sub/c.png", name))
    assert set(read("cvat", tmp_path, images).photos) == {"sub/c.png", "a.png"}
    (tmp_path / "annotations.xml").write_text(CVAT.replace("sub/c.png", frame_name("c.png", "0" * 64)))
    reading = read("cvat", tmp_path, images)
    assert (list(reading.photos), len(reading.missing)) == (["a.png"], 1)


def test_coco_of_cvat_has_scores_in_percent_and_rotated_boxes(tmp_path, images):
    """As CVAT 2.73 writes it: our attribute `score` stands as COCO's, a turned rectangle has its box and an angle."""
    name = frame_name("c.png", file_sha256(images / "sub" / "c.png"))
    said = {"severity": "unknown", "occluded": False, "truncated": True}
    polygon = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 8]], "attributes": said}
    content = {
        "licenses": [{"name": "", "id": 0, "url": ""}],
        "info": {"contributor": "", "date_created": "", "description": "", "url": "", "version": "", "year": ""},
        "categories": [{"id": 1, "name": "dent", "supercategory": ""}],
        "images": [{"id": 1, "width": 64, "height": 48, "file_name": name}],
        "annotations": [
            polygon | {"score": 52.0, "iscrowd": 0},
            polygon | {"score": 1.0, "iscrowd": 0},
            polygon | {"score": 0.0, "attributes": said | {"severity": "minor"}, "iscrowd": 0},
            polygon
            | {"segmentation": [], "bbox": [2, 4, 10, 4], "attributes": {**said, "rotation": 90.0}, "score": 0.0},
        ],
    }
    (tmp_path / "instances_default.json").write_text(json.dumps(content))
    objects = read("roboflow", tmp_path, images).photos["sub/c.png"].objects
    rest = {"occluded": False, "truncated": True}
    assert [one.attributes for one in objects] == [
        {**rest, "score": 0.52},
        {**rest, "score": 0.01},
        {**rest, "severity": "minor"},
        rest,
    ]
    assert objects[3].shape.box == pytest.approx((5, 1, 9, 11)), "turned about its centre"


TWICE = """<annotations><version>1.1</version><meta><project><name>Autos</name><tasks>
<task><id>3</id><name>Cars 0001</name></task><task><id>9</id><name>Cars review 0a1b2c3d 0001</name></task>
<task><id>12</id><name>Cars 0002</name></task></tasks></project></meta>
<image id="0" name="a.png" task_id="12" width="40" height="30"/>
<image id="1" name="a.png" task_id="9" width="40" height="30">
  <polygon label="dent" occluded="0" points="1,1;9,1;9,8"/></image>
<image id="2" name="a.png" task_id="3" width="40" height="30"/></annotations>"""


def test_a_project_with_a_review_is_read_as_it_is_pulled(tmp_path, images):
    (tmp_path / "annotations.xml").write_text(TWICE)
    reading = read("cvat", tmp_path, images)
    assert [one.label for one in reading.photos["a.png"].objects] == ["dent"]
    assert any(line.endswith("the review's, or else the latest, count: 2") for line in reading.losses.lines())
    (tmp_path / "annotations.xml").write_text(TWICE.replace(' task_id="12"', ""))
    with pytest.raises(DataError, match=r"a.png is labelled in line 4 too"):
        read("cvat", tmp_path, images)


def test_in_coco_of_cvat_a_second_frame_of_a_name_has_a_number(tmp_path, images):
    first = frame_name("a.png", file_sha256(images / "a.png"))
    content = {
        "categories": [{"id": 1, "name": "dent"}],
        "images": [
            {"id": 1, "width": 40, "height": 30, "file_name": first.replace(".png", "_1.png")},
            {"id": 2, "width": 40, "height": 30, "file_name": first},
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 8]]}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert [one.label for one in read("roboflow", tmp_path, images).photos["a.png"].objects] == ["dent"]


def test_scores_of_other_coco_files_stay_what_they_are(tmp_path, images):
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 8]]}
    content = {
        "categories": [{"id": 1, "name": "dent"}],
        "images": [{"id": 1, "width": 40, "height": 30, "file_name": "a.png"}],
        "annotations": [annotation | {"score": 1.0}, annotation | {"score": 0.0}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    objects = read("roboflow", tmp_path, images).photos["a.png"].objects
    assert [one.attributes for one in objects] == [{"score": 1.0}, {"score": 0.0}]


def test_tracks_are_refused_with_a_way_out(tmp_path, images):
    (tmp_path / "annotations.xml").write_text('<annotations><track id="0" label="dent"></track></annotations>')
    with pytest.raises(DataError, match=r'1 tracks of a video.* export the task as "CVAT for images 1.1"'):
        read("cvat", tmp_path, images)


REGIONS = [
    {
        "shape_attributes": {"name": "polygon", "all_points_x": [1, 9, 9], "all_points_y": [1, 1, 8.5]},
        "region_attributes": {"who": "eva", "damage": "Beule", "severity": "severe"},
    },
    {
        "shape_attributes": {"name": "rect", "x": 2, "y": 3, "width": 4, "height": 5},
        "region_attributes": {"damage": "Rad"},
    },
    {
        "shape_attributes": {"name": "circle", "cx": 20, "cy": 15, "r": 4},
        "region_attributes": {"damage": {"Rad": True}},
    },
    {"shape_attributes": {"name": "point", "cx": 20, "cy": 15}, "region_attributes": {"damage": "Rad"}},
]
ENTRY = {"filename": "a.png", "size": 120, "regions": REGIONS, "file_attributes": {}}


@pytest.mark.parametrize(
    "content",
    [
        {"_via_settings": {}, "_via_img_metadata": {"a.png120": ENTRY}, "_via_attributes": {}},
        {"a.png120": ENTRY},
        [ENTRY],
        {"a.png120": {**ENTRY, "regions": {str(i): region for i, region in enumerate(REGIONS)}}},
    ],
    ids=["project", "annotations", "list", "version 1"],
)
def test_via(content, tmp_path, images):
    path = tmp_path / "via.json"
    path.write_text(json.dumps(content))
    assert detect(path) == "via"
    reading = read("via", path, images, ("Beule", "Rad"))
    dent, box, circle = reading.photos["a.png"].objects
    assert (dent.label, dent.attributes) == ("Beule", {"who": "eva", "severity": "severe"}), (
        "the class is found by its values"
    )
    assert dent.shape.to_coco() == [[1, 1, 9, 1, 9, 8.5]]
    assert box.shape.box == (2, 3, 6, 8) and circle.shape.area == pytest.approx(np.pi * 16, rel=0.01)
    assert "point shapes, which have no area and were left out: 1" in reading.losses.lines()


def test_via_beside_its_attributes(tmp_path, images):
    attributes = {"region": {"damage": {"type": "text"}}, "file": {}}
    (tmp_path / "cars_attributes.json").write_text(json.dumps(attributes))
    (tmp_path / "cars_json.json").write_text(json.dumps({"a.png120": ENTRY}))
    assert detect(tmp_path) == "via"
    assert len(read("via", tmp_path, images, ("Beule", "Rad")).photos["a.png"].objects) == 3


def test_via_without_a_known_class(tmp_path, images):
    (tmp_path / "via.json").write_text(json.dumps({"a.png120": ENTRY}))
    with pytest.raises(DataError, match=r"no attribute of its regions \(damage, severity, who\)"):
        read("via", tmp_path / "via.json", images, ("dent",))


def labelme(**changes):
    inside = np.array([[1, 0, 1], [0, 1, 1]], np.uint8)
    data = BytesIO()
    Image.fromarray(inside).save(data, "PNG")
    mask = base64.b64encode(data.getvalue()).decode()
    shapes = [
        {"label": "dent", "points": [[1, 1], [9, 1], [9, 8]], "shape_type": "polygon", "flags": {"occluded": True}},
        {"label": "hood", "points": [[9, 8], [2, 3]], "group_id": None, "shape_type": "rectangle", "flags": {}},
        {"label": "scratch", "points": [[4, 5], [6, 6]], "shape_type": "mask", "mask": mask, "score": 0.25},
        {"label": "wheel", "points": [[1, 1], [3, 1], [3, 3]], "group_id": 4, "shape_type": "polygon", "flags": {}},
        {"label": "wheel", "points": [[11, 1], [13, 1], [13, 3]], "group_id": 4, "shape_type": "polygon", "flags": {}},
        {"label": "scratch", "points": [[1, 1], [3, 1]], "group_id": 4, "shape_type": "linestrip", "flags": {}},
    ]  # fmt: skip
    content = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imageData": None}
    return content | {"imagePath": "..\\photos\\a.png", "imageHeight": 30, "imageWidth": 40} | changes


def test_labelme(tmp_path, images):
    (tmp_path / "a.json").write_text(json.dumps(labelme()))
    assert detect(tmp_path) == "labelme"
    reading = read("labelme", tmp_path, images)
    dent, hood, scratch, wheels = reading.photos["a.png"].objects
    assert dent.attributes == {"occluded": True} and hood.shape.box == (2, 3, 9, 8)
    assert np.argwhere(decode(scratch.shape.runs)).tolist() == [[5, 4], [5, 6], [6, 5], [6, 6]]
    assert scratch.attributes == {"score": 0.25} and len(wheels.shape.polygons) == 2
    assert "linestrip shapes, which have no area and were left out: 1" in reading.losses.lines()


def test_roboflow_has_splits_copies_of_a_photo_and_boxes(tmp_path):
    for split in ("train", "valid"):
        (tmp_path / split).mkdir()
        Image.new("RGB", (40, 30)).save(tmp_path / split / "car_jpg.rf.0a.jpg")
        cvats_mask = {"size": [30, 40], "counts": [30, 5, 1165]}  # CVAT marks every mask as a crowd
        content = {
            "info": {"year": "2026"},
            "categories": [{"id": 0, "name": "cars", "supercategory": "none"}, {"id": 1, "name": "dent"}],
            "images": [{"id": 0, "file_name": "car_jpg.rf.0a.jpg", "width": 40, "height": 30, "extra": {"name": "x"}}],
            "annotations": [
                {"id": 0, "image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [], "iscrowd": 0},
                {"id": 1, "image_id": 0, "category_id": 1, "segmentation": [[30, 20, 50, 20, 30, 29]], "iscrowd": 0},
                {"id": 2, "image_id": 0, "category_id": 1, "segmentation": [[50, 20, 60, 20, 50, 29]], "iscrowd": 0},
                {"id": 3, "image_id": 0, "category_id": 1, "segmentation": [[1, 2, 5, 2, 1, 9]], "iscrowd": 1},
                {"id": 4, "image_id": 0, "category_id": 1, "segmentation": cvats_mask, "iscrowd": 1},
            ],
        }
        (tmp_path / split / "_annotations.coco.json").write_text(json.dumps(content))
    assert detect(tmp_path) == "roboflow"
    reading = read("roboflow", tmp_path, tmp_path)
    assert {name: photo.split for name, photo in reading.photos.items()} == {
        "train/car_jpg.rf.0a.jpg": "train",
        "valid/car_jpg.rf.0a.jpg": "val",
    }
    for photo in reading.photos.values():
        box, cut, mask = photo.objects
        assert mask.shape.box == (1, 0, 2, 5)
        assert photo.claim == "car_jpg" and box.shape.box == (1, 2, 4, 6)
        assert cut.shape.box == (30, 20, 40, 29), "cut off at the photo's edge"
    assert sorted(reading.losses.lines()) == [
        "boxes that became polygons of four corners: 2",
        "masks marked iscrowd, which were taken for one object each: 2",
        "objects without an area on their photo, which were left out: 2",
        "polygons that reached out of their photo and were cut off at its edge: 2",
        "polygons without an area on their photo, which were left out: 2",
        "regions of many objects (iscrowd), which were left out: 2",
    ]


def test_yolo(tmp_path):
    for name in ("train/images/a.png", "valid/images/a.png", "valid/images/b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 20)).save(tmp_path / name)
    rows = "1 0.1 0.1 0.5 0.1 0.5 0.5\n\n0 0.5 0.5 0.5 0.5\n0 0 0 1 0 1 1 0.75\n"
    for name, text in {"train/labels/a.txt": rows, "valid/labels/a.txt": "", "README.roboflow.txt": "hello"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    # Ultralytics' paths are not followed, wherever they lead.
    (tmp_path / "data.yaml").write_text("train: ../../etc\nval: /root\nnc: 2\nnames: ['hood', 'dent']\n")
    assert detect(tmp_path) == "yolo"
    reading = read("yolo", tmp_path, tmp_path)
    dent, box, sure = reading.photos["train/images/a.png"].objects
    assert dent.label == "dent" and dent.shape.to_coco() == [pytest.approx([4, 2, 20, 2, 20, 10])]
    assert box.label == "hood" and box.shape.box == (10, 5, 30, 15)
    assert sure.attributes == {"score": 0.75}
    assert {name: photo.split for name, photo in reading.photos.items()} == {
        "train/images/a.png": "train",
        "valid/images/a.png": "val",
        "valid/images/b.png": "val",
    }
    assert reading.photos["valid/images/b.png"].objects == ()
    assert "photos without a label text, taken for photos with nothing on them: 1" in reading.losses.lines()


VOC = """<annotation><folder>x</folder><filename>a.png</filename><path>/home/eva/x/a.png</path>
<size><width>40</width><height>30</height><depth>3</depth></size><segmented>0</segmented>
<object><name>dent</name><pose>Unspecified</pose><truncated>1</truncated><difficult>0</difficult>
<bndbox><xmin>3</xmin><ymin>4</ymin><xmax>13.5</xmax><ymax>24</ymax></bndbox></object></annotation>"""


def test_voc(tmp_path, images):
    (tmp_path / "a.xml").write_text(VOC)
    assert detect(tmp_path) == detect(tmp_path / "a.xml") == "voc"
    reading = read("voc", tmp_path, images)
    (dent,) = reading.photos["a.png"].objects
    assert dent.shape.box == (3, 4, 13.5, 24) and dent.attributes == {"truncated": True}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.zip", "PK", "is an archive; unpack it"),
        ("a.json", "[]", "in no format that is known here; give --format"),
        ("a.json", '{"x": 1', "a.json, line 1: is not JSON"),
        ("a.xml", "<html/>", "in no format that is known here"),
        ("a.csv", "x,y", "in no format that is known here"),
    ],
)
def test_an_unknown_format_is_told(name, text, says, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=says):
        detect(tmp_path / name)


def test_a_folder_without_labels_is_told(images):
    with pytest.raises(DataError, match="holds no label file that is known here"):
        detect(images)
