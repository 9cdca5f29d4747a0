"""How figures are written: shares of 0 to 1 in percent, their intervals, and counts with their noun."""

from collections.abc import Sequence

from crumple.evaluate.comparison import ComparedFigure
from crumple.evaluate.measures.bootstrap import Difference, Estimate

DASH = "-"


def percent(value: float | None, decimals: int = 1) -> str:
    """A share in percent, with one decimal, as papers print AP; a dash where there is nothing to tell."""
    return DASH if value is None else f"{round(100 * value, decimals) + 0:.{decimals}f}"  # and no "-0.0"


def interval(figure: Estimate | Difference, decimals: int = 1) -> str:
    """ "30.1 to 38.9", in percent; empty where there is no interval."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{percent(figure.low, decimals)} to {percent(figure.high, decimals)}"


def told(figure: Estimate) -> str:
    """ "34.5 % (95 % interval 30.1 to 38.9)"."""
    between = interval(figure)
    return f"{percent(figure.value)} %" + (f" (95 % interval {between})" if between else "")


def told_of(figure: Estimate, whole: int, noun: str) -> str:
    """A share of `whole` things: as `told`, or plainly "0 of 60 photos" where there is no interval."""
    if interval(figure):
        return f"{told(figure)} of {count(whole, noun)}"
    return f"{round((figure.value or 0) * whole)} of {count(whole, noun)}"


def count(number: int, noun: str) -> str:
    """ "1 photo", "2 photos"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def decimals(figure: ComparedFigure) -> int:
    """1, or 2 where that shows what 1 hides: that A and B differ, or on which side of 0 an end of the interval is."""
    between = figure.difference
    pairs = [(figure.a.value, figure.b.value), *((end, 0.0) for end in (between.difference, between.low, between.high))]
    hidden = any(percent(x) == percent(y) and percent(x, 2) != percent(y, 2) for x, y in pairs)
    return 2 if hidden else 1
