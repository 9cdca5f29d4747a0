"""One reading of a photo: which parts it shows, which damages are told, and on which places each of them lies.

Assessment and evaluation both read a photo with `read_photo_parts`, so that what is measured is what is reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from crumple.detect.detections import PhotoParts
from crumple.detect.fusion import MIN_SHARE_OF_DAMAGE, distinct
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.place_evidence import Outlined, place_evidence, seen_evidence
from crumple.detect.sides import LIDS, Chances, facing, left_share, on_flank, settled
from crumple.detect.told_once import told_once
from crumple.taxonomy import ELSEWHERE, side, without_side

# outline: the part's own outline lies under the damage. surroundings: the place head says so, from what is around it.
# damage: the type of damage says so.
KnownBy = Literal["outline", "surroundings", "damage"]

# Where damage of a type always is. Of 87 bent hoods that were read by eye, one was drawn on a fender.
BY_DAMAGE = {"airbag_deployed": "interior", "hood_damage": "hood"}

# For a model that was not calibrated. Probabilities from them order the places, and are not told. Those of outlines are
# fitted on val for a model without place heads: where anything of a damage lies on a part, that is better than nothing.
WITH_PLACE_HEADS = PlaceCalibration(offset=0, head=1, outline=1.5, seen=0.25)
OUTLINES_ALONE = PlaceCalibration(offset=-4, head=0, outline=7, seen=0, name_from=0.05, second_from=0.3)
SEEN = SeenCalibration(offset=0, head=1, outline=1.5)


@dataclass(frozen=True)
class LikelyPlace:
    """Where a damage may lie.

    name: one of taxonomy.PLACES (or a part of the model's own), or without its side where that is not known.
    probability: None: not known, for the model is not calibrated for places.
    part: position of the part in the list that was given, if its outline lies under the damage. share_of_damage,
    share_of_part: how much of either is concerned; None without an outline.
    """

    name: str
    probability: float | None
    known_by: tuple[KnownBy, ...]
    part: int | None = None
    share_of_damage: float | None = None
    share_of_part: float | None = None


@dataclass(frozen=True)
class ListedPart:
    """A part with its outline: its position in the list that was given, and its name on the side that the photo shows.

    side_known: False where the photo shows nearly as much of either side; then that of the name is a guess.
    """

    part: int
    name: str
    side_known: bool


@dataclass(frozen=True)
class VisiblePlace:
    """A place that the photo shows. part: position of the part with its outline in the list that was given, or None.

    name: may lack its side, as in `LikelyPlace`. probability: None: not known.
    """

    name: str
    probability: float | None
    part: int | None = None


@dataclass(frozen=True)
class Reading:
    """What a photo says. All positions are in the lists that were given.

    parts: those that are listed with their outlines. visible: every place that the photo shows, those parts among them,
    the most probable first. damages: positions of those that are told, in the order given. places: where each of
    `damages` lies, the most probable first; empty: not identified.
    """

    parts: tuple[ListedPart, ...]
    visible: tuple[VisiblePlace, ...]
    damages: tuple[int, ...]
    places: tuple[tuple[LikelyPlace, ...], ...]


def read_photo_parts(
    parts: Sequence[Outlined],
    damages: Sequence[Outlined],
    photo: PhotoParts | None,
    places: PlaceCalibration | None,
    seen: SeenCalibration | None,
    *,
    once: bool = True,
) -> Reading:
    """Read a photo from its detections at the operating point.

    Args:
        parts, damages: from their `lower` thresholds on, best first; each of at least one pixel.
        photo: see `PhotoParts`; None: the network has no place heads, and places are those of overlapping outlines.
        places, seen: the model's (`ModelInfo.place_calibration`, `.seen_calibration`); None: defaults.
        once: tell nested damages once, see `told_once`; False where people drew them, who mean what they draw.
    """
    weighing = places or (WITH_PLACE_HEADS if photo else OUTLINES_ALONE)
    showing = seen or SEEN
    evidence = place_evidence(parts, damages, photo)
    chances = [dict(zip(evidence.names, row.tolist(), strict=True)) for row in weighing.probability(evidence.features)]
    shown = _shown(parts, photo, showing)
    left = left_share([shown, *(chances if photo else ())])  # without place heads they say what the outlines do
    visible = settled(shown, left, side_from=weighing.side_from, both_from=showing.list_from)
    side_known = max(left, 1 - left) >= weighing.side_from
    listed = tuple(_listed(parts, visible, photo, showing.list_from, left, side_known))
    told_places = []
    for damage, own in zip(damages, chances, strict=True):
        likely = _likely(damage, own, left, weighing)
        on = [_place(name, chance, damage, parts, listed, photo, places) for name, chance in likely.items()]
        told_places.append(tuple(place for place in on if place.known_by))
    names = [[place.name for place in on] for on in told_places]
    told = told_once(damages, names) if once else list(range(len(damages)))
    return Reading(
        parts=listed,
        visible=tuple(_visible(visible, listed, photo, seen, showing.list_from)),
        damages=tuple(told),
        places=tuple(told_places[i] for i in told),
    )


def _shown(parts: Sequence[Outlined], photo: PhotoParts | None, showing: SeenCalibration) -> dict[str, float]:
    """How probably the photo shows each place; without place heads that of a part is the score of its outline."""
    best = {part.label: part.score for part in reversed(parts)}
    if photo is None:
        return best
    return best | dict(zip(photo.names, showing.probability(seen_evidence(parts, photo)).tolist(), strict=True))


def _listed(
    parts: Sequence[Outlined],
    visible: Chances,
    photo: PhotoParts | None,
    list_from: float,
    left: float,
    side_known: bool,
) -> Iterator[ListedPart]:
    """The parts with outlines: no second name for one that is listed, each sided one once, none that is not there."""
    taken: set[str] = set()
    for i in distinct([part.patch for part in parts]):
        name = facing(parts[i].label, left)
        chance = max(visible.get(name, 0.0), visible.get(without_side(name), 0.0))
        # The parts set mixes the lids up and taught the photo's head neither: an outline of one is listed in any case.
        unseen = photo is not None and name in photo.names and name not in LIDS and chance < list_from
        if unseen or name in taken:
            continue
        if side(name):
            taken.add(name)
        yield ListedPart(i, name, side_known or not on_flank(name))


def _visible(
    visible: Mapping[str, float],
    listed: Sequence[ListedPart],
    photo: PhotoParts | None,
    seen: SeenCalibration | None,
    list_from: float,
) -> Iterator[VisiblePlace]:
    if photo is None:
        for name in dict.fromkeys(part.name if part.side_known else without_side(part.name) for part in listed):
            yield VisiblePlace(name, None, _outline(name, listed))
        return
    for name, chance in sorted(visible.items(), key=lambda item: -item[1]):
        if chance >= list_from:
            yield VisiblePlace(name, chance if seen else None, _outline(name, listed))


def _outline(name: str, listed: Sequence[ListedPart]) -> int | None:
    return next((part.part for part in listed if name in (part.name, without_side(part.name))), None)


def _likely(damage: Outlined, chances: Chances, left: float, weighing: PlaceCalibration) -> dict[str, float]:
    """The places that are named, the most probable first."""
    always = BY_DAMAGE.get(damage.label)
    if always in ELSEWHERE:
        return {always: 1.0}
    on = settled(chances, left, side_from=weighing.side_from, both_from=weighing.second_from)
    if always:
        on[always] = 1.0
    ranked = sorted(on.items(), key=lambda item: -item[1])
    return {
        name: chance
        for rank, (name, chance) in enumerate(ranked)
        if chance >= (weighing.second_from if rank else weighing.name_from)
    }


def _place(
    name: str,
    chance: float,
    damage: Outlined,
    parts: Sequence[Outlined],
    listed: Sequence[ListedPart],
    photo: PhotoParts | None,
    places: PlaceCalibration | None,
) -> LikelyPlace:
    """What is known of one place of one damage."""
    outlines = [part for part in listed if name in (part.name, without_side(part.name))]
    shared = {part.part: damage.patch.overlap(parts[part.part].patch) for part in outlines}
    most = max(shared, key=lambda i: shared[i], default=None)
    if most is not None and shared[most] < MIN_SHARE_OF_DAMAGE * damage.patch.area:
        most = None
    certain = BY_DAMAGE.get(damage.label) == name
    known_by: list[KnownBy] = ["damage"] if certain else []
    if most is not None:
        known_by.append("outline")
    if photo and not certain and (most is None or _head_says(name, damage, photo)):
        known_by.append("surroundings")
    return LikelyPlace(
        name=name,
        probability=chance if places or certain else None,
        known_by=tuple(known_by),
        part=most,
        share_of_damage=None if most is None else shared[most] / damage.patch.area,
        share_of_part=None if most is None else shared[most] / parts[most].patch.area,
    )


def _head_says(name: str, damage: Outlined, photo: PhotoParts) -> bool:
    if damage.places is None:
        return False
    said = zip(photo.names, damage.places.tolist(), strict=True)
    return sum(chance for place, chance in said if name in (place, without_side(place))) >= 0.5
