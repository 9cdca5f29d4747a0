"""Damaged parts: which of a car's parts are damaged, and which of them the findings name.

A claims handler asks part by part: is the door damaged, yes or no? A photo is divided into its parts, those people
drew or else those the model found; a part is damaged when a drawn damage lies on it, by the assessment's own rule
(`crumple.detect.fusion`), and reported when a finding does, of whichever damage type.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from crumple.detect.fusion import distinct, overlaps
from crumple.detect.masks import Patch
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.regions import Region, reported
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH


@dataclass(frozen=True, eq=False)
class PartPatch:
    """One part of a car on a photo: its name and its pixels."""

    label: str
    patch: Patch


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartRecall(_Record):
    """Parts of one name, or of all.

    damaged: parts with a drawn damage on them. reported: those of them with a finding. recall: the share of that.
    undamaged: the other parts. alarmed: those of them with a finding. false_alarms: the share of that. A share of no
    parts is None.
    """

    name: str
    damaged: int
    reported: int
    recall: float | None
    undamaged: int
    alarmed: int
    false_alarms: float | None


class PartReport(_Record):
    """Parts of the photos that are divided in the same way.

    photos: that have at least one part. bare: on which there is none. damages: drawn damages on the photos, crowds left
    out. on_no_part: those of them that lie on no part, so that no finding can be credited to them here.
    classes: by part name, those that occur.
    """

    photos: int
    bare: int
    damages: int
    on_no_part: int
    parts: PartRecall
    classes: tuple[PartRecall, ...]


class DamagedParts(_Record):
    """drawn: photos whose parts people drew. found: the other photos, divided as the model sees them, so that a part it
    overlooks or misnames is judged as such. None where there is no such photo.
    """

    drawn: PartReport | None
    found: PartReport | None


def damaged_parts(
    photos: Sequence[JudgedPhoto], lowest_parts: Mapping[str, float], lowest_damage: Mapping[str, float]
) -> DamagedParts:
    """Judge every part of every photo whose damage is known, undamaged photos included.

    Drawn parts are taken where the photo has any, crowds of parts left out. A part that only a crowd of damage lies on
    is left out: the crowd does not say where in it the damage is.

    Args:
        lowest_parts, lowest_damage: by label, the lowest score that counts; a label that is missing has 0.
    """
    known = [photo for photo in photos if DAMAGE_BRANCH in photo.drawn]
    drawn = [(photo, drawn_parts(photo)) for photo in known if photo.drawn.get(PARTS_BRANCH)]
    found = [(photo, assessed_parts(photo, lowest_parts)) for photo in known if not photo.drawn.get(PARTS_BRANCH)]
    return DamagedParts(drawn=_report(drawn, lowest_damage), found=_report(found, lowest_damage))


def drawn_parts(photo: JudgedPhoto) -> list[PartPatch]:
    """The parts people drew, crowds left out."""
    return _solid([region for region in photo.drawn.get(PARTS_BRANCH, ()) if not region.crowd])


def assessed_parts(photo: JudgedPhoto, lowest: Mapping[str, float]) -> list[PartPatch]:
    """The parts that an assessment of the photo would list, best first: second names for one part are dropped."""
    parts = _solid(reported(photo.found.get(PARTS_BRANCH, ()), lowest))
    return [parts[i] for i in distinct([part.patch for part in parts])]


def _solid(regions: Sequence[Region]) -> list[PartPatch]:
    parts = [PartPatch(region.label, Patch.from_rle(region.rle)) for region in regions]
    return [part for part in parts if part.patch.area]


def _report(photos: Sequence[tuple[JudgedPhoto, list[PartPatch]]], lowest: Mapping[str, float]) -> PartReport | None:
    if not photos:
        return None
    counts: Counter[tuple[str, bool, bool]] = Counter()  # part name, damaged, reported
    damages = on_no_part = 0
    for photo, parts in photos:
        patches = [part.patch for part in parts]
        drawn = [region for region in photo.drawn[DAMAGE_BRANCH] if not region.crowd]
        places = [_on(region, patches) for region in drawn]
        damages += len(drawn)
        on_no_part += sum(not place for place in places)
        damaged = set().union(*places)
        unclear = set().union(*(_on(region, patches) for region in photo.drawn[DAMAGE_BRANCH] if region.crowd))
        named = set().union(*(_on(region, patches) for region in reported(photo.found.get(DAMAGE_BRANCH, ()), lowest)))
        for i, part in enumerate(parts):
            if i in damaged or i not in unclear:
                counts[part.label, i in damaged, i in named] += 1
    return PartReport(
        photos=sum(bool(parts) for _, parts in photos),
        bare=sum(not parts for _, parts in photos),
        damages=damages,
        on_no_part=on_no_part,
        parts=_recall("all", counts),
        classes=tuple(
            _recall(name, Counter({key: count for key, count in counts.items() if key[0] == name}))
            for name in sorted({name for name, _, _ in counts})
        ),
    )


def _on(damage: Region, parts: Sequence[Patch]) -> set[int]:
    """Positions of the parts the damage lies on."""
    return {overlap.part for overlap in overlaps(Patch.from_rle(damage.rle), parts)}


def _recall(name: str, counts: Counter[tuple[str, bool, bool]]) -> PartRecall:
    tally: Counter[tuple[bool, bool]] = Counter()
    for (_, damaged, named), count in counts.items():
        tally[damaged, named] += count
    hits, misses, alarms, quiet = (tally[key] for key in ((True, True), (True, False), (False, True), (False, False)))
    return PartRecall(
        name=name,
        damaged=hits + misses,
        reported=hits,
        recall=hits / (hits + misses) if hits + misses else None,
        undamaged=alarms + quiet,
        alarmed=alarms,
        false_alarms=alarms / (alarms + quiet) if alarms + quiet else None,
    )
