"""What people do to damages: every edit is an event, flows into the findings, and can be undone."""

import pytest

from tests.fakes import Thing
from tests.serve.http.test_assessments import problem
from tests.serve.running import DENT, DOOR, add_photo, assessed, finish, new_inspection, picture, running

HOOD = Thing("parts", "hood", (130, 10, 190, 50))
SCRATCH = Thing("damage", "scratch", (140, 15, 180, 45), 0.8)
SQUARE = [[10, 10, 60, 10, 60, 40, 10, 40]]


class Case:
    """An inspection of three photos: a dent on the door and a scratch on the hood, both on each."""

    def __init__(self, client, photos=3):
        self.client, self.path = client, new_inspection(client)
        for seed in range(photos):
            add_photo(client, self.path, picture(seed))
        self.photos = [image["id"] for image in assessed(client, self.path)]

    def read(self):
        return self.client.get(self.path).json()

    @property
    def damages(self):
        return self.read()["damages"]

    def named(self, finding):
        """The damage that holds a finding of the first photo, or of the given one."""
        photo, name = finding if isinstance(finding, tuple) else (0, finding)
        return next(one for one in self.damages if (self.photos[photo], name) in members(one))

    def post(self, kind, **fields):
        return self.client.post(f"{self.path}/events", json={"kind": kind, "author": "Ada"} | fields)

    def edit(self, kind, **fields):
        answer = self.post(kind, **fields)
        assert answer.status_code == 201, answer.text
        assert answer.json()["inspection"] == self.read()
        return answer.json()["events"]

    def about(self, kind, *observations, **fields):
        """An edit of damages, told by observations: finding, or (photo, finding)."""
        named = [one if isinstance(one, tuple) else (0, one) for one in observations]
        return self.edit(kind, observations=[self.observed(*one) for one in named], **fields)

    def observed(self, photo, finding):
        return {"photo": self.photos[photo], "finding": finding}

    def finding_edit(self, photo, kind, **fields):
        path = f"{self.path}/images/{self.photos[photo]}/events"
        answer = self.client.post(path, json={"kind": kind, "author": "Ada"} | fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def finding(self, photo, name):
        image = self.client.get(f"{self.path}/images/{self.photos[photo]}").json()
        return next(one for one in image["findings"] if one["id"] == name)


def members(damage):
    return {(one["photo"], one["finding"]) for one in damage["observations"]}


def shown(case):
    """Each damage: type, the numbers of the photos that show it, decision; worst first."""
    numbers = {photo: i for i, photo in enumerate(case.photos)}
    return [
        (one["damage"], sorted(numbers[seen["photo"]] for seen in one["observations"]), one["decision"])
        for one in case.damages
    ]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    with running(tmp_path_factory.mktemp("data"), things=(DOOR, DENT, HOOD, SCRATCH)) as client:
        yield client


@pytest.fixture
def case(lasting):
    return Case(lasting)


DENTS, SCRATCHES = "finding-1", "finding-2"
FRESH = [("dent", [0, 1, 2], "open"), ("scratch", [0, 1, 2], "open")]


def test_photos_add_up(case):
    read = case.read()
    assert shown(case) == FRESH and read["case_status"] == "done"
    assert read["totals"] == {
        "damages": 2, "doubtful": 0, "panels_affected": 0, "worst_severity": "severe", "undecided": 2,
    }  # fmt: skip
    assert [photo["id"] for photo in read["photos"]] == [image["id"] for image in read["images"]] == case.photos
    door = next(panel for panel in read["panels"] if panel["label"] == "front_left_door")
    assert door["seen"] == "partly" and door["damages"] == ["damage-1"] and door["damaged"] == "unclear"
    assert [view["title"] for view in read["missing_views"]] == ["back", "right side", "roof"]


def test_both_databases(tmp_path, database_url):
    with running(tmp_path, things=(DOOR, DENT, HOOD, SCRATCH), database=database_url) as client:
        case = Case(client)
        assert shown(case) == FRESH
        case.about("reject", DENTS, reason="no_damage")
        case.edit("merge", damages=["damage-1", "damage-2"], version=case.read()["case_version"])
        case.about("split", (1, DENTS))
        case.edit("undo", undoes=[case.client.get(f"{case.path}/events").json()["items"][-1]["id"]])
        client.delete(f"{case.path}/images/{case.photos[2]}?author=Ada")
        assert len(case.damages) == 1 and len(case.damages[0]["observations"]) == 4


def test_decisions_stand_on_damages_and_on_findings(case):
    (event,) = case.about("confirm", DENTS, text="seen on site")
    assert event["kind"] == "confirm" and event["image_id"] is None and event["number"] == 1
    assert event["observations"] == [case.observed(i, DENTS) for i in range(3)]
    assert [one["decision"] for one in event["damages_before"] + event["damages_after"]] == ["open", "confirmed"]
    assert shown(case)[0] == ("dent", [0, 1, 2], "confirmed")
    door = next(panel for panel in case.read()["panels"] if panel["label"] == "front_left_door")
    assert door["damaged"] == "yes"
    assert case.finding(2, DENTS)["review"] == "confirmed"
    assert case.finding(2, DENTS)["notes"][0]["text"] == "seen on site"
    (event,) = case.about("reject", (2, SCRATCHES), reason="no_damage")
    assert shown(case) == [("dent", [0, 1, 2], "confirmed"), ("scratch", [0, 1, 2], "rejected")]
    scratch = case.damages[1]
    assert scratch["rejected_as"] == "no_damage" and "rejected" in scratch["text"]
    assert case.finding(0, SCRATCHES)["rejected_as"] == "no_damage"
    assert case.read()["totals"]["damages"] == 1 and case.read()["totals"]["undecided"] == 0
    case.edit("undo", undoes=[event["id"]])
    assert case.finding(0, SCRATCHES)["review"] == "open" and shown(case)[1] == ("scratch", [0, 1, 2], "open")


def test_what_a_damage_is_where_and_how_bad(case):
    case.about("relabel", DENTS, damage="scratch")
    damage = case.named(DENTS)
    assert (damage["damage"], damage["title"], damage["edited"]) == ("scratch", "scratch", ["damage"])
    assert damage["decision"] == "confirmed" and damage["text"].startswith("scratch on front left door, confirmed, in")
    assert case.finding(1, DENTS)["damage"] == "scratch"
    case.about("place", DENTS, places=["left_fender"])
    assert [one["label"] for one in case.named(DENTS)["on"]] == ["left_fender"]
    assert [one["label"] for one in case.finding(1, DENTS)["on"]] == ["left_fender"]
    (severity,) = case.about("severity", DENTS, severity="minor", text="polishes out")
    damage = case.named(DENTS)
    assert (damage["severity"], damage["reason"]) == ("minor", "polishes out")
    assert damage["edited"] == ["damage", "place", "severity"] and damage["text"].endswith("Minor: polishes out")
    case.edit("undo", undoes=[severity["id"]])
    assert case.named(DENTS)["severity"] != "minor" and case.named(DENTS)["edited"] == ["damage", "place"]


def test_merge_and_split_and_their_undoing(case):
    (merge,) = case.about("merge", DENTS, SCRATCHES)
    assert len(merge["damages_before"]) == 2 and len(merge["damages_after"]) == 1
    assert [len(one["observations"]) for one in case.damages] == [6]
    (split,) = case.about("split", (1, DENTS), (2, DENTS))
    assert [one["finding"] for one in split["rest"]] == [DENTS, SCRATCHES, SCRATCHES, SCRATCHES]
    assert sorted(len(one["observations"]) for one in case.damages) == [2, 4]
    problem(case.post("undo", undoes=[merge["id"]]), 409, "undoes")
    undo, _ = case.edit("undo", undoes=[merge["id"], split["id"]])
    assert undo["undoes"] == split["id"], "the later one first"
    assert shown(case) == FRESH
    problem(case.post("undo", undoes=[merge["id"]]), 409, "undoes")
    case.edit("undo", undoes=[undo["id"]])
    assert ("dent", [1, 2], "open") in shown(case), "the split stands again, the merge does not"


def test_they_survive_a_new_photo(case):
    case.about("split", (1, DENTS))
    case.about("merge", DENTS, SCRATCHES)
    case.about("reject", (1, DENTS), reason="reflection")
    before = [members(one) for one in case.damages]
    add_photo(case.client, case.path, picture(7))
    assessed(case.client, case.path)
    new = case.read()["images"][3]["id"]
    after = [{one for one in members(damage) if one[0] != new} for damage in case.damages]
    assert after == before
    case.photos.append(new)
    assert case.named((1, DENTS))["decision"] == "rejected"
    assert (new, SCRATCHES) in members(case.named((3, SCRATCHES)))


def test_a_deleted_photo_leaves_the_damages(case):
    case.about("merge", DENTS, SCRATCHES)
    gone = case.photos.pop(1)
    store = case.client.service.kept.photos
    path, image = f"{case.path}/images/{gone}", case.client.get(f"{case.path}/images/{gone}").json()
    assert case.client.get(f"{path}/thumbnail").status_code == 200
    files = len(store._folder.sizes(case.path.rpartition("/")[2]))
    assert case.client.delete(path).status_code == 422, "somebody does it"
    assert case.client.delete(path, params={"author": "Ada", "text": "a face in it"}).status_code == 204
    problem(case.client.get(path), 404, "image_id")
    assert len(store._folder.sizes(case.path.rpartition("/")[2])) == files - 2
    (damage,) = case.damages
    assert len(damage["observations"]) == 4 and gone not in {one["photo"] for one in damage["observations"]}
    event = case.client.get(f"{case.path}/events").json()["items"][-1]
    assert (event["kind"], event["image_id"], event["photo_name"]) == ("photo_deleted", gone, image["name"])
    assert event["text"] == "a face in it"
    problem(case.post("undo", undoes=[event["id"]]), 422, "undoes.0")
    problem(case.post("confirm", observations=[{"photo": gone, "finding": DENTS}]), 404, "observations.0")
    # The same photo again is another image.
    assert add_photo(case.client, case.path, picture(1))["id"] != gone
    assert len(assessed(case.client, case.path)) == 3


def test_edits_of_one_finding_flow_into_its_damage(case):
    case.finding_edit(1, "reject", finding_id=DENTS, reason="dirt")
    assert ("dent", [0, 2], "open") in shown(case), "it leaves its damage"
    for photo in (0, 2):
        case.finding_edit(photo, "reject", finding_id=DENTS, reason="other", text="a sticker")
    assert shown(case) == [("scratch", [0, 1, 2], "open"), ("dent", [0, 1, 2], "rejected")]
    assert case.named(DENTS)["rejected_as"] == "other"
    relabel = case.finding_edit(2, "relabel", finding_id=DENTS, damage="scratch")
    assert ("scratch", [2], "confirmed") in shown(case)
    case.finding_edit(2, "undo", undoes=relabel["id"])
    case.finding_edit(0, "place", finding_id=SCRATCHES, places=["roof"])
    assert [one["label"] for one in case.named(SCRATCHES)["on"]] == ["roof"]
    case.finding_edit(0, "redraw", finding_id=SCRATCHES, polygons=SQUARE)
    seen = next(one for one in case.named(SCRATCHES)["observations"] if one["photo"] == case.photos[0])
    assert seen["box"] == [10, 10, 60, 40]


def test_what_a_person_draws_is_a_damage_until_it_is_joined(case):
    added = case.finding_edit(0, "add", damage="airbag_deployed", polygons=SQUARE)
    assert case.read()["case_status"] == "pending"
    drawn = case.named(added["finding_id"])
    assert members(drawn) == {(case.photos[0], added["finding_id"])} and drawn["decision"] == "confirmed"
    assert drawn["probability"] is None
    assessed(case.client, case.path)
    assert case.read()["case_status"] == "done" and len(case.damages) == 3
    case.finding_edit(0, "undo", undoes=added["id"])
    assert shown(case) == FRESH


def test_several_at_a_time_are_all_or_none(case):
    version = case.read()["case_version"]
    problem(case.post("reject", damages=["damage-1", "damage-9"], version=version, reason="dirt"), 404, "damages.1")
    assert shown(case) == FRESH and case.client.get(f"{case.path}/events").json()["items"] == []
    events = case.edit("reject", damages=["damage-1", "damage-2", "damage-1"], version=version, reason="dirt")
    assert [event["number"] for event in events] == [1, 2]
    assert [one["decision"] for one in case.damages] == ["rejected"] * 2
    problem(case.post("confirm", damages=["damage-1"], version=version), 409, "version")
    case.edit("undo", undoes=[event["id"] for event in events])
    assert shown(case) == FRESH


def test_a_duplicate_names_the_damage_that_it_repeats(case):
    scratch = case.named(SCRATCHES)["id"]
    case.about("reject", DENTS, reason="duplicate", duplicate_of=scratch)
    dent = case.named(DENTS)
    assert dent["rejected_as"] == "duplicate" and dent["duplicate_of"] == case.named(SCRATCHES)["id"] != scratch
    answer = case.post("reject", damages=[scratch], reason="duplicate", duplicate_of=scratch)
    problem(answer, 422, "duplicate_of")


def test_an_edit_sent_twice_is_one(case):
    body = {"kind": "confirm", "damages": ["damage-1"], "version": case.read()["case_version"], "author": "Ada"}
    answers = [
        case.client.post(f"{case.path}/events", json=body, headers={"Idempotency-Key": case.path}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["events"] == answers[1].json()["events"]
    assert len(case.client.get(f"{case.path}/events").json()["items"]) == 1


@pytest.fixture(scope="module")
def bad(lasting):
    return Case(lasting, photos=1)


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"kind": "confirm"}, 422, "damages"),
        ({"kind": "confirm", "damages": ["damage-1"], "observations": []}, 422, "observations"),
        ({"kind": "confirm", "damages": ["damage-7"]}, 404, "damages.0"),
        ({"kind": "confirm", "damages": ["damage-1"], "reason": "dirt"}, 422, "reason"),
        ({"kind": "confirm", "observations": [{"photo": "img-1", "finding": "x"}]}, 404, "observations.0"),
        ({"kind": "reject", "damages": ["damage-1"]}, 422, "reason"),
        ({"kind": "reject", "damages": ["damage-1"], "reason": "other"}, 422, "text"),
        ({"kind": "reject", "damages": ["damage-1"], "reason": "duplicate"}, 422, "duplicate_of"),
        ({"kind": "reject", "damages": ["damage-1"], "reason": "dirt", "duplicate_of": "x"}, 422, "duplicate_of"),
        ({"kind": "relabel", "damages": ["damage-1"], "damage": "rust"}, 422, "damage"),
        ({"kind": "place", "damages": ["damage-1"], "places": ["bonnet"]}, 422, "places.0"),
        ({"kind": "severity", "damages": ["damage-1"], "severity": "severe"}, 422, "text"),
        ({"kind": "severity", "damages": ["damage-1"], "severity": "unclear", "text": "x"}, 422, "severity"),
        ({"kind": "merge", "damages": ["damage-1", "damage-1"]}, 422, "damages"),
        ({"kind": "split", "damages": ["damage-1"]}, 422, "observations"),
        ({"kind": "undo", "undoes": ["evt-none"]}, 404, "undoes.0"),
        ({"kind": "undo", "undoes": ["evt-none"], "damages": ["damage-1"]}, 422, "damages"),
        ({"kind": "redraw", "damages": ["damage-1"]}, 422, "kind"),
    ],
)
def test_bad_edits(bad, fields, status, field):
    content = problem(bad.client.post(f"{bad.path}/events", json={"author": "Ada"} | fields), status)
    assert content["errors"][0]["field"].startswith(field)
    assert bad.client.get(f"{bad.path}/events").json()["items"] == []


def test_what_cannot_be_split(bad):
    problem(bad.post("split", observations=[bad.observed(0, DENTS)]), 422, "observations")
    problem(bad.post("split", observations=[bad.observed(0, DENTS), bad.observed(0, SCRATCHES)]), 422, "observations")


def test_an_event_is_undone_where_it_was_made(case):
    mine = case.finding_edit(0, "confirm", finding_id=DENTS)
    problem(case.post("undo", undoes=[mine["id"]]), 422, "undoes.0")
    (ours,) = case.about("confirm", SCRATCHES)
    path = f"{case.path}/images/{case.photos[0]}/events"
    answer = case.client.post(path, json={"kind": "undo", "undoes": ours["id"], "author": "Ada"})
    problem(answer, 422, "undoes")


def test_finishing_asks_about_the_undecided(case):
    path = f"{case.path}/review"
    content = problem(case.client.post(path, json={"state": "finished", "author": "Ada"}), 409, "undecided")
    assert content["detail"].startswith("2 damages are undecided")
    case.about("confirm", DENTS)
    content = problem(case.client.post(path, json={"state": "finished", "author": "Ada"}), 409, "undecided")
    assert content["detail"].startswith("1 damage is undecided")
    read = finish(case.client, case.path, "reject").json()
    assert read["review"]["state"] == "finished" and read["totals"]["undecided"] == 0
    assert shown(case) == [("dent", [0, 1, 2], "confirmed"), ("scratch", [0, 1, 2], "rejected")]
    kinds = [event["kind"] for event in case.client.get(f"{case.path}/events").json()["items"]]
    assert kinds == ["confirm", "reject", "finish"]
    problem(case.post("confirm", damages=["damage-1"]), 409)
    assert case.client.delete(f"{case.path}/images/{case.photos[0]}?author=Ada").status_code == 409
    problem(case.client.post(path, json={"state": "open", "author": "Ada", "undecided": "leave"}), 422, "undecided")
    case.client.post(path, json={"state": "open", "author": "Ada"})
    assert finish(case.client, case.path, None).status_code == 200


@pytest.mark.parametrize(("undecided", "decision"), [("leave", "open"), ("confirm", "confirmed")])
def test_finishing_leaves_or_confirms(case, undecided, decision):
    assert finish(case.client, case.path, undecided).status_code == 200
    assert {one["decision"] for one in case.damages} == {decision}
