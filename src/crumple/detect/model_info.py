"""model.json: what an exported model says about itself."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crumple.errors import ModelError

FILE_NAME = "model.json"
GIVE = "give a folder that `crumple export` wrote"


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
    """Scores from which a detection of one class counts: below `suspected` it is not reported at all."""

    model_config = ConfigDict(extra="forbid")

    confirmed: float = Field(default=0.5, ge=0, le=1)
    suspected: float = Field(default=0.3, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> "ClassThresholds":
        if self.suspected > self.confirmed:
            raise ValueError(f"suspected ({self.suspected}) is above confirmed ({self.confirmed})")
        return self


class ModelInfo(BaseModel):
    """Name, version, input size (height, width), branches, thresholds and numbers of an exported model.

    `thresholds` maps branch and class to scores; a class it does not name gets `ClassThresholds`' defaults.
    `sha256` is that of model.bin, so that weights and description cannot be mixed up unnoticed.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    input_size: tuple[int, int]
    branches: tuple[BranchInfo, ...] = Field(min_length=1)
    thresholds: dict[str, dict[str, ClassThresholds]] = Field(default_factory=dict)
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    created: str = ""
    metrics: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> "ModelInfo":
        if min(self.input_size) < 1:
            raise ValueError(f"input_size {list(self.input_size)} is not a size")
        classes = {branch.name: branch.classes for branch in self.branches}
        if len(classes) != len(self.branches):
            raise ValueError("a branch is listed twice")
        for branch, by_class in self.thresholds.items():
            unknown = sorted(set(by_class) - set(classes.get(branch, ())))
            if branch not in classes or unknown:
                raise ValueError(f"thresholds name {branch} {', '.join(unknown)}, which no branch has")
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
            raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(key) for key in first["loc"])
            raise ModelError(f"{path}: {where + ': ' if where else ''}{first['msg']}") from None
        except ValueError as error:
            raise ModelError(f"{path}: not JSON: {error}") from None

    def branch(self, name: str) -> BranchInfo:
        """The branch of that name; ModelError if the model has none."""
        for branch in self.branches:
            if branch.name == name:
                return branch
        raise ModelError(f"model {self.name} has no branch '{name}', only {', '.join(b.name for b in self.branches)}")

    def threshold(self, branch: str, label: str) -> ClassThresholds:
        """The scores from which a detection of `label` is reported."""
        return self.thresholds.get(branch, {}).get(label) or ClassThresholds()


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
