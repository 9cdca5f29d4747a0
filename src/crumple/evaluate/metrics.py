"""metrics.json, every figure for programs to read, and its published JSON Schema.

`python -m crumple.evaluate.metrics` writes docs/metrics.schema.json. The few figures that matter most are told in words
by `report.summary`.
"""

import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crumple.evaluate.comparison import Comparison
from crumple.evaluate.evaluation import Evaluation
from crumple.published_schema import publish

PUBLISHED = Path("docs/metrics.schema.json")


class Metrics(BaseModel):
    """What `crumple evaluate` writes: one or two models, and for two their comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Evaluation, ...]
    comparison: Comparison | None


if __name__ == "__main__":
    publish(Metrics, sys.argv[1] if len(sys.argv) > 1 else PUBLISHED)
