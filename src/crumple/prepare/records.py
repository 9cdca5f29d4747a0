"""The records of a preparation: manifest.parquet, one row for each photo that is kept; rejects.jsonl for the others.

FIELDS is the schema; docs/prepare.md has it as a table.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from crumple.prepare.photo.verdict import Measures
from crumple.prepare.plan import Kept, Rejected

SCHEMA = "crumple-prepared-1"
ROW_GROUP = 1000  # rows of the manifest that are in memory at a time


@dataclass(frozen=True)
class Field:
    """A column. kind: pyarrow's name of its type."""

    name: str
    kind: str
    about: str
    value: Callable[[Kept], Any]


def _measures(kept: Kept) -> Measures:
    assert kept.photo.measures is not None
    return kept.photo.measures


FIELDS = (
    Field("id", "string", "first 20 hex digits of the source file's SHA-256", lambda k: k.photo.id),
    Field("split", "string", "train, val, test, or as --splits names them", lambda k: k.split),
    Field("file", "string", "the photo below the output folder; within the shard if there is one", lambda k: k.file),
    Field(
        "shard", "string", "tar or TFRecord file below the output folder; empty for --format folder", lambda k: k.shard
    ),
    Field("width", "int32", "pixels of the prepared photo", lambda k: k.photo.width),
    Field("height", "int32", "pixels of the prepared photo", lambda k: k.photo.height),
    Field("jpeg_sha256", "string", "SHA-256 of the prepared photo, hex", lambda k: k.photo.jpeg_sha256),
    Field("name", "string", "path of the source file below the source folder", lambda k: k.photo.name),
    Field("source_sha256", "string", "SHA-256 of the source file, hex", lambda k: k.photo.sha256),
    Field("source_width", "int32", "pixels of the source, upright", lambda k: _measures(k).width),
    Field("source_height", "int32", "pixels of the source, upright", lambda k: _measures(k).height),
    Field("orientation", "int8", "EXIF orientation that was applied, 1 to 8", lambda k: k.photo.orientation),
    Field("brightness", "float64", "mean luma, 0 to 255", lambda k: _measures(k).brightness),
    Field("burnt_share", "float64", "share that is burnt out, 0 to 1", lambda k: _measures(k).burnt),
    Field("sharpness", "float64", "variance of the Laplacian in the sharpest tiles", lambda k: _measures(k).sharpness),
    Field("jpeg_quality", "int8", "of the source, 1 to 100; null: no JPEG", lambda k: _measures(k).jpeg_quality),
    Field(
        "vehicle_share", "float64", "share that vehicle parts cover; null: not looked for", lambda k: _seen(k, "share")
    ),
    Field("view", "string", "front, back_left, detail, none ...; null: not looked for", lambda k: _seen(k, "view")),
    Field(
        "damage_seen",
        "bool_",
        "a damage that reaches its type's upper threshold; null: not looked for",
        lambda k: _seen(k, "damage"),
    ),
    Field("redacted", "int32", "faces and plates that were hidden; null: not looked for", lambda k: k.photo.redacted),
    Field("hash", "uint64", "perceptual hash", lambda k: k.photo.hashes[0]),
    Field("copies", "int32", "other files that are copies of it", lambda k: k.copies),
    Field("together", "string", "what it shares its split by: author, group or photo", lambda k: k.together),
    Field("source", "string", "flickr, commons ...", lambda k: k.photo.credit.source),
    Field("source_id", "string", "the photo's id there", lambda k: k.photo.credit.source_id),
    Field("title", "string", "its title there", lambda k: k.photo.credit.title),
    Field("author", "string", "name", lambda k: k.photo.credit.author),
    Field("author_id", "string", "the author's id there", lambda k: k.photo.credit.author_id),
    Field("licence", "string", "SPDX-like", lambda k: k.photo.credit.licence),
    Field("licence_url", "string", "its text", lambda k: k.photo.credit.licence_url),
    Field("page", "string", "where a person sees it", lambda k: k.photo.credit.page),
    Field("group", "string", "photos of one car or claim, if the source knows", lambda k: k.photo.credit.group),
)


def row(kept: Kept) -> dict[str, Any]:
    """A photo that is kept, by column."""
    return {field.name: field.value(kept) for field in FIELDS}


def write_manifest(path: Path, kept: Iterable[Kept]) -> None:
    """manifest.parquet: rows in the order given. Two versions of pyarrow may write other bytes for the same rows."""
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema(
        [(field.name, getattr(pyarrow, field.kind)()) for field in FIELDS], metadata={"crumple": SCHEMA}
    )
    rows = map(row, kept)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROW_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def write_rejects(path: Path, rejected: Iterable[Rejected]) -> None:
    """rejects.jsonl: name, reasons, message, duplicate_of, measures and credit, one photo a line."""
    with path.open("wb") as file:
        for one in rejected:
            file.write(json.dumps(reject_row(one), ensure_ascii=False).encode() + b"\n")


def reject_row(rejected: Rejected) -> dict[str, Any]:
    """A rejected photo as a line of rejects.jsonl."""
    photo = rejected.photo
    return {
        "name": photo.name,
        "reasons": photo.reasons,
        "message": photo.message,
        "duplicate_of": rejected.duplicate_of or None,
        "source_sha256": photo.sha256,
        "measures": asdict(photo.measures) if photo.measures else None,
        **{key: value for key, value in asdict(photo.credit).items() if value},
    }


def _seen(kept: Kept, name: str) -> Any:
    vehicle = _measures(kept).vehicle
    return None if vehicle is None else getattr(vehicle, name)
