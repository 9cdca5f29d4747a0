"""Leaks: photos of one split that another split holds as well, so that a model is judged on what it was taught.

Three kinds are looked for between every two splits of a data file, over all of its sets:

* exact: the same file, by sha256.
* near: a copy that was scaled, cropped, compressed again, coloured or mirrored, or another shot of the same scene.
  Pairs whose perceptual hashes differ in at most NEAR_BITS bits are candidates. Of those the ones are near that have
  at least LEAST_COMMON landmarks in one common arrangement that spans LEAST_AREA of the photo, and those that differ in
  at most SURE_BITS: a smooth panel has few landmarks.
* claims: photos of one group (`LabelledPhoto.group`) of a set on both sides.

The limits were chosen by looking at pairs of 2,239 real photos. No hash distance separates alone: at 14 bits lie shots
of the same airbag and a pickup beside another maker's car, and at 20 still photos of one car from a step aside; of
photos that have nothing to do with each other, one pair in 120 has at most 20. After the second comparison every pair
left showed the same scene: the weakest had 95 landmarks in common, the strongest false one 51 (two cars of one model,
both from the front). Advertisements with the same banner share up to 65, in a strip that spans 1 % of the photo. No
false pair was nearer than 10 bits.

Of 60 photos, at least 59 were found again at half the size, mirrored, as a poor JPEG, brighter, turned by 5 degrees and
without a 40th of each side, but 57 without a 20th and 11 without a tenth. A car seen from elsewhere is not found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np

from crumple.cache import cache_folder
from crumple.dataset.fingerprints import Fingerprint, Memory, fingerprint, load_memory, save_memory, spread
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.leak_records import Leak, LeakAudit, SharedClaim, SplitPair, SplitPhoto
from crumple.dataset.sets import DataFile
from crumple.photo import decode_photo
from crumple.prepare.hashes import distances, mirrored
from crumple.prepare.landmarks import SIDE, Common, Landmarks, common_landmarks, find_landmarks

NEAR_BITS, SURE_BITS = 20, 4
LEAST_COMMON = 70
LEAST_AREA = 0.03
ROWS = 1024  # photos whose distances to all others are held in memory at once
REMEMBERED = 4096  # photos whose landmarks are held in memory, 16 kB each
ORDER = ("train", "val", "test")  # splits in the order in which a model meets them; others come last

OnPhoto = Callable[[int, int], None]  # steps done, steps in all


@dataclass(frozen=True)
class _Photo:
    split: str
    set: str
    file_name: str
    path: Path
    group: str | None
    print: Fingerprint

    @property
    def name(self) -> SplitPhoto:
        return SplitPhoto(split=self.split, set=self.set, file_name=self.file_name)

    @property
    def claim(self) -> tuple[str, str]:
        """Groups are ids of their set's source; a photo without one is a claim of its own."""
        return self.set, f"photo {self.path}" if self.group is None else f"group {self.group}"


@dataclass(frozen=True)
class _Candidate:
    earlier: _Photo
    later: _Photo
    mirrored: bool
    distance: int


def audit_leaks(data: DataFile, on_photo: OnPhoto | None = None) -> LeakAudit:
    """Every leak between the splits of `data`.

    Hashes and comparisons are remembered in the user's cache (`crumple.cache`), so that a second audit takes seconds.

    Args:
        on_photo: told how many steps are done and how many there are: one per photo, then one per candidate pair,
            which join the total when they are known.

    Raises DataError or PhotoError when a split cannot be read.
    """
    tell = on_photo or (lambda done, total: None)
    folder = cache_folder()
    memory = load_memory(folder)
    photos = _read(data, memory, tell)
    names = sorted({photo.split for photo in photos}, key=_order)
    splits = {name: [photo for photo in photos if photo.split == name] for name in names}
    sides = list(combinations(names, 2))
    exact = [leak for one, other in sides for leak in _exact(splits[one], splits[other])]
    candidates = [pair for one, other in sides for pair in _candidates(splits[one], splits[other])]
    near = _near(candidates, memory, lambda done: tell(len(photos) + done, len(photos) + len(candidates)))
    save_memory(memory, folder)
    leaks = tuple(exact + near)
    claims = _shared_claims(photos)
    pairs = tuple(_count(one, splits[one], other, splits[other], leaks) for one, other in sides)
    return LeakAudit(
        splits={name: len(splits[name]) for name in names},
        pairs=pairs,
        leaks=leaks,
        claims=claims,
        verdict=". ".join(pair.words for pair in pairs) or "one split only: there is nothing that could leak",
    )


def _order(split: str) -> tuple[int, str]:
    return ORDER.index(split) if split in ORDER else len(ORDER), split


def _read(data: DataFile, memory: Memory, tell: OnPhoto) -> list[_Photo]:
    """Every photo once per split, however many sets label it."""
    entries: dict[tuple[str, Path], tuple[str, str, LabelledPhoto]] = {}
    for data_set in data.sets:
        for split in data_set.splits:
            for photo in data_set.read(split):
                key = split, photo.path.resolve()
                if key not in entries or (entries[key][2].group is None and photo.group is not None):
                    entries[key] = split, data_set.name, photo
    prints = spread(lambda entry: fingerprint(entry[2].path, memory), entries.values())
    photos = []
    for (split, set_name, photo), found in zip(entries.values(), prints, strict=True):
        photos.append(_Photo(split, set_name, photo.file_name, photo.path, photo.group, found))
        tell(len(photos), len(entries))
    return photos


def _exact(earlier: Sequence[_Photo], later: Sequence[_Photo]) -> Iterator[Leak]:
    by_file: dict[str, list[_Photo]] = {}
    for photo in earlier:
        by_file.setdefault(photo.print.sha256, []).append(photo)
    for photo in later:
        for copy in by_file.get(photo.print.sha256, ()):
            yield Leak(kind="exact", earlier=copy.name, later=photo.name, mirrored=False, distance=0, landmarks=None)


def _candidates(earlier: Sequence[_Photo], later: Sequence[_Photo]) -> Iterator[_Candidate]:
    """Pairs with hashes that are near, exact copies left out."""
    sides = (
        (False, np.array([photo.print.plain for photo in later], np.uint64)),
        (True, np.array([photo.print.mirror for photo in later], np.uint64)),
    )
    for start in range(0, len(earlier), ROWS):
        rows = earlier[start : start + ROWS]
        hashes = np.array([photo.print.plain for photo in rows], np.uint64)
        for mirror, others in sides:
            bits = distances(hashes, others)
            for i, j in np.argwhere(bits <= NEAR_BITS):
                if rows[i].print.sha256 != later[j].print.sha256:
                    yield _Candidate(rows[i], later[j], mirror, int(bits[i, j]))


def _near(candidates: Sequence[_Candidate], memory: Memory, tell: Callable[[int], None]) -> list[Leak]:
    """The candidates that show the same scene, each pair once, most alike first."""

    @lru_cache(REMEMBERED)
    def landmarks(path: Path, mirror: bool) -> Landmarks:
        rgb = decode_photo(path, max_side=2 * SIDE).rgb
        return find_landmarks(mirrored(rgb) if mirror else rgb)

    def compare(pair: _Candidate) -> Common:
        # In one order, whichever split they are of: matching is not quite symmetric.
        one, other = sorted((pair.earlier, pair.later), key=lambda photo: photo.print.sha256)
        key = one.print.sha256, other.print.sha256, pair.mirrored
        if key not in memory.common:
            memory.common[key] = common_landmarks(landmarks(one.path, False), landmarks(other.path, pair.mirrored))
        return memory.common[key]

    best: dict[tuple[str, Path, str, Path], Leak] = {}
    for done, (pair, common) in enumerate(zip(candidates, spread(compare, candidates), strict=True), start=1):
        tell(done)
        key = pair.earlier.split, pair.earlier.path, pair.later.split, pair.later.path
        known = best.get(key)
        sure = pair.distance <= SURE_BITS and pair.earlier.print.plain  # no bit at all: a photo without any shape
        if not sure and (common.count < LEAST_COMMON or common.area < LEAST_AREA):
            continue
        if known is None or common.count > (known.landmarks or 0):
            best[key] = Leak(
                kind="near",
                earlier=pair.earlier.name,
                later=pair.later.name,
                mirrored=pair.mirrored,
                distance=pair.distance,
                landmarks=common.count,
            )
    return sorted(best.values(), key=lambda leak: -(leak.landmarks or 0))


def _shared_claims(photos: Sequence[_Photo]) -> tuple[SharedClaim, ...]:
    claims: dict[tuple[str, str], dict[str, list[str]]] = {}
    for photo in photos:
        if photo.group is not None:
            claims.setdefault((photo.set, photo.group), {}).setdefault(photo.split, []).append(photo.file_name)
    return tuple(
        SharedClaim(
            set=set_name, group=group, photos={split: tuple(names[split]) for split in sorted(names, key=_order)}
        )
        for (set_name, group), names in claims.items()
        if len(names) > 1
    )


def _count(
    earlier: str, earlier_photos: Sequence[_Photo], later: str, photos: Sequence[_Photo], leaks: Sequence[Leak]
) -> SplitPair:
    def those(kind: str) -> set[SplitPhoto]:
        sides = (leak for leak in leaks if leak.kind == kind and leak.earlier.split == earlier)
        return {leak.later for leak in sides if leak.later.split == later}

    exact, near = those("exact"), those("near")
    known = {photo.claim for photo in earlier_photos if photo.group is not None}
    shared = [photo for photo in photos if photo.claim in known]
    reached = {photo.claim for photo in photos if photo.name in exact | near} | {photo.claim for photo in shared}
    return SplitPair(
        earlier=earlier,
        later=later,
        photos=len(photos),
        exact=len(exact),
        near=len(near - exact),
        claims=len(shared),
        touched=sum(photo.claim in reached for photo in photos),
    )
