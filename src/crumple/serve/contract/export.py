"""Everything about one inspection, as it is exported."""

from pydantic import Field

from crumple.case.inspection import Inspection as CaseInspection
from crumple.serve.contract.events import Event
from crumple.serve.contract.images import Image
from crumple.serve.contract.inspections import Inspection


class InspectionDocument(Inspection, CaseInspection):
    """Everything about one inspection: what GET .../export?format=json gives.

    It is what GET /v1/inspections/{id} says, what `crumple inspect` writes as inspection.json (whoever reads the one
    reads the other), and besides each image with its findings, and every event.
    """

    images: list[Image] = Field(description="in the order in which they came")  # type: ignore[assignment]
    events: list[Event] = Field(description="in order")
