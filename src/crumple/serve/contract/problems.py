"""Problems: what every answer is that is no success (RFC 9457), and the error that ends a request with one."""

from collections.abc import Sequence

from pydantic import Field

from crumple.serve.contract.base import Answer


class FieldProblem(Answer):
    """What is wrong with one field of a request."""

    field: str
    detail: str


class Problem(Answer):
    """A problem document, RFC 9457: the body of every answer that is no success."""

    type: str = Field(default="about:blank", description="what kind of problem, see docs/api.md")
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] = Field(default_factory=list)


class ProblemError(Exception):
    """Ends a request with a problem document.

    Args:
        status: HTTP status. detail: what was wrong and what to do, in one line.
        field: the field that it is about. retry_after: seconds after which it is worth asking again.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        errors: Sequence[FieldProblem] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = [FieldProblem(field=field, detail=detail)] if field else list(errors)
        self.retry_after = retry_after
