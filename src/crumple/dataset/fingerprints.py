"""Fingerprints of photos, and what is remembered by them: measured once per file, kept in the user's cache."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from crumple.errors import PhotoError
from crumple.files import file_sha256, write_aside
from crumple.photo import decode_photo
from crumple.prepare.copies.hashes import mirrored, perceptual_hash

THREADS = 2
HASHED_SIDE = 128  # pixels of the longer side; a JPEG is decoded at a fraction of its size for it
FILE_NAME = "fingerprints-1.json"  # counts up when photos are hashed or compared otherwise
KEPT = 32  # comparisons

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Fingerprint:
    """sha256 of the file, in hex; perceptual hash of the photo and of its mirror image."""

    sha256: str
    plain: int
    mirror: int


@dataclass(frozen=True)
class Near:
    """Two photos that are near, by sha256. mirrored: it is the mirror image of `later` that is like `earlier`.

    distance: bits of 64 in which the perceptual hashes differ. landmarks: how many they have in common.
    """

    earlier: str
    later: str
    mirrored: bool
    distance: int
    landmarks: int


@dataclass
class Memory:
    """What is known already. hashes: by sha256. near: what a comparison of two lists of photos found, by its key."""

    hashes: dict[str, tuple[int, int]] = field(default_factory=dict)
    near: dict[str, list[Near]] = field(default_factory=dict)


def fingerprint(path: Path, memory: Memory) -> Fingerprint:
    """The fingerprint of a photo, which is then remembered. Raises PhotoError when it cannot be read."""
    try:
        sha256 = file_sha256(path)
    except OSError as error:
        raise PhotoError(f"{path}: cannot be read: {error.strerror or error}; check the file") from None
    if sha256 not in memory.hashes:
        rgb = decode_photo(path, max_side=HASHED_SIDE).rgb
        memory.hashes[sha256] = int(perceptual_hash(rgb)), int(perceptual_hash(mirrored(rgb)))
    return Fingerprint(sha256, *memory.hashes[sha256])


def load_memory(folder: Path | None) -> Memory:
    """What the cache folder holds; nothing where there is no folder, no file, or a broken one."""
    if folder is None:
        return Memory()
    try:
        content = json.loads((folder / FILE_NAME).read_text("utf-8"))
        hashes = {sha256: (int(plain), int(mirror)) for sha256, (plain, mirror) in content["hashes"].items()}
        near = {key: [Near(**pair) for pair in pairs] for key, pairs in content["near"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Memory()
    return Memory(hashes, near)


def save_memory(memory: Memory, folder: Path | None) -> None:
    """Keep it in the cache folder, of comparisons the latest; a disk that is full or read-only is done without."""
    if folder is None:
        return
    near = {key: [asdict(pair) for pair in pairs] for key, pairs in list(memory.near.items())[-KEPT:]}
    try:
        with write_aside(folder / FILE_NAME) as path:
            path.write_text(json.dumps({"hashes": memory.hashes, "near": near}), "utf-8")
    except OSError:
        pass


def spread(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` on every item by two threads, results in order; what is left is dropped when the caller stops."""
    pool = ThreadPoolExecutor(THREADS)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)
