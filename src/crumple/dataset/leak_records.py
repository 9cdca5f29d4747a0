"""What a leak audit says: who is like whom across the splits, how many photos that touches, and a verdict in words."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SplitPhoto(_Record):
    """One photo of a split."""

    split: str
    set: str
    file_name: str


class Leak(_Record):
    """Two photos of different splits that are the same or nearly so, `earlier` being of the split that is met first.

    mirrored: it is the mirror image of `later` that is like `earlier`. distance: bits of 64 in which the perceptual
    hashes differ. landmarks: how many they have in common, at most 400; None for exact copies, which are not compared.
    """

    kind: Literal["exact", "near"]
    earlier: SplitPhoto
    later: SplitPhoto
    mirrored: bool
    distance: int
    landmarks: int | None


class SharedClaim(_Record):
    """A group of one set with photos in several splits: file names by split."""

    set: str
    group: str
    photos: dict[str, tuple[str, ...]]


class SplitPair(_Record):
    """What the photos of `later` have in `earlier`, counted in photos of `later`.

    photos: all of them. exact: with an exact copy. near: with a near one and no exact. claims: of a claim that has
    photos in `earlier` too. touched: of a claim of which any photo is one of these; without a claim, the photo alone.
    """

    earlier: str
    later: str
    photos: int
    exact: int
    near: int
    claims: int
    touched: int

    @property
    def words(self) -> str:
        """One sentence."""
        copies = self.exact + self.near
        if not self.touched:
            return f"no photo of {self.later} is in {self.earlier}, as a copy, as another shot or by its claim"
        parts = []
        if copies:
            has = "has" if copies == 1 else "have"
            parts.append(
                f"{copies} of {self.photos} {self.later} photos {has} a copy or another shot in {self.earlier}"
            )
        if self.claims:
            share = "shares a claim" if self.claims == 1 else "share a claim"
            parts.append(f"{self.claims} of {self.photos} {self.later} photos {share} with {self.earlier}")
        if self.touched > max(copies, self.claims):
            parts.append(f"with the other photos of their claims, {self.touched}")
        return "; ".join(parts)


class LeakAudit(_Record):
    """splits: photos by split. missing: "split of set" whose label file is not here, so that nobody could look.

    verdict: in words, for a report's first lines.
    """

    splits: dict[str, int]
    missing: tuple[str, ...] = ()
    pairs: tuple[SplitPair, ...]
    leaks: tuple[Leak, ...]
    claims: tuple[SharedClaim, ...]
    verdict: str
