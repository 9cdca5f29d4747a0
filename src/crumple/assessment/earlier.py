"""Reads what earlier versions of crumple wrote: assessments of the format "crumple-assessment-1"."""

from typing import Any

from crumple.assessment.likelihood import Threshold, finding_likelihood

FORMAT_1 = "crumple-assessment-1"
_THRESHOLDS: dict[str, Threshold] = {"confirmed": "upper", "suspected": "lower"}


def upgraded_finding(content: Any) -> Any:
    """A finding of "crumple-assessment-1" as "crumple-assessment-2" has it; anything else as it is.

    Its `verdict` becomes `threshold`; `likelihood` is computed, and takes the place of "suspected" in the sentence.
    """
    if not isinstance(content, dict) or "threshold" in content:
        return content
    threshold, probability = _THRESHOLDS.get(str(content.get("verdict"))), content.get("probability")
    if threshold is None or not isinstance(probability, float | int | None):
        return content  # left for the validation to complain of
    word = finding_likelihood(probability, threshold)
    content = {name: value for name, value in content.items() if name != "verdict"}
    content |= {"likelihood": word, "threshold": threshold}
    severity, reason, text = (content.get(name) for name in ("severity", "reason", "text"))
    why = f". {'Severity unclear' if severity == 'unclear' else str(severity).capitalize()}: {reason}"
    if isinstance(text, str) and text.endswith(why):
        content["text"] = f"{text.removesuffix(why).removeprefix('suspected ')}, {word}{why}"
    return content
