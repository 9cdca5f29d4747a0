"""Pulling finished labels: which jobs, which shapes, whose, and a version that can be trained on."""

import itertools
import re

import numpy as np
import pytest
from cvat_sdk.masks import decode_mask, encode_mask
from hypothesis import given
from hypothesis import strategies as st

from crumple.dataset.sets import read_data
from crumple.detect.masks import Patch
from crumple.label.annotations import LabelledObject
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.project import make_project, open_project
from crumple.label.cvat.pull import pull
from crumple.label.cvat.schema import labels
from crumple.label.cvat.shapes import from_cvat, mask_points, read_mask, to_cvat
from crumple.label.photos import read_photos
from crumple.label.shapes import Shape, rectangle
from crumple.label.versions.version import read_version, write_version
from crumple.storage import open_folder
from crumple.taxonomy import DAMAGES, PARTS
from tests.label.cvat.cvat_project import PROJECT, Heard, logged_in, push_all, write_photos

LABELS = [
    {**label, "id": i, "attributes": [{**a, "id": 100 * i + j} for j, a in enumerate(label["attributes"])]}
    for i, label in enumerate(labels(), start=1)
]
BY_NAME = {label["name"]: label for label in LABELS}
SQUARE = [10, 10, 30, 10, 30, 30, 10, 30]


def finish(fake, *jobs, who=1):
    """These jobs are done (all without a number), by a user."""
    for job in [fake.state.job(number) for number in jobs] or fake.state.jobs:
        fake.state.update_job(
            fake.state.users[0], job["id"], {"state": "completed", "stage": "acceptance", "assignee": who}
        )


def pulled(fake, folder, **options):
    with logged_in(fake) as server:
        known = read_photos(folder) if folder else None
        return pull(server, open_project(server, PROJECT, Heard()), known, **options)


def test_a_finished_project_becomes_a_version_to_train_on(fake, photos, tmp_path):
    push_all(fake, photos)
    finish(fake)
    found = pulled(fake, photos)
    write_version(tmp_path / "v1", found.photos, found.manifest, images=str(photos))
    version = read_version(tmp_path / "v1")
    assert [photo.file_name for photo in version.photos] == ["p0.jpg", "p1.jpg", "p2.jpg"]
    assert [one.sha256 for one in version.photos] == [one.sha256 for one in read_photos(photos)]
    hood, dent = version.photos[0].objects
    assert (hood.label, hood.attributes, hood.shape.box) == (
        "hood",
        {"occluded": False, "truncated": False, "score": 0.9},
        (10, 10, 60, 60),
    )
    assert dent.attributes["score"] == 0.7
    sets = {one.branch: one for one in read_data(tmp_path / "v1" / "data.yaml").sets}
    assert sets.keys() == {"parts", "damage"}
    read = [photo for name in sets["damage"].splits for photo in sets["damage"].read(name, check_sizes=True)]
    assert sorted(photo.file_name for photo in read) == ["p0.jpg", "p1.jpg", "p2.jpg"]
    assert all([instance.label for instance in photo.instances] == ["dent"] for photo in read)


FIRST_26 = [*PARTS[:18], *DAMAGES]


def test_a_project_made_when_there_were_18_parts_is_pulled_as_ever(fake, photos, tmp_path):
    with logged_in(fake) as server:
        make_project(server, PROJECT, Heard())
    fake.state.labels = [label for label in fake.state.labels if label["name"] in FIRST_26]
    push_all(fake, photos)
    finish(fake)
    found = pulled(fake, photos)
    assert [[one.label for one in photo.objects] for photo in found.photos] == [["hood", "dent"]] * 3
    with logged_in(fake) as server:
        names = open_project(server, PROJECT, Heard()).names
    write_version(tmp_path / "v1", found.photos, found.manifest, names=names)
    assert read_version(tmp_path / "v1").names == set(FIRST_26)


def test_the_manifest_says_where_everything_comes_from(fake, photos):
    push_all(fake, photos)
    finish(fake, who=2)
    manifest = pulled(fake, photos).manifest
    assert manifest["server"] == {"url": fake.url, "version": "2.73.0"}
    assert manifest["project"]["name"] == PROJECT
    assert [task["name"] for task in manifest["tasks"]] == ["Cars 2026 0001", "Cars 2026 0002"]
    assert {(job["annotator"], job["state"], job["stage"]) for job in manifest["jobs"]} == {
        ("bobby", "completed", "acceptance")
    }
    assert {"cvat-sdk", "cvat-server"} <= manifest["tools"].keys()
    assert [(one["file_name"], one["frame"], one["annotator"]) for one in manifest["photos"]] == [
        ("p0.jpg", 0, "bobby"), ("p1.jpg", 1, "bobby"), ("p2.jpg", 0, "bobby")
    ]  # fmt: skip
    assert all(one["time"] and len(one["sha256"]) == 64 for one in manifest["photos"])
    assert "secret" not in str(manifest)


def test_only_finished_jobs_are_taken(fake, photos):
    push_all(fake, photos)
    finish(fake, fake.state.jobs[0]["id"])
    found = pulled(fake, photos)
    assert [photo.file_name for photo in found.photos] == ["p0.jpg", "p1.jpg"]
    assert found.unfinished == {("annotation", "new"): 1}
    assert len(pulled(fake, photos, states=("new",)).photos) == 1
    with pytest.raises(
        CvatError, match="no job is completed in validation; there are: 1 completed in acceptance, 1 new in annotation"
    ):
        pulled(fake, photos, stages=("validation",))


def test_a_project_without_finished_jobs_says_what_there_is(fake, photos):
    push_all(fake, photos)
    with pytest.raises(CvatError, match=r"no job is completed; there are: 2 new in annotation"):
        pulled(fake, photos)
    with (
        logged_in(fake) as server,
        pytest.raises(CvatError, match=r"there is no project 'Bikes' that annie may see.*'Cars 2026'"),
    ):
        open_project(server, "Bikes", Heard())


def test_deleted_frames_and_photos_without_objects(fake, photos):
    push_all(fake, photos, draft=False)
    finish(fake)
    fake.state.deleted[fake.state.tasks[0]["id"]] = [0]
    found = pulled(fake, photos)
    assert [photo.file_name for photo in found.photos] == ["p1.jpg", "p2.jpg"]
    assert all(photo.objects == () and len(photo.sets) == 1 for photo in found.photos)


def test_two_annotators_on_one_photo_are_two_sets(fake, photos):
    push_all(fake, photos)
    task = fake.state.tasks[1]["id"]
    second = fake.state.add_job(task, range(1), kind="replica")
    finish(fake, *[job["id"] for job in fake.state.jobs if job["id"] != second])
    finish(fake, second, who=2)
    photo = pulled(fake, photos).photos[2]
    assert [(one.annotator, len(one.objects)) for one in photo.sets] == [("annie", 2), ("bobby", 0)]
    assert photo.sets[1].job == second


def test_ground_truth_is_on_its_frames_only(fake, photos):
    push_all(fake, photos)
    finish(fake, fake.state.add_job(fake.state.tasks[0]["id"], range(2), kind="ground_truth", included=[1]))
    assert [photo.file_name for photo in pulled(fake, photos).photos] == ["p1.jpg"]


def test_photos_that_are_not_known_are_left_out_by_name(fake, photos, tmp_path):
    """A task that somebody made by hand does not stand in the way of the others, nor does what is drawn wrong there."""
    push_all(fake, photos)
    draw(fake, ("tracks", "hood", {"shapes": [], "frame": 1}))
    finish(fake)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "p0.jpg").write_bytes((tmp_path / "clean" / "p0.jpg").read_bytes())
    found = pulled(fake, open_folder(tmp_path / "other"))
    assert [photo.file_name for photo in found.photos] == ["p0.jpg"] and found.refused == []
    names = {task: [name.split(".")[0] for name in frames] for task, frames in found.manifest["left_out"].items()}
    assert names == {"Cars 2026 0001": ["p1"], "Cars 2026 0002": ["p2"]}
    write_photos(tmp_path / "none", 1, size=(50, 50))
    with pytest.raises(CvatError, match="none of its 3 photos is among those of --photos; give the folder"):
        pulled(fake, open_folder(tmp_path / "none"))
    assert [photo.file_name.split(".")[0] for photo in pulled(fake, None).photos] == ["p0", "p1", "p2"]


def test_shapes_come_in_the_order_in_which_they_were_drawn(fake, photos):
    push_all(fake, photos, draft=False)
    corners = [[value + 3 * shift for value in SQUARE] for shift in range(9)]
    draw(fake, *[("shapes", "dent", {"type": "polygon", "points": points}) for points in corners])
    job = fake.state.jobs[0]
    given = [shape["points"] for shape in fake.state.annotations([job])["shapes"]]
    assert sorted(given) == corners != given, "the server keeps no order within a frame"
    finish(fake)
    drawn = pulled(fake, photos).photos[0].objects
    assert [one.shape.to_coco() for one in drawn] == [[points] for points in corners]
    last = fake.state.drawn[job["id"]]["shapes"][0] | {"points": [5, 5, 9, 5, 9, 9]}
    fake.state.annotate(fake.state.users[0], [job], "update", {"shapes": [last]})  # as the UI saves a change
    assert pulled(fake, photos).photos[0].objects[-1].shape.to_coco() == [[5, 5, 9, 5, 9, 9]]


def draw(fake, *entries):
    """Into the first job, as an annotator would."""
    job = fake.state.jobs[0]["id"]
    names = {label["name"]: label["id"] for label in fake.state.labels}
    drawn = fake.state.drawn[job]
    for kind, label, entry in entries:
        entry = {"frame": 0, "attributes": [], "group": 0, **entry, "id": fake.state.id()}
        drawn[kind].append({**entry, "label_id": names[label]})


def test_every_kind_of_shape(fake, photos):
    push_all(fake, photos, draft=False)
    bitmap = np.zeros((100, 200), bool)
    bitmap[5:9, 7:20] = True
    draw(
        fake,
        ("shapes", "hood", {"type": "polygon", "points": SQUARE}),
        ("shapes", "wheel", {"type": "polygon", "points": SQUARE, "group": 7}),
        ("shapes", "wheel", {"type": "polygon", "points": [value + 50 for value in SQUARE], "group": 7}),
        ("shapes", "dent", {"type": "polygon", "points": SQUARE, "group": 7}),
        ("shapes", "scratch", {"type": "mask", "points": encode_mask(bitmap)}),
        ("shapes", "trunk", {"type": "rectangle", "points": [10, 20, 30, 40], "rotation": 0}),
        ("shapes", "tailgate", {"type": "polygon", "points": [-10, 10, 30, 10, 30, 30, -10, 30], "occluded": True}),
    )
    finish(fake)
    found = pulled(fake, photos)
    assert found.refused == []
    objects = {one.label: one for one in found.photos[0].objects}
    assert len(objects) == len(found.photos[0].objects) == 6
    assert objects["hood"].shape.to_coco() == [SQUARE]
    assert [len(polygon) for polygon in objects["wheel"].shape.to_coco()] == [8, 8]
    assert (objects["scratch"].shape.patch(100, 200).on_photo(100, 200) == bitmap).all()
    assert objects["trunk"].shape.box == (10, 20, 30, 40)
    assert objects["tailgate"].shape.box == (0, 10, 30, 30) and objects["tailgate"].attributes == {"occluded": True}


@pytest.mark.parametrize(
    ("kind", "entry", "reason"),
    [
        ("tracks", {"shapes": []}, "a track; draw shapes on single frames"),
        ("tags", {}, "a tag"),
        ("shapes", {"type": "polyline", "points": SQUARE}, "drawn as polyline; draw a polygon"),
        ("shapes", {"type": "ellipse", "points": [1, 2, 3, 4]}, "drawn as ellipse; draw a polygon"),
        ("shapes", {"type": "polygon", "points": [500, 500, 600, 500, 600, 600]}, "without an area on the photo"),
        ("shapes", {"type": "mask", "points": [0, 4, 190, 90, 191, 100]}, "off the photo"),
        ("shapes", {"type": "mask", "points": [4, 10, 10, 11, 11]}, "without a pixel"),
        ("shapes", {"type": "mask", "points": [0, 3, 10, 10, 11, 11]}, "do not fill its box"),
    ],
)
def test_what_a_version_cannot_hold_is_refused_with_a_reason(fake, photos, kind, entry, reason):
    push_all(fake, photos)
    draw(fake, (kind, "hood", entry))
    finish(fake)
    found = pulled(fake, photos)
    assert len(found.refused) == 1
    refused = found.refused[0]
    assert (refused.job, refused.frame, refused.label) == (fake.state.jobs[0]["id"], 0, "hood")
    assert re.search(reason, refused.reason)
    assert found.manifest["refused"][0]["reason"] == refused.reason
    assert found.objects == 6  # the rest is there


def test_labels_of_other_people_are_refused(fake, photos):
    push_all(fake, photos)
    fake.state.labels.append({**fake.state.labels[0], "id": 999, "name": "dog"})
    draw(fake, ("shapes", "dog", {"type": "polygon", "points": SQUARE}))
    finish(fake)
    assert [one.reason for one in pulled(fake, photos).refused] == ["a label that is not in the taxonomy"]


bitmaps = st.builds(
    lambda rows, columns, bits: np.resize(np.array(bits), (rows, columns)),
    st.integers(1, 12),
    st.integers(1, 12),
    st.lists(st.booleans(), min_size=1, max_size=40).filter(any),
)  # fmt: skip


@given(bitmaps, st.integers(0, 5), st.integers(0, 7))
def test_masks_are_encoded_as_the_sdk_does(bitmap, x, y):
    if not bitmap.any():
        return
    patch = Patch.from_bitmap(bitmap, x, y)
    full = patch.on_photo(20, 20)
    points = mask_points(patch)
    assert points == encode_mask(full)
    assert (decode_mask(points, image_width=20, image_height=20) == full).all()
    assert (read_mask(points, 20, 20).on_photo(20, 20) == full).all()


squares = st.builds(
    lambda x, y, side: rectangle(x, y, x + side, y + side),
    st.floats(0, 60, width=32), st.floats(0, 60, width=32), st.floats(1, 30, width=32),
)  # fmt: skip
shapes = st.one_of(
    st.lists(squares, min_size=1, max_size=3).map(lambda polygons: Shape(tuple(polygons))),
    bitmaps.filter(np.any).map(lambda bitmap: Shape(runs=Patch.from_bitmap(bitmap, 3, 4).rle(100, 100))),
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "occluded": st.booleans(),
        "truncated": st.booleans(),
        "score": st.integers(1, 100).map(lambda percent: percent / 100),
        "severity": st.sampled_from(["minor", "moderate", "severe"]),
    },
)


@given(st.lists(st.tuples(st.sampled_from(["dent", "scratch"]), shapes, attributes), max_size=4))
def test_objects_come_back_from_cvat_as_they_went(objects):
    there = [LabelledObject(*one) for one in objects]
    drawn = {"shapes": to_cvat(there, 3, BY_NAME, itertools.count(1), (100, 100))}
    back, refused = from_cvat(drawn, 1, LABELS, {3: (100, 100)})
    assert refused == []
    for one, other in zip(there, back.get(3, []), strict=True):
        assert one.label == other.label and one.shape.same(other.shape)
        assert {"occluded": False, **one.attributes}.items() >= {**other.attributes}.items()
        assert one.attributes.keys() <= other.attributes.keys()
