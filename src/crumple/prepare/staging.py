"""Staging: what a run has prepared and not yet published. A run that was stopped, however, goes on from there.

    OUT/.staging/KEY/photos/ab/ID.jpg     a prepared photo
    OUT/.staging/KEY/records/BATCH.jsonl  what is known of a batch of photos, written when all its JPEGs are there
    OUT/.staging/KEY/parts/NAME           what the steps of this run hand on and is too much for memory

KEY stands for everything that decides what becomes of a single photo, so that another size, model or version of OpenCV
never meets what the last run left. All of it stays until the run is finished, and goes then.
"""

import hashlib
import json
import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from crumple.beam import store
from crumple.credit import Credit
from crumple.files import file_sha256
from crumple.prepare.photo.one_photo import PreparedPhoto
from crumple.prepare.photo.vehicle import Vehicle
from crumple.prepare.photo.verdict import Measures
from crumple.prepare.settings import Settings

STAGING = ".staging"
# What may draw, scale or compress a photo differently from one version to the next.
_PACKAGES = ("numpy", "opencv-python-headless", "openvino", "pillow", "scikit-image")


@dataclass(frozen=True)
class Staging:
    """The staging folder (path or URL) of one KEY."""

    folder: str

    def photo(self, photo: str) -> str:
        """Where the prepared photo of an id lies."""
        return store.join(self.folder, f"photos/{photo[:2]}/{photo}.jpg")

    def read_photo(self, photo: str) -> bytes:
        """The prepared photo of an id."""
        with store.open_file(self.photo(photo)) as file:
            return file.read()

    def write_records(self, records: Sequence[PreparedPhoto]) -> str:
        """Note that these photos are done; their JPEGs lie here already. Returns the note's name."""
        batch = hashlib.sha256("\n".join(record.name for record in records).encode()).hexdigest()[:24]
        lines = (json.dumps(asdict(record), ensure_ascii=False) + "\n" for record in records)
        store.write(store.join(self.folder, f"records/{batch}.jsonl"), "".join(lines).encode())
        return f"records/{batch}.jsonl"

    def read_note(self, name: str) -> list[PreparedPhoto]:
        """What `write_records` noted."""
        with store.open_file(store.join(self.folder, name)) as file:
            return [_from_dict(json.loads(line)) for line in file.read().splitlines()]

    def read_records(self) -> dict[str, PreparedPhoto]:
        """What is known already, by name. What was noted of a photo whose JPEG is gone is left out, and so is what
        might end otherwise the next time. Without credits, which may be others now."""
        sizes = store.sizes(self.folder)
        known = {}
        for name in (name for name in sizes if name.startswith("records/")):
            for record in self.read_note(name):
                there = sizes.get(f"photos/{record.id[:2]}/{record.id}.jpg") if record.measures else 1
                if record.sha256 and "failed" not in record.reasons and there:
                    known[record.name] = replace(record, credit=Credit())
        return known

    def write_part(self, name: str, content: object) -> str:
        """Lay down what a later step of this run reads with `read_part`. Returns `name`."""
        store.write(self._part(name), pack(content))
        return name

    def read_part(self, name: str) -> Any:
        """What `write_part` laid down."""
        with store.open_file(self._part(name)) as file:
            return unpack(file.read())

    def _part(self, name: str) -> str:
        return store.join(self.folder, f"parts/{name}")


@dataclass(frozen=True)
class Parts(Iterable[Any]):
    """Lists that lie in staging, one after the other, as if they were one: read anew, part by part, each time."""

    stage: Staging
    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Any]:
        for name in self.names:
            yield from self.stage.read_part(name)


def pack(content: object) -> bytes:
    """What travels between steps, in few bytes."""
    return zlib.compress(pickle.dumps(content), 1)


def unpack(data: bytes) -> Any:
    """What `pack` packed."""
    return pickle.loads(zlib.decompress(data))


def staging(out: str, settings: Settings) -> Staging:
    """The staging folder in `out` of a run with these settings."""
    asked = asdict(settings)
    for later in ("splits", "seed", "shard", "format"):  # do not touch a single photo
        del asked[later]
    if settings.vehicle:
        from crumple.detect.released import released_model

        asked["model"] = file_sha256(Path(settings.model or released_model(), "model.json"))
    key = hashlib.sha256(json.dumps([asked, _code(), *map(_version, _PACKAGES)]).encode()).hexdigest()[:24]
    return Staging(store.join(out, f"{STAGING}/{key}"))


def sweep(out: str, keep: Staging) -> None:
    """Delete what runs with other settings left."""
    top = store.join(out, STAGING)
    for key in {name.split("/")[0] for name in store.sizes(top)}:
        if store.join(top, key) != keep.folder:
            store.delete_folder(store.join(top, key))


def _from_dict(content: dict[str, Any]) -> PreparedPhoto:
    measures = content["measures"]
    if measures:
        measures = Measures(**measures | {"vehicle": measures["vehicle"] and Vehicle(**measures["vehicle"])})
    lists = {name: tuple(content[name]) for name in ("hashes", "reasons")}
    return PreparedPhoto(**content | lists | {"measures": measures, "credit": Credit(**content["credit"])})


@cache
def _code() -> str:
    """Changes with the code that prepares a photo, also between two versions."""
    package = Path(__file__).parents[1]
    files = [path for room in ("beam", "detect", "prepare") for path in sorted((package / room).rglob("*.py"))]
    files += [package / "credit.py", package / "photo.py", package / "photo_header.py"]
    return hashlib.sha256("".join(map(file_sha256, files)).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # OpenCV comes under several names
        return ""
