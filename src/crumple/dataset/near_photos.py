"""Near photos: which photos of two lists are copies of one another, or other shots of the same scene.

Candidates are pairs that share LEAST_VOTES landmarks in an index, or whose perceptual hashes differ in at most
SURE_BITS of 64 bits. The latter are near, because a smooth panel has few landmarks; the others are near if they have at
least LEAST_COMMON landmarks in one common arrangement that spans at least LEAST_AREA of the photo.

The limits were chosen by looking at the pairs of 1,857 and 382 real photos. Hashes alone do not separate: 14 bits apart
lie shots of one airbag and a pickup beside another maker's car, 20 and even 40 bits apart photos of one wreck from a
step aside. By landmarks in common, all pairs down to 59 showed the same scene, and the first that did not had 52: two
cars of one model, from the front. Advertisements with the same banner share up to 65, in a strip that spans 1 % of the
photo. Between photos that have nothing to do with each other, no two hashes were less than 10 bits apart.

Of 60 photos, at least 57 were found again at half the size, mirrored, as a poor JPEG, brighter, turned by 5 degrees,
and without a tenth of each side; nothing else was. A car seen from elsewhere is mostly not found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from crumple.dataset.fingerprints import Fingerprint, Near, spread
from crumple.photo import decode_photo
from crumple.prepare.copies.hashes import distances, mirrored
from crumple.prepare.copies.landmark_index import LandmarkIndex
from crumple.prepare.copies.landmarks import SIDE, Landmarks, common_landmarks, find_landmarks

LEAST_VOTES = 5
LEAST_COMMON = 65
LEAST_AREA = 0.03
SURE_BITS = 4
BLOCK = 4096  # photos in an index, 40 kB each

Item = TypeVar("Item")


@dataclass(frozen=True)
class HashedPhoto:
    """A photo file and its fingerprint."""

    path: Path
    print: Fingerprint


@dataclass(frozen=True, eq=False)
class _Asked:
    """A photo with the landmarks of it and of its mirror image."""

    print: Fingerprint
    plain: Landmarks
    mirror: Landmarks


def near_photos(
    earlier: Sequence[HashedPhoto], later: Sequence[HashedPhoto], step: Callable[[], None] = lambda: None
) -> list[Near]:
    """Every near pair once, most landmarks in common first; exact copies (the same file) are not among them.

    Args:
        step: called after each of `steps(...)` steps.

    Raises PhotoError when a photo cannot be read.
    """
    best: dict[tuple[str, str], Near] = {}
    asked = list(_stepping(spread(_ask, later), step))
    for start in range(0, len(earlier), BLOCK):
        block = [photo.print for photo in earlier[start : start + BLOCK]]
        paths = (photo.path for photo in earlier[start : start + BLOCK])
        index = LandmarkIndex(list(_stepping(spread(lambda path: find_landmarks(_rgb(path)), paths), step)))

        def compare(photo: _Asked, block: list[Fingerprint] = block, index: LandmarkIndex = index) -> list[Near]:
            return list(_near(photo, block, index))

        for pair in (pair for pairs in _stepping(spread(compare, asked), step) for pair in pairs):
            key = pair.earlier, pair.later
            if key not in best or pair.landmarks > best[key].landmarks:
                best[key] = pair
    return sorted(best.values(), key=lambda pair: (-pair.landmarks, pair.distance))


def steps(earlier: int, later: int) -> int:
    """How many steps `near_photos` takes for so many photos."""
    return later + earlier + later * -(-earlier // BLOCK)


def _near(photo: _Asked, block: Sequence[Fingerprint], index: LandmarkIndex) -> Iterator[Near]:
    """The photos of a block that are near one photo or its mirror image."""
    hashes = np.array([one.plain for one in block], np.uint64)
    for mirror, own, marks in ((False, photo.print.plain, photo.plain), (True, photo.print.mirror, photo.mirror)):
        bits = distances(np.array([own], np.uint64), hashes)[0]
        sure = (bits <= SURE_BITS) & (own != 0)  # no bit at all: a photo without any shape
        for i in np.flatnonzero(sure | (index.votes(marks) >= LEAST_VOTES)).tolist():
            if block[i].sha256 == photo.print.sha256:
                continue
            common = common_landmarks(index.photos[i], marks)
            if sure[i] or (common.count >= LEAST_COMMON and common.area >= LEAST_AREA):
                yield Near(block[i].sha256, photo.print.sha256, mirror, int(bits[i]), common.count)


def _ask(photo: HashedPhoto) -> _Asked:
    rgb = _rgb(photo.path)
    return _Asked(photo.print, find_landmarks(rgb), find_landmarks(mirrored(rgb)))


def _rgb(path: Path) -> np.ndarray:
    return decode_photo(path, max_side=2 * SIDE).rgb


def _stepping(items: Iterator[Item], step: Callable[[], None]) -> Iterator[Item]:
    for item in items:
        yield item
        step()
