"""The published JSON Schemas of the service: `python -m crumple.serve.contract.schemas` writes them to docs/."""

import json
from pathlib import Path

from pydantic import BaseModel

from crumple.files import write_aside
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.problems import Problem

PUBLISHED: dict[str, type[BaseModel]] = {
    "inspection.schema.json": InspectionDocument,
    "event.schema.json": Event,
    "problem.schema.json": Problem,
}


def schema_of(model: type[BaseModel]) -> str:
    """The JSON Schema (draft 2020-12) of what the service writes, as indented JSON."""
    content = model.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **content}, indent=2) + "\n"


if __name__ == "__main__":
    for name, model in PUBLISHED.items():
        with write_aside(Path("docs", name)) as path:
            path.write_text(schema_of(model), encoding="utf-8")
