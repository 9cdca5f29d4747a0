"""The few figures a training run watches."""

from crumple.dataset.sets import DataFile
from crumple.evaluate.average_precision import regions_ap
from crumple.evaluate.evaluation import headline_figures
from crumple.evaluate.judge import DetectorFinder, InfoDetector, judge
from crumple.evaluate.judged import labelled_for
from crumple.evaluate.truths import read_truths


def validation_ap(
    detector: InfoDetector, data: DataFile, *, split: str = "val", limit: int | None = None
) -> dict[str, float]:
    """Headline AP (0..1) by name: see `headline_figures`.

    Args:
        limit: at most this many photos of each set, evenly spaced over it.

    Raises DataError or PhotoError when the data cannot be used, ModelError when the model has none of its branches.
    """
    classes = {branch.name: branch.classes for branch in detector.info.branches}
    photos = judge(DetectorFinder(detector), read_truths(data, split, classes, limit))
    regions = {branch: [photo.regions(branch) for photo in labelled_for(photos, branch)] for branch in classes}
    return headline_figures({b: regions_ap(regions[b], b, names) for b, names in classes.items() if regions[b]})
