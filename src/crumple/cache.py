"""The folder for what can be made again: compiled networks, hashes of photos, detections."""

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """The folder, made if need be; None where there is none that can be written, which is done without.

    It is "crumple" in XDG_CACHE_HOME or else in ~/.cache. CRUMPLE_CACHE names another one, or with no value none.
    """
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "crumple"
    chosen = os.environ.get("CRUMPLE_CACHE", str(default))
    if not chosen:
        return None
    try:
        folder = Path(chosen).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None
