"""The plan: what becomes of every photo once all of them are known. Which copy stays, which split, which file.

One worker makes it, from about a kilobyte a photo; it sees no pixels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from crumple.prepare.duplicates import Pair, clusters
from crumple.prepare.one_photo import PreparedPhoto
from crumple.prepare.settings import Settings
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

    kept: tuple[Kept, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True)
class Work:
    """A piece of publishing: a shard to write, or photos to place if shard is ""."""

    shard: str
    kept: tuple[Kept, ...] = field(default_factory=tuple)


def make_plan(photos: Iterable[PreparedPhoto], copies: Iterable[Pair], settings: Settings) -> Plan:
    """The same for the same photos, in whatever order they and the pairs of copies (ids) come."""
    photos = sorted(photos, key=lambda photo: photo.name)
    decoded = [photo for photo in photos if photo.measures]
    pairs = sorted(set(copies))
    cluster = clusters((photo.id for photo in decoded), pairs)
    members: dict[str, list[PreparedPhoto]] = {}
    for photo in decoded:
        members.setdefault(cluster[photo.id], []).append(photo)
    best = {name: _best(those) for name, those in members.items()}
    splits = assign_splits(((photo.id, photo.credit) for photo in decoded), pairs, settings.splits, settings.seed)
    kept, rejected = [], []
    for photo in photos:
        chosen = best[cluster[photo.id]] if photo.measures else None
        if chosen is photo:
            copied = len(members[cluster[photo.id]]) - 1
            kept.append(Kept(photo, *splits[photo.id], copies=copied, file=f"{photo.id}.jpg"))
        else:
            reasons = photo.reasons or ("duplicate",)
            rejected.append(Rejected(replace(photo, reasons=reasons), chosen.name if chosen else ""))
    order = {name: i for i, (name, _) in enumerate(settings.splits)}
    kept.sort(key=lambda one: (order[one.split], one.photo.id))
    return Plan(tuple(_placed(kept, settings)), tuple(rejected))


def pieces(plan: Plan) -> list[Work]:
    """The plan's publishing in pieces that workers can do independently."""
    shards: dict[str, list[Kept]] = {}
    for one in plan.kept:
        shards.setdefault(one.shard, []).append(one)
    loose = shards.pop("", [])
    works = [Work("", tuple(loose[i : i + PLACED])) for i in range(0, len(loose), PLACED)]
    return works + [Work(shard, tuple(kept)) for shard, kept in shards.items()]


def _best(copies: Sequence[PreparedPhoto]) -> PreparedPhoto | None:
    """Of those that pass: the most pixels, the least compression, the sharpest, and then the first by name."""
    good = [photo for photo in copies if not photo.reasons]
    return min(good, key=_rank, default=None)


def _rank(photo: PreparedPhoto) -> tuple[int, int, float, str]:
    measures = photo.measures
    assert measures is not None
    quality = 100 if measures.jpeg_quality is None else measures.jpeg_quality
    return -measures.width * measures.height, -quality, -measures.sharpness, photo.name


def _placed(kept: Sequence[Kept], settings: Settings) -> Iterable[Kept]:
    counts: dict[str, int] = {}
    for one in kept:
        number = counts[one.split] = counts.get(one.split, -1) + 1
        if settings.format == "folder":
            yield replace(one, file=f"photos/{one.split}/{one.file}")
        else:
            suffix = {"webdataset": "tar", "tfrecord": "tfrecord"}[settings.format]
            yield replace(one, shard=f"shards/{one.split}-{number // settings.shard:05d}.{suffix}")
