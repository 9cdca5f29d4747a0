"""How probable it is that a damage is real, and which panels are damaged, by all photos of a case together.

Both are small logistic models. Their coefficients are fitted on claims that the network has not been trained on, by
`benchmarks/case.py --fit`; its tables in docs/case.md say how far they can be trusted.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from crumple.assessment.places import MOST, place_title
from crumple.case.coverage import PanelCoverage, panel_of, panels_named
from crumple.case.inspection import LIKELY_FROM, POSSIBLE_FROM, Damage, Damaged, Panel
from crumple.detect.logits import logistic, logit

# That a damage is real: logit of the best observation, logarithm of 1 + the sum of the others' probabilities, and of
# 1 + the photos that show its panel and not the damage.
REAL_OFFSET, REAL_BEST, REAL_OTHERS, REAL_MISSED = 0.0, 1.0, 0.5, 0.25
# That a panel is damaged: logit of its likeliest damage times its place.
PANEL_OFFSET, PANEL_BEST = 0.0, 1.0
NOTHING = 0.02  # what a panel has on which nothing was found


class Observation(Protocol):
    """One finding of one photo: position of the photo, where it may lie, and how probably it is real."""

    @property
    def photo(self) -> int: ...
    @property
    def places(self) -> Mapping[str, float]: ...
    @property
    def probability(self) -> float | None: ...


def damage_probability(observations: Sequence[Observation], panels: Sequence[PanelCoverage]) -> float | None:
    """That a damage is real, from all that photos show of it; None: the model is not calibrated, or a person drew it.

    A photo that shows its panel, and not the damage, lowers it.
    """
    chances: dict[int, float] = {}  # by photo: two drawings on one photo are one sight
    for one in observations:
        if one.probability is None:
            return None
        chances[one.photo] = max(chances.get(one.photo, 0.0), one.probability)
    best, *others = sorted(chances.values(), reverse=True)
    features = (1.0, logit(best), sum(others), missed(observations, panels))
    return float(
        logistic(sum(f * c for f, c in zip(features, (REAL_OFFSET, REAL_BEST, REAL_OTHERS, -REAL_MISSED), strict=True)))
    )


def missed(observations: Sequence[Observation], panels: Sequence[PanelCoverage]) -> float:
    """How many photos probably show the panel of a damage without a sight of it: a sum of probabilities."""
    chances = on_panels([one.places for one in observations])
    if not chances:
        return 0.0
    panel = max(chances, key=lambda name: chances[name])
    found = {one.photo for one in observations}
    by_photo = next((one.by_photo for one in panels if panel_of(one.label) == panel), ())
    return sum(chance for photo, chance in enumerate(by_photo) if photo not in found)


def on_panels(places: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The panels of `coverage.PANELS` that a damage lies on, with probabilities: the mean over those that name any.

    places: of each observation, by name; a name may lack its side.
    """
    told = [each for each in places if each]
    chances: dict[str, float] = {}
    for each in told:
        for name, chance in each.items():
            for panel, share in panels_named(name).items():
                chances[panel] = chances.get(panel, 0.0) + chance * share / len(told)
    return chances


def panel_verdicts(panels: Sequence[PanelCoverage], damages: Sequence[Damage], photo_ids: Sequence[str]) -> list[Panel]:
    """Every panel of `coverage`, with the damages on it and whether it is damaged.

    Damages that a person rejected do not count; those that a person settled on, or drew, are certain. photo_ids: of the
    photos that `coverage` saw, in their order.
    """
    kept = [damage for damage in damages if damage.decision != "rejected"]
    on = [
        on_panels([{place.label: 1.0 if place.probability is None else place.probability for place in damage.on}])
        for damage in kept
    ]
    listed = []
    for panel in panels:
        name = panel_of(panel.label)
        here = [(damage, where[name]) for damage, where in zip(kept, on, strict=True) if name in where]
        sure = any(damage.decision == "confirmed" or damage.probability is None for damage, _ in here)
        best = max((chance * (damage.probability or 0.0) for damage, chance in here), default=0.0)
        probability = MOST if sure else panel_probability(best)
        listed.append(
            Panel(
                label=panel.label,
                title=place_title(panel.label),
                seen=panel.seen,
                share=None if panel.share is None else round(panel.share, 2),
                best_photo=None if panel.best_photo is None else photo_ids[panel.best_photo],
                damaged=damaged(probability, panel),
                probability=round(probability, 3),
                damages=[damage.id for damage, _ in here],
            )
        )
    return listed


def panel_probability(best: float) -> float:
    """That a panel is damaged. best: the largest product of a damage's probability and that it lies there; 0: none."""
    return float(logistic(PANEL_OFFSET + PANEL_BEST * logit(max(best, NOTHING))))


def damaged(probability: float, panel: PanelCoverage) -> Damaged:
    """The same as a word. A panel that is not wholly seen is never undamaged."""
    if probability >= LIKELY_FROM:
        return "yes"
    return "no" if probability < POSSIBLE_FROM and panel.seen == "seen" else "unclear"
