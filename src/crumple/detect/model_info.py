"""model.json: what an exported model says about itself."""

import json
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from crumple.detect.detections import PLACE_OUTPUTS
from crumple.detect.logits import logistic, logit
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.rescoring import Rescoring
from crumple.errors import ModelError
from crumple.invalid import first_complaint
from crumple.taxonomy import DAMAGE_BRANCH

FILE_NAME = "model.json"
GIVE = "give a folder that `crumple export` wrote"
MEND = "copy it again, or export the model again"


class BranchInfo(BaseModel):
    """One branch: its name and its classes, in the order of the network's label indices."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    classes: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "BranchInfo":
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("a class is listed twice")
        return self


class ClassThresholds(BaseModel):
    """Scores from which a detection of one class counts: below `lower` it is not reported at all.

    Earlier versions called them `confirmed` and `suspected`; files that have these names are still read.
    """

    model_config = ConfigDict(extra="forbid")

    upper: float = Field(default=0.5, ge=0, le=1, validation_alias=AliasChoices("upper", "confirmed"))
    lower: float = Field(default=0.3, ge=0, le=1, validation_alias=AliasChoices("lower", "suspected"))

    @model_validator(mode="after")
    def _ordered(self) -> "ClassThresholds":
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower}) is above upper ({self.upper})")
        return self


class Calibration(BaseModel):
    """How often a detection of one branch is right, from its score: a logistic curve over the score's logit.

    The probability is 1 / (1 + exp(-(slope * logit(score) + offset + classes[label]))); a class not named there has 0.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    slope: float
    offset: float
    classes: dict[str, float] = Field(default_factory=dict)

    def probability(self, label: str, score: float) -> float:
        """In (0, 1): how often a detection of `label` with this score was right on the photos of the fit."""
        return float(logistic(self.slope * logit(score) + self.offset + self.classes.get(label, 0.0)))


class OperatingPoint(BaseModel):
    """What goes with one way to get scores: thresholds, calibration and numbers, each as in `ModelInfo`."""

    model_config = ConfigDict(extra="forbid")

    thresholds: dict[str, dict[str, ClassThresholds]] = Field(default_factory=dict)
    calibration: dict[str, Calibration] = Field(default_factory=dict)
    place_calibration: PlaceCalibration | None = None
    seen_calibration: SeenCalibration | None = None
    rescoring: Rescoring | None = None
    metrics: dict[str, Any] = Field(default_factory=dict)


class ModelInfo(BaseModel):
    """Name, version, input size (height, width), branches, thresholds and numbers of an exported model.

    `thresholds` maps branch and class to scores; a class it does not name gets `ClassThresholds`' defaults.
    `calibration` maps a branch to what turns its scores into probabilities; a branch that is not named has none.
    `places` are the names of the place heads' outputs, in their order; without any, the network has no place heads.
    `place_calibration` and `seen_calibration` make probabilities of what speaks for a place; `rescoring` is a second
    opinion on the scores of damage.
    `accurate` has all but `places` anew, and `metrics`, for two looks at each photo (`crumple.detect.mirrored`), whose
    scores are others.
    `sha256` is that of model.bin, so that weights and description cannot be mixed up unnoticed.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    input_size: tuple[int, int]
    branches: tuple[BranchInfo, ...] = Field(min_length=1)
    thresholds: dict[str, dict[str, ClassThresholds]] = Field(default_factory=dict)
    calibration: dict[str, Calibration] = Field(default_factory=dict)
    places: tuple[str, ...] = ()
    place_calibration: PlaceCalibration | None = None
    seen_calibration: SeenCalibration | None = None
    rescoring: Rescoring | None = None
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    created: str = ""
    metrics: dict[str, Any] = Field(default_factory=dict)
    accurate: OperatingPoint | None = None
    _once: "ModelInfo | None" = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _consistent(self) -> "ModelInfo":
        if min(self.input_size) < 1:
            raise ValueError(f"input_size {list(self.input_size)} is not a size")
        classes = {branch.name: branch.classes for branch in self.branches}
        if len(classes) != len(self.branches):
            raise ValueError("a branch is listed twice")
        if len(set(self.places)) != len(self.places):
            raise ValueError("a place is listed twice")
        if self.places and DAMAGE_BRANCH not in classes:
            raise ValueError(f"places are those of damage, and there is no branch {DAMAGE_BRANCH!r}")
        named: list[tuple[str, str, set[str]]] = []
        for of, point in (("", self), ("accurate.", self.accurate or OperatingPoint())):
            named += [(f"{of}thresholds", branch, set(by_class)) for branch, by_class in point.thresholds.items()]
            named += [(f"{of}calibration", branch, set(fit.classes)) for branch, fit in point.calibration.items()]
        for field, branch, labels in named:
            unknown = sorted(labels - set(classes.get(branch, ())))
            if branch not in classes or unknown:
                raise ValueError(f"{field} of {branch} {', '.join(unknown)}, which no branch has")
        return self

    @classmethod
    def load(cls, folder: str | Path) -> "ModelInfo":
        """Read folder/model.json. Raises ModelError if it is missing or does not say what it must."""
        path = Path(folder) / FILE_NAME
        try:
            if not path.parent.is_dir():
                what = "is a file, not a folder" if path.parent.exists() else "there is no such folder"
                raise ModelError(f"{folder}: {what}; {GIVE}")
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ModelError(f"{folder} has no {FILE_NAME}: {GIVE}") from None
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror or error}; check its permissions") from None
        except ValidationError as error:
            raise ModelError(f"{path}: {first_complaint(error, {})}; {MEND}") from None  # nobody wrote it by hand
        except ValueError as error:
            raise ModelError(f"{path}: not JSON: {error}; {MEND}") from None

    @property
    def once(self) -> "ModelInfo | None":
        """Of a model that looks twice (`accurately`): the same one looking once. None for one that does look once."""
        return self._once

    def accurately(self) -> "ModelInfo":
        """The same model looking twice: under a name of its own, with the thresholds, calibration and numbers for that.

        A model that has none keeps its thresholds for one look, and the rescoring that they are for. Its calibrations
        and numbers do not hold, and go.
        One that looks twice already is returned as it is.
        """
        if self.once:
            return self
        point = self.accurate or OperatingPoint(thresholds=self.thresholds, rescoring=self.rescoring)
        own = {field: getattr(point, field) for field in OperatingPoint.model_fields}
        twice = self.model_copy(update={"name": f"{self.name}-accurate", "accurate": None} | own)
        twice._once = self
        return twice

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the network's outputs."""
        kinds = ("boxes", "scores", "labels", "masks")
        of_branches = [f"{branch.name}_{kind}" for branch in self.branches for kind in kinds]
        return (*of_branches, *(PLACE_OUTPUTS if self.places else ()))

    def branch(self, name: str) -> BranchInfo:
        """The branch of that name; ModelError if the model has none."""
        for branch in self.branches:
            if branch.name == name:
                return branch
        own = ", ".join(branch.name for branch in self.branches)
        raise ModelError(f"model {self.name} has no branch '{name}', only {own}; give a model that has it")

    def classes(self, branch: str) -> tuple[str, ...]:
        """Those of a branch, in the order of its labels; none where the model lacks it."""
        return next((one.classes for one in self.branches if one.name == branch), ())

    def threshold(self, branch: str, label: str) -> ClassThresholds:
        """The scores from which a detection of `label` is reported."""
        return self.thresholds.get(branch, {}).get(label) or ClassThresholds()

    def probability(self, branch: str, label: str, score: float) -> float | None:
        """How often a detection with such a score was right on the photos the model was judged on; None: not known."""
        calibration = self.calibration.get(branch)
        return calibration.probability(label, score) if calibration else None
