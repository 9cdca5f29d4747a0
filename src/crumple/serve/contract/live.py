"""What is said about a live view: models of requests and answers."""

from pydantic import Field

from crumple.serve.contract.base import Answer, Polygon, Request
from crumple.watch.records import FrameRecord, WatchedFinding


class Live(Answer):
    """A live view so far."""

    id: str
    frames: int = Field(description="looked at")
    damages: list[WatchedFinding] = Field(description="each physical damage once, in the order of their numbers")
    parts: list[str] = Field(description="kinds of part that were seen")
    photos: int = Field(description="frames to keep; those of damage that was seen too briefly drop out at the end")
    idle_seconds: float = Field(description="it is dropped, with all that it holds, once nothing came for so long")


class LiveFrame(Answer):
    """What was found in one frame, and the live view with it."""

    frame: FrameRecord
    outlines: list[list[Polygon]] = Field(description="of each finding of the frame, in the same order, largest first")
    live: Live


class Keep(Request):
    """Where the best frames go."""

    inspection_id: str = Field(pattern=r"^[a-z0-9-]{1,40}$", description="an inspection whose review is open")
