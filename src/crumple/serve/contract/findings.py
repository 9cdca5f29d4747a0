"""Findings as they stand after review."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from crumple.assessment.assessment import Finding, Share
from crumple.serve.contract.base import Answer

# Why it is no damage of this vehicle now. A finding is never a duplicate: `merge` says that two show one damage.
FindingReason = Literal["dirt", "reflection", "shadow", "old_damage", "not_this_vehicle", "no_damage", "other"]
Reason = Literal[FindingReason, "duplicate"]


class Note(Answer):
    """What somebody wrote about a finding."""

    text: str
    author: str
    at: datetime


class ReviewedFinding(Finding):
    """A finding as it stands after review. What the model said of it stays in the image's assessment."""

    score: Share | None = Field(default=None, description="the model's; null: a person drew it")  # type: ignore[assignment]
    origin: Literal["model", "reviewer"] = "model"
    review: Literal["open", "confirmed", "rejected"] = "open"
    rejected_as: Reason | None = None
    edited: list[Literal["damage", "mask", "place"]] = Field(default_factory=list, description="what people changed")
    notes: list[Note] = Field(default_factory=list)
