"""The published JSON Schema of an assessment; `python -m crumple.assessment.schema` writes it into docs/."""

import sys
from pathlib import Path

from crumple.assessment.assessment import Assessment
from crumple.published_schema import publish

PUBLISHED = Path("docs/assessment.schema.json")

if __name__ == "__main__":
    publish(Assessment, sys.argv[1] if len(sys.argv) > 1 else PUBLISHED)
