"""The headline: what a claims handler asks of a model, as rows of figures with a column for each set.

One list of rows for the terminal, the report and the model card.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from crumple.evaluate.bootstrap import Estimate, Share
from crumple.evaluate.places import SetPlaces

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

    return [
        row("findings on no part", lambda p: p.findings.on_no_part),
        row("findings whose side is not known", lambda p: p.findings.side_not_known),
        row("right part named", lambda p: p.named and p.named.any_class.right),
        row("  by a finding of its type", lambda p: p.named and p.named.same_class.right),
        row("  one of the right parts", lambda p: p.named and p.named.any_class.among),
        row("  sides merged", lambda p: p.named and p.named.any_class.sides_merged),
        row("damaged panels, recall", lambda p: p.panels and p.panels.panels.recall),
        row("damaged panels, precision", lambda p: p.panels and p.panels.panels.precision),
        Row(
            "  recall at precision 70 %",
            tuple(Cell(p.panels.recall_at if p.panels else NOTHING, None) for p in places),
        ),
        row("  recall, sides merged", lambda p: p.panels and p.panels.sides_merged.recall),
        row("  precision, sides merged", lambda p: p.panels and p.panels.sides_merged.precision),
        row("undamaged visible panels alarmed", lambda p: p.panels and p.panels.alarmed),
        row("parts seen, recall", lambda p: p.seen and p.seen.overall.recall),
        row("parts seen, precision", lambda p: p.seen and p.seen.overall.precision),
    ]


def set_name(places: SetPlaces) -> str:
    """What to call the set of a column."""
    return "together" if places.set is None else places.set
