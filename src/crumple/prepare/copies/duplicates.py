"""Near-duplicates: which photos are copies of one another, found without comparing each with all others.

N photos, P hashes of each: of the whole photo and of its crops (`crumple.prepare.copies.crops`).

Two hashes of 64 bits that differ in few bits agree in at least one of BANDS bands of 8 bits: in fewer than 8 bits for
certain, in MAX_BITS mostly. Within a band, the whole of each photo is compared with the whole and the crops of the
others that agree in it. Wholes within SURE_BITS are copies, for a smooth panel has few landmarks. Other pairs within
MAX_BITS are copies if their landmarks agree: at least LEAST_COMMON in one common arrangement that spans at least
LEAST_AREA of the photo. These limits are those of the leak audit (`crumple.dataset.near_photos` says how they were
chosen); MAX_BITS was, on 250 real photos: at 16, thirty times as many pairs of different photos would be compared.

Source: Manku, Jain & Das Sarma, "Detecting near-duplicates for web crawling", WWW 2007 (bands of a 64-bit fingerprint).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crumple.prepare.copies.hashes import Hashes, distances
from crumple.prepare.copies.landmarks import Landmarks, common_landmarks

BANDS, BAND_BITS = 8, 8
SURE_BITS = 4
MAX_BITS = 12
LEAST_COMMON = 65
LEAST_AREA = 0.03
BLOCK = 4096  # hashes compared with all others of a band at once: memory

Pair = tuple[str, str]  # ids, the smaller first


@dataclass(frozen=True, eq=False)
class HashTable:
    """ids: of N photos with different hashes, sorted. hashes: (N, P), column 0 of the whole photo.

    twins: pairs whose whole photos have the same hash, each with the first of its kind, which alone stands in `ids`:
    a thousand copies make a thousand pairs and not half a million.
    """

    ids: tuple[str, ...]
    hashes: Hashes
    twins: tuple[Pair, ...]


def hash_table(photos: Mapping[str, Sequence[int]]) -> HashTable:
    """From the hashes of photos by id, that of the whole photo first. Photos without any shape (hash 0) are left out:
    they are like no other."""
    first: dict[int, str] = {}
    twins = []
    for photo in sorted(photos):
        whole = photos[photo][0]
        if whole and first.setdefault(whole, photo) != photo:
            twins.append((first[whole], photo))
    ids = tuple(first.values())
    width = len(next(iter(photos.values()))) if photos else 1
    return HashTable(ids, np.array([photos[one] for one in ids], np.uint64).reshape(-1, width), tuple(twins))


def candidates(table: HashTable, band: int) -> Iterator[tuple[Pair, bool]]:
    """Pairs that agree in a band and are within MAX_BITS, and whether they are copies for sure; each once."""
    keys = table.hashes >> np.uint64(band * BAND_BITS) & np.uint64(2**BAND_BITS - 1)
    found: dict[tuple[int, int], bool] = {}
    for value in range(2**BAND_BITS):
        wholes = np.flatnonzero(keys[:, 0] == value)
        photos, columns = np.nonzero((keys == value) & (table.hashes != 0)) if len(wholes) else (wholes, wholes)
        for start in range(0, len(photos), BLOCK):
            those, parts = photos[start : start + BLOCK], columns[start : start + BLOCK]
            bits = distances(table.hashes[wholes, 0], table.hashes[those, parts])
            for i, j in zip(*np.nonzero(bits <= MAX_BITS), strict=True):
                one, other = sorted((int(wholes[i]), int(those[j])))
                if one != other:
                    sure = bool(parts[j] == 0 and bits[i, j] <= SURE_BITS)
                    found[one, other] = sure or found.get((one, other), False)
    for (one, other), sure in sorted(found.items()):
        yield (table.ids[one], table.ids[other]), sure


def same_picture(one: Landmarks, other: Landmarks) -> bool:
    """Whether landmarks agree that two photos, whose hashes are close, show the same."""
    common = common_landmarks(one, other)
    return common.count >= LEAST_COMMON and common.area >= LEAST_AREA


def clusters(ids: Iterable[str], pairs: Iterable[Pair]) -> dict[str, str]:
    """id -> the smallest id that pairs lead to from it, in whatever order the pairs come (union-find).

    An id that occurs only in `pairs` is in the answer too.
    """
    parent = {one: one for one in ids}

    def root(one: str) -> str:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]  # halve the path on the way
        return one

    for pair in pairs:
        small, large = sorted(map(root, pair))
        parent[large] = small
    return {one: root(one) for one in parent}


def find_copies(photos: Mapping[str, tuple[int, ...]], landmarks: Mapping[str, Landmarks]) -> list[Pair]:
    """All pairs of copies, on one machine and in memory: what the pipeline spreads over workers.

    Args:
        photos: hashes by id, as for `hash_table`.
        landmarks: by id.
    """
    table = hash_table(photos)
    pairs = dict.fromkeys(table.twins, True)
    for band in range(BANDS):
        for pair, sure in candidates(table, band):
            pairs[pair] = sure or pairs.get(pair, False)
    return sorted(pair for pair, sure in pairs.items() if sure or same_picture(landmarks[pair[0]], landmarks[pair[1]]))
