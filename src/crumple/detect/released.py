"""The model that ships inside the package."""

from pathlib import Path

from crumple.errors import ModelError

RELEASED = "crumple-lite0"


def released_model() -> Path:
    """Folder of the released model. Raises ModelError if this installation came without it."""
    folder = Path(__file__).parent.parent / "weights" / RELEASED
    if not (folder / "model.json").is_file():
        raise ModelError(f"this installation has no released model ({folder}): give a model folder")
    return folder
