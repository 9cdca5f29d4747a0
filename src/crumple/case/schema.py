"""The published JSON Schema of an inspection: `python -m crumple.case.schema` writes docs/case.schema.json."""

import sys
from pathlib import Path

from crumple.case.inspection import Inspection
from crumple.published_schema import publish

PUBLISHED = Path("docs/case.schema.json")

if __name__ == "__main__":
    publish(Inspection, sys.argv[1] if len(sys.argv) > 1 else PUBLISHED)
