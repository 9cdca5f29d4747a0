"""What a photo is called in CVAT: its own name, so that people know it, and its hash, so that it is never there twice.

train/door 3.jpg -> door_3.<64 hex digits>.jpg
"""

import re
from pathlib import PurePosixPath

# In an export of a project a second frame of one name becomes NAME_1.
_HASH = re.compile(r"\.([0-9a-f]{64})(?:_(\d+))?\.[a-z0-9]+$")
LONGEST_STEM = 80  # CVAT keeps 255 characters


def frame_name(name: str, sha256: str) -> str:
    """The name of a frame: characters that some server or browser might change are replaced."""
    path = PurePosixPath(name)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)[:LONGEST_STEM] or "photo"
    return f"{stem}.{sha256}{path.suffix.lower()}"


def frame_sha256(name: str) -> str | None:
    """The hash in the name of a frame; None if it has none, as objects of a bucket, which keep their names."""
    found = _HASH.search(name)
    return found[1] if found else None


def frame_repeat(name: str) -> int | None:
    """How many frames of the same photo CVAT's export of a project had before this one; None without a hash."""
    found = _HASH.search(name)
    return int(found[2] or 0) if found else None
