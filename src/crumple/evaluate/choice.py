"""What `--set-thresholds` chooses on labelled photos: from which scores on to report, and how photos are read for places."""

from collections.abc import Sequence
from dataclasses import dataclass

from crumple.detect.model_info import ClassThresholds, ModelInfo
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.place_choice import choose_calibrations
from crumple.evaluate.readings import Calibrations
from crumple.evaluate.thresholds import Thresholds, choose_thresholds


@dataclass(frozen=True, eq=False)
class Choice:
    """thresholds, calibrations: for the model. held_out: what each photo is judged with, from fits on other claims."""

    thresholds: Thresholds
    calibrations: Calibrations
    held_out: tuple[Calibrations, ...]


def choose(photos: Sequence[JudgedPhoto], info: ModelInfo) -> Choice:
    """Choose on N photos. The thresholds come first, for only what is reported is read for places."""
    thresholds = choose_thresholds(photos, {branch.name: branch.classes for branch in info.branches})
    lowest = {
        branch.name: {
            label: (thresholds.get(branch.name, {}).get(label) or ClassThresholds()).suspected
            for label in branch.classes
        }
        for branch in info.branches
    }
    return Choice(thresholds, *choose_calibrations(photos, lowest))
