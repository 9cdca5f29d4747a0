"""For those who run the service: whether it lives, and what it does."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from crumple import __version__
from crumple.serve.http.routes.parameters import ThisService

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="200 while the process runs")
async def healthz() -> dict[str, str]:
    """Says nothing about the model: that is /ping."""
    return {"status": "ok", "version": __version__}


@router.get("/metrics", summary="Counters and gauges for Prometheus", response_class=Response)
def metrics(service: ThisService) -> Response:
    """In Prometheus' text format."""
    found = service.metrics
    found.queue.set(service.engine.waiting)
    if service.kept is not None:
        found.backlog.set(service.kept.backlog.waiting())
        found.dead.set(service.kept.webhooks.dead())
        found.live.set(len(service.kept.live))
    return Response(generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)
