"""The bootstrap: how far a figure would have moved, had the photos been others of their kind.

S resamples, N photos, F figures. A resample is a row of counts, how often it holds each photo, and the first row is the
photos as they are: whatever is computed from all rows at once has the figure itself in front and its resamples behind.

A figure of sums (precision, recall, IoU of pixels) takes one product: `weights @ per_photo`, (S, N) @ (N, F), and then
`ratio`. Average precision, which is no such figure, is in `weighted_ap`.

Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile intervals); for claims as
the unit: Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

RESAMPLES = 1000
LEVEL = 0.95
MAX_UNDEFINED = 0.1  # share of resamples; what only two claims show is missing from e^-2 = 0.135 of them


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(_Record):
    """A figure and its 95 % interval.

    value: None where the figure is undefined. low, high: None where they cannot be told: too few claims show the figure
    (two, say), or it is the same in every resample (7 of 7 found), which says nothing of other photos.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


class Share(_Record):
    """`hits` of `of` things, and their share with its interval."""

    hits: int
    of: int
    share: Estimate


class Difference(_Record):
    """A figure of one model minus that of another on the same photos, with its 95 % interval.

    noise: the interval holds 0, or there is none: other photos could well have said the opposite. Of comparisons of
    equally good models one in twenty is not called noise, by chance: with many figures some are.
    """

    difference: float | None
    low: float | None
    high: float | None
    noise: bool


def claim_numbers(groups: Sequence[str | None]) -> np.ndarray:
    """(N,) int, the claim of each photo, from its group; None: a claim of its own."""
    keys = [("photo", i) if group is None else ("claim", group) for i, group in enumerate(groups)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], int)


def resamples(groups: Sequence[str | None], count: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """How often each photo is in each resample.

    Claims are drawn, not photos: the photos of a claim show the same car, damage and light, so they succeed and fail
    together, and drawing them one by one would take repetitions for evidence and make intervals too narrow.

    Args:
        groups: the claim of each photo; None: a claim of its own.
        count: resamples.

    Returns: (1 + count, N) float64, whole numbers. Row 0 is all ones, the photos as they are. The other rows hold as
        many claims as there are, drawn with replacement, so the number of photos varies.
    """
    numbers = claim_numbers(groups)
    weights = np.ones((1 + count, len(numbers)))
    if len(numbers):
        claims = int(numbers.max()) + 1
        drawn = np.random.default_rng(seed).multinomial(claims, np.full(claims, 1 / claims), size=count)
        weights[1:] = drawn[:, numbers]
    return weights


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0: how every figure says that it is undefined."""
    whole = np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole != 0)


def defined_mean(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is defined (no NaN); NaN where nothing is."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0).sum(-1), known.sum(-1))


def estimate(samples: np.ndarray) -> Estimate:
    """The figure and its interval from (1 + S,) values, the first being the figure on the photos as they are."""
    low, high = _interval(samples)
    if low == high:
        low = high = None
    return Estimate(value=_number(samples[0]), low=low, high=high)


def share(hits: np.ndarray, of: np.ndarray, weights: np.ndarray) -> Share:
    """A share from how many things each photo has, and how many of them are hits: (N,) each, `weights` (S, N)."""
    return Share(hits=int(hits.sum()), of=int(of.sum()), share=estimate(ratio(weights @ hits, weights @ of)))


def paired(a_samples: np.ndarray, b_samples: np.ndarray) -> Difference:
    """Figure A minus figure B, each (1 + S,) values from the same `resamples` of the same photos.

    Photos that are hard are hard for both, which cancels: the difference is told apart from noise far sooner than two
    separate intervals would say.
    """
    samples = a_samples - b_samples
    low, high = _interval(samples)
    noise = low is None or high is None or low <= 0 <= high
    return Difference(difference=_number(samples[0]), low=low, high=high, noise=noise)


def _interval(samples: np.ndarray) -> tuple[float | None, float | None]:
    """Percentile interval; none where the figure is undefined, or is so in too many resamples."""
    known = samples[1:][~np.isnan(samples[1:])]
    if np.isnan(samples[0]) or len(known) == 0 or len(known) < (1 - MAX_UNDEFINED) * (len(samples) - 1):
        return None, None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
