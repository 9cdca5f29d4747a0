"""Ground truth of a data file, photo by photo: what several sets say about the same photo is brought together.

On which parts the damage of a judged photo lies is `places.truth`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.leak_records import LeakAudit
from crumple.dataset.sets import DataFile, DataSet
from crumple.errors import DataError, ModelError
from crumple.evaluate.judged.photos import Truth
from crumple.taxonomy import DAMAGE_BRANCH


def read_truths(
    data: DataFile, split: str, branches: Mapping[str, Sequence[str]], limit: int | None = None
) -> list[Truth]:
    """The photos of `split` of every set that has it and whose branch is in `branches`, sets in their order.

    Where "damage" is among the branches, also those of every undamaged set, for false alarms.

    Args:
        branches: the model's classes by branch.
        limit: at most this many photos of each set, evenly spaced over it.

    Raises DataError naming set, photo and label when the data cannot be used, ModelError when the model has none of its
    branches.
    """
    if limit is not None and limit < 1:
        raise DataError(f"limit {limit}: at least one photo of each set is needed")
    chosen = [data_set for data_set in data.sets if data_set.branch in branches]
    if not chosen:
        wanted = ", ".join(sorted({data_set.branch for data_set in data.sets}))
        raise ModelError(
            f"the data is labelled for {wanted}, and the model has only {', '.join(branches)}; "
            "give data that is labelled for one of these"
        )
    truths: dict[Path, Truth] = {}
    if DAMAGE_BRANCH in branches:
        chosen += [data_set for data_set in data.sets if data_set.undamaged and data_set not in chosen]
    having = [data_set for data_set in chosen if split in data_set.splits]
    if not having:
        known = ", ".join(dict.fromkeys(name for data_set in chosen for name in data_set.splits))
        raise DataError(f"no set that can be judged has a split {split!r}; they have {known}")
    for data_set in having:
        pairs = _read_set(data_set, branches.get(data_set.branch), split, limit)
        drawable = data_set.drawable(split)
        for photo, given in pairs:
            path = photo.path.resolve()
            truths[path] = _merge(truths.get(path), data_set, photo, given, drawable)
    if not truths:
        raise DataError(f"split {split!r} holds no photo; give another --split, or fill its label files")
    return list(truths.values())


def unseen(truths: Sequence[Truth], leaks: LeakAudit, data: DataFile, split: str) -> list[Truth]:
    """The photos of `split` that no other split holds: as a copy, as another shot, or by any photo of their claim."""
    # By path: the audit names one of the sets that a photo is in, the truths those that are judged.
    folders = {data_set.name: data_set.splits[split].images for data_set in data.sets if split in data_set.splits}
    sides = [photo for leak in leaks.leaks for photo in (leak.earlier, leak.later) if photo.split == split]
    found = [(photo.set, photo.file_name) for photo in sides]
    found += [(claim.set, name) for claim in leaks.claims for name in claim.photos.get(split, ())]
    paths = {(folders[data_set] / name).resolve() for data_set, name in found}
    claims = {truth.group for truth in truths if truth.path.resolve() in paths and truth.group is not None}
    return [truth for truth in truths if truth.path.resolve() not in paths and truth.group not in claims]


def _merge(
    known: Truth | None, data_set: DataSet, photo: LabelledPhoto, given: LabelledPhoto, drawable: frozenset[str]
) -> Truth:
    branch = data_set.branch
    if known is not None and branch in known.sets:
        raise DataError(
            f"{photo.path} is in the sets {known.sets[branch]!r} and {data_set.name!r}, which both label {branch}: "
            "take it out of one of them"
        )
    undamaged = data_set.undamaged or (known is not None and known.undamaged)
    silent = data_set.undamaged and branch == DAMAGE_BRANCH  # it has no labels; every finding on it is a false alarm
    drawn = [*(known.photos.items() if known else ()), (branch, photo)]
    if undamaged and any(name == DAMAGE_BRANCH and one.instances for name, one in drawn):
        raise DataError(
            f"{photo.path} has damage drawn on it in one set, and is in another that is marked undamaged: "
            "take it out of one of them"
        )
    return Truth(
        path=photo.path,
        file_name=known.file_name if known else photo.file_name,
        width=photo.width,
        height=photo.height,
        group=known.group or photo.group if known else photo.group,
        undamaged=undamaged,
        sets={**(known.sets if known else {}), branch: data_set.name},
        photos={**(known.photos if known else {}), branch: photo},
        given={**(known.given if known else {}), branch: given},
        classes=(known.classes if known else {}) | ({} if silent else {branch: drawable.difference(photo.undrawn)}),
        coarser=data_set.coarser or (known.coarser if known else {}),
        apart=(known.apart if known else frozenset()) | ({branch} if data_set.apart else frozenset()),
    )


def _read_set(
    data_set: DataSet, classes: Sequence[str] | None, split: str, limit: int | None
) -> Iterator[tuple[LabelledPhoto, LabelledPhoto]]:
    """Each photo with merged objects split, and as it was given.

    classes: of the set's branch; None if nobody judges it.
    """
    photos = data_set.read(split, check_sizes=True)
    coarser = [name for name in data_set.coarser.values() if name is not None]
    given = data_set.read(split, split=False) if data_set.labels.split_polygons else photos
    for photo in photos:
        unknown = {instance.label for instance in photo.instances}.difference(classes or (), coarser)
        if classes and unknown:
            raise DataError(
                f"set {data_set.name!r}, {photo.file_name}: label {min(unknown)!r} is not a class of the model's "
                f"branch {data_set.branch!r}; map it to one of {', '.join(classes)} or to null in the set's label map"
            )
    take = np.linspace(0, len(photos) - 1, min(limit, len(photos))).round().astype(int) if limit else range(len(photos))
    return ((photos[i], given[i]) for i in take)
