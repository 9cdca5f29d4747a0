"""How sure the model is, as a person reads it: one scale of three words for findings, damages and panels.

"Confirmed" is none of them: only a person confirms.
"""

from typing import Literal

Likelihood = Literal["doubtful", "possible", "likely"]
Threshold = Literal["upper", "lower"]

POSSIBLE_FROM, LIKELY_FROM = 0.3, 0.6
SUREST_FIRST: tuple[Likelihood, ...] = ("likely", "possible", "doubtful")
# For the foot of a report.
THE_SCALE = (
    "How sure the model is of a finding is one of three words. "
    f"Likely: at least {10 * LIKELY_FROM:.0f} in 10 findings like it were real on the photos that the model was "
    f"judged on. Possible: at least {10 * POSSIBLE_FROM:.0f} in 10. Doubtful: fewer. "
    "A model without such figures says likely from the upper threshold of the class on, and possible below. "
    "Possible and doubtful findings are dashed in the pictures. Only a person confirms a finding."
)


def likelihood(probability: float | None) -> Likelihood | None:
    """A probability as a word; None: it is not known."""
    if probability is None:
        return None
    return "doubtful" if probability < POSSIBLE_FROM else "possible" if probability < LIKELY_FROM else "likely"


def finding_likelihood(probability: float | None, threshold: Threshold) -> Likelihood:
    """The same for a finding. If the model is not calibrated, the threshold that its score reaches decides."""
    return likelihood(probability) or ("likely" if threshold == "upper" else "possible")


def how_many_real(probability: float) -> str:
    """A probability as a person counts: "about 8 in 10 like this are real"."""
    if probability >= 0.95:
        return "nearly all like this are real"
    if probability < 0.05:
        return "fewer than 1 in 20 like this are real"
    tenths = max(1, round(probability * 10))
    return f"about {tenths} in 10 like this {'is' if tenths == 1 else 'are'} real"
