"""Placement: is the damage put on the right part? For photos on which people drew both the parts and the damage.

The drawn part of a damage is the one it lies on most by the drawn masks, the found part the one that an assessment
names first for it (`crumple.detect.fusion`) among the parts that the model found.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from crumple.detect.fusion import overlaps
from crumple.detect.masks import Patch
from crumple.evaluate.damaged_parts import PartPatch, assessed_parts, drawn_parts
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.matching import match_photo
from crumple.evaluate.regions import Region
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

Coarser = Mapping[str, str | None]  # part -> what a set calls it, None if it does not draw it


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Misplacement(_Record):
    """Damages that lie on the part `drawn` and were put on `found`; None: on no part."""

    drawn: str
    found: str | None
    damages: int


class Placement(_Record):
    """Where the damages that were found were put.

    photos: with both kinds of labels. sets: that drew the parts. damages: drawn on those photos, crowds left out.
    found: those of them that were found, in their class and at mask IoU 0.5: only they can be put anywhere.
    on_no_part: those of the found ones that lie on no drawn part; they are not judged. judged: the rest.
    right: of the judged, put first on the part they lie on most. accuracy: the share of that. named: the share whose
    part is among all those that the finding names. Both are None when nothing is judged.
    misplaced: what went wrong, the most frequent first.
    """

    photos: int
    sets: tuple[str, ...]
    damages: int
    found: int
    on_no_part: int
    judged: int
    right: int
    accuracy: float | None
    named: float | None
    misplaced: tuple[Misplacement, ...]


def placement(
    photos: Sequence[JudgedPhoto],
    lowest_parts: Mapping[str, float],
    lowest_damage: Mapping[str, float],
    coarser: Mapping[str, Coarser] | None = None,
) -> Placement | None:
    """Compare drawn and found part of every damage that was found; None when no photo carries both kinds of labels.

    Args:
        lowest_parts, lowest_damage: by label, the lowest score that counts; a label that is missing has 0.
        coarser: by name of a parts set, our parts -> its names (`DataSet.coarser`), applied to both sides first.
    """
    both = {PARTS_BRANCH, DAMAGE_BRANCH}
    known = [photo for photo in photos if both <= photo.truth.sets.keys() and both <= photo.found.keys()]
    if not known:
        return None
    damages = on_no_part = named = 0
    pairs: Counter[tuple[str, str | None]] = Counter()
    for photo in known:
        names = (coarser or {}).get(photo.truth.sets[PARTS_BRANCH], {})
        drawn, found = _renamed(drawn_parts(photo), names), _renamed(assessed_parts(photo, lowest_parts), names)
        match = match_photo(photo.regions(DAMAGE_BRANCH), lowest_damage)
        damages += sum(not region.crowd for region in match.drawn)
        for finding, partner in zip(match.found, match.partner, strict=True):
            if partner < 0:
                continue
            truth, said = _parts_of(match.drawn[partner], drawn), _parts_of(finding, found)
            if not truth:
                on_no_part += 1
                continue
            pairs[truth[0], said[0] if said else None] += 1
            named += truth[0] in said
    judged = pairs.total()
    right = sum(count for (truth, said), count in pairs.items() if truth == said)
    return Placement(
        photos=len(known),
        sets=tuple(dict.fromkeys(photo.truth.sets[PARTS_BRANCH] for photo in known)),
        damages=damages,
        found=judged + on_no_part,
        on_no_part=on_no_part,
        judged=judged,
        right=right,
        accuracy=right / judged if judged else None,
        named=named / judged if judged else None,
        misplaced=tuple(
            Misplacement(drawn=truth, found=said, damages=count)
            for (truth, said), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))
            if truth != said
        ),
    )


def _renamed(parts: Sequence[PartPatch], names: Coarser) -> list[PartPatch]:
    """The parts under the set's names, without those that it does not draw."""
    named = ((names.get(part.label, part.label), part.patch) for part in parts)
    return [PartPatch(label, patch) for label, patch in named if label is not None]


def _parts_of(damage: Region, parts: Sequence[PartPatch]) -> list[str]:
    """Names of the parts the damage lies on, most of it first."""
    places = overlaps(Patch.from_rle(damage.rle), [part.patch for part in parts])
    return [parts[place.part].label for place in places]
