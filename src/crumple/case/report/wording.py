"""Damages and panels in words, the same in the page and in the PDF."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from crumple.assessment.assessment import ModelReference
from crumple.assessment.likelihood import how_many_real
from crumple.assessment.places import where
from crumple.assessment.severity import SEVERITIES
from crumple.case.describing import photos_in_words
from crumple.case.inspection import Damage, InspectedPhoto, Inspection
from crumple.case.panel_map.states import is_listed

Audience = Literal["recipient", "reviewer"]

DISCLAIMER = (
    "A machine read these photos. Its findings are not an expert's inspection of the vehicle, and what was not "
    "photographed was not inspected. Left and right are the vehicle's own sides."
)
SCALE = (
    "Likely, possible and doubtful say how often damage like this turned out to be real where the model was judged. "
    "Confirmed is said of what a person decided, and of nothing else."
)
NOTHING = "No damage found on what the photos show."
DOUBTED = "The model doubts these"
DOUBTED_NOTE = "Most of them are dirt, a reflection or a shadow. They do not count above."
REJECTED = "Rejected by a person"
EVIDENCE_NOTE = "Each damage in every photo that shows it. The corners mark its place."
PHOTOS_NOTE = "The numbers are those of the damages. A dashed outline is a possible or doubtful damage."

# A limit of the severity rules inside a reason.
_LIMIT = re.compile(r" \((?:moderate|severe) starts at [^)]*\)")


def capital(text: str) -> str:
    """With its first letter in upper case."""
    return text[:1].upper() + text[1:]


def time_in_words(time: datetime) -> str:
    """ "2026-11-22 10:31 UTC"."""
    return time.strftime("%Y-%m-%d %H:%M %Z").strip()


def counted(number: int, noun: str) -> str:
    """ "1 photo", "2 photos"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def headline(inspection: Inspection) -> str:
    """The case in one sentence."""
    damages = [damage for damage in inspection.damages if is_listed(damage)]
    if not damages:
        return NOTHING
    sure = [damage for damage in damages if is_sure(damage)]
    worst, surely = (max(map(_rank, some), default=0) for some in (damages, sure))
    if len(damages) == 1:
        told = "1 damage" if sure else "1 damage, possible"
        return f"{told}. {capital(severity(damages[0]))}."
    told = counted(len(damages), "damage")
    if not sure:
        told += ", all of them only possible"
    elif len(sure) < len(damages):
        told += f", {len(sure)} of them likely"
    if SEVERITIES[worst] == "unclear":
        return f"{told}."
    if not sure or worst == surely:
        return f"{told}. The worst is {SEVERITIES[worst]}."
    return f"{told}. The worst likely one is {severity(max(sure, key=_rank))}, a possible one {SEVERITIES[worst]}."


def is_sure(damage: Damage) -> bool:
    """Whether a damage on the main list is likely, or a person stands for it."""
    return damage.decision == "confirmed" or damage.likelihood in ("likely", None)


def _rank(damage: Damage) -> int:
    return SEVERITIES.index(damage.severity)


def likelihood(damage: Damage) -> str:
    """How sure it is that a damage is real, as a word; "confirmed" is a person's alone."""
    if damage.decision != "open":
        return f"{damage.decision} by a person"
    return damage.likelihood or "marked by a person"


def chance(damage: Damage) -> str:
    """The same as a number of ten: "about 8 in 10 like this are real"; nothing where a person decided."""
    if damage.decision != "open" or damage.probability is None:
        return ""
    return how_many_real(damage.probability)


def place(damage: Damage) -> str:
    """Where it is: "left fender and hood", "panel not identified"."""
    return where(damage.on)


def severity(damage: Damage) -> str:
    """The severity where nothing beside it says that it is one."""
    return "severity unclear" if damage.severity == "unclear" else damage.severity


def reason(damage: Damage, audience: Audience) -> str:
    """Why this severity; for the recipient without the limits of the rules."""
    return capital(_LIMIT.sub("", damage.reason) if audience == "recipient" else damage.reason)


def photos(damage: Damage, by_id: dict[str, InspectedPhoto]) -> str:
    """ "photos 2, 5 and 7"."""
    return photos_in_words([by_id[one.photo].number for one in damage.observations])


def not_photographed(sides: str) -> str:
    """What a missing side means."""
    return f"Not photographed: {sides}. Nothing is known about damage there."


def judgement(damage: Damage, audience: Audience, same: Sequence[int]) -> str:
    """How sure, why this severity, and which damages may be the same one, by their numbers."""
    why = reason(damage, audience)
    told = ": ".join(filter(None, (capital(likelihood(damage)), chance(damage))))
    told = f"{told}. {capital(severity(damage))}: {why[:1].lower()}{why[1:]}."
    if not same:
        return told
    shown = [str(number) for number in same]
    either = " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
    return f"{told} May be the same as damage {either}."


def model(reference: ModelReference) -> str:
    """Which model read the photos."""
    weights = f", weights sha256 {reference.sha256}" if reference.sha256 else ""
    return f"Model {reference.name}, version {reference.version}{weights}."


def sight(photo: InspectedPhoto) -> str:
    """ "photo 3, front left view"."""
    return ", ".join(filter(None, (f"photo {photo.number}", view(photo))))


def warnings(photo: InspectedPhoto, audience: Audience) -> list[str]:
    """What is wrong with a photo; what was measured is for the reviewer."""
    failed = [check.text for check in photo.quality if not check.ok]
    told = [capital(words if audience == "reviewer" else words.split(":")[0]) + "." for words in failed]
    return [*told, "Seems to show another vehicle."] if photo.other_vehicle else told


def nothing(photo: InspectedPhoto) -> str:
    """What is said of a photo without damages: of one that is hard to judge, no more than is known."""
    judged = all(check.ok for check in photo.quality)
    return "No damage found in this photo." if judged else "Nothing found, but this photo is hard to judge."


def view(photo: InspectedPhoto) -> str:
    """From where the vehicle is seen: "front left view", "close-up", or nothing."""
    if photo.view in (None, "none"):
        return ""
    return "close-up" if photo.view == "detail" else f"{photo.view.replace('_', ' ')} view"
