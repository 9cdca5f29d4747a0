"""Whether two answers about one photo say the same. Other processors round differently, so not to the last digit."""

from collections.abc import Sequence

from crumple.assessment.assessment import Assessment, Finding, ModelReference, Part
from crumple.deploy.errors import DeployError

SCORE = 0.02  # how far two scores may lie apart
PIXELS = 2.0  # and two sides of a box


def check_same(expected: Assessment, found: Assessment, who: str) -> None:
    """Raises DeployError that says in what `who`'s answer differs from the package's."""
    difference = _difference(expected, found)
    if difference:
        raise DeployError(f"{who} does not answer as its package does: {difference}")


def _difference(expected: Assessment, found: Assessment) -> str:
    if expected.photo.sha256 != found.photo.sha256:
        return "it was shown another photo"
    if expected.model != found.model:
        ours, theirs = expected.model, found.model
        return f"its model is {_called(theirs)}, not {_called(ours)}"
    # A score at its threshold may fall on the other side of it: such detections are no difference.
    parts = [p for p in expected.parts if not _at_threshold(expected, "parts", p.label, p.score)]
    findings = [f for f in expected.findings if not _at_threshold(expected, "damage", f.damage, f.score)]
    return (
        _missing("part", [(p.label, p) for p in parts], [(p.label, p) for p in found.parts])
        or _missing("finding", [(f.damage, f) for f in findings], [(f.damage, f) for f in found.findings])
        or _extra(expected, found)
    )


def _called(model: ModelReference) -> str:
    return f"{model.name} {model.version} ({model.sha256:.8})"


def _extra(expected: Assessment, found: Assessment) -> str:
    parts = [(p.label, p) for p in found.parts if not _at_threshold(expected, "parts", p.label, p.score)]
    findings = [(f.damage, f) for f in found.findings if not _at_threshold(expected, "damage", f.damage, f.score)]
    lost = _missing("part", parts, [(p.label, p) for p in expected.parts]) or _missing(
        "finding", findings, [(f.damage, f) for f in expected.findings]
    )
    return lost.replace("it does not see", "it sees") if lost else ""


def _missing(
    what: str, wanted: Sequence[tuple[str, Part | Finding]], seen: Sequence[tuple[str, Part | Finding]]
) -> str:
    for label, thing in wanted:
        if not any(label == name and _close(thing, other) for name, other in seen):
            return f"it does not see the {what} {label} ({thing.score:.2f}) at {[round(v) for v in thing.box]}"
    return ""


def _close(a: Part | Finding, b: Part | Finding) -> bool:
    return abs(a.score - b.score) <= SCORE and all(abs(p - q) <= PIXELS for p, q in zip(a.box, b.box, strict=True))


def _at_threshold(answer: Assessment, branch: str, label: str, score: float) -> bool:
    limits = answer.thresholds.get(branch, {}).get(label)
    return limits is not None and abs(score - limits.lower) <= SCORE
