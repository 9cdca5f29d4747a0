"""Reviews: every edit is an event, can be undone, and never touches the model's own answer."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from crumple.serve.contract.events import Event
from crumple.serve.http.routes.stream import Watch
from crumple.serve.store.rows import insert_event
from tests.serve.http.test_assessments import problem
from tests.serve.running import add_photo, assessed, finish, new_inspection, picture, running, until

SQUARE = [[10, 10, 60, 10, 60, 40, 10, 40]]


@pytest.fixture
def client(tmp_path, database_url):
    with running(tmp_path, database=database_url) as client:
        yield client


class Reviewing:
    """One assessed image under review."""

    def __init__(self, client):
        self.client = client
        self.inspection = new_inspection(client)
        add_photo(client, self.inspection)
        self.model = assessed(client, self.inspection)[0]["assessment"]
        self.path = f"{self.inspection}/images/{client.get(self.inspection).json()['images'][0]['id']}"

    def post(self, kind, **fields):
        return self.client.post(f"{self.path}/events", json={"kind": kind, "author": "Ada"} | fields)

    def edit(self, kind, **fields):
        answer = self.post(kind, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    @property
    def findings(self):
        image = self.client.get(self.path).json()
        assert image["assessment"] == self.model, "the model's own answer is never changed"
        return {finding["id"]: finding for finding in image["findings"]}

    @property
    def finding(self):
        return self.findings["finding-1"]


@pytest.fixture
def reviewing(client):
    return Reviewing(client)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data")) as client:
        yield Reviewing(client)


def test_kinds_of_edits(reviewing):
    event = reviewing.edit("reject", finding_id="finding-1", reason="reflection", text="the sun")
    assert event["before"]["review"] == "open" and event["after"]["review"] == "rejected"
    assert event["author"] == "Ada" and event["at"] and event["number"] == 1
    assert reviewing.finding["rejected_as"] == "reflection" and reviewing.finding["notes"][0]["text"] == "the sun"
    reviewing.edit("confirm", finding_id="finding-1")
    assert reviewing.finding["review"] == "confirmed" and reviewing.finding["rejected_as"] is None
    reviewing.edit("relabel", finding_id="finding-1", damage="scratch")
    assert reviewing.finding["damage"] == "scratch" and reviewing.finding["text"].startswith(
        "scratch on front left door"
    )
    assert reviewing.finding["score"] == reviewing.model["findings"][0]["score"]
    reviewing.edit("redraw", finding_id="finding-1", polygons=SQUARE)
    assert reviewing.finding["edited"] == ["damage", "mask"] and reviewing.finding["mask"]["polygons"] == SQUARE
    assert reviewing.finding["area_share"] == pytest.approx(1500 / 20000)
    reviewing.edit("place", finding_id="finding-1", places=["left_fender"])
    assert [place["label"] for place in reviewing.finding["on"]] == ["left_fender"]
    assert reviewing.finding["edited"] == ["damage", "mask", "place"]
    reviewing.edit("note", finding_id="finding-1", text="seen before")
    added = reviewing.edit("add", damage="dent", polygons=[[100, 50, 140, 50, 140, 90]])
    drawn = reviewing.findings[added["finding_id"]]
    assert drawn["origin"] == "reviewer" and drawn["score"] is None and drawn["severity"]


def test_undo_takes_any_edit_back_and_can_be_undone(reviewing):
    before = reviewing.findings
    reject = reviewing.edit("reject", finding_id="finding-1", reason="dirt")
    relabel = reviewing.edit("relabel", finding_id="finding-1", damage="scratch")
    undo = reviewing.edit("undo", undoes=relabel["id"])
    assert undo["finding_id"] == "finding-1" and reviewing.finding["review"] == "rejected"
    again = reviewing.edit("undo", undoes=undo["id"])
    assert reviewing.finding["damage"] == "scratch"
    problem(reviewing.post("undo", undoes=undo["id"]), 409, "undoes")
    reviewing.edit("undo", undoes=again["id"])
    reviewing.edit("undo", undoes=reject["id"])
    assert reviewing.findings == before
    assert len(reviewing.client.get(f"{reviewing.inspection}/events").json()["items"]) == 6


def test_what_others_build_on_cannot_be_undone(reviewing):
    added = reviewing.edit("add", damage="dent", polygons=SQUARE)
    confirmed = reviewing.edit("confirm", finding_id=added["finding_id"])
    problem(reviewing.post("undo", undoes=added["id"]), 409, "undoes")
    undo = reviewing.edit("undo", undoes=confirmed["id"])
    assert reviewing.edit("undo", undoes=added["id"])["after"] is None
    assert list(reviewing.findings) == ["finding-1"]
    problem(reviewing.post("undo", undoes=undo["id"]), 409, "undoes")
    problem(reviewing.post("confirm", finding_id=added["finding_id"]), 404, "finding_id")


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"kind": "reject", "finding_id": "finding-1"}, 422, "reason"),
        ({"kind": "reject", "finding_id": "finding-1", "reason": "mood"}, 422, "reason"),
        ({"kind": "confirm", "finding_id": "finding-1", "damage": "dent"}, 422, "damage"),
        ({"kind": "confirm", "finding_id": "finding-9"}, 404, "finding_id"),
        ({"kind": "relabel", "finding_id": "finding-1", "damage": "rust"}, 422, "damage"),
        ({"kind": "place", "finding_id": "finding-1", "places": []}, 422, "places"),
        ({"kind": "place", "finding_id": "finding-1", "places": ["bonnet"]}, 422, "places.0"),
        ({"kind": "place", "finding_id": "finding-1", "damage": "dent"}, 422, "damage"),
        ({"kind": "add", "damage": "dent", "polygons": [[1, 2, 3, 4, 5]]}, 422, "polygons.0"),
        ({"kind": "add", "damage": "dent", "polygons": [[1, 2, 3, 4, 5, 6, 7]]}, 422, "polygons.0"),
        ({"kind": "add", "damage": "dent", "polygons": [[10, 10, 900, 10, 900, 40]]}, 422, "polygons.0"),
        ({"kind": "add", "damage": "dent", "polygons": [[10, 10, 10, 10, 10, 10]]}, 422, "polygons.0"),
        ({"kind": "note", "finding_id": "finding-1"}, 422, "text"),
        ({"kind": "undo", "undoes": "evt-none"}, 404, "undoes"),
        ({"kind": "confirm", "finding_id": "finding-1", "author": ""}, 422, "author"),
        ({"kind": "paint"}, 422, "kind"),
    ],
)
def test_bad_edits(lasting, fields, status, field):
    reviewing = lasting
    content = problem(reviewing.post(**fields), status)
    assert content["errors"][0]["field"].startswith(field)
    assert reviewing.client.get(f"{reviewing.inspection}/events").json()["items"] == []


def test_edits_at_once_have_numbers_of_their_own(reviewing):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda i: reviewing.edit("note", finding_id="finding-1", text=str(i)), range(24)))
    assert sorted(event["number"] for event in made) == list(range(1, 25))
    assert len(reviewing.finding["notes"]) == 24
    first = reviewing.client.get(f"{reviewing.inspection}/events?limit=20").json()
    rest = reviewing.client.get(f"{reviewing.inspection}/events?cursor={first['next_cursor']}").json()
    assert [event["number"] for event in first["items"] + rest["items"]] == list(range(1, 25))
    assert rest["next_cursor"] is None


def test_an_edit_sent_twice_is_one(reviewing):
    body = {"kind": "note", "finding_id": "finding-1", "text": "once", "author": "Ada"}
    answers = [
        reviewing.client.post(f"{reviewing.path}/events", json=body, headers={"Idempotency-Key": "e1"}).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1] and len(reviewing.finding["notes"]) == 1


def test_a_finished_review_takes_no_edits(reviewing):
    client, path = reviewing.client, f"{reviewing.inspection}/review"
    review = client.post(path, json={"state": "finished", "author": "Ada", "undecided": "leave"}).json()["review"]
    assert review["state"] == "finished" and review["author"] == "Ada"
    client.post(path, json={"state": "finished", "author": "Bob", "undecided": "leave"})
    problem(reviewing.post("confirm", finding_id="finding-1"), 409)
    headers = {"Content-Type": "image/jpeg"}
    problem(client.post(f"{reviewing.inspection}/images", content=picture(9), headers=headers), 409)
    client.post(path, json={"state": "open", "author": "Bob"})
    reviewing.edit("confirm", finding_id="finding-1")
    kinds = [event["kind"] for event in client.get(f"{reviewing.inspection}/events").json()["items"]]
    assert kinds == ["finish", "reopen", "confirm"]


def messages(lines):
    """Server-sent events as (kind, data, id), pings left out."""
    found = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name in ("event", "data", "id"):
            found[name] = value
        elif not line and "data" in found:
            yield found.get("event"), json.loads(found["data"]), found.get("id")
            found = {}


def test_a_stream_tells_what_happens_from_now_on(tmp_path):
    """However much happened before: more events than are read at a time are in no listener's news."""
    with running(tmp_path) as client:
        reviewing = Reviewing(client)
        kept = client.service.kept
        name = reviewing.inspection.rpartition("/")[2]
        said = {"inspection_id": name, "image_id": None, "kind": "reopen", "author": "Ada", "at": datetime.now(UTC)}
        with kept.inspections._database.write() as connection:
            for number in range(1, 1003):
                insert_event(connection, Event(id=f"evt-{number}", number=number, **said))
        assert [one for one in Watch(kept, name, None).news() if one[0] == "event"] == []
        assert [one[2] for one in Watch(kept, name, 1000).news() if one[0] == "event"] == ["1001", "1002"]


def test_stream(tmp_path):
    with running(tmp_path) as client:
        reviewing = Reviewing(client)
        reviewing.edit("note", finding_id="finding-1", text="before")
        with httpx.Client(base_url=client.base_url, timeout=60, trust_env=False) as other:
            with other.stream("GET", f"{reviewing.inspection}/stream") as response:
                assert response.headers["Content-Type"].startswith("text/event-stream")
                told = (one for one in messages(response.iter_lines()) if one[0] != "inspection")
                event = reviewing.edit("confirm", finding_id="finding-1")
                assert next(told) == ("event", event, "2")
                add_photo(client, reviewing.inspection, picture(5))
                seen = set()
                while "done" not in seen:
                    kind, data, _ = next(told)
                    assert kind == "image"
                    seen.add(data["status"])
                finish(client, reviewing.inspection)
                kinds = {next(told)[0], next(told)[0]}
                assert kinds == {"event", "review"}
            headers = {"Last-Event-ID": "1"}
            with other.stream("GET", f"{reviewing.inspection}/stream", headers=headers) as response:
                told = messages(response.iter_lines())
                numbers = [number for kind, _, number in (next(told) for _ in range(6)) if kind == "event"]
                assert numbers == ["2", "3"]
                client.delete(reviewing.inspection)
                assert any(kind == "deleted" for kind, _, _ in told)
            problem(other.get(f"{reviewing.inspection}/stream"), 404, "inspection_id")
        changes = client.service.kept.changes
        until(lambda: not changes._listeners)
