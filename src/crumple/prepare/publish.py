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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crumple import __version__
from crumple.errors import DataError
from crumple.prepare import store
from crumple.prepare.plan import Kept, Plan, Work
from crumple.prepare.records import manifest_parquet, rejects_jsonl, row
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


def publish(work: Work, out: str, staging: Staging) -> int:
    """Do one piece of work; how many photos it was."""
    if not work.shard:
        for kept in work.kept:
            store.place(staging.photo(kept.photo.id), store.join(out, kept.file))
        return len(work.kept)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shard")
        if work.shard.endswith(".tar"):
            write_shard(path, _samples(work, staging))
        else:
            write_tfrecord(path, _examples(work, staging))
        target = store.join(out, work.shard)
        store.delete_unfinished(target)
        store.send(path, target)
    return len(work.kept)


def finish(plan: Plan, out: str, settings: Settings, staging: Staging) -> None:
    """When all photos are published: drop what an earlier run left, write the records, and the manifest last."""
    planned = {kept.shard or kept.file for kept in plan.kept}
    for place in PLACES:
        folder = store.join(out, place)
        names = (f"{place}/{name}" for name in store.list_names(folder))
        store.delete([store.join(out, name) for name in names if name not in planned])
        store.drop_empty_folders(folder)
    _write(out, REJECTS, rejects_jsonl(plan.rejected))
    _write(out, SUMMARY, summary_html(plan, settings, staging.read_photo).encode())
    _write(out, MANIFEST, manifest_parquet(plan.kept))
    store.delete_folder(store.join(out, STAGING))


def _write(out: str, name: str, data: bytes) -> None:
    store.delete_unfinished(store.join(out, name))
    store.write(store.join(out, name), data)


def read_rejects(out: str) -> list[dict[str, Any]]:
    """The lines of rejects.jsonl."""
    with store.open_file(store.join(out, REJECTS)) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def kept_count(out: str) -> int:
    """The rows of manifest.parquet."""
    import pyarrow.parquet

    with store.open_file(store.join(out, MANIFEST)) as file:
        return int(pyarrow.parquet.read_metadata(io.BytesIO(file.read())).num_rows)


def _samples(work: Work, staging: Staging) -> Iterator[tuple[str, bytes]]:
    """Each photo and its row, one in memory at a time."""
    for kept in work.kept:
        yield kept.file, staging.read_photo(kept.photo.id)
        yield kept.file.removesuffix(".jpg") + ".json", json.dumps(_stated(kept), ensure_ascii=False).encode()


def _examples(work: Work, staging: Staging) -> Iterator[dict[str, Value]]:
    for kept in work.kept:
        yield {"image/encoded": staging.read_photo(kept.photo.id), "image/format": "jpeg", **_stated(kept)}


def _stated(kept: Kept) -> dict[str, Any]:
    """A photo's row, without what is not known of it."""
    return {name: value for name, value in row(kept).items() if value not in ("", None)}
