"""Publishing: prepared photos lie in OUT/.staging until all are known; then they get their places, and records last.

    prepare.json     what the preparation was told; says that the folder is ours
    photos/, shards/ the photos that are kept
    rejects.jsonl    the others, with reasons
    summary.html     one page for a person
    manifest.parquet written last: where it is, everything else is whole

Every step can be done again: a worker that dies is replaced by another one that starts over.
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
from crumple.prepare.plan import Plan, Work
from crumple.prepare.records import manifest_parquet, rejects_jsonl, row
from crumple.prepare.settings import Settings
from crumple.prepare.shards import write_shard
from crumple.prepare.summary import summary_html

MANIFEST, REJECTS, SUMMARY, ABOUT = "manifest.parquet", "rejects.jsonl", "summary.html", "prepare.json"
PLACES = ("photos", "shards")
STAGING = ".staging"


def staged(out: str, photo: str) -> str:
    """Where the prepared photo of an id lies until it is published."""
    return store.join(out, f"{STAGING}/{photo[:2]}/{photo}.jpg")


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
    store.write(store.join(out, ABOUT), json.dumps(about, indent=2).encode() + b"\n")
    store.delete(store.join(out, name) for name in (MANIFEST, REJECTS, SUMMARY))


def publish(work: Work, out: str) -> int:
    """Do one piece of work; how many photos it was."""
    if work.shard:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "shard.tar")
            write_shard(path, _samples(work, out))
            store.send(path, store.join(out, work.shard))
    else:
        for kept in work.kept:
            store.move(staged(out, kept.photo.id), store.join(out, kept.file))
    return len(work.kept)


def finish(plan: Plan, out: str, settings: Settings) -> None:
    """When all photos are published: drop what an earlier run left, write the records, and the manifest last."""
    planned = {kept.shard or kept.file for kept in plan.kept}
    for place in PLACES:
        folder = store.join(out, place)
        names = (f"{place}/{name}" for name in store.list_names(folder))
        store.delete([store.join(out, name) for name in names if name not in planned])
        store.drop_empty_folders(folder)
    store.write(store.join(out, REJECTS), rejects_jsonl(plan.rejected))
    store.write(store.join(out, SUMMARY), summary_html(plan, settings, _Pictures(plan, out)).encode())
    store.write(store.join(out, MANIFEST), manifest_parquet(plan.kept))
    store.delete_folder(store.join(out, STAGING))


def read_rejects(out: str) -> list[dict[str, Any]]:
    """The lines of rejects.jsonl."""
    with store.open_file(store.join(out, REJECTS)) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def kept_count(out: str) -> int:
    """The rows of manifest.parquet."""
    import pyarrow.parquet

    with store.open_file(store.join(out, MANIFEST)) as file:
        return int(pyarrow.parquet.read_metadata(io.BytesIO(file.read())).num_rows)


def _samples(work: Work, out: str) -> Iterator[tuple[str, bytes]]:
    """Each photo and its row, one in memory at a time."""
    for kept in work.kept:
        with store.open_file(staged(out, kept.photo.id)) as file:
            yield kept.file, file.read()
        content = {key: value for key, value in row(kept).items() if value not in ("", None)}
        yield kept.file.removesuffix(".jpg") + ".json", json.dumps(content, ensure_ascii=False).encode()


class _Pictures:
    """Prepared photos by id, wherever they lie by now."""

    def __init__(self, plan: Plan, out: str) -> None:
        self._out = out
        self._moved = {kept.photo.id: kept.file for kept in plan.kept if not kept.shard}

    def __call__(self, photo: str) -> bytes:
        moved = self._moved.get(photo)
        with store.open_file(store.join(self._out, moved) if moved else staged(self._out, photo)) as file:
            return file.read()
