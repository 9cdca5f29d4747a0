"""The JSON Schemas in docs/, made from the models of what is written."""

import json
import os

from pydantic import BaseModel

from crumple.files import write_aside


def json_schema(model: type[BaseModel]) -> str:
    """The JSON Schema (draft 2020-12) of what `model.model_dump_json` writes, as indented JSON."""
    content = model.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **content}, indent=2) + "\n"


def publish(model: type[BaseModel], path: str | os.PathLike[str]) -> None:
    """Write the schema of a model to `path`."""
    with write_aside(path) as file:
        file.write_text(json_schema(model), encoding="utf-8")
