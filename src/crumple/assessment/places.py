"""Places in the words of a report."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from crumple.assessment.numbers import percent
from crumple.taxonomy import SIDELESS, title

if TYPE_CHECKING:
    from crumple.assessment.assessment import Place


class Titled(Protocol):
    """A place with its name, as it is labelled and in words: of a finding, or of a damage."""

    @property
    def label(self) -> str: ...
    @property
    def title(self) -> str: ...


MOST = 0.99  # a probability that is told: none is 100 %
NOT_IDENTIFIED = "panel not identified"
_ELSEWHERE = {
    "interior": "inside the vehicle",
    "engine_bay": "in the engine bay",
    "underbody": "underneath the vehicle",
}


def place_title(name: str) -> str:
    """ "front left door", "front door, side not known", "inside the vehicle"."""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    return f"{title(name)}, side not known" if name in SIDELESS else title(name)


def where(places: Sequence[Titled]) -> str:
    """ "front left door and hood"; "panel not identified" without a place."""
    names = list(dict.fromkeys(place.title for place in places))
    if not names:
        return NOT_IDENTIFIED
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def on(places: Sequence[Titled], unknown: str = NOT_IDENTIFIED) -> str:
    """The same behind what is there: " on front left door", " inside the vehicle", ", panel not identified".

    unknown: what to say without a place.
    """
    if not places:
        return f", {unknown}" if unknown == NOT_IDENTIFIED else f" {unknown}"
    return f" {where(places)}" if places[0].label in _ELSEWHERE else f" on {where(places)}"


def known(place: "Place") -> str:
    """How much of it, or how sure: "12 % of it", "probability 85 %"; nothing where neither is known, or it is sure."""
    if place.share_of_part is not None:
        return f"{percent(place.share_of_part)} of it"
    if place.probability is None or "damage" in place.known_by:
        return ""
    return f"probability {percent(min(place.probability, MOST))}"


def with_known(place: "Place") -> str:
    """ "front left door, 12 % of it" """
    return ", ".join(filter(None, (place.title, known(place))))
