"""Reviews: whether people are done with an inspection."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from crumple.serve.contract.base import Answer, Request, Short

ReviewState = Literal["open", "finished"]
Undecided = Literal["leave", "reject", "confirm"]


class Review(Answer):
    """Whether people are done with an inspection, who said so and when."""

    state: ReviewState = "open"
    author: str | None = None
    at: datetime | None = None


class NewReview(Request):
    """The body of POST .../review."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "finished", "author": "Ada", "undecided": "leave"}]}
    )

    state: ReviewState
    author: Short
    undecided: Undecided | None = Field(
        default=None,
        description="of finished: what becomes of the damages that nobody decided on; without it they are told by 409",
    )

    @model_validator(mode="after")
    def _fits(self) -> "NewReview":
        if self.undecided is not None and self.state != "finished":
            raise ValueError("undecided: goes with the state finished")
        return self
