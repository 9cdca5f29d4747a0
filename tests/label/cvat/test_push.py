"""Pushing photos: what comes to the server, once and whole, whatever happens on the way."""

import pytest

from crumple.errors import DataError, PhotoError
from crumple.label.cvat.batches import cut
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.frame_names import frame_name, frame_sha256
from crumple.label.cvat.project import make_project
from crumple.label.cvat.push import Push
from crumple.label.photos import LabelPhoto, read_photos
from tests.label.cvat.cvat_project import PROJECT, Heard, logged_in, push_all, shapes, there, write_photos
from tests.label.cvat.fake_cvat import FakeCvat


def test_photos_tasks_and_drafts_arrive(fake, photos):
    heard = Heard()
    pushed = push_all(fake, photos, heard=heard)
    assert there(fake) == [["p0", "p1"], ["p2"]]
    assert [task["name"] for task in fake.state.tasks] == ["Cars 2026 0001", "Cars 2026 0002"]
    assert (pushed.photos, pushed.tasks, pushed.present, pushed.drafted, pushed.objects) == (3, 2, 0, 3, 6)
    drawn = shapes(fake)
    assert [(shape["type"], shape["frame"], shape["source"]) for shape in drawn] == [
        ("polygon", frame, "auto") for frame in (0, 0, 1, 1, 0, 0)
    ]
    assert heard.steps["photos uploaded"] == heard.totals["photos uploaded"] == 3
    assert heard.steps["photos drafted"] == heard.totals["photos drafted"] == 3


def test_frames_hold_the_bytes_of_the_photos(fake, photos):
    push_all(fake, photos)
    for frames in fake.state.frames.values():
        for name, data in frames:
            assert data == photos.read(f"{name.split('.')[0]}.jpg")


def test_pushing_again_adds_nothing(fake, photos):
    push_all(fake, photos)
    before = (there(fake), len(shapes(fake)))
    pushed = push_all(fake, photos)
    assert (there(fake), len(shapes(fake))) == before
    assert (pushed.photos, pushed.present) == (0, 3)


def test_a_project_that_lacks_a_label_gets_drafts_without_it(fake, photos):
    with logged_in(fake) as server:
        make_project(server, PROJECT, Heard())
    fake.state.labels = [label for label in fake.state.labels if label["name"] != "hood"]
    heard = Heard()
    assert push_all(fake, photos, heard=heard).objects == 3
    names = {label["id"]: label["name"] for label in fake.state.labels}
    assert [names[shape["label_id"]] for shape in shapes(fake)] == ["dent"] * 3
    assert heard.lines == [f"project {PROJECT!r}: label hood is missing; drafts leave it out"]


def test_new_photos_are_added_and_copies_are_not(fake, tmp_path, photos):
    push_all(fake, photos)
    (tmp_path / "clean" / "copy.jpg").write_bytes((tmp_path / "clean" / "p1.jpg").read_bytes())
    write_photos(tmp_path / "clean", 4)
    assert push_all(fake, photos).photos == 1
    assert there(fake) == [["p0", "p1"], ["p2"], ["p3"]]
    assert fake.state.tasks[-1]["name"] == "Cars 2026 0003"


def whole(fake):
    """What has to be there in the end: every photo once, each with its two shapes, no task without data."""
    frames = [(name, data) for frames in fake.state.frames.values() for name, data in frames]
    assert sorted(name.split(".")[0] for name, _ in frames) == ["p0", "p1", "p2"]
    assert all(task.get("size") for task in fake.state.tasks)
    assert len(fake.state.projects) == 1
    assert len(shapes(fake)) == 6
    return frames


def requests_of_a_push(tmp_path):
    with FakeCvat() as fake:
        push_all(fake, write_photos(tmp_path, 3))
        return len(fake.requests)


@pytest.mark.parametrize("how", ["drop", "drop after"])
def test_a_push_that_is_cut_off_anywhere_is_continued(tmp_path, photos, how):
    """At every single request the connection goes, before or after it counted, and stays away."""
    for last in range(requests_of_a_push(tmp_path / "other")):
        with FakeCvat() as fake:
            fake.hook = lambda method, path, fake=fake, last=last: how if len(fake.requests) > last else None
            with pytest.raises(CvatError, match="no CVAT server answers") as error:
                push_all(fake, photos)
            assert "\n" not in str(error.value) and "secret" not in str(error.value)
            fake.hook = lambda method, path: None
            push_all(fake, photos)
            for name, data in whole(fake):
                assert data == photos.read(f"{name.split('.')[0]}.jpg")


@pytest.mark.parametrize("where", ["data", "annotations", "requests"])
def test_a_server_that_fails_once_is_told_and_the_push_continued(fake, photos, where):
    answers = iter([(500, b"<html>Server Error</html>")])
    fake.hook = lambda method, path: next(answers, None) if where in path else None
    with pytest.raises(CvatError, match=r"the server failed \(500\); see its log; nothing is lost"):
        push_all(fake, photos)
    push_all(fake, photos)
    whole(fake)


def test_a_task_that_is_still_being_taken_in_is_waited_for(fake, photos):
    """The push dies after the upload is finished; the server goes on with it."""
    fake.hook = lambda method, path: "drop" if path.startswith("/api/requests") else None
    with pytest.raises(CvatError):
        push_all(fake, photos)
    fake.hook = lambda method, path: None
    assert len(fake.state.tasks) == 1 and "size" not in fake.state.tasks[0]
    number, heard = fake.state.tasks[0]["id"], Heard()
    push_all(fake, photos, heard=heard)
    assert any("still being taken in" in line for line in heard.lines)
    assert fake.state.tasks[0]["id"] == number
    whole(fake)


def test_a_half_uploaded_task_is_made_anew(fake, photos):
    fake.hook = lambda method, path: (503, {"detail": "busy"}) if method == "POST" and path.endswith("/data/") else None
    with pytest.raises(CvatError, match=r"failed \(503\): busy"):
        push_all(fake, photos)
    fake.hook = lambda method, path: None
    heard, number = Heard(), fake.state.tasks[0]["id"]
    push_all(fake, photos, heard=heard)
    assert any("half uploaded" in line for line in heard.lines)
    assert number not in {task["id"] for task in fake.state.tasks}
    whole(fake)


def test_a_half_uploaded_task_of_somebody_else_is_left_alone(fake, photos):
    fake.hook = lambda method, path: (503, None) if path.endswith("/data/") else None
    with pytest.raises(CvatError):
        push_all(fake, photos, user="cindy")
    fake.hook = lambda method, path: None
    fake.state.projects[0]["assignee"] = fake.state.users[0].json()
    heard = Heard()
    push_all(fake, photos, heard=heard)
    assert any("of cindy has no data; it is left alone" in line for line in heard.lines)
    assert [task.get("size") for task in fake.state.tasks] == [None, 2, 1]


def test_an_empty_task_that_somebody_made_by_hand_is_left_alone(fake, photos):
    push_all(fake, photos)
    project = fake.state.projects[0]["id"]
    fake.state.create_task(fake.state.users[0], {"name": "my own", "project_id": project})
    push_all(fake, photos)
    assert [task["name"] for task in fake.state.tasks][-1] == "my own"


def test_a_broken_photo_is_told_before_any_of_its_task_is_sent(fake, tmp_path, photos):
    path = tmp_path / "clean" / "p2.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(PhotoError, match=r"p2.jpg: the JPEG is cut off .*; or take it out, as crumple prepare does"):
        push_all(fake, photos, draft=False)
    assert there(fake) == [["p0", "p1"]]
    path.unlink()
    push_all(fake, photos)
    assert there(fake) == [["p0", "p1"]] and len(fake.state.tasks) == 1, "the task that was announced is gone"


def test_what_the_server_says_of_a_photo_is_told(fake, tmp_path, photos, monkeypatch):
    monkeypatch.setattr("crumple.label.cvat.push.decode", lambda *arguments, **options: None)
    (tmp_path / "clean" / "p1.jpg").write_bytes(b"no picture")
    with pytest.raises(CvatError, match=r"p1\.[0-9a-f]{64}\.jpg: cannot identify image file"):
        push_all(fake, photos, draft=False)
    write_photos(tmp_path / "clean", 3)
    push_all(fake, photos)
    whole(fake)


def test_drafts_come_later_too_but_not_over_an_annotator(fake, photos):
    push_all(fake, photos, draft=False)
    assert shapes(fake) == []
    fake.state.jobs[0]["state"] = "in progress"  # began, and has drawn nothing yet
    pushed = push_all(fake, photos)
    assert {shape["frame"] for shape in shapes(fake)} == {0} and len(shapes(fake)) == 2
    assert pushed.drafted == 1


def test_a_photo_that_an_annotator_deleted_does_not_come_back(fake, photos):
    push_all(fake, photos)
    task = fake.state.tasks[0]["id"]
    fake.state.deleted[task] = [0]
    assert push_all(fake, photos).photos == 0


def test_large_files_come_in_chunks_that_are_resumed(fake, photos, monkeypatch):
    """The SDK's resumable protocol; the second chunk is lost once."""
    monkeypatch.setattr("cvat_sdk.core.uploading.TUS_CHUNK_SIZE", 300)
    monkeypatch.setattr("cvat_sdk.core.uploading.DataUploader.__init__.__kwdefaults__", {"max_request_size": 10})
    lost = iter(["drop"])
    fake.hook = lambda method, path: next(lost, None) if (method == "PATCH" and "/data/" in path) else None
    push_all(fake, photos)
    whole(fake)
    assert any(method == "HEAD" for method, _ in fake.requests)


def test_splits_and_groups_stay_together():
    photos = [
        LabelPhoto(f"p{i}", f"{i}", group, split)
        for i, (group, split) in enumerate(
            [
                ("a", "train"),
                (None, "val"),
                ("b", "train"),
                ("a", "train"),
                (None, "train"),
                ("b", "train"),
                ("b", "train"),
            ]
        )
    ]
    batches = [(batch.split, [photo.name for photo in batch.photos]) for batch in cut(photos, 3)]
    assert batches == [
        ("train", ["p0", "p3"]),
        ("train", ["p2", "p5", "p6"]),
        ("train", ["p4"]),
        ("val", ["p1"]),
    ]
    assert [len(batch.photos) for batch in cut(photos, 2)] == [2, 3, 1, 1]
    assert [photo.name for batch in cut(photos, 3, limit=1) for photo in batch.photos] == ["p0", "p3"]


def test_splits_become_subsets(fake, tmp_path, photos):
    known = read_photos(photos)
    known = [LabelPhoto(p.name, p.sha256, "one claim", "val" if i else "train") for i, p in enumerate(known)]
    push_all(fake, photos, photos=known)
    assert [(task["subset"], task["size"]) for task in fake.state.tasks] == [("train", 1), ("val", 2)]


def test_a_photo_that_changed_since_is_not_pushed(fake, tmp_path, photos):
    known = read_photos(photos)
    write_photos(tmp_path / "clean", 3, size=(100, 201))
    with pytest.raises(DataError, match=r"p0.jpg: is not the file that the manifest names"):
        push_all(fake, photos, photos=known)


def test_a_photo_that_is_shown_turned_is_not_drafted_wrongly(fake, photos):
    with logged_in(fake) as server:
        project = make_project(server, PROJECT, Heard())
        push = Push(server, project, photos, draft=lambda photo: ([], (200, 100)))
        with pytest.raises(CvatError, match="CVAT shows it as 200x100 pixels, and here it is 100x200"):
            push.run(read_photos(photos))


@pytest.mark.parametrize("name", ["train/door 3.JPG", "a/Tür.jpg", "x" * 300 + ".png", "a.b.c.jpeg"])
def test_names_of_frames_hold_the_hash(name):
    sha256 = "0123456789abcdef" * 4
    named = frame_name(name, sha256)
    assert frame_sha256(named) == sha256
    assert named.isascii() and "/" not in named and " " not in named and len(named) < 200
    assert frame_sha256(name) is None
