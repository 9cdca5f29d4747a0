"""Fingerprints of photos, and what they are remembered by: measured once per file, kept in the user's cache."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from crumple.detect.model_info import file_sha256
from crumple.errors import ModelError, PhotoError
from crumple.files import read_arrays, write_aside
from crumple.photo import decode_photo
from crumple.prepare.hashes import mirrored, perceptual_hash
from crumple.prepare.landmarks import Common

THREADS = 2
HASHED_SIDE = 128  # pixels of the longer side; a JPEG is decoded at a fraction of its size for it
FILE_NAME = "fingerprints-1.npz"  # counts up when hashes or landmarks are made otherwise

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Fingerprint:
    """sha256 of the file, in hex; perceptual hash of the photo and of its mirror image."""

    sha256: str
    plain: int
    mirror: int


@dataclass
class Memory:
    """What is known already. hashes: by sha256. common: by two sha256, and whether the second photo was mirrored."""

    hashes: dict[str, tuple[int, int]] = field(default_factory=dict)
    common: dict[tuple[str, str, bool], Common] = field(default_factory=dict)


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
    try:
        arrays = read_arrays(folder / FILE_NAME) if folder else {}
        photos, pairs = ([row.tobytes().hex() for row in arrays[name]] for name in ("photos", "pairs"))
        hashes = {photo: (int(plain), int(mirror)) for photo, (plain, mirror) in _rows(photos, arrays["hashes"])}
        common = {
            (pair[:64], pair[64:], bool(mirror)): Common(int(count), float(area))
            for pair, (mirror, count, area) in _rows(pairs, arrays["common"])
        }
    except (ModelError, KeyError, ValueError, TypeError, OverflowError):
        return Memory()
    return Memory(hashes, common)


def save_memory(memory: Memory, folder: Path | None) -> None:
    """Keep it in the cache folder; a disk that is full or read-only is done without."""
    if folder is None:
        return
    arrays = {
        "photos": _bytes(memory.hashes, 32),
        "hashes": np.array(list(memory.hashes.values()), np.uint64).reshape(-1, 2),
        "pairs": _bytes((one + other for one, other, _ in memory.common), 64),
        "common": np.array(
            [(mirror, found.count, found.area) for (_, _, mirror), found in memory.common.items()], np.float32
        ).reshape(-1, 3),
    }
    try:
        with write_aside(folder / FILE_NAME) as path:
            np.savez(path, allow_pickle=False, **arrays)
    except OSError:
        pass


def spread(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` on every item by two threads, results in order; what is left is dropped when the caller stops."""
    pool = ThreadPoolExecutor(THREADS)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)


def _rows(keys: list[str], values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    return zip(keys, values, strict=True)


def _bytes(keys: Iterable[str], length: int) -> np.ndarray:
    """Hexadecimal keys as (N, length) uint8."""
    return np.frombuffer(b"".join(map(bytes.fromhex, keys)), np.uint8).reshape(-1, length)
