"""Where a finding is after a person drew it, or changed what it is or its outline."""

import json
from datetime import UTC, datetime

import pytest

from crumple.assessment.assessment import Assessment, PartSeen
from crumple.assessment.severity import Rules
from crumple.serve.contract.events import Event
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.problems import ProblemError
from crumple.serve.review.findings import Reviewer
from tests.assessment.examples import assessment, bitmap, finding, near, part

SIZE = (200, 100)
DOOR = part("front_left_door", bitmap(((0, 0), (99, 0), (99, 99), (0, 99)), SIZE))
DENT = bitmap(((110, 10), (149, 10), (149, 49), (110, 49)), SIZE)
ON_DOOR, BESIDE = [[10, 10, 40, 10, 40, 40, 10, 40]], [[120, 10, 180, 10, 180, 40, 120, 40]]


def told(*places, parts=(DOOR,), seen=()):
    dent = finding("dent", DENT, severity="unclear").model_copy(update={"on": list(places)})
    shown = [PartSeen(label=name, title=name, side=None, probability=0.9, part=None) for name in seen]
    return assessment(SIZE, parts, [dent]).model_copy(update={"parts_seen": shown})


def edited(model, kind, **fields) -> ReviewedFinding:
    return after(model, (kind, fields))


def after(model, *edits) -> ReviewedFinding:
    """The last finding after edits: (kind, fields) each."""
    events = []
    for number, (kind, fields) in enumerate(edits, start=1):
        names = {"inspection_id": "ins-1", "image_id": "img-1", "author": "Ada", "at": datetime.now(UTC)}
        finding = {} if kind == "add" else {"finding_id": "finding-1"}
        events.append(Event(id=f"evt-{number}", number=number, kind=kind, **names, **finding, **fields))
    return Reviewer(Rules.load()).findings(model, events)[-1]


def where(finding):
    return [(place.label, place.known_by, place.part) for place in finding.on]


def test_what_is_drawn_on_an_outline_is_on_that_part():
    drawn = edited(told(), "add", damage="dent", polygons=ON_DOOR)
    assert where(drawn) == [("front_left_door", ["outline"], "part-1")]
    assert drawn.severity == "moderate" and drawn.reason.startswith("covers 9 % of the front left door (moderate")
    assert drawn.text.startswith("dent on front left door. Moderate: covers 9 %")


def test_what_is_drawn_in_a_close_up_of_one_part_is_on_that_part():
    drawn = edited(told(parts=(), seen=["left_fender", "wheel"]), "add", damage="dent", polygons=BESIDE)
    assert where(drawn) == [("left_fender", ["surroundings"], None)]
    assert (drawn.severity, drawn.on[0].probability) == ("unclear", 0.9)


@pytest.mark.parametrize("seen", [[], ["left_fender", "hood"]])
def test_what_is_drawn_elsewhere_is_not_identified(seen):
    drawn = edited(told(seen=seen), "add", damage="dent", polygons=BESIDE)
    assert drawn.on == [] and drawn.text.startswith("dent, panel not identified. Severity unclear: the panel could not")


def test_a_drawn_airbag_is_inside_the_vehicle():
    assert where(edited(told(), "add", damage="airbag_deployed", polygons=ON_DOOR)) == [("interior", ["damage"], None)]


def test_another_type_leaves_it_where_it_is():
    model = told(near("left_fender"))
    changed = edited(model, "relabel", damage="scratch")
    assert changed.on == model.findings[0].on and changed.text.startswith("scratch on left fender. Severity unclear")


def test_a_bent_hood_is_on_the_hood():
    changed = edited(told(near("left_fender")), "relabel", damage="hood_damage")
    assert where(changed) == [("hood", ["damage"], None)]
    assert (changed.severity, changed.reason) == ("moderate", "a bent hood may not close safely")


def test_another_outline_is_on_the_part_under_it_or_still_where_its_surroundings_said():
    model = told(near("left_fender"))
    assert where(edited(model, "redraw", polygons=ON_DOOR)) == [("front_left_door", ["outline"], "part-1")]
    assert where(edited(model, "redraw", polygons=BESIDE)) == [("left_fender", ["surroundings"], None)]


def test_a_person_says_on_which_panel_it_is():
    model = told(near("left_fender"))
    changed = edited(model, "place", places=["front_left_door", "fender"])
    assert where(changed) == [("front_left_door", ["person"], None), ("fender", ["person"], None)]
    assert (changed.edited, changed.review, changed.score) == (["place"], "confirmed", model.findings[0].score)
    assert changed.text.startswith("dent on front left door and fender, side not known. Severity unclear: the photo is")


def test_the_models_guess_outlasts_edits_unless_a_person_names_another_type():
    model = told()
    doubted = model.findings[0].model_copy(update={"probability": 0.2, "likelihood": "doubtful", "threshold": "lower"})
    model = model.model_copy(update={"findings": [doubted]})
    guess = (0.2, "doubtful", "lower")
    for kind, fields in (("place", {"places": ["hood"]}), ("redraw", {"polygons": BESIDE}), ("confirm", {})):
        changed = edited(model, kind, **fields)
        assert (changed.probability, changed.likelihood, changed.threshold, changed.review) == (*guess, "confirmed")
    changed = edited(model, "relabel", damage="scratch")
    assert (changed.probability, changed.likelihood, changed.threshold) == (None, "likely", "upper")
    assert changed.text.startswith("scratch, panel not identified. ")  # nobody guesses here


def test_a_panel_that_a_person_named_is_measured_by_its_outline_and_outlasts_later_edits():
    model = told(near("left_fender"))
    history = [("place", {"places": ["front_door"]}), ("redraw", {"polygons": ON_DOOR})]
    changed = after(model, *history)
    assert where(changed) == [("front_door", ["person"], "part-1")]
    assert changed.reason.startswith("covers 9 % of the front door (moderate") and changed.edited == ["mask", "place"]
    airbag = after(model, history[0], ("relabel", {"damage": "airbag_deployed"}))
    assert where(airbag) == [("front_door", ["person"], None)]


@pytest.mark.parametrize(
    ("places", "field", "detail"),
    [(["bonnet"], "places.0", "is none of back_bumper, "), (["hood", "hood"], "places.1", "hood: is named twice")],
)
def test_a_place_that_there_is_not_is_refused(places, field, detail):
    with pytest.raises(ProblemError, match=detail) as caught:
        edited(told(), "place", places=places)
    assert caught.value.errors[0].field == field


def test_reviews_that_were_stored_by_an_earlier_version_still_open():
    """Before places had probabilities and parts without outlines."""
    on = {"part": "part-1", "label": "front_left_door", "title": "front left door"}
    on |= {"share_of_damage": 1.0, "share_of_part": 0.1}
    model = json.loads(told().model_dump_json())
    del model["parts_seen"]
    model["findings"][0] |= {"on": [on], "severity": "moderate"}
    opened = Assessment.model_validate_json(json.dumps(model))
    confirmed = edited(opened, "confirm")
    assert where(confirmed) == [("front_left_door", ["outline"], "part-1")] and confirmed.severity == "moderate"
    before = json.loads(confirmed.model_dump_json())
    for place in before["on"]:
        del place["known_by"], place["probability"]
    assert ReviewedFinding.model_validate(before) == confirmed
