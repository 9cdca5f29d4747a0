"""The plan: what becomes of every photo once all of them are known. Which copy stays, which split, which file.

One worker makes it, from about a kilobyte a photo; it sees no pixels. The records may lie on disk: what is decided of
a photo takes little memory, and is put together with its record only where both are wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from crumple.prepare.copies.duplicates import Pair, clusters
from crumple.prepare.photo.one_photo import PreparedPhoto
from crumple.prepare.settings import Settings
from crumple.prepare.shelf import Made
from crumple.prepare.splits import assign_splits

PLACED = 200  # photos that get their places in one piece of work


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo that stays. file: its name below the output folder; in a tar file, its name there.

    shard: the tar or TFRecord file below the output folder, "" without. together: what it shares its split by (author,
    group or photo). copies: how many other files are copies of it.
    """

    photo: PreparedPhoto
    split: str
    together: str
    copies: int
    file: str
    shard: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A photo that does not stay, its reasons complete. duplicate_of: name of the copy that is kept, "" if none is."""

    photo: PreparedPhoto
    duplicate_of: str = ""


@dataclass(frozen=True)
class Plan:
    """kept: in the order of their splits and ids. rejected: in the order of their names."""

    kept: Sequence[Kept] = ()
    rejected: Sequence[Rejected] = ()


def make_plan(photos: Sequence[PreparedPhoto], copies: Iterable[Pair], settings: Settings) -> Plan:
    """The same for the same photos, in whatever order they and the pairs of copies (ids) come.

    What is in the plan reads `photos` again, each when it is asked for.
    """
    names, ids = [photo.name for photo in photos], [photo.id for photo in photos]
    pairs = sorted(set(copies))
    best, copied = _chosen(photos, ids, pairs)
    credits = ((photo.id, photo.credit) for photo in photos if photo.measures)
    splits = assign_splits(credits, pairs, settings.splits, settings.seed)
    order = {name: i for i, (name, _) in enumerate(settings.splits)}
    stays = sorted((i for i in best if best[i] == i), key=lambda i: (order[splits[ids[i]][0]], ids[i]))
    goes = sorted((i for i in range(len(ids)) if best.get(i) != i), key=names.__getitem__)
    starts: dict[str, int] = {}  # where each split begins
    for place, i in enumerate(stays):
        starts.setdefault(splits[ids[i]][0], place)

    def kept(place: int) -> Kept:
        photo = photos[stays[place]]
        split, together = splits[photo.id]
        where = _place(photo.id, split, place - starts[split], settings)
        return Kept(photo, split, together, copied[stays[place]], *where)

    def rejected(place: int) -> Rejected:
        photo, copy = photos[goes[place]], best.get(goes[place])
        reasons = photo.reasons or ("duplicate",)
        return Rejected(replace(photo, reasons=reasons), "" if copy is None else names[copy])

    return Plan(Made(len(stays), kept), Made(len(goes), rejected))


def pieces(kept: Iterable[Kept]) -> Iterator[list[Kept]]:
    """The plan's photos, in its order, in pieces that workers can publish independently: a shard, or single files."""
    for shard, those in groupby(kept, key=lambda one: one.shard):
        while piece := list(those if shard else islice(those, PLACED)):
            yield piece


def _chosen(
    photos: Sequence[PreparedPhoto], ids: Sequence[str], pairs: Iterable[Pair]
) -> tuple[dict[int, int], dict[int, int]]:
    """By number of a photo: that of its copy that stays, maybe itself; and how many copies of it there are besides."""
    good = {i: not photo.reasons for i, photo in enumerate(photos) if photo.measures}
    cluster = clusters((ids[i] for i in good), pairs)
    best: dict[int, int] = {}
    copied: dict[int, int] = {}
    for _, those in groupby(sorted(good, key=lambda i: cluster[ids[i]]), key=lambda i: cluster[ids[i]]):
        copies = list(those)
        passing = [i for i in copies if good[i]]
        if passing:
            stays = passing[0] if len(passing) == 1 else min(passing, key=lambda i: _rank(photos[i]))
            best |= dict.fromkeys(copies, stays)
            copied[stays] = len(copies) - 1
    return best, copied


def _rank(photo: PreparedPhoto) -> tuple[int, int, float, str]:
    """Of copies that pass, the least stays: the most pixels, the least compression, the sharpest, the first by name."""
    measures = photo.measures
    assert measures is not None
    quality = 100 if measures.jpeg_quality is None else measures.jpeg_quality
    return -measures.width * measures.height, -quality, -measures.sharpness, photo.name


def _place(photo: str, split: str, number: int, settings: Settings) -> tuple[str, str]:
    """File and shard of the photo of this id, the one of this number in its split."""
    if settings.format == "folder":
        return f"photos/{split}/{photo}.jpg", ""
    suffix = {"webdataset": "tar", "tfrecord": "tfrecord"}[settings.format]
    return f"{photo}.jpg", f"shards/{split}-{number // settings.shard:05d}.{suffix}"
