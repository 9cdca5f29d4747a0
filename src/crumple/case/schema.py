"""The published JSON Schema of an inspection: `python -m crumple.case.schema` writes docs/case.schema.json."""

import json
import sys
from pathlib import Path

from crumple.case.inspection import Inspection
from crumple.files import write_aside

PUBLISHED = Path("docs/case.schema.json")


def inspection_schema() -> str:
    """The JSON Schema (draft 2020-12) of what `Inspection.model_dump_json` writes, as indented JSON."""
    content = Inspection.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **content}, indent=2) + "\n"


if __name__ == "__main__":
    with write_aside(sys.argv[1] if len(sys.argv) > 1 else PUBLISHED) as path:
        path.write_text(inspection_schema(), encoding="utf-8")
