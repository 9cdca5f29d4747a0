"""What a photo is called in CVAT: its own name, so that people know it, and its hash, so that it is never there twice.

train/door 3.jpg -> door_3.<64 hex digits>.jpg
"""

import re
from pathlib import PurePosixPath

LONGEST_STEM = 80  # CVAT keeps 255 characters


def frame_name(name: str, sha256: str) -> str:
    """The name of a frame: characters that some server or browser might change are replaced."""
    path = PurePosixPath(name)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)[:LONGEST_STEM] or "photo"
    return f"{stem}.{sha256}{path.suffix.lower()}"


def frame_sha256(name: str) -> str | None:
    """The hash in the name of a frame; None if it has none, as objects of a bucket, which keep their names."""
    found = re.search(r"\.([0-9a-f]{64})\.[a-z0-9]+$", name)
    return found[1] if found else None
