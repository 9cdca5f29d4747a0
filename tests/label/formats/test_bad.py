"""Bad files end in one clear line each, and with nothing written; whatever their bytes are."""

import base64
import json
import re
import tempfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from crumple.cli.main import run
from crumple.dataset.labels import LabelMap
from crumple.dataset.sets import read_data
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.cvat.remembered import remember
from crumple.label.formats.exporter import export_labels
from crumple.label.formats.importer import import_labels
from crumple.label.shapes import Shape, rectangle
from crumple.label.versions.version import read_version, write_version
from tests.label.formats.format_photos import write_photos
from tests.label.formats.test_read import CVAT, ENTRY, VOC, labelme

OURS = LabelMap.load("crumple")
SHAPE = {"label": "dent", "points": [[1, 1], [9, 1], [9, 8]], "shape_type": "polygon"}
BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;">]>
<annotation><filename>&lol2;</filename></annotation>"""
FETCH = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>\n<annotation><filename>&f;</filename></annotation>'


def flat_voc() -> str:
    """The box's bottom is its top."""
    top = re.search("<ymin>(.*?)</ymin>", VOC)
    return re.sub("<ymax>.*?</ymax>", f"<ymax>{top[1]}</ymax>", VOC, count=1)


def png(size: tuple[int, int]) -> str:
    data = BytesIO()
    Image.new("L", size).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def shape(**changes) -> str:
    return json.dumps(labelme(shapes=[SHAPE | changes]))


def coco(**changes) -> str:
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 8]]}
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": "dent"}],
        "annotations": [annotation | changes],
    }
    return json.dumps(content)


MASK = 'rle="1, 2, 2, 1" left="20" top="10" width="3" height="2"'
BAD = {
    "entity bomb": ("a.xml", BOMB, "a.xml, line 1: has a document type or entities"),
    "entity that fetches": ("a.xml", FETCH, "a.xml, line 1: has a document type or entities"),
    "bomb in another encoding": ("a.xml", BOMB.encode("utf-16"), "has a document type or entities"),
    "xml cut off": ("a.xml", VOC[:200], "a.xml, line 3: is not XML"),
    "cvat class": ("a.xml", CVAT.replace('"hood"', '"Haube"'), "class 'Haube' (on 1 objects): is not in the label map"),
    "cvat number": ("a.xml", CVAT.replace("2.50;", "nan;"), "line 4, field points: must be a number, not 'nan'"),
    "cvat points": ("a.xml", CVAT.replace('"1,1;5,1;5,5"', '"1,1;5"'), "line 8, field points: must be pairs x,y"),
    "cvat no label": ("a.xml", CVAT.replace(' label="hood"', ""), "line 11, field label: is missing"),
    "cvat mask runs": ("a.xml", CVAT.replace("1, 2, 2, 1", "1, 99999999999"), "field rle: must be a number"),
    "cvat mask sum": ("a.xml", CVAT.replace("1, 2, 2, 1", "1, 9"), "field rle: its runs sum to 10, not 3x2"),
    "cvat mask huge": (
        "a.xml",
        CVAT.replace(MASK, 'rle="99999999" left="0" top="0" width="9999" height="10001"'),
        "field left: the mask's box does not lie on the photo of 64x48",
    ),
    "cvat attribute": ("a.xml", CVAT.replace(">false<", ">maybe<"), "line 4, field truncated: must be true or false"),
    "size": ("a.xml", VOC.replace("<width>40", "<width>30"), "the labels are for 30x30 pixels, a.png has 40x30"),
    "turned": (
        "a.xml",
        VOC.replace("<width>40", "<width>30").replace("<height>30", "<height>40"),
        "a.png has 40x30 once it is upright",
    ),
    "no photo": ("a.xml", VOC.replace(">a.png<", ">../../etc/passwd<"), "a labelled photo is not under"),
    "voc box": ("a.xml", VOC.replace(">13.5<", ">3<"), "a.xml, line 3, field bndbox: is empty: x 3 to 3"),
    "voc flat box": ("a.xml", flat_voc(), "a.xml, line 3, field bndbox: is empty: x 3 to 13.5, y "),
    "json cut off": ("a.json", shape()[:-30], "a.json, line 1: is not JSON"),
    "labelme field": ("a.json", shape(points=[[1, "x"]]), "shapes.0.points.0, field 1: Input should be a valid number"),
    "labelme infinite": ("a.json", shape(points=[[1, float("inf")]]), "Input should be a finite number"),
    "labelme far": ("a.json", shape(points=[[1, 1], [1e200, 1], [1, 1e200]]), "points: are off any photo: 1e+200"),
    "cvat long number": ("a.xml", CVAT.replace(">42<", f">{'9' * 5000}<"), "field score: must be a number from 0 to 1"),
    "labelme points": (
        "a.json",
        shape(shape_type="rectangle", points=[[1, 1]]),
        "shapes[0], field points: has 1 of the 2 points",
    ),
    "labelme score": ("a.json", shape(score=7), "shapes[0], field score: must be a number from 0 to 1"),
    "labelme no mask": ("a.json", shape(shape_type="mask", mask="###"), "field mask: is no PNG in base64"),
    "labelme mask size": ("a.json", shape(shape_type="mask", mask=png((5, 5))), "which is not the box of its points"),
    "labelme mask bomb": ("a.json", shape(shape_type="mask", mask=png((9000, 9000))), "mask: is no PNG in base64"),
    "labelme mask place": (
        "a.json",
        shape(shape_type="mask", mask=png((3, 2)), points=[[-5, 0], [-3, 1]]),
        "field points: lie outside the photo of 40x30",
    ),
    "coco image": ("a.json", coco(image_id=2), "annotations[0], field image_id: 2 is not among"),
    "coco category": ("a.json", coco(category_id=2), "annotations[0], field category_id: 2 is not among"),
    "coco odd": ("a.json", coco(segmentation=[[1, 2, 3]]), "annotations[0], field segmentation[0]: has 3 coordinates"),
    "coco nothing": ("a.json", coco(segmentation=None), "annotations[0], field segmentation: is missing, and so is"),
    "coco runs": (
        "a.json",
        coco(segmentation={"size": [30, 40], "counts": [0, 10**12]}),
        "segmentation.counts: does not cover the image",
    ),
    "via points": (
        "a.json",
        json.dumps({"k": {**ENTRY, "regions": [{"shape_attributes": {"name": "polygon", "all_points_x": [1]},
                                                "region_attributes": {"label": "dent"}}]}}),
        "entry 0 (a.png), regions[0], field all_points_x: has 1 numbers, all_points_y 0",
    ),
    "nothing labelled": ("a.xml", "<annotations></annotations>", "labels no photo"),
}  # fmt: skip


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_photos(tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_told_and_nothing_is_written(case, tmp_path, images):
    name, text, says = BAD[case]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError) as error:
        import_labels(path, tmp_path / "out" / "v1", OURS, images=images)
    assert says in str(error.value)
    assert [found.name for found in tmp_path.iterdir()] == ["in"]


YOLO_BAD = {
    "number": ("0 0.1 x 0.2 0.2", "labels/a.txt, line 2, field coordinates: must be a number, not 'x'"),
    "class": ("9 0.1 0.1 0.2 0.2", "labels/a.txt, line 2, field class: 9 is not in the names of data.yaml"),
    "half class": ("0.5 0.1 0.1 0.2 0.2", "field class: must be a whole number"),
    "pixels": (
        "0 20 15 12 8",
        "line 2, field coordinates: go up to 20: these are pixels, and YOLO has shares from 0 to 1; divide x by the "
        "photo's width (40) and y by its height (30)",
    ),
    "few": ("0 0.1 0.1", "field coordinates: are 2; a box has 4"),
}


@pytest.mark.parametrize("case", YOLO_BAD)
def test_bad_yolo_rows_are_told_with_their_line(case, tmp_path, images):
    row, says = YOLO_BAD[case]
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text(f"0 0.1 0.1 0.2 0.2\n{row}\n")
    (tmp_path / "data.yaml").write_text("names: {0: dent}")
    with pytest.raises(DataError) as error:
        import_labels(tmp_path, tmp_path / "v1", OURS, images=images)
    assert says in str(error.value) and not (tmp_path / "v1").exists()


def test_a_yolo_text_that_cannot_be_read_makes_no_photo_without_damage(tmp_path, images):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "labels" / "b.txt").write_text("0 0.5 0.5 0.2 0.2")
    (tmp_path / "data.yaml").write_text("names: {0: dent}")
    done = import_labels(tmp_path, tmp_path / "v1", OURS, images=images, skip_invalid=True)
    assert [photo.file_name for photo in read_version(tmp_path / "v1").photos] == ["b.jpg", "sub/c.png"]
    assert done.skipped == ["labels/a.txt, field file: cannot be read: it is no text"]


def test_names_may_have_spaces_and_umlauts(tmp_path):
    (tmp_path / "Fotos").mkdir()
    (tmp_path / "labels").mkdir()
    for number in range(4):
        Image.new("RGB", (40, 30), (9 * number, 0, 0)).save(tmp_path / "Fotos" / f"Tür {number}.png")
        (tmp_path / "labels" / f"Tür {number}.txt").write_text("0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.4 0.2")
    names = ("Stoßstange vorn", "großer Kratzer")
    (tmp_path / "data.yaml").write_text(f"names: {list(names)}", encoding="utf-8")
    import_labels(tmp_path, tmp_path / "v1", None, images=tmp_path / "Fotos", branch="Lack Schäden")
    data = read_data(tmp_path / "v1" / "data.yaml")
    assert data.own_classes == {"Lack Schäden": names}
    (only,) = data.sets
    read = [photo for split in only.splits for photo in only.read(split)]
    assert len(read) == 4 and all([one.label for one in photo.instances] == [*names] for photo in read)


@pytest.mark.parametrize(
    ("branch", "name", "says"),
    [
        ("a/b", "rust", "the branch 'a/b': a name has no /, no line breaks, and no spaces around it"),
        (" ", "rust", "the branch ' ': a name has no /"),
        ("paint", "background", "'background' is the model's own word for what is none of the classes"),
    ],
)
def test_names_that_cannot_be_are_refused(branch, name, says, tmp_path, images):
    (tmp_path / "data.yaml").write_text(f"names: [{name}]")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2")
    with pytest.raises(DataError) as error:
        import_labels(tmp_path, tmp_path / "v1", None, images=images, branch=branch)
    assert says in str(error.value) and not (tmp_path / "v1").exists()


def test_yolo_classes_of_one_name_are_refused(tmp_path, images):
    (tmp_path / "data.yaml").write_text("names: [dent, scratch, dent]")
    with pytest.raises(DataError, match=r"data.yaml: field names: 'dent' is given twice"):
        import_labels(tmp_path, tmp_path / "v1", OURS, images=images)


GOOD = json.loads(coco())["annotations"][0]
ENTRIES = {
    "coco": json.dumps(json.loads(coco()) | {"annotations": [GOOD, GOOD | {"segmentation": [[1, "x"]]}, GOOD | {
        "category_id": 9}, GOOD | {"segmentation": [[1, 1, 1e300, 1, 9, 9]]}]}),
    "labelme": json.dumps(labelme(shapes=[SHAPE, SHAPE | {"points": [[1, "x"]]}, SHAPE | {"score": 7}, SHAPE | {
        "points": [[1, 1], [1e200, 1], [1, 1e200]]}])),
    "via": json.dumps({"k": {**ENTRY, "regions": [
        {"shape_attributes": {"name": "polygon", "all_points_x": x, "all_points_y": [1, 1, 9]},
         "region_attributes": {"label": "dent"}} for x in ([1, 9, 9], ["x", 9, 9], [1, 9], [1, 1e200, 9])]}}),
}  # fmt: skip


@pytest.mark.parametrize("format", ENTRIES)
def test_bad_shapes_can_be_left_out_by_name(format, tmp_path, images):
    (tmp_path / "a.json").write_text(ENTRIES[format])
    done = import_labels(tmp_path / "a.json", tmp_path / "v1", OURS, images=images, skip_invalid=True)
    version = read_version(tmp_path / "v1")
    (kept,) = version.photos[0].objects
    assert kept.label == "dent" and kept.shape.box[2:] in ((9, 8), (9, 9))
    assert len(done.skipped) == 3 and done.skipped == version.manifest["skipped"]
    assert all("a.json" in line and "field" in line for line in done.skipped)


def test_a_file_that_is_broken_takes_no_other_with_it(tmp_path, images, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.json").write_text(shape()[:-30])
    (tmp_path / "in" / "a.json").write_text(shape())
    words = ["--images", str(images), "--labels", "crumple", "--out", str(tmp_path / "v1")]
    with pytest.raises(SystemExit) as ended:
        run(["label", "import", str(tmp_path / "in"), *words])
    assert ended.value.code == 2 and "--skip-invalid" in capsys.readouterr().err
    run_ok(["label", "import", str(tmp_path / "in"), *words, "--skip-invalid"])
    said = capsys.readouterr().out
    assert "0.json, line 1: is not JSON" in said and "invalid and left out: 1" in said
    assert [photo.file_name for photo in read_version(tmp_path / "v1").photos] == ["a.png"]


def test_polygons_of_two_points_are_left_out_and_counted(tmp_path, images):
    two = {
        "coco.json": coco(segmentation=[[1, 1, 9, 1], [1, 1, 9, 1, 9, 8]]),
        "labelme.json": json.dumps(labelme(shapes=[SHAPE, SHAPE | {"points": [[1, 1], [2, 2]]}])),
        "cvat.xml": CVAT.replace("1.00,2.50;10.00,2.50;10.00,12.00", "1,2;10,2"),
        "via.json": ENTRIES["via"].replace('["x", 9, 9]', "[1, 9, 9]").replace("1e+200", "9").replace(
            '"all_points_x": [1, 9], "all_points_y": [1, 1, 9]', '"all_points_x": [1, 9], "all_points_y": [1, 1]'),
    }  # fmt: skip
    for name, text in two.items():
        (tmp_path / name).write_text(text)
        done = import_labels(tmp_path / name, tmp_path / f"{name}.v1", OURS, images=images)
        assert "polygons of fewer than 3 points, which were left out: 1" in done.losses, name
        assert done.objects, name


def test_a_yolo_text_without_its_photo_is_told(tmp_path, images):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "nobody.txt").write_text("")
    (tmp_path / "data.yaml").write_text("names: [dent]")
    with pytest.raises(
        DataError, match=r"a labelled photo is not under .*: 'labels/nobody.txt'; give --images, or .* --skip-missing"
    ):
        import_labels(tmp_path, tmp_path / "v1", OURS, images=images)


def labelled_by_many(tmp_path, missing):
    """LabelMe files of a.png and of photos that nobody has."""
    (tmp_path / "in").mkdir()
    for name in ("a.png", *missing):
        (tmp_path / "in" / f"{name}.json").write_text(json.dumps(labelme(imagePath=name)))
    return tmp_path / "in"


def test_photos_that_are_missing_are_named_in_one_line(tmp_path, images):
    folder = labelled_by_many(tmp_path, [f"gone{number:02d}.jpg" for number in range(23)])
    with pytest.raises(DataError) as error:
        import_labels(folder, tmp_path / "v1", OURS, images=images)
    assert str(error.value).startswith(
        f"{folder}: 23 labelled photos are not under {images}: 'gone00.jpg', 'gone01.jpg',"
    )
    assert str(error.value).endswith(
        "'gone19.jpg' and 3 more; give --images, or leave their labels out with --skip-missing"
    )
    assert "\n" not in str(error.value) and not (tmp_path / "v1").exists()


def test_photos_that_are_missing_can_be_left_out(tmp_path, images):
    folder = labelled_by_many(tmp_path, ["gone.jpg"])
    done = import_labels(folder, tmp_path / "v1", OURS, images=images, skip_missing=True)
    assert done.photos == 1 and "labelled photos that are not there, which were left out: 1" in done.losses
    version = read_version(tmp_path / "v1")
    assert [photo.file_name for photo in version.photos] == ["a.png"]
    assert version.manifest["missing_photos"] == ["gone.jpg"]
    (folder / "a.png.json").unlink()
    with pytest.raises(DataError, match="labels no photo"):
        import_labels(folder, tmp_path / "v2", OURS, images=images, skip_missing=True)


def test_two_files_about_one_photo_are_told(tmp_path, images):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(shape())
    with pytest.raises(DataError, match=r"b.json, field file name: a.png is labelled in a.json too"):
        import_labels(tmp_path, tmp_path / "v1", OURS, images=images)


def test_a_name_that_two_photos_share_is_decided_by_its_folder_or_told(tmp_path):
    for folder in ("x/front", "y/front", "y/back"):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        Image.new("RGB", (40, 30)).save(tmp_path / "photos" / folder / "a.png")
    (tmp_path / "a.json").write_text(json.dumps(labelme(imagePath="C:\\cars\\back\\a.png")))
    import_labels(tmp_path / "a.json", tmp_path / "v1", OURS, images=tmp_path / "photos")
    assert [photo.file_name for photo in read_version(tmp_path / "v1").photos] == ["y/back/a.png"]
    (tmp_path / "a.json").write_text(json.dumps(labelme(imagePath="front/a.png")))
    with pytest.raises(DataError, match=r"field imagePath: 'front/a.png' can be x/front/a.png or y/front/a.png"):
        import_labels(tmp_path / "a.json", tmp_path / "v2", OURS, images=tmp_path / "photos")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(), whole=st.sampled_from([("a.xml", CVAT), ("a.xml", VOC), ("a.json", shape()), ("a.json", coco())])
)
def test_broken_bytes_are_read_or_refused_and_never_crash(data, whole, images):
    name, text = whole
    broken = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=3) | st.just(b"9"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(broken)
        try:
            import_labels(Path(folder) / name, Path(folder) / "v1", OURS, images=images)
        except DataError:
            assert [path.name for path in Path(folder).iterdir()] == [name]
        else:
            assert read_version(Path(folder) / "v1").photos


def test_the_command_imports_exports_and_says_what_was_not_kept(tmp_path, images, capsys):
    (tmp_path / "annotations.xml").write_text(CVAT)
    own = tmp_path / "own.yaml"
    own.write_text("names: {dent: dent, hood: hood, wheel: wheel, scratch: null}")
    out = tmp_path / "v1"
    run_ok(["label", "import", str(tmp_path), "--images", str(images), "--labels", str(own), "--out", str(out)])
    said = capsys.readouterr().out
    assert (
        "format: cvat" in said and "not as in the source: tag shapes, which have no area and were left out: 1" in said
    )
    assert "dropped by the label map: 1 scratch" in said and f"4 objects on 2 photos: {out}" in said
    version = read_version(out)
    assert version.images == str(images) and version.manifest["source"]["format"] == "cvat"
    assert version.manifest["source"]["files"] and all(len(photo.sha256) == 64 for photo in version.photos)
    run_ok(["label", "export", str(out), "--format", "voc", "--out", str(tmp_path / "voc")])
    said = capsys.readouterr().out
    assert "not as in the version: VOC has boxes only; polygons that became rectangles: 3" in said
    assert (tmp_path / "voc" / "sub" / "c.xml").is_file()
    with pytest.raises(SystemExit) as ended:
        run(["label", "import", str(tmp_path), "--images", str(images), "--labels", str(own), "--out", str(out)])
    assert ended.value.code == 2 and "a version is never changed" in capsys.readouterr().err


def exported_names(version, out):
    """The ids and names of the images of a CVAT export."""
    export_labels(version, out, "cvat")
    root = ElementTree.parse(out / "annotations.xml").getroot()
    return [(int(image.get("id")), image.get("name")) for image in root.iter("image")]


def test_photos_are_called_as_their_frames_in_cvat(tmp_path, images, monkeypatch):
    """CVAT finds a frame by name, or else takes the id for its number: then labels come to lie on other photos."""
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "cache"))
    names = ["a.png", "sub/c.png"]
    hashes = [file_sha256(images / name) for name in names]
    sizes = [(40, 30), (64, 48)]
    photos = [VersionPhoto(n, *size, (), sha256) for n, size, sha256 in zip(names, sizes, hashes, strict=True)]
    pulled = {"photos": [{"file_name": name, "frame_name": f"cars/{name}"} for name in names]}
    version = read_version(write_version(tmp_path / "v1", photos, pulled, images=str(images)))
    found = exported_names(version, tmp_path / "out1")
    assert [name for _, name in found] == ["cars/a.png", "cars/sub/c.png"]
    assert min(number for number, _ in found) > 10**6, "no task has that many frames"
    imported = read_version(write_version(tmp_path / "v2", photos, {}, images=str(images)))
    assert [name for _, name in exported_names(imported, tmp_path / "out2")] == names
    remember("http://cvat", 1, str(images))
    found = [name for _, name in exported_names(imported, tmp_path / "out3")]
    assert found == [f"a.{hashes[0]}.png", f"c.{hashes[1]}.png"]
    import_labels(tmp_path / "out3", tmp_path / "v3", OURS, images=images)
    assert [photo.file_name for photo in read_version(tmp_path / "v3").photos] == names


@pytest.mark.parametrize("format", ["cvat", "via", "labelme", "yolo", "voc"])
def test_photos_of_one_name_in_two_folders_stay_apart(format, tmp_path):
    for folder, size in (("x", (40, 30)), ("y", (40, 30))):
        (tmp_path / "photos" / folder).mkdir(parents=True)
        Image.new("RGB", size).save(tmp_path / "photos" / folder / "a.png")
    photos = [
        VersionPhoto(
            f"{folder}/a.png", 40, 30, (AnnotationSet((LabelledObject(label, Shape((rectangle(1, 2, 9, 8),))),)),)
        )
        for folder, label in (("x", "dent"), ("y", "hood"))
    ]
    export_labels(read_version(write_version(tmp_path / "v1", photos, {})), tmp_path / "out", format)
    import_labels(tmp_path / "out", tmp_path / "v2", OURS, images=tmp_path / "photos")
    again = {photo.file_name: photo.objects[0].label for photo in read_version(tmp_path / "v2").photos}
    assert again == {"x/a.png": "dent", "y/a.png": "hood"}


def test_two_photos_whose_labels_would_be_one_file_are_not_exported(tmp_path):
    photos = [VersionPhoto(name, 40, 30, ()) for name in ("x/a.png", "x/a.jpg")]
    version = read_version(write_version(tmp_path / "v1", photos, {}))
    with pytest.raises(DataError, match=r"x/a.png and x/a.jpg: the labels of both would be one file"):
        export_labels(version, tmp_path / "out", "yolo")
    export_labels(version, tmp_path / "out", "cvat")


def test_the_label_map_splits_what_the_source_draws_as_one(tmp_path, images):
    (tmp_path / "annotations.xml").write_text(CVAT)
    own = LabelMap("own", {"dent": "dent", "wheel": "wheel", "hood": None, "scratch": None}, frozenset({"wheel"}))
    done = import_labels(tmp_path / "annotations.xml", tmp_path / "v1", own, images=images)
    assert "objects that the label map splits, one for each polygon: 1" in done.losses
    objects = read_version(tmp_path / "v1").photos[0].objects
    assert [(one.label, len(one.shape.polygons)) for one in objects] == [("dent", 1)] + [("wheel", 1)] * 3


def test_a_label_map_to_words_of_its_own_is_refused(tmp_path, images):
    (tmp_path / "a.json").write_text(shape())
    with pytest.raises(DataError, match="'door' is not one of crumple's names"):
        import_labels(tmp_path / "a.json", tmp_path / "v1", LabelMap("own", {"dent": "door"}), images=images)


def run_ok(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 0
