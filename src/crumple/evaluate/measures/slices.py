"""Slices: is the model worse on small objects, in dark or blurred photos, or on cars with many damages?

Each group divides the same objects by one property. Objects count as found, and findings as right, at mask IoU 0.5 and
the operating point (see `matching`); crowds, and what is found on them, are in none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.measures.matching import NO_PARTNER, PhotoMatch, match_photo

# COCO's limits between small, medium and large objects, in pixels of the drawn mask.
MEDIUM, LARGE = 32**2, 96**2


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slice(_Record):
    """One slice: values from `low` up to but not including `high`, None where it has no such end.

    text: these bounds in words. photos: in the slice; of objects by size, the photos that show one. objects, found:
    drawn objects, and those of them that were found. recall: their share, None without objects. findings, right:
    reported regions and those of them that are right. precision: their share, None without findings. All three are None
    where slices divide objects and not photos: a false alarm is no object, so it has no drawn size.
    """

    name: str
    text: str
    low: float | None
    high: float | None
    photos: int
    objects: int
    found: int
    recall: float | None
    findings: int | None
    right: int | None
    precision: float | None


class SliceGroup(_Record):
    """The slices by one property: "size", "brightness", "sharpness" or "count" (of drawn objects on the photo)."""

    name: str
    slices: tuple[Slice, ...]


class SliceReport(_Record):
    """One branch in slices. Terciles are of the photos judged; with no photo at all there is no group."""

    branch: str
    photos: int
    groups: tuple[SliceGroup, ...]


@dataclass(frozen=True)
class _Bounds:
    name: str
    text: str
    low: float | None
    high: float | None

    def hold(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)


_SIZES = (
    _Bounds("small", "under 32 x 32 pixels", None, MEDIUM),
    _Bounds("medium", "from 32 x 32 to 96 x 96 pixels", MEDIUM, LARGE),
    _Bounds("large", "96 x 96 pixels and more", LARGE, None),
)
_COUNTS = (
    _Bounds("1", "1 drawn on the photo", 1, 2),
    _Bounds("2-3", "2 or 3 drawn on the photo", 2, 4),
    _Bounds("4+", "4 or more drawn on the photo", 4, None),
)


def slice_report(photos: Sequence[JudgedPhoto], branch: str, lowest: Mapping[str, float]) -> SliceReport:
    """Recall and precision of `branch` by slice, over photos that are labelled for it.

    Args:
        lowest: by label, the lowest score that is reported; a label that is missing has 0.
    """
    matches = [match_photo(photo.regions(branch), lowest) for photo in photos]
    brightness, sharpness = [photo.brightness for photo in photos], [photo.sharpness for photo in photos]
    counts = [sum(not region.crowd for region in match.drawn) for match in matches]
    groups = (
        SliceGroup(name="size", slices=tuple(_of_objects(bounds, matches) for bounds in _SIZES)),
        _of_photos("brightness", _terciles(brightness, "darkest", "brightest", "mean luma"), brightness, matches),
        _of_photos("sharpness", _terciles(sharpness, "most blurred", "sharpest", "sharpness"), sharpness, matches),
        _of_photos("count", _COUNTS, counts, matches),
    )
    return SliceReport(branch=branch, photos=len(photos), groups=groups if photos else ())


def _terciles(values: Sequence[float], lowest: str, highest: str, of: str) -> tuple[_Bounds, ...]:
    """Thirds of the photos; of values that many photos share, all are in the same third."""
    if not values:
        return ()
    low, high = (float(value) for value in np.quantile(values, [1 / 3, 2 / 3]))
    return (
        _Bounds(f"{lowest} third", f"{of} under {low:.0f}", None, low),
        _Bounds("middle third", f"{of} from {low:.0f} to {high:.0f}", low, high),
        _Bounds(f"{highest} third", f"{of} from {high:.0f} on", high, None),
    )


def _of_photos(
    name: str, bounds: Iterable[_Bounds], values: Sequence[float], matches: Sequence[PhotoMatch]
) -> SliceGroup:
    """Slices of photos by one value of each."""

    def one(limits: _Bounds) -> Slice:
        mine = [match for value, match in zip(values, matches, strict=True) if limits.hold(value)]
        right = sum(int((match.partner >= 0).sum()) for match in mine)
        findings = right + sum(int((match.partner == NO_PARTNER).sum()) for match in mine)
        objects = [hit for match in mine for hit in _hits(match, lambda area: True)]
        return _slice(limits, len(mine), objects, findings, right)

    return SliceGroup(name=name, slices=tuple(one(limits) for limits in bounds))


def _of_objects(limits: _Bounds, matches: Sequence[PhotoMatch]) -> Slice:
    """The objects with a drawn area within the limits."""
    by_photo = [_hits(match, limits.hold) for match in matches]
    return _slice(limits, sum(map(bool, by_photo)), [hit for hits in by_photo for hit in hits], None, None)


def _hits(match: PhotoMatch, wanted: Callable[[float], bool]) -> list[bool]:
    """Of each drawn object of a wanted area whether it was found."""
    drawn = zip(match.drawn, match.hit, strict=True)
    return [bool(hit) for region, hit in drawn if not region.crowd and wanted(float(coco_mask.area(region.rle)))]


def _slice(limits: _Bounds, photos: int, objects: Sequence[bool], findings: int | None, right: int | None) -> Slice:
    return Slice(
        name=limits.name,
        text=limits.text,
        low=limits.low,
        high=limits.high,
        photos=photos,
        objects=len(objects),
        found=sum(objects),
        recall=sum(objects) / len(objects) if objects else None,
        findings=findings,
        right=right,
        precision=right / findings if findings and right is not None else None,
    )
