"""What one version has that another has not."""

import numpy as np
import pytest

from crumple.detect.masks import Patch
from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.shapes import Shape, rectangle
from crumple.label.versions.difference import difference
from crumple.label.versions.version import read_version, write_version


def square(label, x, y, side=20.0, **attributes):
    return LabelledObject(label, Shape((rectangle(x, y, x + side, y + side),)), attributes)


def photo(name, *objects):
    return VersionPhoto(f"{name}.jpg", 200, 100, (AnnotationSet(tuple(objects)),), sha256=name * 64)


@pytest.fixture
def compare(tmp_path):
    def versions(old, new):
        for name, photos in (("old", old), ("new", new)):
            write_version(tmp_path / name, photos, {})
        return difference(read_version(tmp_path / "old"), read_version(tmp_path / "new"))

    return versions


def test_photos(compare):
    found = compare([photo("a"), photo("b", square("dent", 1, 1))], [photo("b", square("dent", 1, 1)), photo("c")])
    assert [one.file_name for one in found.added] == ["c.jpg"]
    assert [one.file_name for one in found.removed] == ["a.jpg"]
    assert (found.changed, found.same) == ((), 1)


def test_a_renamed_photo_is_the_same(compare):
    renamed = VersionPhoto("new/name.jpg", 200, 100, (AnnotationSet(()),), sha256="a" * 64)
    assert compare([photo("a")], [renamed]).same == 1


def test_objects(compare):
    old = [square("dent", 10, 10), square("hood", 50, 10, severity="minor"), square("scratch", 100, 10)]
    new = [square("dent", 12, 10), square("hood", 50, 10, severity="severe"), square("scratch", 100, 60)]
    (changed,) = compare([photo("a", *old)], [photo("a", *new)]).changed
    assert [(one.label, other.label, what) for one, other, what in changed.changed] == [
        ("hood", "hood", ("attributes",)),
        ("dent", "dent", ("outline",)),
    ]
    assert [one.shape.box[1] for one in changed.added] == [60]
    assert [one.shape.box[1] for one in changed.removed] == [10]


def test_another_label_in_the_same_place_is_a_change(compare):
    (changed,) = compare([photo("a", square("dent", 10, 10))], [photo("a", square("scratch", 10, 10))]).changed
    assert [(one.label, other.label, what) for one, other, what in changed.changed] == [("dent", "scratch", ("label",))]


def test_equal_labels_are_paired_before_better_overlaps(compare):
    old = [square("dent", 10, 10)]
    new = [square("scratch", 11, 10), square("dent", 14, 10)]
    (changed,) = compare([photo("a", *old)], [photo("a", *new)]).changed
    assert [(one.label, other.label) for one, other, _ in changed.changed] == [("dent", "dent")]
    assert [one.label for one in changed.added] == ["scratch"]


def test_a_polygon_that_became_a_mask_is_a_change_of_outline(compare):
    mask = LabelledObject("dent", Shape(runs=Patch.from_bitmap(np.ones((20, 20), bool), 10, 10).rle(100, 200)))
    (changed,) = compare([photo("a", square("dent", 10, 10))], [photo("a", mask)]).changed
    assert changed.changed[0][2] == ("outline",)


def test_nothing_differs_from_itself(compare):
    objects = [square("dent", 10, 10), square("dent", 10, 10), square("hood", 60, 60, score=0.4)]
    found = compare([photo("a", *objects)], [photo("a", *objects)])
    assert (found.added, found.removed, found.changed, found.same) == ((), (), (), 1)
    assert found.to_dict() == {"photos_added": [], "photos_removed": [], "photos_same": 1, "photos_changed": []}
