"""What photos add up to, as it is kept: told once, never stale, the same for two writers, and for old databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from PIL import Image

from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.case.pipeline import MAX_PHOTOS
from crumple.serve.review.findings import Reviewer
from crumple.serve.store import cases as store_cases
from crumple.serve.store.cases import Cases
from crumple.serve.store.database import MIGRATIONS, Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.tables import cases, images, now
from tests.fakes import fake_detector
from tests.serve.databases import new_database
from tests.serve.http.test_assessments import problem
from tests.serve.running import THINGS, add_photo, assessed, finish, new_inspection, picture, running, until

MADE = datetime(2026, 11, 30, 12)


def migrating(url):
    """An engine of the database, and Alembic's configuration without a connection yet."""
    parsed = sqlalchemy.make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(parsed)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return engine, config


def old_database(url, folder):
    """A database as the first migration made it, with an inspection of two photos, one finding rejected."""
    engine, config = migrating(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = sqlalchemy.MetaData()
        tables.reflect(connection)

        def add(table, **row):
            connection.execute(sqlalchemy.insert(tables.tables[table]).values(**row))

        add(
            "inspections", id="ins-old", reference="Claim 7", vehicle={"plate": "ÄB-1", "vin": None}, metadata={},
            created_at=MADE, updated_at=MADE, review_state="finished", review_author="Ada", review_at=MADE,
        )  # fmt: skip
        add(
            "inspections", id="ins-empty", reference=None, vehicle={}, metadata={"a": 1},
            created_at=MADE, updated_at=MADE, review_state="open",
        )  # fmt: skip
        for number in (1, 2):
            data = picture(quality=90 + number)  # the same spot, taken twice
            path = folder / "photos" / "ins-old" / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            assessment = Assessor(fake_detector(THINGS))(data)
            add(
                "images", id=f"img-{number}", inspection_id="ins-old", name="car.jpg", sha256=str(number),
                photo=f"ins-old/{number}.jpg", width=200, height=100, status="done", attempts=1,
                assessment=assessment.model_dump_json(), created_at=MADE,
            )  # fmt: skip
        finding = Reviewer(Rules.load()).findings(assessment, [])[0].model_dump(mode="json")
        add(
            "events", id="evt-1", inspection_id="ins-old", image_id="img-2", number=1, kind="reject", author="Ada",
            at=MADE, edit={"finding_id": "finding-1", "reason": "dirt"}, before=finding,
            after=finding | {"review": "rejected", "rejected_as": "dirt"},
        )  # fmt: skip
    engine.dispose()


def test_old_inspections_open_and_are_joined(tmp_path, database_url):
    old_database(database_url, tmp_path)
    settings = {"database": database_url, "photos": str(tmp_path / "photos")}
    with running(tmp_path, **settings, join_after=3600) as client:
        first = client.get("/v1/inspections/ins-old").json()
        assert first["case_status"] == "pending" and first["reference"] == "Claim 7" and first["kind"] is None
        assert [len(one["observations"]) for one in first["damages"]] == [1, 1], "nothing is joined yet"
    with running(tmp_path, **settings) as client:
        assert [image["id"] for image in assessed(client, "/v1/inspections/ins-old")] == ["img-1", "img-2"]
        read = client.get("/v1/inspections/ins-old").json()
        (damage,) = read["damages"]
        assert [one["photo"] for one in damage["observations"]] == ["img-1"] and damage["decision"] == "open"
        assert client.get("/v1/inspections/ins-empty").json()["totals"]["damages"] == 0
        (event,) = client.get("/v1/inspections/ins-old/events").json()["items"]
        assert event["kind"] == "reject" and event["before"]["review"] == "open"
        listed = client.get("/v1/inspections", params={"q": "äb-"}).json()["items"]
        assert [one["id"] for one in listed] == ["ins-old"] and listed[0]["totals"]["damages"] == 1
        client.post("/v1/inspections/ins-old/review", json={"state": "open", "author": "Ada"})
        assert client.delete("/v1/inspections/ins-old/images/img-2?author=Ada").status_code == 204
        kinds = [one["kind"] for one in client.get("/v1/inspections/ins-old/events").json()["items"]]
        assert kinds == ["reject", "reopen", "photo_deleted"], "events outlive their photo"
        assert not (tmp_path / "photos/ins-old/2.jpg").exists()


def test_migrations_go_back(database_url):
    Database(database_url).close()
    engine, config = migrating(database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert "cases" not in sqlalchemy.inspect(connection).get_table_names()
    engine.dispose()
    Database(database_url).close()


@pytest.fixture
def client(tmp_path, database_url):
    with running(tmp_path, database=database_url) as client:
        yield client


def row(client, inspection):
    with client.service.kept.cases._database.read() as connection:
        mine = cases.c.inspection_id == inspection.rpartition("/")[2]
        return connection.execute(sqlalchemy.select(cases).where(mine)).one()


def test_what_was_told_is_kept(client, monkeypatch):
    inspection = new_inspection(client)
    add_photo(client, inspection)
    (image,) = assessed(client, inspection)
    read = client.get(inspection).json()
    kept = row(client, inspection)
    assert kept.told_revision == kept.revision == read["case_version"]
    assert json.loads(kept.content)["damages"] == read["damages"]
    with monkeypatch.context() as patch:
        patch.setattr(store_cases, "told", lambda *_: 1 / 0)
        assert client.get(inspection).json() == read
    events = f"{inspection}/images/{image['id']}/events"
    client.post(events, json={"kind": "note", "finding_id": "finding-1", "text": "x", "author": "Ada"})
    kept = row(client, inspection)
    assert kept.told_revision == kept.revision == read["case_version"] + 1


def test_a_process_that_dies_after_an_edit_leaves_nothing_stale(tmp_path, monkeypatch):
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        (image,) = assessed(client, inspection)
        with monkeypatch.context() as patch:
            patch.setattr(Cases, "refresh", lambda *_: 1 / 0)
            edit = {"kind": "reject", "finding_id": "finding-1", "reason": "dirt", "author": "Ada"}
            answer = client.post(f"{inspection}/images/{image['id']}/events", json=edit)
            assert answer.status_code == 201, "it is written, whatever comes after it"
        assert client.get("/v1/inspections").json()["items"][0]["totals"]["damages"] == 1
    with running(tmp_path) as client:
        until(lambda: client.get("/v1/inspections").json()["items"][0]["totals"]["damages"] == 0)
        assert client.get(inspection).json()["damages"][0]["decision"] == "rejected"


def test_writers_at_once_each_get_their_turn(client):
    inspection = new_inspection(client)
    for seed in range(3):
        add_photo(client, inspection, picture(seed))
    photos = [image["id"] for image in assessed(client, inspection)]

    def write(i):
        if i % 2:
            edit = {"kind": "note", "finding_id": "finding-1", "text": str(i), "author": "Ada"}
            return client.post(f"{inspection}/images/{photos[i % 3]}/events", json=edit).status_code
        about = [{"photo": photos[i % 3], "finding": "finding-1"}]
        edit = {"kind": "confirm", "observations": about, "author": "Bob", "text": str(i)}
        while (answer := client.post(f"{inspection}/events", json=edit)).status_code == 409:
            assert "same moment" in answer.text
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(write, range(12))) == {201}
    events = client.get(f"{inspection}/events").json()["items"]
    assert [event["number"] for event in events] == list(range(1, 13))
    assert {event["text"] for event in events} == set(map(str, range(12)))
    assert client.get(inspection).json()["totals"]["undecided"] == 0


@pytest.mark.slow
def test_two_services_write_to_one_case(tmp_path, postgres):
    shared = {"database": new_database(postgres), "photos": str(tmp_path / "photos")}
    with running(tmp_path / "a", **shared) as one, running(tmp_path / "b", **shared) as other:
        inspection = new_inspection(one)
        for seed in range(4):
            add_photo(one if seed % 2 else other, inspection, picture(seed))
        photos = [image["id"] for image in assessed(other, inspection)]
        assert [len(damage["observations"]) for damage in one.get(inspection).json()["damages"]] == [4]
        for client, photo in ((one, photos[0]), (other, photos[1])):
            edit = {"kind": "split", "observations": [{"photo": photo, "finding": "finding-1"}], "author": "Ada"}
            assert client.post(f"{inspection}/events", json=edit).status_code == 201
        assert one.get(inspection).json() == other.get(inspection).json()
        assert sorted(len(damage["observations"]) for damage in one.get(inspection).json()["damages"]) == [1, 1, 2]


def test_particulars_are_changed(client):
    inspection = new_inspection(
        client, reference="x", vehicle={"plate": "AB-1"}, taken_from="2026-11-30T10:00:00+02:00"
    )
    assert client.get(inspection).json()["taken_from"] == "2026-11-30T08:00:00Z"
    changes = {
        "reference": None, "vehicle": {"vin": "W0L1", "make": "Opel"}, "kind": "return", "taken_until": "2026-12-01",
        "place": "Utrecht", "mileage": 48_210, "metadata": {"a": 1},
    }  # fmt: skip
    read = client.patch(inspection, json=changes).json()
    assert read["reference"] is None and read["taken_until"] == "2026-12-01T00:00:00Z" and read["mileage"] == 48_210
    assert read["vehicle"] == {"plate": "AB-1", "vin": "W0L1", "make": "Opel", "model": None}
    assert read == client.get(inspection).json()
    read = client.patch(inspection, json={"vehicle": None, "metadata": None, "kind": None}).json()
    assert set(read["vehicle"].values()) == {None} and read["metadata"] == {} and read["kind"] is None
    assert read["place"] == "Utrecht", "what is left away stays"
    problem(client.patch(inspection, json={"taken_until": "2020-01-01T00:00:00"}), 422, "taken_until")
    problem(client.patch(inspection, json={"mileage": -1}), 422, "mileage")
    problem(client.patch(inspection, json={"taken_from": "0001-01-01T00:00:00+23:00"}), 422, "taken_from")
    problem(client.patch(inspection, json={"colour": "red"}), 422, "colour")
    problem(client.patch("/v1/inspections/ins-none", json={}), 404, "inspection_id")


def test_a_change_of_particulars_is_an_event(client):
    inspection = new_inspection(client, reference="x", mileage=100, vehicle={"plate": "AB-1"})
    client.patch(inspection, params={"author": "Ada"}, json={"mileage": 200, "vehicle": {"plate": "AB-2"}})
    client.patch(inspection, json={"mileage": 200, "vehicle": {"vin": None}})
    client.patch(inspection, json={"taken_from": "2026-11-30T10:00:00+02:00"})
    first, second = client.get(f"{inspection}/events").json()["items"]
    assert (first["kind"], first["author"], first["number"]) == ("particulars_changed", "Ada", 1)
    assert first["particulars_before"] == {"mileage": 100, "vehicle": {"plate": "AB-1"}}
    assert first["particulars_after"] == {"mileage": 200, "vehicle": {"plate": "AB-2"}}
    assert second["author"] == "not named" and second["particulars_before"] == {"taken_from": None}
    assert second["particulars_after"] == {"taken_from": "2026-11-30T08:00:00Z"}
    undo = {"kind": "undo", "undoes": [first["id"]], "author": "Ada"}
    assert "cannot be undone" in problem(client.post(f"{inspection}/events", json=undo), 422, "undoes.0")["detail"]


def test_search_and_filters(client):
    first = new_inspection(client, reference="Claim 100%", vehicle={"plate": "AB-123-C", "make": "Škoda"})
    second = new_inspection(client, reference="claim_2", vehicle={"vin": "W0L000051T2123456", "model": "Corsa"})
    add_photo(client, second)
    (image,) = assessed(client, second)

    def found(**query):
        items = client.get("/v1/inspections", params=query).json()["items"]
        return [{first: "first", second: "second"}[f"/v1/inspections/{one['id']}"] for one in items]

    assert found(q="claim") == ["second", "first"] and found(q="00%") == ["first"] and found(q="m_2") == ["second"]
    assert found(q="ab-123") == found(q="ŠKODA") == ["first"]
    assert found(q="t2123") == found(q="corsa") == ["second"] and found(q="skoda") == []
    client.patch(first, json={"vehicle": {"plate": "ZZ-9"}})
    assert found(q="ab-123") == [] and found(q="zz-9") == ["first"]
    severity = client.get(second).json()["totals"]["worst_severity"]
    assert found(severity=severity) == ["second"] and found(severity="none") == ["first"]
    assert found(state="open") == ["second", "first"]
    finish(client, second)
    assert found(state="finished") == ["second"] and found(state="open", q="claim") == ["first"]
    time = client.get(second).json()["created_at"]
    assert found(since=time) == ["second"] and found(until=time) == ["first"] and found(since="2026-01-01", until=time)
    listed = client.get("/v1/inspections", params={"q": "corsa"}).json()["items"][0]
    assert listed["photos"] == 1 and listed["thumbnail"] == image["id"] and listed["totals"]["damages"] == 1
    assert "damages" not in listed and "images" not in listed
    problem(client.get("/v1/inspections?state=closed"), 422, "state")
    problem(client.get("/v1/inspections?since=yesterday"), 422, "since")


def test_whoever_fills_every_field_to_the_brim_is_found_as_well(client):
    long = {
        name: (letter + "🚗" * 199) for name, letter in (("plate", "p"), ("vin", "v"), ("make", "m"), ("model", "o"))
    }
    inspection = new_inspection(client, reference="🚗" * 200, vehicle=long)
    for text in ("p🚗", "v🚗", "🚗" * 200):
        (found,) = client.get("/v1/inspections", params={"q": text}).json()["items"]
        assert found["id"] == inspection.rpartition("/")[2]


def test_a_thumbnail_is_small_and_kept(client):
    inspection = new_inspection(client)
    image = add_photo(client, inspection, picture(size=(1000, 700)))
    path = f"{inspection}/images/{image['id']}/thumbnail"
    answer = client.get(path)
    assert Image.open(BytesIO(answer.content)).size == (320, 224)
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.headers["Cache-Control"] == "no-store"
    folder = client.service.kept.photos._folder
    assert len(folder.sizes()) == 2 and client.get(path).content == answer.content
    client.delete(inspection)
    assert folder.sizes() == {}
    problem(client.get(path), 404, "image_id")


def test_two_images_of_one_picture_share_their_file(client):
    inspection = new_inspection(client)
    plain, exif = picture(), Image.Exif()
    exif[0x010F] = "CameraMakerX"
    one, other = add_photo(client, inspection, plain), add_photo(client, inspection, picture(exif=exif.tobytes()))
    assert one["id"] != other["id"]
    assessed(client, inspection)
    client.delete(f"{inspection}/images/{one['id']}?author=Ada")
    assert client.get(f"{inspection}/images/{other['id']}/photo").status_code == 200
    client.delete(f"{inspection}/images/{other['id']}?author=Ada")
    assert client.service.kept.photos._folder.sizes() == {}


def test_a_photo_whose_deletion_was_cut_off_goes_later(tmp_path, monkeypatch):
    with running(tmp_path) as client:
        inspection = new_inspection(client)
        image = add_photo(client, inspection)
        assessed(client, inspection)
        with monkeypatch.context() as patch:
            patch.setattr("crumple.serve.store.photos.PhotoStore.drop_photo", lambda self, name: 1 / 0)
            # After an error that nobody expected, the server hangs up; the client is not to use the connection again.
            path, hang_up = f"{inspection}/images/{image['id']}?author=Ada", {"Connection": "close"}
            assert client.delete(path, headers=hang_up).status_code == 500
        assert client.get(inspection).json()["images"] == [] and list(tmp_path.glob("photos/*/*"))
    with running(tmp_path) as client:
        assert not list(tmp_path.glob("photos/*/*")) and client.get(inspection).json()["damages"] == []


def test_an_inspection_takes_so_many_photos(client):
    inspection = new_inspection(client)
    with client.service.kept.cases._database.write() as connection:
        for number in range(MAX_PHOTOS - 1):
            image = {"id": new_id("img"), "inspection_id": inspection.rpartition("/")[2], "sha256": str(number)}
            image |= {"name": "car.jpg", "photo": "x", "width": 1, "height": 1, "status": "failed", "attempts": 1}
            connection.execute(sqlalchemy.insert(images).values(**image, created_at=now()))
    add_photo(client, inspection, picture(1))
    headers = {"Content-Type": "image/jpeg"}
    content = problem(client.post(f"{inspection}/images", content=picture(2), headers=headers), 409, "photos")
    assert content["detail"] == "has 500 photos, and an inspection takes at most 500; begin another one"
    assert client.post(f"{inspection}/images", content=picture(1), headers=headers).status_code == 202, "it is there"


def test_the_queue_gives_each_case_once_and_again_when_its_server_died(tmp_path, database_url):
    database = Database(database_url)
    with database.write() as connection:
        for name in ("ins-1", "ins-2"):
            connection.execute(
                sqlalchemy.insert(store_cases.inspections).values(
                    id=name, vehicle={}, metadata={}, created_at=now(), updated_at=now(), review_state="open"
                )
            )
            store_cases.new_case(connection, name)
    queue = Cases(database, Reviewer(Rules.load()), debounce=0)
    assert queue.take() is None, "nothing is to be joined"
    for name in ("ins-2", "ins-1"):
        with database.write() as connection:
            store_cases.changed(connection, name, join=True)
    first, second = queue.take(), queue.take()
    assert [first.inspection_id, second.inspection_id] == ["ins-2", "ins-1"] and queue.take() is None
    with database.write() as connection:
        connection.execute(sqlalchemy.update(cases).values(lease_until=now() - timedelta(seconds=1)))
    again = queue.take()
    assert again.inspection_id == "ins-2" and again.attempts == 2
    with database.write() as connection:
        store_cases.changed(connection, "ins-2", join=True)
    queue.joined(again, None)
    assert queue.take().inspection_id == "ins-1"
    queue.free_all()
    assert queue.take().inspection_id == "ins-1", "it has waited longer than what came to the other one meanwhile"
    assert queue.take().inspection_id == "ins-2"
    database.close()
