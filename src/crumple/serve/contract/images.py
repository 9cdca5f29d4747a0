"""Images: the photos of an inspection, and what was found on them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from crumple.assessment.assessment import Assessment, QualityCheck
from crumple.serve.contract.base import Answer
from crumple.serve.contract.findings import ReviewedFinding
from crumple.view import View

ImageStatus = Literal["queued", "assessing", "done", "failed"]


class ImageSummary(Answer):
    """A photo of an inspection, without what was found on it."""

    id: str
    name: str
    sha256: str = Field(description="of the file as it was uploaded")
    width: int = Field(description="pixels, upright")
    height: int = Field(description="pixels, upright")
    status: ImageStatus
    problem: str | None = Field(default=None, description="why it failed, in one line")
    created_at: datetime


class Image(ImageSummary):
    """A photo of an inspection with what was found on it."""

    view: View | None = Field(
        default=None,
        description="from where the vehicle is seen, by its parts; detail: they tell none; null: unknown yet",
    )
    quality: list[QualityCheck] = Field(default_factory=list, description="whether it can be judged at all")
    assessment: Assessment | None = Field(default=None, description="the model's own answer; never changed")
    findings: list[ReviewedFinding] = Field(default_factory=list, description="as they stand after review")
