"""What a watch says: one line of JSON for each frame that was looked at, and a summary at the end."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crumple.assessment.assessment import Box, Finding, ModelReference, Severity, Share
from crumple.assessment.likelihood import Likelihood, Threshold

FORMAT: Literal["crumple-watch-2"] = "crumple-watch-2"


class Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class SeenFinding(Record):
    """One damage in one frame."""

    track: int | None = Field(description="number of the physical damage; null until it was seen in three frames")
    damage: str = Field(description="as this frame shows it")
    score: Share
    likelihood: Likelihood
    threshold: Threshold
    severity: Severity
    box: Box
    on: list[str] = Field(description="parts it lies on, most of the damage first")

    @classmethod
    def of(cls, finding: Finding, track: int) -> "SeenFinding":
        """A finding of a frame, with its track's number, 0 for none yet."""
        return cls(
            track=track or None,
            damage=finding.damage,
            score=finding.score,
            likelihood=finding.likelihood,
            threshold=finding.threshold,
            severity=finding.severity,
            box=finding.box,
            on=[place.label for place in finding.on],
        )


class SeenPart(Record):
    """One part in one frame."""

    label: str
    score: Share
    box: Box


class FrameRecord(Record):
    """What was found in one frame. Boxes are pixels of that frame, `size` (width, height), as it was looked at."""

    frame: int = Field(description="position in the source, from 0")
    seconds: float = Field(description="since the source's first frame")
    size: tuple[int, int]
    findings: list[SeenFinding]
    parts: list[SeenPart]
    warnings: list[str] = Field(description="quality checks that failed, such as blurred")
    milliseconds: float = Field(description="what this frame took")


class WatchedFinding(Record):
    """One physical damage. Severity, likelihood, score and text are those of its best frame."""

    track: int
    damage: str = Field(description="what it was mostly seen as")
    score: Share
    likelihood: Likelihood
    threshold: Threshold
    severity: Severity
    text: str
    on: list[str]
    seen: int = Field(description="frames in which it was seen")
    first: float = Field(description="seconds when it was seen first")
    last: float
    best_frame: int


class WatchedPart(Record):
    """A kind of part, in its best frame."""

    label: str
    score: Share
    best_frame: int


class WatchSummary(Record):
    """The last line: everything that was found, each damage once."""

    format: Literal["crumple-watch-2"] = FORMAT
    source: str
    seconds: float = Field(description="from the first frame to the last one read")
    frames_read: int
    frames_looked_at: int
    frames_beyond_rate: int = Field(description="left out because more a second were not asked for")
    frames_overtaken: int = Field(description="left out because a newer one had come")
    frames_damaged: int = Field(description="that could not be decoded")
    frames_a_second: float = Field(description="looked at, by the clock")
    ended: str = Field(description="why: the source ended, it was interrupted ...")
    fleeting: int = Field(description="findings seen in fewer than three frames; they have no number")
    findings: list[WatchedFinding]
    parts: list[WatchedPart]
    model: ModelReference
