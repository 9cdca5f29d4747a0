"""Two models on the same photos, figure by figure: which differences are real, and which are noise."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.errors import DataError, ModelError
from crumple.evaluate.evaluation import EvaluatedModel
from crumple.evaluate.measures.bootstrap import Difference, Estimate, estimate, paired
from crumple.evaluate.measures.photo_shares import ALARMED, photo_shares
from crumple.evaluate.places.by_set import LESS_IS_BETTER
from crumple.evaluate.subject import Scope, Subject
from crumple.taxonomy import DAMAGE_BRANCH

PLACES = "places"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ComparedFigure(_Record):
    """One figure of both models.

    branch: or "places", for what is said of where damage is. set: the set it is of, where one is judged by itself.
    label: the class it is of; None: of the whole branch. difference: A minus B. verdict: "A", "B" (which is better), or
    "noise".
    """

    branch: str
    set: str | None
    name: str
    label: str | None
    a: Estimate
    b: Estimate
    difference: Difference
    verdict: str


class Comparison(_Record):
    """Models A and B on the same photos, paired: every resample of the photos is the same for both.

    notes: what makes the comparison less than fair, in sentences.
    """

    a: EvaluatedModel
    b: EvaluatedModel
    photos: int
    notes: tuple[str, ...]
    figures: tuple[ComparedFigure, ...]


def compare(a: Subject, b: Subject) -> Comparison:
    """Compare all figures that both models have.

    Raises ModelError when the models share no branch with the same classes, DataError when the photos differ.
    """
    if [photo.sha256 for photo in a.photos] != [photo.sha256 for photo in b.photos]:
        raise DataError("the two models were not judged on the same photos")
    figures: list[ComparedFigure] = []
    for scope, samples in a.samples.items():
        branch, theirs = scope.branch, b.samples.get(scope)
        if theirs and a.info.branch(branch).classes == b.info.branch(branch).classes:
            mine, others = samples.figures(), theirs.figures()
            figures += [_figure(scope, *name, mine[name], others[name]) for name in mine]
    if not figures:
        raise ModelError(
            f"{a.info.name} and {b.info.name} share no branch with the same classes: nothing to compare; "
            "measure each by itself"
        )
    if all(DAMAGE_BRANCH in {branch.name for branch in one.info.branches} for one in (a, b)):
        ours, those = (photo_shares(one.reported, one.weights) for one in (a, b))
        damage = Scope(DAMAGE_BRANCH)
        figures += [
            _figure(damage, name, None, ours[name], those[name], less_is_better=name == ALARMED) for name in ours
        ]
    for mine_placed, theirs_placed in zip(a.places, b.places, strict=False):
        pairs = mine_placed.figures(), theirs_placed.figures()
        scope = Scope(PLACES, mine_placed.set)
        figures += [
            _figure(scope, name, None, *(side[name] for side in pairs), less_is_better=name in LESS_IS_BETTER)
            for name in pairs[0]
        ]
    return Comparison(
        a=EvaluatedModel(name=a.info.name, version=a.info.version, sha256=a.info.sha256),
        b=EvaluatedModel(name=b.info.name, version=b.info.version, sha256=b.info.sha256),
        photos=len(a.photos),
        notes=_notes(a, b),
        figures=tuple(figure for figure in figures if figure.difference.difference is not None),
    )


def _notes(a: Subject, b: Subject) -> tuple[str, ...]:
    sides = {"A": a.thresholds_from, "B": b.thresholds_from}
    tuned = [side for side, source in sides.items() if source == "these photos"]
    if len(tuned) != 1:
        return ()
    (shipped,) = sides.keys() - tuned
    return (
        f"The thresholds of {tuned[0]} were chosen on these very photos, those of {shipped} were not: every "
        f"figure but AP flatters {tuned[0]}.",
    )


def _figure(
    scope: Scope, name: str, label: str | None, a: np.ndarray, b: np.ndarray, *, less_is_better: bool = False
) -> ComparedFigure:
    difference = paired(a, b)
    better = difference.difference is not None and (difference.difference > 0) != less_is_better
    verdict = "noise" if difference.noise else "A" if better else "B"
    return ComparedFigure(
        branch=scope.branch,
        set=scope.apart,
        name=name,
        label=label,
        a=estimate(a),
        b=estimate(b),
        difference=difference,
        verdict=verdict,
    )
