"""What people did to an inspection, in words, as its report tells it."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from crumple.assessment.places import on, place_title
from crumple.case.describing import photos_in_words
from crumple.case.inspection import Damage
from crumple.case.report.wording import listed, severity
from crumple.serve.contract.events import Event
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.page.words import DAMAGE_REASONS
from crumple.taxonomy import title

# Fields of an inspection, in words.
PARTICULARS = {
    "kind": "purpose of the photos",
    "taken_from": "time of the first photo",
    "taken_until": "time of the last photo",
    "vin": "VIN",
}


def said(event: Event, events: Sequence[Event]) -> str:
    """What was done, in words that follow the author's name. events: all of the inspection."""
    if event.observations is not None and event.kind != "undo":
        return _said_of_damages(event)
    finding = next((one.title for one in (event.before, event.after) if one is not None), "a finding")
    match event.kind:
        case "confirm":
            return f"confirmed {finding}"
        case "reject":
            return f"rejected {finding}: {reason(event.reason)}"
        case "relabel":
            return f"made {finding} a {title(event.damage or '')}"
        case "place":
            return f"put {finding}{on(event.after.on[:1])}" if event.after else f"put {finding} elsewhere"
        case "redraw":
            return f"redrew {finding}"
        case "add":
            return f"added {finding}"
        case "note":
            return f"wrote a note on {finding}"
        case "particulars_changed":
            return f"changed {listed(_changed_particulars(event))}"
        case "photo_deleted":
            return f"deleted the photo {event.photo_name}"
        case "finish":
            return "finished the review"
        case "reopen":
            return "opened the review again"
    undone = next((one for one in events if one.id == event.undoes), None)
    return f"undid: {undone.author} {said(undone, events)}" if undone else "undid an edit"


def _changed_particulars(event: Event) -> list[str]:
    """Each as "the mileage from 100 to 48210"."""
    before, after = _flat(event.particulars_before), _flat(event.particulars_after)
    words = []
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old != new:
            was, now_is = ("nothing" if value is None else value for value in (old, new))
            words.append(f"the {PARTICULARS.get(name, name)} from {was} to {now_is}")
    return words


def _flat(particulars: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """With the fields of `vehicle` and `metadata` beside the others."""
    found: dict[str, JsonValue] = {}
    for name, value in (particulars or {}).items():
        found |= value if isinstance(value, dict) else {name: value}
    return found


def _said_of_damages(event: Event) -> str:
    """The same of an event of damages: "rejected the damage dent on hood: no damage"."""
    named = [f"{damage.title}{on(damage.on[:1])}" for damage in event.damages_before or []]
    damage = f"the damage {named[0]}" if named else "a damage"
    match event.kind:
        case "confirm":
            return f"confirmed {damage}"
        case "reject":
            return f"rejected {damage}: {reason(event.reason)}"
        case "relabel":
            return f"made {damage} a {title(event.damage or '')}"
        case "place":
            return f"put {damage} on {listed([place_title(place) for place in event.places or []])}"
        case "severity":
            return f"called {damage} {event.severity}"
        case "merge":
            return f"made one damage of {listed(named)}"
        case "distinct":
            return f"said that {listed(named)} are two damages"
    return f"made two damages of {damage.removeprefix('the damage ')}"


def reason(name: str | None) -> str:
    """Why a finding or damage was rejected, without examples: "no damage"."""
    return DAMAGE_REASONS.get(name or "", "").partition(":")[0].lower()


def change(event: Event, photos: Mapping[str, int]) -> tuple[str, str]:
    """What an event was about, before and after it; empty where it changed nothing. photos: numbers by id."""
    if event.observations is None:
        before, after = _finding(event.before), _finding(event.after)
    else:
        before, after = (
            "\n".join(_damage(damage, photos) for damage in damages or [])
            for damages in (event.damages_before, event.damages_after)
        )
    return (before, after) if before != after else ("", "")


def _finding(finding: ReviewedFinding | None) -> str:
    """ "dent on hood, moderate, not reviewed"."""
    if finding is None:
        return "nothing"
    state = _state(finding.review, finding.rejected_as)
    drawn = finding.origin == "reviewer" and finding.review == "confirmed"
    return f"{finding.title}{on(finding.on[:1])}, {severity(finding)}, {'drawn in review' if drawn else state}"


def _damage(damage: Damage, photos: Mapping[str, int]) -> str:
    """ "dent on hood, moderate, not reviewed, in photos 1 and 2"; of the photos those that are still there."""
    numbers = [photos[one.photo] for one in damage.observations if one.photo in photos]
    seen = f", in {photos_in_words(numbers)}" if numbers else ""
    state = _state(damage.decision, damage.rejected_as)
    return f"{damage.title}{on(damage.on[:1])}, {severity(damage)}, {state}{seen}"


def _state(decision: str, rejected_as: str | None) -> str:
    if decision == "rejected":
        return f"rejected: {reason(rejected_as)}" if rejected_as else "rejected"
    return "confirmed in review" if decision == "confirmed" else "not reviewed"
