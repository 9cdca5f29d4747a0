"""What the models of requests and answers are made of."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

# PostgreSQL keeps no NUL in a text.
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Polygon = Annotated[list[Coordinate], Field(min_length=6, max_length=4000)]


def _utc(time: datetime) -> datetime:
    if not 1900 <= time.year <= 2200:
        raise ValueError("lies outside the years 1900 to 2200")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_utc)]  # without its offset it is taken for UTC


class Answer(BaseModel):
    """Base of what the service says; a reader should ignore keys that it does not know."""

    model_config = ConfigDict(frozen=True)


class Request(BaseModel):
    """Base of what the service is told; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
