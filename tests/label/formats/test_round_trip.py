"""What is written in a format and read again is what it was, where the format allows; where not, the loss is named."""

import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.formats.exporter import WRITERS
from crumple.label.formats.objects import Drawn, DrawnPhoto, Losses, box
from crumple.label.shapes import Shape
from crumple.label.versions.version import write_version
from tests.label.formats.format_photos import ATTRIBUTES, NAMES, SIZES, drawn_photos, masks, plain, read, write_photos

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    return write_photos(tmp_path_factory.mktemp("images"))


def round_trip(format: str, photos: list[DrawnPhoto], images: Path) -> tuple[list[DrawnPhoto], list[str]]:
    losses = Losses()
    with tempfile.TemporaryDirectory() as folder:
        WRITERS[format](photos, Path(folder), losses)
        return list(read(format, Path(folder), images).photos.values()), losses.lines()


PERCENT = ATTRIBUTES.map(
    lambda said: said | ({"score": round(said["score"] * 99 + 1) / 100} if "score" in said else {})
)


@FEW
@given(data=st.data())
@pytest.mark.parametrize(("format", "attributes"), [("cvat", PERCENT), ("labelme", ATTRIBUTES)])
def test_all_of_it_survives(format, attributes, data, images):
    photos = data.draw(drawn_photos(attributes=attributes))
    again, losses = round_trip(format, photos, images)
    assert plain(again) == plain(photos) and losses == []


@FEW
@given(photos=drawn_photos(with_masks=False))
def test_via_keeps_polygons_and_attributes(photos, images):
    again, losses = round_trip("via", photos, images)
    assert plain(again) == plain(photos) and losses == []


@FEW
@given(photos=drawn_photos(most_polygons=1, with_masks=False, attributes=st.just({})))
def test_yolo_keeps_single_polygons_to_rounding(photos, images):
    again, losses = round_trip("yolo", photos, images)
    assert losses == [] and [photo.file_name for photo in again] == [photo.file_name for photo in photos]
    for before, after in zip(photos, again, strict=True):
        assert [one.label for one in before.objects] == [one.label for one in after.objects]
        for mine, theirs in zip(before.objects, after.objects, strict=True):
            np.testing.assert_allclose(mine.shape.polygons[0], theirs.shape.polygons[0], atol=1e-9)


BOXES = st.builds(
    lambda label, x, y, w, h, said: Drawn(label, Shape((box(x, y, x + w, y + h),)), said),
    st.sampled_from(NAMES),
    st.floats(0, 12),
    st.floats(0, 15),
    st.floats(0.25, 12),
    st.floats(0.25, 15),
    st.fixed_dictionaries({}, optional={"occluded": st.just(True), "truncated": st.just(True)}),
)


@FEW
@given(objects=st.lists(BOXES, max_size=4))
def test_voc_keeps_boxes(objects, images):
    photos = [DrawnPhoto("a.png", *SIZES["a.png"], tuple(objects))]
    again, losses = round_trip("voc", photos, images)
    assert plain(again) == plain(photos) and losses == []


@FEW
@given(photos=drawn_photos())
def test_coco_keeps_all_of_it(photos, images):
    version = [
        VersionPhoto(
            photo.file_name,
            photo.width,
            photo.height,
            (AnnotationSet(tuple(LabelledObject(one.label, one.shape, one.attributes) for one in photo.objects)),),
            group="claim 7",
        )
        for photo in photos
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_version(Path(folder) / "v1", version, {})
        again = list(read("roboflow", Path(folder) / "v1" / "annotations.json", images).photos.values())
    assert plain(again) == plain(photos)
    assert {photo.claim for photo in again} == {"claim 7"}


@FEW
@given(runs=masks(*SIZES["a.png"]))
@pytest.mark.parametrize("format", ["via", "yolo"])
def test_a_mask_becomes_polygons_round_the_same_pixels_without_holes(format, runs, images):
    width, height = SIZES["a.png"]
    shape = Shape(runs=runs)
    again, losses = round_trip(format, [DrawnPhoto("a.png", width, height, (Drawn("dent", shape),))], images)
    assert "masks that became polygons, without their holes: 1" in losses
    covered = np.zeros((height, width), bool)
    for drawn in again[0].objects:
        covered |= drawn.shape.patch(height, width).on_photo(height, width)
    assert (covered == filled(shape.patch(height, width).on_photo(height, width))).all()


def filled(bitmap: np.ndarray) -> np.ndarray:
    """Without its holes: what the outside, which goes round corners, does not reach."""
    around = np.pad(~bitmap, 1, constant_values=True).astype(np.uint8)
    cv2.floodFill(around, None, (0, 0), 2, flags=4)
    return (around != 2)[1:-1, 1:-1]


def test_cvats_numbers_are_whole(images):
    objects = tuple(Drawn("dent", Shape((box(1, 1, 9, 9),)), {"score": score}) for score in (0.254, 0.01, 0.001))
    again, losses = round_trip("cvat", [DrawnPhoto("a.png", *SIZES["a.png"], objects)], images)
    assert losses == ["scores that were rounded to whole percent, as CVAT's numbers are: 2"]
    assert [one.attributes for one in again[0].objects] == [{"score": 0.25}, {"score": 0.01}, {}]


def test_what_yolo_and_voc_cannot_hold_is_named(images):
    triangle, other = np.array([[1, 1], [9, 1], [1, 9.0]]), np.array([[20, 1], [29, 1], [20, 9.0]])
    objects = (
        Drawn("dent", Shape((triangle,)), {"severity": "minor"}),
        Drawn("wheel", Shape((triangle, other))),
        Drawn("hood", Shape((box(2, 2, 8, 9),)), {"occluded": True}),
    )
    photos = [DrawnPhoto("a.png", *SIZES["a.png"], objects)]
    again, losses = round_trip("yolo", photos, images)
    assert set(losses) == {
        "objects of several polygons that became several objects: 1",
        "objects that lost their attributes: 2",
    }
    assert [one.label for one in again[0].objects] == ["dent", "wheel", "wheel", "hood"]
    again, losses = round_trip("voc", photos, images)
    assert set(losses) == {
        "VOC has boxes only; polygons that became rectangles: 2",
        "objects that lost attributes other than occluded and truncated: 1",
    }
    assert [one.shape.box for one in again[0].objects] == [(1, 1, 9, 9), (1, 1, 29, 9), (2, 2, 8, 9)]
