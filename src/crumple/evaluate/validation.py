"""The few figures a training run watches."""

from crumple.dataset.sets import DataFile
from crumple.evaluate.evaluation import Evaluation, InfoDetector, evaluate


def validation_ap(
    detector: InfoDetector, data: DataFile, *, split: str = "val", limit: int | None = None
) -> dict[str, float]:
    """Headline AP (0..1) by name, as a flat log wants it: "parts/mask_ap", "parts/mask_ap50", "parts/box_ap", ...

    Args:
        limit: at most this many photos of each set, evenly spaced over it.

    A figure that has no ground truth is left out. Raises what `evaluate` raises.
    """
    return headline_figures(evaluate(detector, data, split, limit=limit))


def headline_figures(evaluation: Evaluation) -> dict[str, float]:
    """The headlines of an evaluation as `validation_ap` gives them."""
    figures: dict[str, float] = {}
    for branch in evaluation.branches:
        report = branch.headline
        values = {"mask_ap": report.mask.ap, "mask_ap50": report.mask.ap50, "box_ap": report.box.ap}
        figures |= {f"{branch.branch}/{name}": value for name, value in values.items() if value is not None}
    return figures
