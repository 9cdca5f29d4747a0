"""Annotation files to and from a CVAT server: on the right photos, and with what was said of them."""

import json

import pytest

from crumple.dataset.labels import LabelMap
from crumple.label.formats.exporter import export_labels
from crumple.label.formats.importer import import_labels
from crumple.label.versions.version import read_version, write_version
from tests.label.cvat.cvat_project import push_all
from tests.label.cvat.fake_cvat_files import export_coco, import_cvat
from tests.label.cvat.fake_cvat_refusal import Refusal
from tests.label.cvat.test_pull import SQUARE, draw, finish, pulled

OURS = LabelMap.load("crumple")


def test_an_export_comes_to_lie_on_the_photos_that_it_is_of(fake, photos, tmp_path):
    """Only the second photo has a label; a file of it alone must not come to lie on the first."""
    push_all(fake, photos, draft=False, size=3)
    draw(fake, ("shapes", "dent", {"type": "polygon", "points": SQUARE, "frame": 1}))
    finish(fake)
    second = [photo for photo in pulled(fake, photos).photos if photo.objects]
    manifest = pulled(fake, photos).manifest
    export_labels(read_version(write_version(tmp_path / "v1", second, manifest)), tmp_path / "out", "cvat")
    (task,) = fake.state.tasks
    import_cvat(fake.state, task, tmp_path / "out" / "annotations.xml")
    assert [shape["frame"] for shape in fake.state.annotations(fake.state.jobs)["shapes"]] == [1]
    export_labels(read_version(write_version(tmp_path / "v2", second, {})), tmp_path / "unknown", "cvat")
    with pytest.raises(Refusal, match="Unknown internal frame id"):  # rather than silently on another photo
        import_cvat(fake.state, task, tmp_path / "unknown" / "annotations.xml")


def test_the_coco_of_a_project_is_imported_as_it_would_be_pulled(fake, photos, tmp_path):
    push_all(fake, photos, size=3)
    draw(
        fake,
        ("shapes", "dent", {"type": "rectangle", "points": [20, 40, 60, 50], "rotation": 90.0, "occluded": False}),
    )
    finish(fake)
    (tmp_path / "instances_default.json").write_text(json.dumps(export_coco(fake.state, fake.state.projects[0]["id"])))
    import_labels(tmp_path / "instances_default.json", tmp_path / "v1", OURS, images=photos.path)

    by_pull = pulled(fake, photos).photos
    assert len(by_pull[0].objects) == 3
    assert told(read_version(tmp_path / "v1").photos) == told(by_pull)


def told(photos):
    """What is on each photo, in an order of its own."""
    return {
        photo.file_name: sorted(
            (one.label, one.attributes.get("score", 0), *(round(edge, 6) for edge in one.shape.box))
            for one in photo.objects
        )
        for photo in photos
    }


def test_the_coco_of_a_project_with_a_review_has_the_review(fake, photos, tmp_path):
    push_all(fake, photos, size=3)
    push_all(fake, photos, size=3, review="0a1b2c3d", draft=False)
    content = export_coco(fake.state, fake.state.projects[0]["id"])
    assert len(content["images"]) == 6
    (tmp_path / "instances_default.json").write_text(json.dumps(content))
    done = import_labels(tmp_path / "instances_default.json", tmp_path / "v1", OURS, images=photos.path)
    assert (done.photos, done.objects) == (3, 0), "the review took all of it out"
