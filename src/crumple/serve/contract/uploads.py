"""Photos as they are sent: in JSON, and what every kind of body is read into."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crumple.case.observations import Followed
from crumple.serve.contract.base import Short


class PhotoInJson(BaseModel):
    """A photo in JSON: its bytes in base64, or where it lies."""

    model_config = ConfigDict(extra="forbid")

    name: Short | None = None
    base64: str | None = None
    url: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="https://, s3:// or gs://")

    @model_validator(mode="after")
    def _one(self) -> "PhotoInJson":
        if (self.base64 is None) == (self.url is None):
            raise ValueError("base64: give either base64 or url")
        return self


class PhotosInJson(BaseModel):
    """The JSON body of a request with photos."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"photos": [{"name": "car.jpg", "base64": "/9j/4AAQ..."}]}]}
    )

    photos: list[PhotoInJson] = Field(min_length=1)


@dataclass(frozen=True)
class Job:
    """A photo to be assessed.

    data: its file's bytes. sha256: to report, if not that of `data`. followed: the damages that a live view, of which
    it is a frame, followed.
    """

    data: bytes
    name: str
    sha256: str | None = None
    followed: tuple[Followed, ...] = ()


def field_of(position: int, jobs: list[Job]) -> str:
    """What to call photo number `position` of a request in a problem."""
    return "photo" if len(jobs) == 1 else f"photos.{position}"
