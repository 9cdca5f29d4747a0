"""The published JSON Schemas of the service: `python -m crumple.serve.contract.schemas` writes them to docs/."""

from pathlib import Path

from pydantic import BaseModel

from crumple.published_schema import publish
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.problems import Problem

PUBLISHED: dict[str, type[BaseModel]] = {
    "inspection.schema.json": InspectionDocument,
    "event.schema.json": Event,
    "problem.schema.json": Problem,
}

if __name__ == "__main__":
    for name, model in PUBLISHED.items():
        publish(model, Path("docs", name))
