"""The figures about places, which a claims handler asks first, as rows with a column for each set.

One list of rows for the terminal, the report and the model card.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from crumple.evaluate.measures.bootstrap import Estimate, Share
from crumple.evaluate.places.by_set import SetPlaces
from crumple.evaluate.places.named_parts import NamedPartsReport
from crumple.evaluate.places.panels import DamagedPanels
from crumple.evaluate.places.parts_seen import PartsSeen

NOTHING = Estimate(value=None)


class Cell(NamedTuple):
    """A figure, and how many things it is a share of; None where that is no one number."""

    figure: Estimate
    of: int | None


class Row(NamedTuple):
    """One figure of every set."""

    name: str
    cells: tuple[Cell, ...]


def place_rows(places: Sequence[SetPlaces]) -> list[Row]:
    """The figures about places; a set on which one was not measured has `NOTHING` there."""

    def row(name: str, of: Callable[[SetPlaces], Share | None]) -> Row:
        shares = [of(one) for one in places]
        return Row(name, tuple(Cell(NOTHING, 0) if one is None else Cell(one.share, one.of) for one in shares))

    def named(name: str, of: Callable[[NamedPartsReport], Share]) -> Row:
        return row(name, lambda one: of(one.named) if one.named else None)

    def panels(name: str, of: Callable[[DamagedPanels], Share]) -> Row:
        return row(name, lambda one: of(one.panels) if one.panels else None)

    def seen(name: str, of: Callable[[PartsSeen], Share]) -> Row:
        return row(name, lambda one: of(one.seen) if one.seen else None)

    at_precision = tuple(Cell(one.panels.recall_at if one.panels else NOTHING, None) for one in places)
    return [
        row("findings on no part", lambda one: one.findings.on_no_part),
        row("findings whose side is not known", lambda one: one.findings.side_not_known),
        named("right part named", lambda one: one.any_class.right),
        named("  by a finding of its type", lambda one: one.same_class.right),
        named("  one of the right parts", lambda one: one.any_class.among),
        named("  sides merged", lambda one: one.any_class.sides_merged),
        panels("damaged panels, recall", lambda one: one.panels.recall),
        panels("damaged panels, precision", lambda one: one.panels.precision),
        Row("  recall at precision 70 %", at_precision),
        panels("  recall, sides merged", lambda one: one.sides_merged.recall),
        panels("  precision, sides merged", lambda one: one.sides_merged.precision),
        panels("undamaged visible panels alarmed", lambda one: one.alarmed),
        seen("parts seen, recall", lambda one: one.overall.recall),
        seen("parts seen, precision", lambda one: one.overall.precision),
    ]


def set_name(places: SetPlaces) -> str:
    """What to call the set of a column."""
    return "together" if places.set is None else places.set
