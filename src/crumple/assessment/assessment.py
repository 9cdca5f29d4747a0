"""What an assessment says: the pydantic models behind `car.assessment.json` and its JSON Schema.

Pixels are those of the photo as it is seen: upright, with the EXIF orientation applied. Shares run from 0 to 1.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from crumple.assessment.earlier import FORMAT_1, upgraded_finding
from crumple.assessment.likelihood import Likelihood, Threshold
from crumple.detect.model_info import ClassThresholds
from crumple.detect.reading import KnownBy
from crumple.taxonomy import DAMAGE_BRANCH
from crumple.view import View, view

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from PIL import Image

Severity = Literal["minor", "unclear", "moderate", "severe"]
Share = Annotated[float, Field(ge=0, le=1)]
Box = Annotated[tuple[float, float, float, float], Field(description="left, top, right, bottom in photo pixels")]

FORMAT: Literal["crumple-assessment-2"] = "crumple-assessment-2"


class Model(BaseModel):
    """Base of all of them; keys that a later version adds are ignored, so an old reader still reads."""

    model_config = ConfigDict(frozen=True)


class Mask(Model):
    """The pixels of a part or a damage, exactly (run lengths) and as outlines."""

    size: tuple[int, int] = Field(description="height and width of the photo in pixels, as COCO orders them")
    counts: str = Field(description="COCO compressed run lengths")
    polygons: list[list[float]] = Field(
        description="outer outlines, x1 y1 x2 y2 ... in photo pixels, as COCO has them, largest piece first, no holes"
    )

    def rle(self) -> dict[str, Any]:
        """The COCO form, {"size": [H, W], "counts": str}, that pycocotools reads."""
        return {"size": list(self.size), "counts": self.counts}

    def bitmap(self) -> "npt.NDArray[np.bool_]":
        """(H, W) bool on the whole photo."""
        from crumple.detect.rle import decode

        return decode(self.rle())


class PhotoInfo(Model):
    """The photo that was assessed."""

    name: str = Field(description="file name, or the path below the folder that was assessed")
    sha256: str = Field(description="of the file's bytes; of the pixels when they were given as an array")
    width: int = Field(description="pixels, upright")
    height: int = Field(description="pixels, upright")
    orientation: int = Field(default=1, ge=1, le=8, description="EXIF orientation that was applied; 1: none needed")


class Part(Model):
    """A part of the vehicle with its outline."""

    id: str = Field(description="'part-1', 'part-2' ... within this assessment, largest score first")
    label: str = Field(description="name in the model's classes, such as front_left_door")
    title: str = Field(description="the same in words")
    side: Literal["left", "right"] | None = Field(
        description="the VEHICLE's side, as its driver says it; null: it has none, or it cannot be told and that of "
        "the label is a guess"
    )
    score: Share
    box: Box
    mask: Mask
    area_share: Share = Field(description="share of the photo that the part covers")


class FoundObject(Model):
    """Something that a branch besides parts and damage found, such as a bent rim or a sticker."""

    id: str = Field(description="'object-1', 'object-2' ... within this assessment")
    branch: str = Field(description="name of the model's branch")
    label: str = Field(description="name in the branch's classes")
    title: str = Field(description="the same in words")
    score: Share
    box: Box
    mask: Mask
    area_share: Share = Field(description="share of the photo that it covers")


class PartSeen(Model):
    """A part, or another place, that the photo shows, with an outline or without one."""

    label: str = Field(description="as in `Place`")
    title: str = Field(description="the same in words")
    side: Literal["left", "right"] | None = Field(
        description="the VEHICLE's side; null: it has none, or it is not known"
    )
    probability: Share | None = Field(description="that the photo shows it; null: the model does not say")
    part: str | None = Field(description="id of the part with its outline; null: it has none")


class Place(Model):
    """A part that a damage lies on, or another place where it is, and how that is known."""

    part: str | None = Field(description="id of the part; null: it has no outline, or none under the damage")
    label: str = Field(
        description="a part such as front_left_door; without its side where that is not known, such as front_door; "
        "or interior, engine_bay, underbody"
    )
    title: str = Field(description="the same in words")
    probability: Share | None = Field(
        default=None, description="that the damage lies on it; null: the model is not calibrated for places"
    )
    known_by: list[KnownBy | Literal["person"]] = Field(
        default=["outline"],
        description="outline: of the part, under the damage; surroundings: what the network makes of all that is round "
        "the damage; damage: its type is always there; person: a reviewer said so",
    )
    share_of_damage: Share | None = Field(description="how much of the damage lies on this part; null: no outline")
    share_of_part: Share | None = Field(
        description="how much of the part, as far as it is seen, the damage covers; null: no outline"
    )


class Finding(Model):
    """One damage: what, where, how bad, how sure, and why."""

    id: str = Field(description="'finding-1', 'finding-2' ... within this assessment, most severe first")
    damage: str = Field(description="damage type: name in the model's classes, such as dent")
    title: str = Field(description="the same in words")
    score: Share
    probability: Share | None = Field(
        default=None,
        description="how often a finding with such a score was right where the model was judged; null: not known",
    )
    likelihood: Likelihood = Field(
        description="how sure the model is, by its probability: doubtful below 0.3, possible below 0.6, likely from "
        "there on; where that is not known, likely from the class's upper threshold on, else possible"
    )
    threshold: Threshold = Field(description="the highest of its class's two thresholds that its score reaches")
    severity: Severity = Field(description="unclear: it depends on a size that the photo does not tell")
    reason: str = Field(description="why this severity, in words, as the rule table gives it")
    hint: str | None = Field(default=None, description="what a repair usually takes, from the rule table")
    box: Box
    mask: Mask
    on: list[Place] = Field(description="where it is, the most probable place first; empty: panel not identified")
    area_share: Share = Field(description="share of the photo that the damage covers")
    vehicle_share: Share | None = Field(description="share of the outlined parts' joint area; null: there are none")
    text: str = Field(description="one sentence that says it all")

    @model_validator(mode="before")
    @classmethod
    def _upgraded(cls, content: Any) -> Any:
        return upgraded_finding(content)


class QualityCheck(Model):
    """One check of whether the photo can be judged at all."""

    name: Literal["too_small", "too_dark", "overexposed", "blurred", "no_vehicle"]
    ok: bool
    value: float = Field(description="what was measured")
    limit: float = Field(description="what it was compared with")
    text: str = Field(description="the outcome in words")


class ModelReference(Model):
    """The model that looked at the photo."""

    name: str
    version: str
    sha256: str = Field(description="of the weights file model.bin; empty if the model does not state it")


class Pixels:
    """The photo behind an assessment: its pixels, or its file, which is decoded whenever they are asked for.

    It is no part of what the assessment says, so any two are equal: arrays have no truth value.
    """

    def __init__(self, photo: "npt.NDArray[np.uint8] | bytes | None" = None) -> None:
        self._photo = photo

    @property
    def rgb(self) -> "npt.NDArray[np.uint8] | None":
        """(H, W, 3) uint8; None if it is not known."""
        if isinstance(self._photo, bytes):
            from crumple.photo import decode_photo

            return decode_photo(self._photo).rgb
        return self._photo

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pixels)

    __hash__ = None  # type: ignore[assignment]


class Assessment(Model):
    """What was found in one photo.

    Made by `crumple.assess`; written and read as JSON by pydantic's `model_dump_json` and `model_validate_json`.
    """

    format: Literal["crumple-assessment-2"] = FORMAT
    photo: PhotoInfo
    parts: list[Part] = Field(description="those with outlines")
    parts_seen: list[PartSeen] = Field(
        default_factory=list, description="every part that the photo shows, the most probable first; `parts` among them"
    )
    findings: list[Finding]
    objects: list[FoundObject] = Field(
        default_factory=list,
        description="what the model's branches besides parts and damage found, branch by branch, largest score first",
    )
    quality: list[QualityCheck]
    model: ModelReference
    thresholds: dict[str, dict[str, ClassThresholds]] = Field(
        description="by branch and class, in the model's order: the two scores that a finding's `threshold` names"
    )
    min_score: Share | None = Field(
        default=None, description="the lowest score that the user asked to keep; null: the lower thresholds alone"
    )
    timings: dict[str, float] = Field(description="milliseconds by stage: decode, letterbox, network, paste, fuse")

    _pixels: Pixels = PrivateAttr(default_factory=Pixels)

    @field_validator("format", mode="before")
    @classmethod
    def _upgraded(cls, format: Any) -> Any:
        return FORMAT if format == FORMAT_1 else format

    @property
    def view(self) -> View:
        """From where the vehicle is seen, as the outlined parts tell it."""
        areas: dict[str, float] = {}
        for part in self.parts:
            areas[part.label] = areas.get(part.label, 0.0) + part.area_share
        return view(areas)

    @property
    def looked_for_damage(self) -> bool:
        """Whether the model has a branch for damage: without one, no finding says nothing of the vehicle."""
        return DAMAGE_BRANCH in self.thresholds

    @property
    def warnings(self) -> list[QualityCheck]:
        """The quality checks that failed."""
        return [check for check in self.quality if not check.ok]

    # An assessment knows nothing of drawing or COCO. These two are doors for users to plot.py and coco.py, which are
    # loaded when they are called, and do not load this module.

    def plot(self, photo: "str | Path | bytes | npt.NDArray[np.uint8] | None" = None) -> "Image.Image":
        """The photo with parts and findings drawn on it, as a PIL image of the photo's size.

        An assessment fresh from `crumple.assess` knows its photo. One read from JSON needs `photo`: its path, its
        bytes, or its pixels (H, W, 3) uint8 RGB. Raises PhotoError if there is none or it is of another size.
        """
        from crumple.assessment.plot import plot

        return plot(self, self._pixels.rgb if photo is None else photo)

    def to_coco(self) -> dict[str, Any]:
        """A COCO instances dict of this photo's parts and findings, with scores; see `crumple.assessment.coco`."""
        from crumple.assessment.coco import CocoFile

        coco = CocoFile(self.thresholds)
        coco.add_assessment(self)
        return coco.to_dict()
