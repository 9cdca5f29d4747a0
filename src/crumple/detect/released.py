"""The model that ships inside the package."""

from pathlib import Path

from crumple.errors import ModelError
from crumple.weights import RELEASED


def released_model() -> Path:
    """Folder of the released model. Raises ModelError if this installation came without it."""
    if not (RELEASED / "model.json").is_file():
        raise ModelError(f"this installation has no released model ({RELEASED}): give a model folder")
    return RELEASED
