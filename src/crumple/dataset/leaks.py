"""Leaks: photos of one split that another split holds as well, so that a model is judged on what it was taught.

Three kinds are looked for between every two splits of a data file, over all of its sets:

* exact: the same file, by sha256.
* near: a copy that was scaled, cropped, compressed again, coloured or mirrored, or another shot of the same scene, see
  `near_photos`.
* claims: photos of one group (`LabelledPhoto.group`) of a set on both sides.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from crumple.cache import cache_folder
from crumple.dataset.fingerprints import Memory, fingerprint, load_memory, save_memory, spread
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.leak_records import Leak, LeakAudit, SharedClaim, SplitPair, SplitPhoto
from crumple.dataset.near_photos import HashedPhoto, near_photos, steps
from crumple.dataset.sets import DataFile

ORDER = ("train", "val", "test")  # splits in the order in which a model meets them; others come last

OnPhoto = Callable[[int, int], None]  # steps done, steps in all


@dataclass(frozen=True)
class _Photo(HashedPhoto):
    split: str
    set: str
    file_name: str
    group: str | None

    @property
    def name(self) -> SplitPhoto:
        return SplitPhoto(split=self.split, set=self.set, file_name=self.file_name)

    @property
    def claim(self) -> tuple[str, str]:
        """Groups are ids of their set's source; a photo without one is a claim of its own."""
        return self.set, f"photo {self.path}" if self.group is None else f"group {self.group}"


def audit_leaks(data: DataFile, on_photo: OnPhoto | None = None) -> LeakAudit:
    """Every leak between the splits of `data` that are here: who judges a model need not have what it learnt from.

    Hashes, and the pairs found among the same photos, are remembered in the user's cache (`crumple.cache`): a second
    audit takes a second.

    Args:
        on_photo: told how many steps are done and how many there are: one per photo to hash, then those of comparing
            photos, which join the total when they are known.

    Raises DataError or PhotoError when a split cannot be read.
    """
    folder = cache_folder()
    memory = load_memory(folder)
    progress = _Progress(on_photo or (lambda done, total: None))
    absent = [(s.name, name) for s in data.sets for name, split in s.splits.items() if not split.annotations.exists()]
    missing = tuple(f"{split} of {name}" for name, split in absent)
    try:
        photos = _read(data, absent, memory, progress)
    finally:
        save_memory(memory, folder)  # hashes so far, should this be interrupted
    names = sorted({photo.split for photo in photos}, key=_order)
    splits = {name: [photo for photo in photos if photo.split == name] for name in names}
    sides = list(combinations(names, 2))
    unknown = [(one, other) for one, other in sides if _key(splits[one], splits[other]) not in memory.near]
    progress.expect(sum(steps(len(splits[one]), len(splits[other])) for one, other in unknown))
    for one, other in unknown:
        memory.near[_key(splits[one], splits[other])] = near_photos(splits[one], splits[other], progress.step)
    save_memory(memory, folder)
    leaks = tuple(leak for one, other in sides for leak in _leaks(splits[one], splits[other], memory))
    pairs = tuple(_count(one, splits[one], other, splits[other], leaks) for one, other in sides)
    return LeakAudit(
        splits={name: len(splits[name]) for name in names},
        missing=missing,
        pairs=pairs,
        leaks=leaks,
        claims=_shared_claims(photos),
        verdict=_verdict(pairs, missing),
    )


def _verdict(pairs: Sequence[SplitPair], missing: Sequence[str]) -> str:
    found = ". ".join(pair.words for pair in pairs) or "one split only: whether a model has seen it cannot be told"
    if not missing:
        return found
    return f"{found}. Not here, and so not searched: {', '.join(missing)}"


class _Progress:
    """Steps done of those that are known so far."""

    def __init__(self, tell: OnPhoto) -> None:
        self._tell, self._done, self._total = tell, 0, 0

    def expect(self, more: int) -> None:
        self._total += more

    def step(self) -> None:
        self._done += 1
        self._tell(self._done, self._total)


def _order(split: str) -> tuple[int, str]:
    return ORDER.index(split) if split in ORDER else len(ORDER), split


def _read(data: DataFile, absent: Sequence[tuple[str, str]], memory: Memory, progress: _Progress) -> list[_Photo]:
    """Every photo once per split, however many sets label it. absent: set and split to leave out."""
    entries: dict[tuple[str, Path], tuple[str, str, LabelledPhoto]] = {}
    for data_set in data.sets:
        for split in data_set.splits:
            for photo in data_set.read(split) if (data_set.name, split) not in absent else []:
                key = split, photo.path.resolve()
                if key not in entries or (entries[key][2].group is None and photo.group is not None):
                    entries[key] = split, data_set.name, photo
    progress.expect(len(entries))
    photos = []
    prints = spread(lambda entry: fingerprint(entry[2].path, memory), entries.values())
    for (split, set_name, photo), found in zip(entries.values(), prints, strict=True):
        photos.append(_Photo(photo.path, found, split, set_name, photo.file_name, photo.group))
        progress.step()
    return photos


def _key(earlier: Sequence[_Photo], later: Sequence[_Photo]) -> str:
    """What the comparison of two splits is remembered by: the files in them."""
    sides = ("\n".join(sorted({photo.print.sha256 for photo in side})) for side in (earlier, later))
    return hashlib.sha256("\n\n".join(sides).encode()).hexdigest()


def _leaks(earlier: Sequence[_Photo], later: Sequence[_Photo], memory: Memory) -> Iterator[Leak]:
    """Exact copies, then near ones."""
    by_file: dict[str, list[_Photo]] = {}
    for photo in (*earlier, *later):
        by_file.setdefault(photo.print.sha256, []).append(photo)

    def leaks(one: str, other: str, **what: Any) -> Iterator[Leak]:
        for copy in by_file[one]:
            for photo in by_file[other]:
                if copy.split == earlier[0].split and photo.split == later[0].split:
                    yield Leak(earlier=copy.name, later=photo.name, **what)

    for sha256 in by_file:
        yield from leaks(sha256, sha256, kind="exact", mirrored=False, distance=0, landmarks=None)
    for pair in memory.near[_key(earlier, later)]:
        what = {"mirrored": pair.mirrored, "distance": pair.distance, "landmarks": pair.landmarks}
        yield from leaks(pair.earlier, pair.later, kind="near", **what)


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
