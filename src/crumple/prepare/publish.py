"""Publishing: prepared photos lie in staging until all are known; then they get their places, and records last.

    prepare.json     what the preparation was told; says that the folder is ours
    photos/, shards/ the photos that are kept
    rejects.jsonl    the others, with reasons
    summary.html     one page for a person
    manifest.parquet written last: where it is, everything else is whole

Every step can be done again: a worker that dies is replaced by another one that starts over. Staging stays whole until
the manifest is there.
"""

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from crumple import __version__
from crumple.beam import store
from crumple.errors import DataError
from crumple.prepare.plan import Kept, Rejected
from crumple.prepare.records import row, write_manifest, write_rejects
from crumple.prepare.settings import Settings
from crumple.prepare.shards import write_shard
from crumple.prepare.staging import STAGING, Staging
from crumple.prepare.summary import summary_html
from crumple.prepare.tfrecord import Value, write_tfrecord

MANIFEST, REJECTS, SUMMARY, ABOUT = "manifest.parquet", "rejects.jsonl", "summary.html", "prepare.json"
PLACES = ("photos", "shards")


def check_places(source: str, out: str) -> None:
    """Raises DataError if `out` cannot be the output of `source`: it would overwrite photos, or files of others."""
    here, there = (str(Path(p).resolve()) if not store.is_remote(p) else p.rstrip("/") for p in (source, out))
    if f"{here}/".startswith(f"{there}/"):
        raise DataError(f"{out}: is the folder of the source or one above it; give --out a folder of its own")
    if store.exists(store.join(out, ABOUT)):
        return
    stranger = min(store.list_names(out), default=None)
    if stranger:
        raise DataError(f"{out}: holds {stranger}, which crumple prepare did not write; give --out a folder of its own")


def announce(out: str, settings: Settings) -> None:
    """Before the first photo gets its place: the folder is ours, and what an earlier run left is no longer whole."""
    about = {"crumple": __version__, **settings.to_dict()}
    _write(out, ABOUT, json.dumps(about, indent=2).encode() + b"\n")
    store.delete(store.join(out, name) for name in (MANIFEST, REJECTS, SUMMARY))


def publish(piece: Sequence[Kept], out: str, staging: Staging) -> int:
    """Give photos their places: single files, or all of one shard. Returns how many photos it were."""
    shard = piece[0].shard
    if not shard:
        for kept in piece:
            store.place(staging.photo(kept.photo.id), store.join(out, kept.file))
    elif shard.endswith(".tar"):
        _send(out, shard, lambda path: write_shard(path, _samples(piece, staging)))
    else:
        _send(out, shard, lambda path: write_tfrecord(path, _examples(piece, staging)))
    return len(piece)


def finish(kept: Iterable[Kept], rejected: Iterable[Rejected], out: str, settings: Settings, staging: Staging) -> None:
    """When all photos are published: drop what an earlier run left, write the records, and the manifest last.

    kept, rejected: the plan's, each gone through several times.
    """
    planned = {one.shard or one.file for one in kept}
    for place in PLACES:
        folder = store.join(out, place)
        names = (f"{place}/{name}" for name in store.list_names(folder))
        store.delete([store.join(out, name) for name in names if name not in planned])
        store.drop_empty_folders(folder)
    _send(out, REJECTS, lambda path: write_rejects(path, rejected))
    _write(out, SUMMARY, summary_html(kept, rejected, settings, staging.read_photo).encode())
    _send(out, MANIFEST, lambda path: write_manifest(path, kept))
    store.delete_folder(store.join(out, STAGING))


def _write(out: str, name: str, data: bytes) -> None:
    store.delete_unfinished(store.join(out, name))
    store.write(store.join(out, name), data)


def _send(out: str, name: str, write: Callable[[Path], None]) -> None:
    """A file that is too large for memory: written on this machine, and then sent whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        write(path)
        store.delete_unfinished(store.join(out, name))
        store.send(path, store.join(out, name))


def read_rejects(out: str) -> list[dict[str, Any]]:
    """The lines of rejects.jsonl."""
    with store.open_file(store.join(out, REJECTS)) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def kept_count(out: str) -> int:
    """The rows of manifest.parquet."""
    import pyarrow.parquet

    with store.open_file(store.join(out, MANIFEST)) as file:
        return int(pyarrow.parquet.read_metadata(io.BytesIO(file.read())).num_rows)


def _samples(piece: Iterable[Kept], staging: Staging) -> Iterator[tuple[str, bytes]]:
    """Each photo and its row, one in memory at a time."""
    for kept in piece:
        yield kept.file, staging.read_photo(kept.photo.id)
        yield kept.file.removesuffix(".jpg") + ".json", json.dumps(_stated(kept), ensure_ascii=False).encode()


def _examples(piece: Iterable[Kept], staging: Staging) -> Iterator[dict[str, Value]]:
    for kept in piece:
        yield {"image/encoded": staging.read_photo(kept.photo.id), "image/format": "jpeg", **_stated(kept)}


def _stated(kept: Kept) -> dict[str, Any]:
    """A photo's row, without what is not known of it."""
    return {name: value for name, value in row(kept).items() if value not in ("", None)}
