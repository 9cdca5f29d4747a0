"""crumple: photos of vehicles in, an itemised damage report out.

    >>> import crumple
    >>> assessment = crumple.assess("car.jpg")
    >>> for finding in assessment.findings:
    ...     print(finding.text)

Importing it loads nothing heavy; each name below is imported when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Assessment", "CrumpleError", "Inspection", "__version__", "assess", "inspect", "load_detector"]

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment
    from crumple.assessment.pipeline import assess
    from crumple.case.inspection import Inspection
    from crumple.case.pipeline import inspect
    from crumple.detect.detector import load_detector
    from crumple.errors import CrumpleError

_HOMES = {
    "Assessment": "crumple.assessment.assessment",
    "assess": "crumple.assessment.pipeline",
    "CrumpleError": "crumple.errors",
    "Inspection": "crumple.case.inspection",
    "inspect": "crumple.case.pipeline",
    "load_detector": "crumple.detect.detector",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'crumple' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
