"""The published JSON Schema of an assessment; `python -m crumple.assessment.schema` writes it into docs/."""

import json
import sys
from pathlib import Path

from crumple.assessment.assessment import Assessment
from crumple.files import write_aside

PUBLISHED = Path("docs/assessment.schema.json")


def assessment_schema() -> str:
    """The JSON Schema (draft 2020-12) of what `Assessment.model_dump_json` writes, as indented JSON."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Assessment.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    with write_aside(sys.argv[1] if len(sys.argv) > 1 else PUBLISHED) as path:
        path.write_text(assessment_schema(), encoding="utf-8")
