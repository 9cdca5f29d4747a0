"""Reviews: whether people are done with an inspection."""

from datetime import datetime
from typing import Literal

from crumple.serve.contract.base import Answer, Request, Short

ReviewState = Literal["open", "finished"]


class Review(Answer):
    """Whether people are done with an inspection, who said so and when."""

    state: ReviewState = "open"
    author: str | None = None
    at: datetime | None = None


class NewReview(Request):
    """The body of POST .../review."""

    state: ReviewState
    author: Short
