"""A review list becomes tasks of its own, and what comes of them takes the place of what was reviewed."""

import itertools

import numpy as np
import pytest

from crumple.detect.masks import Patch
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.annotations import LabelledObject
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.project import open_project
from crumple.label.cvat.pull import pull
from crumple.label.cvat.push import Push
from crumple.label.cvat.review_draft import ReviewDraft
from crumple.label.cvat.shapes import to_cvat
from crumple.label.photos import read_photos
from crumple.label.review import Review, ReviewItem, Suggestion
from crumple.label.shapes import Shape, rectangle
from crumple.label.versions.version import write_version
from tests.label.cvat.cvat_project import Heard, logged_in, push_all, shapes, there
from tests.label.cvat.test_pull import BY_NAME, finish, pulled


def item(photo, kind, suggestion=None, **more):
    fields = {"file_name": photo, "image_ids": [1], "annotation_ids": [], "kind": kind, "score": 0.5, "text": "look"}
    return ReviewItem(**fields, suggestion=suggestion, **more)


@pytest.fixture
def reviewed(fake, photos, tmp_path):
    """A version of a finished project, and a list that wants p2 and p0 looked at again."""
    push_all(fake, photos)
    finish(fake)
    found = pulled(fake, photos)
    version = write_version(tmp_path / "v1", found.photos, found.manifest, images=str(photos))
    runs = Patch.from_bitmap(np.ones((10, 10), bool), 100, 50).rle(100, 200)
    missed = Suggestion(label="scratch", score=0.8, box=(100, 50, 110, 60), segmentation=runs)
    review = Review(
        version="v1",
        annotations_sha256=file_sha256(version / "annotations.json"),
        crumple="0",
        made="2026-11-22",
        items=[
            item("p2.jpg", "missed_by_labels", missed),
            item("p0.jpg", "tiny", box=(1, 2, 3, 4)),
            item("p2.jpg", "tiny"),
        ],
    )
    review.save(tmp_path / "review.json")
    return ReviewDraft(tmp_path / "review.json", tmp_path / "v1")


def push_review(fake, photos, reviewed):
    chosen = reviewed.choose(read_photos(photos))
    return push_all(fake, photos, photos=chosen, draft=reviewed, notes=reviewed.notes, review=reviewed.key)


def test_the_photos_come_again_with_their_labels_and_what_was_missed(fake, photos, reviewed):
    before = len(shapes(fake))
    pushed = push_review(fake, photos, reviewed)
    assert there(fake)[-1] == ["p2", "p0"]
    assert fake.state.tasks[-1]["name"] == f"Cars 2026 review {reviewed.key} 0001"
    new = shapes(fake)[before:]
    assert [(one["frame"], one["type"]) for one in new] == [
        (0, "polygon"), (0, "polygon"), (0, "mask"), (1, "polygon"), (1, "polygon")
    ]  # fmt: skip
    assert (pushed.photos, pushed.objects) == (2, 5)


def test_what_is_wrong_stands_where_it_is(fake, photos, reviewed):
    push_review(fake, photos, reviewed)
    assert [(issue["frame"], issue["position"]) for issue in fake.state.issues] == [
        (0, [0, 0, 200, 100]),
        (1, [1, 2, 3, 4]),
    ]
    assert fake.state.messages == ["look; look", "look"]


def test_a_review_that_is_cut_off_while_noting_is_continued(fake, photos, reviewed):
    """After the first of two remarks, and then before the draft."""
    for after in ("issues", "annotations"):
        fake.hook = lambda method, path, after=after: (
            "drop" if after in path and fake.state.issues and method != "GET" else None
        )
        with pytest.raises(CvatError):
            push_review(fake, photos, reviewed)
    fake.hook = lambda method, path: None
    before = len(shapes(fake))
    push_review(fake, photos, reviewed)
    assert fake.state.messages == ["look; look", "look"]
    assert len(shapes(fake)) == before + 5


def test_pushing_the_list_again_adds_nothing(fake, photos, reviewed):
    push_review(fake, photos, reviewed)
    tasks = len(fake.state.tasks)
    assert push_review(fake, photos, reviewed).photos == 0
    assert push_all(fake, photos).photos == 0
    assert len(fake.state.tasks) == tasks


def test_a_review_takes_the_place_of_what_it_reviewed(fake, photos, reviewed):
    push_review(fake, photos, reviewed)
    review_job = fake.state.jobs[-1]["id"]
    assert all(review_job not in [one.job for one in photo.sets] for photo in pulled(fake, photos).photos)
    finish(fake, review_job, who=2)
    sets = [[(one.annotator, len(one.objects)) for one in photo.sets] for photo in pulled(fake, photos).photos]
    assert sets == [[("bobby", 2)], [("annie", 2)], [("bobby", 3)]]


def test_labels_that_the_project_lacks_are_not_lost_in_a_review(fake, photos, reviewed):
    fake.state.labels = [label for label in fake.state.labels if label["name"] != "hood"]
    with pytest.raises(
        CvatError, match=r"project 'Cars 2026': has no label hood, which is to be reviewed on p2\..*add it"
    ):
        push_review(fake, photos, reviewed)


def test_a_list_about_another_version_says_so(reviewed, tmp_path):
    write_version(tmp_path / "v2", reviewed.version.photos[:1], {})
    with pytest.raises(DataError, match=r"review.json: is about the version 'v1', and .*v2 is another one"):
        ReviewDraft(tmp_path / "review.json", tmp_path / "v2")


def test_a_photo_that_is_not_there_is_named(photos, reviewed, tmp_path):
    (tmp_path / "clean" / "p0.jpg").unlink()
    with pytest.raises(DataError, match=r"p0.jpg: is to be reviewed, but is not among the photos"):
        reviewed.choose(read_photos(photos))


def test_what_was_drawn_by_hand_stays_so_in_a_review(fake, photos, reviewed):
    push_review(fake, photos, reviewed)
    of_reviews = [job["id"] for job in fake.state.jobs[-1:]]
    found = {(shape["source"], shape["score"]) for job in of_reviews for shape in fake.state.drawn[job]["shapes"]}
    assert found == {("auto", 0.9), ("auto", 0.7), ("auto", 0.8)}
    by_hand = [LabelledObject("dent", Shape((rectangle(1, 2, 9, 8),)), {"severity": "minor"})]
    (shape,) = to_cvat(by_hand, 0, BY_NAME, itertools.count(1), (100, 200))
    assert shape["source"] == "manual" and "score" not in shape


def test_reviews_are_known_after_the_project_was_renamed(fake, photos, reviewed):
    push_review(fake, photos, reviewed)
    for drawn in list(fake.state.drawn.values())[-1:]:
        drawn["shapes"].clear()
    finish(fake)
    reviewed_photos = [photo.file_name for photo in pulled(fake, photos).photos if not photo.objects]
    assert sorted(reviewed_photos) == ["p0.jpg", "p2.jpg"]
    fake.state.projects[0]["name"] = "Autos"
    with logged_in(fake) as server:
        again = pull(server, open_project(server, "Autos", Heard()), read_photos(photos))
        chosen = reviewed.choose(read_photos(photos))
        project = open_project(server, "Autos", Heard())
        assert Push(server, project, photos, draft=reviewed, review=reviewed.key).run(chosen).photos == 0
    assert sorted(photo.file_name for photo in again.photos if not photo.objects) == ["p0.jpg", "p2.jpg"]
