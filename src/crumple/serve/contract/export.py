"""Everything about one inspection, as it is exported."""

from typing import Literal

from crumple.serve.contract.base import Answer
from crumple.serve.contract.events import Event
from crumple.serve.contract.images import Image
from crumple.serve.contract.inspections import Inspection

FORMAT: Literal["crumple-inspection-1"] = "crumple-inspection-1"


class InspectionDocument(Answer):
    """Everything about one inspection: what GET .../export?format=json gives."""

    format: Literal["crumple-inspection-1"] = FORMAT
    inspection: Inspection
    images: list[Image]
    events: list[Event]
