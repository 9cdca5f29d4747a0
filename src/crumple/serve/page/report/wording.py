"""Findings and edits in words, the same in the HTML and the PDF report."""

from collections.abc import Sequence
from datetime import datetime

from crumple.assessment.likelihood import how_many_real
from crumple.assessment.places import NOT_IDENTIFIED, on, where, with_known
from crumple.serve.contract.events import Event
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.images import Image
from crumple.serve.page.words import REASONS
from crumple.taxonomy import title

FIELDS = {"damage": "damage type", "mask": "outline", "place": "panel"}


def capital(text: str) -> str:
    """With its first letter in upper case."""
    return text[:1].upper() + text[1:]


def time_in_words(time: datetime | None) -> str:
    """ "2026-11-22 10:31 UTC"."""
    return "" if time is None else time.strftime("%Y-%m-%d %H:%M UTC")


def view(image: Image) -> str:
    """From where the vehicle is seen: "front left view", or nothing."""
    return "" if image.view in (None, "none", "detail") else f"{image.view.replace('_', ' ')} view"


def state(finding: ReviewedFinding) -> str:
    """Who holds it for damage: "confirmed in review", "possible, not reviewed" ..."""
    if finding.review == "rejected":
        return f"rejected: {reason(finding.rejected_as)}"
    if finding.review == "confirmed":
        return "drawn in review" if finding.origin == "reviewer" else "confirmed in review"
    return f"{finding.likelihood}, not reviewed"


def reason(name: str | None) -> str:
    """Why a finding was rejected."""
    return REASONS.get(name or "", "").lower()


def places(finding: ReviewedFinding) -> list[str]:
    """Where it is, each place with how much of it or how probable."""
    return [with_known(place) for place in finding.on] or [NOT_IDENTIFIED]


def first_place(finding: ReviewedFinding) -> str:
    """The most probable place alone."""
    return where(finding.on[:1])


def score(finding: ReviewedFinding) -> str:
    """The model's score."""
    return "drawn" if finding.score is None else f"{finding.score:.2f}"


def chance(finding: ReviewedFinding) -> str:
    """How many like it are real; empty where the model does not say."""
    return "" if finding.probability is None else how_many_real(finding.probability)


def sure(finding: ReviewedFinding) -> bool:
    """Whether a person confirmed it or the model holds it for likely: only then its severity has a strong colour."""
    return finding.review == "confirmed" or finding.likelihood == "likely"


def changes(finding: ReviewedFinding) -> str:
    """What people changed of the model's finding; empty: nothing."""
    return " and ".join(FIELDS[field] for field in finding.edited) + " changed" if finding.edited else ""


def said(event: Event, events: Sequence[Event]) -> str:
    """What was done, in words that follow the author's name."""
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
        case "finish":
            return "finished the review"
        case "reopen":
            return "opened the review again"
    undone = next((one for one in events if one.id == event.undoes), None)
    return f"undid: {undone.author} {said(undone, events)}" if undone else "undid an edit"


def brief(finding: ReviewedFinding | None) -> str:
    """A finding before or after an edit."""
    if finding is None:
        return "nothing"
    review = "not reviewed" if finding.review == "open" else state(finding)
    return f"{finding.title}{on(finding.on[:1])}, {severity(finding)}, {review}"


def severity(finding: ReviewedFinding) -> str:
    """The severity where nothing beside it says that it is one."""
    return "severity unclear" if finding.severity == "unclear" else finding.severity
