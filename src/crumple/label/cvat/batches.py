"""Cutting photos into tasks: at most so many photos each, and no group in two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crumple.label.photos import LabelPhoto


@dataclass(frozen=True)
class Batch:
    """The photos of one task, in the order in which annotators see them. split: "" for none."""

    split: str
    photos: tuple[LabelPhoto, ...]


def cut(photos: Sequence[LabelPhoto], size: int, limit: int | None = None) -> list[Batch]:
    """Tasks of at most `size` photos, each of one split; with a limit the first `limit` photos, rounded up to groups.

    A group stands where its first photo stands, with all its photos; only a group of more than `size` photos makes a
    larger task, which it has to itself.
    """
    groups: dict[tuple[str, str], list[LabelPhoto]] = {}
    for photo in photos:
        own = f"group {photo.group}" if photo.group else f"photo {photo.sha256}"
        groups.setdefault((photo.split or "", own), []).append(photo)
    batches: list[Batch] = []
    taken = 0
    open_batches: dict[str, list[LabelPhoto]] = {}
    for (split, _), members in groups.items():
        if limit is not None and taken >= limit:
            break
        taken += len(members)
        waiting = open_batches.setdefault(split, [])
        if waiting and len(waiting) + len(members) > size:
            batches.append(Batch(split, tuple(waiting)))
            waiting.clear()
        waiting += members
    return batches + [Batch(split, tuple(waiting)) for split, waiting in open_batches.items() if waiting]
