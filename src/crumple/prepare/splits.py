"""Splits: photos that belong together stay together, and the same photos always land in the same split.

Together belong copies of one picture, photos of one author (of one source), and photos of one group, such as a claim:
whatever chain of these leads from one photo to another. A photo with none of them is on its own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from crumple.credit import Credit
from crumple.prepare.copies.duplicates import Pair, clusters

Splits = Sequence[tuple[str, float]]


def split_of(name: str, splits: Splits, seed: str = "0") -> str:
    """The split of whatever is called `name`: by hash, so by nothing else than its name, the shares and the seed."""
    digest = hashlib.sha256(f"{seed}\n{name}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    for split, share in splits:
        place -= share
        if place < 0:
            return split
    return next(split for split, share in reversed(splits) if share)  # shares that add up to a hair less than 1


def bonds(photo: str, credit: Credit) -> Iterator[Pair]:
    """What a photo belongs to, as pairs for `clusters`. photo: what the photo is called there."""
    author = credit.author_id or credit.author
    if author:
        yield f"author {credit.source} {author}", photo
    if credit.group:
        yield f"group {credit.source} {credit.group}", photo


def assign_splits(
    photos: Iterable[tuple[str, Credit]], copies: Iterable[Pair], splits: Splits, seed: str = "0"
) -> dict[str, tuple[str, str]]:
    """Id of a photo -> its split, and what it is together with others by: the first author, else group, else photo.

    Args:
        photos: id and credit of each file; files with the same id are one photo.
        copies: pairs of ids that are copies.
    """
    pairs = [(f"photo {one}", f"photo {other}") for one, other in copies]
    ids = set()
    for photo, credit in photos:
        ids.add(photo)
        pairs += bonds(f"photo {photo}", credit)
    # "author ..." sorts before "group ..." before "photo ...": new photos of an author do not move the old ones.
    together = clusters((f"photo {photo}" for photo in ids), pairs)
    chosen = ((photo, together[f"photo {photo}"]) for photo in ids)
    return {photo: (split_of(name, splits, seed), name) for photo, name in chosen}
