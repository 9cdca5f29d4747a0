"""An index of landmarks: which of many photos share some with a new one, without comparing it to each.

N photos, L landmarks of all of them, T tables, B bits of a key. Locality-sensitive hashing: each table sorts the
landmarks by B randomly chosen bits of their descriptors, so that landmarks which differ in few bits are likely to be
neighbours in one of them.

Source: Gionis, Indyk & Motwani, "Similarity search in high dimensions via hashing", VLDB 1999; for binary descriptors:
Muja & Lowe, "Fast matching of binary features", CRV 2012.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crumple.prepare.copies.landmarks import Landmarks

TABLES, KEY_BITS, DESCRIPTOR_BITS = 8, 20, 256
SAME_BITS = 40  # descriptors that differ in no more are of the same landmark
MOST_ALIKE = 50  # a key that more landmarks share says nothing of any of them

_CHOSEN = np.stack([np.random.default_rng(t).choice(DESCRIPTOR_BITS, KEY_BITS, replace=False) for t in range(TABLES)])
_WEIGHTS = 1 << np.arange(KEY_BITS)


class LandmarkIndex:
    """Landmarks of N photos, to be asked which photos have a new photo's landmarks."""

    def __init__(self, photos: Sequence[Landmarks]) -> None:
        self.photos = tuple(photos)
        self._owner = np.repeat(np.arange(len(photos)), [len(photo.points) for photo in photos])
        self._descriptors = _words(np.concatenate([np.empty((0, 32), np.uint8), *(p.descriptors for p in photos)]))
        keys = np.concatenate([np.empty((TABLES, 0), np.int32), *(_keys(p.descriptors) for p in photos)], axis=1)
        self._order = np.argsort(keys, axis=1, kind="stable").astype(np.int32)
        self._sorted = np.take_along_axis(keys, self._order, axis=1)

    def votes(self, photo: Landmarks) -> npt.NDArray[np.int64]:
        """(N,): how many of the photo's landmarks each of the N photos has too, wherever on it."""
        asked, owners = [], []
        words = _words(photo.descriptors)
        for keys, sorted_keys, order in zip(_keys(photo.descriptors), self._sorted, self._order, strict=True):
            first, last = (np.searchsorted(sorted_keys, keys, side) for side in ("left", "right"))
            count = last - first
            count[count > MOST_ALIKE] = 0
            mine = np.repeat(np.arange(len(keys)), count)
            theirs = order[np.arange(len(mine)) + np.repeat(first - (np.cumsum(count) - count), count)]
            same = np.bitwise_count(words[mine] ^ self._descriptors[theirs]).sum(axis=1) <= SAME_BITS
            asked.append(mine[same])
            owners.append(self._owner[theirs[same]])
        # Each landmark votes once for a photo, however many tables and landmarks there agree with it.
        pairs = np.unique(np.concatenate(asked) * len(self.photos) + np.concatenate(owners))
        return np.bincount(pairs % max(len(self.photos), 1), minlength=len(self.photos))


def _keys(descriptors: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """(T, N) keys of (N, 32) descriptors."""
    bits = np.unpackbits(descriptors, axis=1)
    return np.stack([bits[:, chosen] @ _WEIGHTS for chosen in _CHOSEN]).astype(np.int32)


def _words(descriptors: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """(N, 32) bytes as (N, 4) words, which are compared faster."""
    return np.ascontiguousarray(descriptors).view(np.uint64)
