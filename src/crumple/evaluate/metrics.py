"""metrics.json, every figure for programs to read, and its published JSON Schema.

`python -m crumple.evaluate.metrics` writes docs/metrics.schema.json. The few figures that matter most are told in words
by `report.summary`.
"""

import json
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crumple.evaluate.comparison import Comparison
from crumple.evaluate.evaluation import Evaluation
from crumple.files import write_aside

PUBLISHED = Path("docs/metrics.schema.json")


class Metrics(BaseModel):
    """What `crumple evaluate` writes: one or two models, and for two their comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Evaluation, ...]
    comparison: Comparison | None


def metrics_schema() -> str:
    """The JSON Schema (draft 2020-12) of what `Metrics.model_dump_json` writes, as indented JSON."""
    schema = Metrics.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    with write_aside(sys.argv[1] if len(sys.argv) > 1 else PUBLISHED) as path:
        path.write_text(metrics_schema(), encoding="utf-8")
