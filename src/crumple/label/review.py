"""`review.json`: what a person should look at again in a labelled version, most urgent first.

`crumple label check` writes it, `crumple label push --review` makes tasks of it.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crumple.errors import DataError
from crumple.files import write_aside

FORMAT: Literal["crumple-review-1"] = "crumple-review-1"

Kind = Literal[
    "self_intersection",  # an outline crosses itself
    "tiny",  # too small to be meant
    "off_image",  # reaches out of the photo
    "duplicate",  # drawn twice
    "damage_off_vehicle",  # damage that lies on no part
    "wrong_side",  # left and right parts that contradict each other, or the whole photo mirrored
    "annotators_class",  # two annotators gave one object different classes
    "annotators_overlap",  # two annotators drew one object differently
    "annotators_missed",  # only one of two annotators drew it
    "missed_by_labels",  # the model is sure of an object that nobody drew
    "missed_by_model",  # drawn, and the model sees nothing there
    "class_differs",  # drawn and found in the same place under different names
    "bad_overlap",  # drawn and found under one name, in much different outlines
]
Share = Annotated[float, Field(ge=0, le=1)]
Box = Annotated[tuple[float, float, float, float], Field(description="left, top, right, bottom in photo pixels")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Suggestion(_Model):
    """What the model says is there."""

    label: str = Field(description="name in the project's taxonomy")
    score: Share
    box: Box
    segmentation: dict[str, Any] = Field(description='COCO compressed RLE, {"size": [H, W], "counts": str}')


class ReviewItem(_Model):
    """One thing to look at, on one photo."""

    file_name: str = Field(description="the photo's, as in annotations.json")
    sha256: str | None = Field(default=None, description="of the photo's file; null: not known")
    image_ids: list[int] = Field(description="in annotations.json; several where a photo was labelled twice")
    annotation_ids: list[int] = Field(description="in annotations.json; empty: nothing is drawn there")
    kind: Kind
    score: Share = Field(description="how much it wants to be looked at; 1: it cannot be right")
    text: str = Field(description="what is wrong, in one sentence, for the person who looks")
    box: Box | None = Field(default=None, description="where to look; null: the whole photo")
    suggestion: Suggestion | None = None


class Review(_Model):
    """The review list of one version."""

    format: Literal["crumple-review-1"] = FORMAT
    version: str = Field(description="name of the version's folder")
    annotations_sha256: str = Field(description="of its annotations.json: ids below are of that file alone")
    model: str | None = Field(default=None, description="name and version of the model asked; null: none was")
    crumple: str = Field(description="version of crumple that made the list")
    made: str = Field(description="ISO 8601 time, UTC")
    items: list[ReviewItem] = Field(description="highest score first")

    def photos(self) -> list[str]:
        """The file names of the photos to look at again, the most urgent first, each once."""
        return list(dict.fromkeys(item.file_name for item in self.items))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON, aside and then renamed."""
        with write_aside(path) as target:
            target.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Review":
        """Read what `save` wrote. Raises DataError naming file and field."""
        try:
            return cls.model_validate_json(Path(path).read_bytes())
        except OSError as error:
            raise DataError(
                f"{path}: cannot be read: {error.strerror}; give what `crumple label check` wrote"
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(key) for key in first["loc"])
            raise DataError(
                f"{path}{', field ' + where if where else ''}: {first['msg']}; give what `crumple label check` wrote"
            ) from None
