"""Parameters that many routes have."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request

from crumple.serve.contract.problems import ProblemError
from crumple.serve.service import Service
from crumple.serve.work.keeping import Keeping


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    service: Service = request.app.state.service
    return service


def keeping_of(request: Request) -> Keeping:
    """What the service keeps. Raises ProblemError 404 if it keeps nothing."""
    kept = service_of(request).kept
    if kept is None:
        raise ProblemError(404, "this service keeps no inspections; it was started with --stateless")
    return kept


_ID = r"^[a-z0-9-]{1,40}$"

ThisService = Annotated[Service, Depends(service_of)]
Kept = Annotated[Keeping, Depends(keeping_of)]
InspectionId = Annotated[str, Path(pattern=_ID)]
ImageId = Annotated[str, Path(pattern=_ID)]
LiveId = Annotated[str, Path(pattern=_ID)]
WebhookId = Annotated[str, Path(pattern=_ID)]
DeliveryId = Annotated[str, Path(pattern=_ID)]
Cursor = Annotated[str | None, Query(pattern=_ID, description="next_cursor of the page before")]
NumberCursor = Annotated[int, Query(ge=0, lt=2**31, description="next_cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="items of a page")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="the same request with the same key is done once, however often it is sent, for 7 days",
    ),
]
