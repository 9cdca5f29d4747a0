"""Inspections over HTTP, on SQLite and on PostgreSQL: nothing is made twice, nothing private comes out."""

import csv
import errno
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update

from crumple.dataset.coco import read_coco
from crumple.dataset.labels import LabelMap
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.store import tables
from crumple.serve.store.database import Database
from crumple.storage import open_folder
from crumple.taxonomy import DAMAGES
from tests.serve.databases import new_database
from tests.serve.http.test_assessments import problem
from tests.serve.running import Gate, add_photo, assessed, new_inspection, picture, running, until
from tests.stores import s3_bucket

FORMAT_1 = Path(__file__).parents[2].joinpath("assessment", "format_1.json").read_text(encoding="utf-8")


@pytest.fixture
def client(tmp_path, database_url):
    with running(tmp_path, database=database_url) as client:
        yield client


def test_the_way_of_an_inspection(client):
    inspection = new_inspection(client, reference="claim 1", vehicle={"plate": "AB-1"}, metadata={"a": [1, None]})
    image = add_photo(client, inspection, **{"Content-Disposition": 'attachment; filename="left.jpg"'})
    assert image["status"] == "queued" and image["name"] == "left.jpg"
    assert image["assessment"] is None and image["view"] is None
    (image,) = assessed(client, inspection)
    assert (
        image["status"] == "done"
        and image["view"] == "left"
        and image["assessment"]["photo"]["sha256"] == image["sha256"]
    )
    assert [finding["damage"] for finding in image["findings"]] == ["dent"]
    assert {check["name"] for check in image["quality"]} >= {"blurred", "no_vehicle"}
    read = client.get(inspection).json()
    assert (
        read["reference"] == "claim 1" and read["vehicle"]["plate"] == "AB-1" and read["metadata"] == {"a": [1, None]}
    )
    assert client.delete(inspection).status_code == 204
    problem(client.get(inspection), 404, "inspection_id")
    problem(client.get(f"{inspection}/images/{image['id']}/photo"), 404, "image_id")
    problem(client.delete(inspection), 404, "inspection_id")


def test_the_assessment_is_that_of_invocations(client):
    inspection = new_inspection(client)
    add_photo(client, inspection)
    kept = assessed(client, inspection)[0]["assessment"]
    direct = client.post("/invocations", content=picture(), headers={"Content-Type": "image/jpeg"}).json()
    assert kept | {"timings": 0} == direct | {"timings": 0}


def test_pages(client):
    made = [new_inspection(client, reference=str(i)) for i in range(5)]
    first = client.get("/v1/inspections?limit=2").json()
    second = client.get(f"/v1/inspections?limit=2&cursor={first['next_cursor']}").json()
    third = client.get(f"/v1/inspections?limit=2&cursor={second['next_cursor']}").json()
    names = [one["reference"] for page in (first, second, third) for one in page["items"]]
    assert names == ["4", "3", "2", "1", "0"] and third["next_cursor"] is None and len(made) == 5
    problem(client.get("/v1/inspections?limit=0"), 422, "limit")
    problem(client.get("/v1/inspections?cursor=%00"), 422, "cursor")


def test_the_same_request_again_makes_nothing_more(client):
    key = {"Idempotency-Key": "k-1"}
    made = [client.post("/v1/inspections", json={"reference": "x"}, headers=key).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    problem(client.post("/v1/inspections", json={"reference": "y"}, headers=key), 422, "Idempotency-Key")
    inspection = f"/v1/inspections/{made[0]}"
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda _: add_photo(client, inspection, **key)["id"], range(4)))
    assert len(set(images)) == 1
    assert add_photo(client, inspection)["id"] == images[0], "the same photo is the same image, key or not"
    assert add_photo(client, inspection, picture(1))["id"] != images[0]
    answer = client.post(f"{inspection}/images", content=picture(2), headers=key | {"Content-Type": "image/jpeg"})
    problem(answer, 422, "Idempotency-Key")


@pytest.mark.slow
def test_many_uploads_at_once_keep_all_and_their_order(client):
    inspection = new_inspection(client)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: add_photo(client, inspection, picture(seed)), range(16)))
    assert len({image["sha256"] for image in assessed(client, inspection)}) == 16
    files = [("photos", (f"{i}.jpg", picture(i), "image/jpeg")) for i in range(100, 103)]
    other = new_inspection(client)
    client.post(f"{other}/images", files=files)
    assert [image["name"] for image in client.get(other).json()["images"]] == ["100.jpg", "101.jpg", "102.jpg"]


def test_a_photo_that_turns_out_broken_fails_and_says_why(client):
    inspection = new_inspection(client)
    add_photo(client, inspection, picture()[:-3000])
    (image,) = assessed(client, inspection)
    assert image["status"] == "failed" and "cut off or damaged" in image["problem"]
    problem(client.get(f"{inspection}/images/{image['id']}/overlay"), 409)


def test_one_bad_photo_of_several_is_named_and_none_is_kept(client):
    inspection = new_inspection(client)
    files = [("photos", ("a.jpg", picture(), "image/jpeg")), ("photos", ("b.jpg", b"GIF89a", "image/jpeg"))]
    problem(client.post(f"{inspection}/images", files=files), 415, "photos.1")
    assert client.get(inspection).json()["images"] == []


def test_pictures(client):
    inspection = new_inspection(client)
    add_photo(client, inspection, picture(kind="PNG"))
    (image,) = assessed(client, inspection)
    for name in ("photo", "overlay"):
        answer = client.get(f"{inspection}/images/{image['id']}/{name}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.content)).size == (200, 100)


def test_gps_never_comes_out(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 7.25)
    exif[0x010F] = "CameraMakerX"
    data = picture(exif=exif.tobytes(), comment=b"at home in Xtown")
    assert b"CameraMakerX" in data
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection, data)
        (image,) = assessed(client, inspection)
        assert (image["width"], image["height"]) == (100, 200), "the orientation is kept"
        photo = client.get(f"{inspection}/images/{image['id']}/photo").content
        assert Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825) == {}
        outputs = [
            photo,
            *(client.get(f"{inspection}/export?format={kind}").content for kind in ("json", "html", "pdf")),
        ]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for content in (*outputs, *kept):
        assert b"CameraMakerX" not in content and b"Xtown" not in content


def test_exports(client, tmp_path):
    inspection = new_inspection(client, reference="=1+1")
    add_photo(client, inspection)
    (image,) = assessed(client, inspection)
    document = InspectionDocument.model_validate_json(client.get(f"{inspection}/export").content)
    assert document.images[0].assessment is not None
    row = next(csv.DictReader(io.StringIO(client.get(f"{inspection}/export?format=csv").text)))
    assert row["view"] == "left" and row["damage"] == "dent" and row["review"] == "open" and row["reference"] == "'=1+1"
    assert client.get(f"{inspection}/export?format=pdf").content.startswith(b"%PDF")
    report = client.get(f"{inspection}/export?format=html").text
    assert "dent" in report and "left view" in report
    problem(client.get(f"{inspection}/export?format=doc"), 422, "format")
    # Nobody has looked at it yet: it teaches nothing.
    coco = client.get(f"{inspection}/export?format=coco").json()
    assert coco["images"] == [] and coco["info"]["left_out"] == [image["id"]]
    events = f"{inspection}/images/{image['id']}/events"
    client.post(events, json={"kind": "confirm", "finding_id": "finding-1", "author": "Ada"})
    edit = {"kind": "add", "damage": "scratch", "polygons": [[10, 10, 60, 10, 60, 40]], "author": "Ada"}
    client.post(events, json=edit)
    (tmp_path / "labels.json").write_bytes(client.get(f"{inspection}/export?format=coco").content)
    (tmp_path / "images").mkdir()
    photo = client.get(f"{inspection}/images/{image['id']}/photo").content
    (tmp_path / "images" / f"{image['id']}.jpg").write_bytes(photo)
    label_map = LabelMap.load("crumple").only(DAMAGES)
    (labelled,) = read_coco(tmp_path / "labels.json", tmp_path / "images", label_map, check_sizes=True)
    assert [instance.label for instance in labelled.instances] == ["dent", "scratch"]
    assert labelled.instances[1].box == pytest.approx((10, 10, 60, 40), abs=1)


def test_inspections_of_an_earlier_version_still_open(client, database_url):
    """Assessments and reviews of "crumple-assessment-1", whose findings had a verdict, in the database."""
    inspection = new_inspection(client)
    add_photo(client, inspection)
    (image,) = assessed(client, inspection)
    path = f"{inspection}/images/{image['id']}"
    client.post(f"{path}/events", json={"kind": "confirm", "finding_id": "finding-1", "author": "Ada"})
    model = json.loads(FORMAT_1)
    model["photo"] |= {"sha256": image["sha256"]}

    def earlier(finding, **changes):
        left_out = ("likelihood", "threshold")
        return {name: value for name, value in finding.items() if name not in left_out} | changes

    database = Database(database_url)
    with database.write() as connection:
        connection.execute(update(tables.images).values(assessment=json.dumps(model)))
        (event,) = connection.execute(select(tables.events)).all()
        before, after = (earlier(one, verdict="suspected", probability=0.2) for one in (event.before, event.after))
        connection.execute(update(tables.events).values(before=before, after=after))
    database.close()
    opened = client.get(path).json()
    assert opened["assessment"]["format"] == "crumple-assessment-2"
    assert [(one["threshold"], one["likelihood"], one["review"]) for one in opened["findings"]] == [
        ("upper", "possible", "confirmed"),
        ("lower", "doubtful", "open"),
    ]
    (event,) = client.get(f"{inspection}/events").json()["items"]
    assert (event["before"]["likelihood"], event["after"]["review"]) == ("doubtful", "confirmed")
    edit = {"kind": "reject", "finding_id": "finding-2", "reason": "dirt", "author": "Ada"}
    assert client.post(f"{path}/events", json=edit).status_code == 201
    assert InspectionDocument.model_validate_json(client.get(f"{inspection}/export").content).events
    row = next(csv.DictReader(io.StringIO(client.get(f"{inspection}/export?format=csv").text)))
    assert (row["likelihood"], row["threshold"], row["probability"]) == ("possible", "upper", "0.351")
    assert "confirmed in review" in client.get(f"{inspection}/export?format=html").text


def test_backlog_is_bounded(tmp_path):
    gate = Gate()
    with running(tmp_path, network=gate, workers=1, backlog=1) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection, picture(0))
        until(lambda: client.get(inspection).json()["images"][0]["status"] == "assessing")
        add_photo(client, inspection, picture(1))
        answer = client.post(f"{inspection}/images", content=picture(2), headers={"Content-Type": "image/jpeg"})
        problem(answer, 503)
        assert answer.headers["Retry-After"]
        gate.opened.set()
        assert [image["status"] for image in assessed(client, inspection)] == ["done", "done"]


def test_bad_requests(client):
    problem(client.post("/v1/inspections", json={"referense": "x"}), 422, "referense")
    problem(client.post("/v1/inspections", json={"vehicle": {"plate": "a\u0000b"}}), 422, "vehicle.plate")
    problem(client.post("/v1/inspections", content=b'{"metadata": {"a": NaN}}', headers=JSON), 422, "metadata")
    problem(client.post("/v1/inspections", content=b'{"metadata": {"a": "\\ud800"}}', headers=JSON), 422, "metadata")
    problem(client.post("/v1/inspections", json={"metadata": {"a": "x" * 70_000}}), 422, "metadata")
    problem(client.post("/v1/inspections", content=b"{", headers=JSON), 400)
    problem(client.post("/v1/inspections", content=b'{"reference": "\xe9"}', headers=JSON), 400, "body")
    problem(client.get("/v1/inspections/%00"), 422, "inspection_id")
    problem(client.get("/v1/inspections/ins-absent"), 404, "inspection_id")


JSON = {"Content-Type": "application/json"}


def test_photos_in_a_bucket(tmp_path):
    with s3_bucket() as bucket, running(tmp_path, photos=f"{bucket}/photos") as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        (image,) = assessed(client, inspection)
        assert image["status"] == "done"
        assert client.get(f"{inspection}/images/{image['id']}/photo").content.startswith(b"\xff\xd8")
        folder = open_folder(f"{bucket}/photos")
        assert len(folder.sizes()) == 1
        client.delete(inspection)
        assert folder.sizes() == {}


def test_what_cannot_be_kept_is_not_acknowledged(tmp_path, monkeypatch):
    with running(tmp_path) as client:
        inspection = new_inspection(client)

        def full(self, name, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("crumple.storage.LocalFolder.write", full)
            answer = client.post(f"{inspection}/images", content=picture(), headers={"Content-Type": "image/jpeg"})
            problem(answer, 503)
            assert answer.headers["Retry-After"]
        assert client.get(inspection).json()["images"] == []
        add_photo(client, inspection)
        assert assessed(client, inspection)[0]["status"] == "done"


def test_photos_of_a_deletion_that_was_cut_off_go_later(tmp_path, monkeypatch):
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        assessed(client, inspection)
        with monkeypatch.context() as patch:
            patch.setattr("crumple.serve.store.photos.PhotoStore.drop", lambda self, name: 1 / 0)
            assert client.delete(inspection).status_code == 500
        assert list(tmp_path.glob("photos/*/*"))
    with running(tmp_path) as client:
        assert not list(tmp_path.glob("photos/*/*"))
        problem(client.get(inspection), 404)


def test_stateless(tmp_path):
    with running(tmp_path, inspections=False) as client:
        problem(client.get("/v1/inspections"), 404)
        assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_services_share_a_database(tmp_path, postgres):
    shared = {"database": new_database(postgres), "photos": str(tmp_path / "photos"), "webhook_private": True}
    with running(tmp_path / "a", **shared) as one, running(tmp_path / "b", **shared) as other:
        webhook = one.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}).json()
        inspection = new_inspection(one)
        for seed in range(12):
            add_photo(one if seed % 2 else other, inspection, picture(seed))
        assert {image["status"] for image in assessed(other, inspection)} == {"done"}
        assert one.get(inspection).json() == other.get(inspection).json()
        told = other.get(f"/v1/webhooks/{webhook['id']}/deliveries?limit=200").json()["items"]
        assert len({delivery["payload"]["data"]["image"]["id"] for delivery in told}) == len(told) == 12
