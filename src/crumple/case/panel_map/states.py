"""What the map says of each panel, and in which words. A panel that no photo shows is never called undamaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crumple.case.coverage import panel_of
from crumple.case.inspection import Damage, Panel

State = Literal["damaged", "unclear", "no_damage", "partly", "not_seen"]

# In the order of the legend.
STATES: dict[State, str] = {
    "damaged": "damaged",
    "unclear": "possibly damaged",
    "no_damage": "no damage found",
    "partly": "seen in part, no damage found there",
    "not_seen": "not photographed",
}


@dataclass(frozen=True)
class MappedPanel:
    """A panel as the map has it.

    shape: its name in `SHAPES`. label: its name in the inspection. numbers: of its damages on the main list. doubtful:
    of those that the model doubts. text: what a screen reader says.
    """

    shape: str
    label: str
    title: str
    state: State
    numbers: tuple[int, ...]
    doubtful: tuple[int, ...]
    text: str

    @property
    def named(self) -> str:
        """Its title, and what is doubtful about it: "hood", "hood (doubtful: 4, 7)"."""
        return f"{self.title} (doubtful: {', '.join(map(str, self.doubtful))})" if self.doubtful else self.title


def is_listed(damage: Damage) -> bool:
    """Whether a damage is on the main list: a person confirmed it, or nobody rejected it and it is not doubtful."""
    return damage.decision == "confirmed" or (damage.decision == "open" and damage.likelihood != "doubtful")


def is_doubtful(damage: Damage) -> bool:
    """Whether the model doubts a damage on which no person has decided."""
    return damage.decision == "open" and damage.likelihood == "doubtful"


def mapped(panels: Sequence[Panel], damages: Sequence[Damage]) -> list[MappedPanel]:
    """The panels of an inspection for its map. damages: all of them; their numbers are 1, 2, 3 ... in this order."""
    by_id = {damage.id: (number, damage) for number, damage in enumerate(damages, start=1)}
    found = []
    for panel in panels:
        here = [by_id[id] for id in panel.damages]
        listed = [(number, damage) for number, damage in here if is_listed(damage)]
        doubtful = [(number, damage) for number, damage in here if is_doubtful(damage)]
        state = _state(panel, bool(listed))
        text = f"{panel.title}: {STATES[state]}"
        for words, some in (("", listed), ("doubtful: ", doubtful)):
            if some:
                text += f"; {words}{', '.join(f'{number} {damage.title}' for number, damage in some)}"
        numbers, doubted = (tuple(number for number, _ in some) for some in (listed, doubtful))
        found.append(MappedPanel(panel_of(panel.label), panel.label, panel.title, state, numbers, doubted, text))
    return found


def _state(panel: Panel, has_damage: bool) -> State:
    if panel.damaged == "yes":
        return "damaged"
    if has_damage:
        return "unclear"
    if panel.seen == "not_seen":
        return "not_seen"
    if panel.damaged == "no":
        return "no_damage"
    return "partly" if panel.seen == "partly" else "unclear"


def numbers_in(numbers: Sequence[int], room: int) -> str:
    """Numbers of damages for so many characters: "1 2", or "1 +3" where they are too many."""
    whole = " ".join(map(str, numbers))
    if len(whole) <= room:
        return whole
    for shown in range(len(numbers) - 1, 0, -1):
        short = f"{' '.join(map(str, numbers[:shown]))} +{len(numbers) - shown}"
        if len(short) <= room:
            return short
    return f"+{len(numbers)}" if len(numbers) > 1 else whole
