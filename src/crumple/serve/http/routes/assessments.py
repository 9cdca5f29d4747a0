"""SageMaker's contract for a container: /ping, /invocations, /execution-parameters; and the same as /v1/assessments."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from crumple.assessment.assessment import Assessment
from crumple.serve.contract.problems import ProblemError
from crumple.serve.http import answers
from crumple.serve.http.routes.parameters import ThisService
from crumple.serve.http.uploads import RAW_TYPES, read_photos
from crumple.serve.work.engine import Thresholds

router = APIRouter()

_BINARY = {"schema": {"type": "string", "format": "binary"}}
# Bodies of many kinds cannot be told by a parameter's type.
PHOTOS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: _BINARY for kind in sorted(RAW_TYPES) if kind.startswith("image/") and "*" not in kind},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"photos": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                    "required": ["photos"],
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/PhotosInJson"}},
        },
    }
}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Assessment | list[Assessment],
        "description": "the assessment, or for several photos a list of them",
        "content": {answers.JPEG: _BINARY, answers.HTML: {"schema": {"type": "string"}}, answers.COCO: {}},
    }
}


@router.get("/ping", tags=["SageMaker"], summary="200 once a real forward pass has worked")
async def ping(service: ThisService) -> dict[str, str]:
    """Answered only once the network has run: the service does not listen before."""
    model = service.engine.assessor.model
    return {"status": "ready", "model": model.name, "version": model.version}


@router.get("/execution-parameters", tags=["SageMaker"], summary="How batch transform should send photos")
async def execution_parameters(service: ThisService) -> dict[str, int | str]:
    """As many at a time as there are workers, one photo in each request."""
    payload = max(1, service.settings.max_body // 2**20)
    return {
        "MaxConcurrentTransforms": service.engine.workers,
        "BatchStrategy": "SINGLE_RECORD",
        "MaxPayloadInMB": payload,
    }


@router.post("/invocations", tags=["SageMaker"], summary="Assess photos", openapi_extra=PHOTOS_BODY, responses=_ANSWER)
async def invocations(
    request: Request,
    service: ThisService,
    accept: Annotated[str | None, Header()] = None,
    attributes: Annotated[
        str | None,
        Header(
            alias="X-Amzn-SageMaker-Custom-Attributes",
            description="thresholds: min_score=0.4, upper=0.6, lower=0.3; any of them, with commas",
        ),
    ] = None,
) -> Response:
    """One photo, or several; the answer in the form that Accept asks for. Nothing is kept."""
    media_type = answers.choose(accept)
    thresholds = parse_thresholds(attributes)
    jobs = await read_photos(request, service.limits, service.fetch)
    assessments = await service.assess(jobs, thresholds)
    photos = [job.data for job in jobs]
    if media_type == answers.JSON:
        return answers.render(assessments, photos, media_type)
    return await asyncio.to_thread(answers.render, assessments, photos, media_type)


router.post(
    "/v1/assessments",
    tags=["assessments"],
    summary="Assess photos, keep nothing",
    openapi_extra=PHOTOS_BODY,
    responses=_ANSWER,
    operation_id="assess",
)(invocations)


# What callers of earlier versions say.
_EARLIER = {"confirmed": "upper", "suspected": "lower"}


def parse_thresholds(attributes: str | None) -> Thresholds:
    """The scores in "min_score=0.4, upper=0.6, lower=0.3". Raises ProblemError 400 for anything else."""
    wanted: dict[str, float] = {}
    for entry in (attributes or "").replace(";", ",").split(","):
        if not entry.strip():
            continue
        name, _, value = (text.strip() for text in entry.partition("="))
        name = _EARLIER.get(name, name)
        field = "X-Amzn-SageMaker-Custom-Attributes"
        if name not in Thresholds.__dataclass_fields__:
            raise ProblemError(400, f"{name!r} is none of {', '.join(Thresholds.__dataclass_fields__)}", field=field)
        try:
            wanted[name] = float(value)
        except ValueError:
            wanted[name] = -1
        if not 0 <= wanted[name] <= 1:
            raise ProblemError(400, f"{name} must be a number from 0 to 1, not {value!r}", field=field)
    thresholds = Thresholds(**wanted)
    if thresholds.upper is not None and (thresholds.lower or 0) > thresholds.upper:
        raise ProblemError(400, "lower is above upper", field="X-Amzn-SageMaker-Custom-Attributes")
    return thresholds
