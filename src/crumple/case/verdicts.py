"""How probable it is that a damage is real, and which panels are damaged, by all photos of a case together.

Both are logistic models with few coefficients. These are fitted on the val claims, which the network has not been
trained on, by `benchmarks/case.py --fit`; docs/case.md says how far the probabilities can be trusted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from crumple.assessment.likelihood import LIKELY_FROM, POSSIBLE_FROM
from crumple.assessment.places import MOST, place_title
from crumple.case.coverage import PanelCoverage, panel_of, panels_named
from crumple.case.inspection import Damage, Damaged, Panel
from crumple.case.observations import Observation
from crumple.detect.logits import logistic, logit

# Of `damage_features` and `panel_features`, in their order.
DAMAGE_WEIGHTS = (2.162, 0.907, 3.105, -0.256)
PANEL_WEIGHTS = (0.192, 0.632)
NOTHING = 0.02  # stands for "nothing was found on it", whose logit has no end


def damage_probabilities(
    observations: Sequence[Observation], groups: Sequence[Sequence[int]], panels: Sequence[PanelCoverage]
) -> list[float | None]:
    """That each damage is real, from all that the photos show of it; None: the model is not calibrated, or people drew.

    It is the higher, the surer the surest observation is and the more photos show the damage; and the lower, the more
    photos show its panel and nothing on it.

    Args:
        observations: of the whole case. groups: positions of the observations of each damage. panels: see `coverage`.
    """
    known = [all(observations[i].probability is not None for i in group) for group in groups]
    chances = logistic(damage_features(observations, groups, panels) @ np.array(DAMAGE_WEIGHTS))
    return [min(float(chance), MOST) if one else None for chance, one in zip(chances, known, strict=True)]


def damage_features(
    observations: Sequence[Observation], groups: Sequence[Sequence[int]], panels: Sequence[PanelCoverage]
) -> npt.NDArray[np.float64]:
    """(G, 4) of G damages: 1, logit of the surest observation, log of the number of photos that have one, and log of
    1 + the number of photos that show the panel and nothing on it.
    """
    by_photo = {panel_of(panel.label): panel.by_photo for panel in panels}
    on = [on_panels([one.places]) for one in observations]
    busy = {
        panel: {one.photo for one, where in zip(observations, on, strict=True) if panel in where} for panel in by_photo
    }
    rows = np.zeros((len(groups), 4))
    for row, group in zip(rows, groups, strict=True):
        surest = max(observations[i].probability or 0.0 for i in group)
        photos = {observations[i].photo for i in group}
        where = on_panels([observations[i].places for i in group])
        panel = max(where, key=lambda name: where[name], default=None)
        idle = panel and sum(chance for i, chance in enumerate(by_photo[panel]) if i not in busy[panel])
        row[:] = 1, logit(surest), np.log(len(photos)), np.log1p(idle or 0.0)
    return rows


def on_panels(places: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The panels of `coverage.PANELS` that a damage may lie on: the mean of what its observations say, if anything.

    places: of each observation, probabilities by name; a name may lack its side. Empty where all are elsewhere.
    """
    told = [each for each in places if each]
    chances: dict[str, float] = defaultdict(float)
    for each in told:
        for name, chance in each.items():
            for panel, share in panels_named(name).items():
                chances[panel] += chance * share / len(told)
    return {panel: min(1.0, chance) for panel, chance in chances.items()}


def panel_verdicts(panels: Sequence[PanelCoverage], damages: Sequence[Damage], photo_ids: Sequence[str]) -> list[Panel]:
    """Every panel of `coverage`, with the damages on it and whether it is damaged.

    A damage that a person rejected does not count; one that a person agreed with, or drew, is as good as certain.

    Args:
        photo_ids: of the photos that `coverage` saw, in their order.
    """
    kept = [damage for damage in damages if damage.decision != "rejected"]
    on = [on_panels([_places(damage)]) for damage in kept]
    return [
        _verdict(
            panel,
            [(damage, where[name]) for damage, where in zip(kept, on, strict=True) if name in where],
            photo_ids,
        )
        for panel in panels
        if (name := panel_of(panel.label))
    ]


def panel_probability(evidence: Sequence[float]) -> float:
    """That a panel is damaged. evidence: of each damage that may lie on it, how probably it is real and lies there."""
    return min(MOST, float(logistic(panel_features(evidence) @ np.array(PANEL_WEIGHTS))))


def panel_features(evidence: Sequence[float]) -> npt.NDArray[np.float64]:
    """(2,): 1, and the logit of at least one of them, were they independent. That they are not, the weight makes up."""
    either = 1 - float(np.prod([1 - chance for chance in evidence]))
    return np.array([1.0, float(logit(max(either, NOTHING)))])


def damaged(probability: float | None, panel: PanelCoverage) -> Damaged:
    """The same as a word. A panel of which no photo shows the whole is never undamaged."""
    if probability is not None and probability >= LIKELY_FROM:
        return "yes"
    return "no" if probability is not None and probability < POSSIBLE_FROM and panel.seen == "seen" else "unclear"


def _verdict(panel: PanelCoverage, here: Sequence[tuple[Damage, float]], photo_ids: Sequence[str]) -> Panel:
    """here: the damages that may lie on it, each with the probability that it does."""
    probability: float | None
    if any(_by_person(damage) for damage, _ in here):
        probability = MOST
    elif any(damage.probability is None for damage, _ in here) or (panel.seen == "not_seen" and not here):
        probability = None
    else:
        probability = panel_probability([(damage.probability or 0.0) * chance for damage, chance in here])
    return Panel(
        label=panel.label,
        title=place_title(panel.label),
        seen=panel.seen,
        share=None if panel.share is None else round(panel.share, 2),
        best_photo=None if panel.best_photo is None else photo_ids[panel.best_photo],
        damaged=damaged(probability, panel),
        probability=None if probability is None else round(probability, 3),
        damages=[damage.id for damage, _ in here],
    )


def _places(damage: Damage) -> dict[str, float]:
    return {place.label: 1.0 if place.probability is None else place.probability for place in damage.on}


def _by_person(damage: Damage) -> bool:
    return damage.decision == "confirmed" or any(one.annotation is not None for one in damage.observations)
