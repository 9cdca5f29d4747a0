"""The AP that a training run is judged by while it runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crumple.dataset.sets import DataFile
from crumple.detect.detector import Detector
from crumple.detect.network import Network
from crumple.evaluate.evaluation import headline_figures
from crumple.evaluate.judged.judge import DetectorFinder, InfoDetector, judge
from crumple.evaluate.judged.model_folder import config_info
from crumple.evaluate.judged.photos import labelled_for
from crumple.evaluate.judged.truths import read_truths
from crumple.evaluate.measures.average_precision import regions_ap
from crumple.train.recipe import Recipe

if TYPE_CHECKING:
    from crumple.model.mask_rcnn import MaskRCNN


def validation(
    recipe: Recipe, before_photo: Callable[[], None] = lambda: None
) -> "Callable[[MaskRCNN], dict[str, float]] | None":
    """AP by name for a model in training, on the recipe's sets that have a val split; None if no photo is in one.

    before_photo: called before every photo; what it raises ends the validation.
    """
    from crumple.model.network import KerasNetwork
    from crumple.train.loop import read_sets

    sets = tuple(s for s in read_sets(recipe).sets if s.name in recipe.batch and "val" in s.splits)
    if not sets or not recipe.validate_epochs:
        return None
    # So that a broken val split ends the run now, not after an hour.
    photos = [photo for data_set in sets for photo in data_set.read("val", check_sizes=True)]
    if not photos:
        return None

    def validate(model: "MaskRCNN") -> dict[str, float]:
        network = _Asking(KerasNetwork(model), before_photo)
        return validation_ap(Detector(network, config_info(model.config)), DataFile(sets), limit=recipe.validate_photos)

    return validate


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


class _Asking:
    def __init__(self, network: Network, before: Callable[[], None]) -> None:
        self.network, self.before = network, before

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray]:
        self.before()
        return self.network(canvas)
