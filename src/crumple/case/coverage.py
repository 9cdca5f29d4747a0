"""Which panels of a vehicle its photos show: seen, partly or not seen, how much of each, and on which photo best.

A photo says how probably it shows a panel (`Assessment.parts_seen`) and, of many, where (`Assessment.parts`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment, Part
from crumple.assessment.findings import EDGE
from crumple.case.inspection import MissingView, Seen
from crumple.detect.logits import logistic, logit
from crumple.detect.sides import LIDS
from crumple.taxonomy import MERGE_TRUNK_TAILGATE, side, without_side

# Front to back. A vehicle has one lid, under whichever of its two names the photos make likelier.
LID = MERGE_TRUNK_TAILGATE["trunk"]
PANELS: tuple[str, ...] = (
    "front_bumper",
    "grille",
    "front_left_light",
    "front_right_light",
    "hood",
    "front_glass",
    "left_fender",
    "right_fender",
    "left_mirror",
    "right_mirror",
    "front_left_door",
    "front_right_door",
    "back_left_door",
    "back_right_door",
    "left_sill",
    "right_sill",
    "wheel",
    "roof",
    "left_quarter_panel",
    "right_quarter_panel",
    "back_glass",
    LID,
    "back_left_light",
    "back_right_light",
    "back_bumper",
)

# What is named where not one panel of a group is seen.
VIEWS: dict[str, tuple[str, ...]] = {
    "front": ("front_bumper", "grille", "front_left_light", "front_right_light", "hood", "front_glass"),
    "back": ("back_glass", LID, "back_left_light", "back_right_light", "back_bumper"),
    "left side": ("left_fender", "front_left_door", "back_left_door", "left_sill", "left_quarter_panel"),
    "right side": ("right_fender", "front_right_door", "back_right_door", "right_sill", "right_quarter_panel"),
    "roof": ("roof",),
}

# That a case shows a panel, from the photo that most probably does: what several photos say of one vehicle is so
# dependent that the others add nothing. A photo lists no part below 0.35, so one that is not listed has UNLISTED.
# Fitted on the val claims by `benchmarks/case.py --fit`.
UNLISTED = 0.2
OFFSET, SLOPE = -0.967, 1.444

# Share of a part that is left for each of the photo's edges that cuts its outline off. Of 119 outlines in crops of
# whole cars that no edge cuts, 0.97 of the part is there on average; of 100 with one edge 0.69, of 13 with two 0.49.
LEFT_BY_EDGE = 0.7
SMALL = (
    0.001  # share of the photo below which an outline is too small to judge: 16 x 16 pixels of what the network sees
)
MISSING_BELOW = 0.2  # probability of its panels from which on a side of the vehicle may have been photographed
UNCLEAR = ("too_small", "too_dark", "overexposed", "blurred")  # a photo that fails one of these shows nothing well


@dataclass(frozen=True)
class PanelCoverage:
    """What the photos show of one panel.

    label: a part of the taxonomy. probability: that at least one photo shows it; from 0.5 on it is seen or partly seen.
    share: how much of it the best outline shows, estimated; None: shown without an outline. best_photo: position of the
    photo that shows it best; None: none does. by_photo: how probably each photo shows it, as the photo alone tells.
    """

    label: str
    seen: Seen
    probability: float
    share: float | None
    best_photo: int | None
    by_photo: tuple[float, ...]


def coverage(assessments: Sequence[Assessment]) -> list[PanelCoverage]:
    """Every panel that a vehicle can have, front to back, by all photos of it together.

    Seen: one clear photo has the whole outline, large enough. Partly: cut off by the photo's edge in all of them, or
    shown without an outline, too small, blurred or dark. What is no panel, such as the interior, is left out.
    """
    photos = [_photo(assessment) for assessment in assessments]
    lid = _likelier_lid(assessments)
    return [
        _together(lid if panel == LID else panel, [photo.get(panel, _NOTHING) for photo in photos]) for panel in PANELS
    ]


def missing_views(panels: Iterable[PanelCoverage]) -> list[MissingView]:
    """The sides of the vehicle of which the photos show not one panel.

    A side that may be the one of a panel whose side cannot be told is not named.
    """
    by_panel = {panel_of(panel.label): panel for panel in panels}
    return [
        MissingView(title=title, panels=[by_panel[name].label for name in names])
        for title, names in VIEWS.items()
        if all(by_panel[name].probability < MISSING_BELOW for name in names)
    ]


def panel_of(label: str) -> str:
    """The panel of PANELS that a part's name means: both lids are one."""
    return MERGE_TRUNK_TAILGATE.get(label, label)


def panels_named(label: str) -> dict[str, float]:
    """The panels of PANELS that a name may mean, and how probably it means each; empty for what is no panel.

    "hood" -> itself; "front_door", whose side is not known -> either front door by half.
    """
    panel = panel_of(label)
    if panel in PANELS:
        return {panel: 1.0}
    either = [name for name in PANELS if side(name) and without_side(name) == label]
    return {name: 1 / len(either) for name in either}


def probability_shown(chance: float) -> float:
    """That a case shows a panel, calibrated. chance: of the photo that most probably shows it; 0: none lists it."""
    return float(logistic(OFFSET + SLOPE * logit(max(chance, UNLISTED))))


@dataclass(frozen=True)
class _Shown:
    """One panel on one photo. share: of the panel, None without an outline; area: of the photo, 0 without one."""

    chance: float = 0.0
    share: float | None = None
    area: float = 0.0
    clear: bool = True

    @property
    def whole(self) -> bool:
        return self.clear and self.share == 1 and self.area >= SMALL

    @property
    def worth(self) -> tuple[bool, float]:
        """By which the best photo is chosen: clear ones first, then by what they show of it and how large."""
        return self.clear, self.chance * (0.5 if self.share is None else self.share) * (0.1 + self.area)


_NOTHING = _Shown()


def _photo(assessment: Assessment) -> dict[str, _Shown]:
    """What one photo shows, by panel."""
    clear = all(check.ok for check in assessment.quality if check.name in UNCLEAR)
    scores = {part.id: part.score for part in assessment.parts}
    chances: dict[str, float] = {}
    for seen in assessment.parts_seen:
        # A model that tells no probability has outlines alone.
        chance = seen.probability if seen.probability is not None else scores.get(seen.part or "", 0.0)
        for panel, share in panels_named(seen.label).items():
            chances[panel] = min(1.0, chances.get(panel, 0.0) + chance * share)
    outlines: dict[str, Part] = {}
    for part in sorted(assessment.parts, key=lambda part: part.area_share):
        name = part.label if part.side or side(part.label) is None else without_side(part.label)
        for panel, share in panels_named(name).items():
            chances.setdefault(panel, part.score * share)
            outlines[panel] = part
    return {
        panel: _Shown(chance, _share_shown(outlines[panel]), outlines[panel].area_share, clear)
        if panel in outlines
        else _Shown(chance, clear=clear)
        for panel, chance in chances.items()
    }


def _share_shown(part: Part) -> float:
    """How much of a part the photo shows, by the edges of the photo that cut its outline off; 1 where none does."""
    height, width = part.mask.size
    left, top, right, bottom = part.box
    near = (left / width, top / height, 1 - right / width, 1 - bottom / height)
    return float(LEFT_BY_EDGE ** sum(distance <= EDGE for distance in near))


def _likelier_lid(assessments: Sequence[Assessment]) -> str:
    votes = dict.fromkeys(LIDS, 0.0)
    for assessment in assessments:
        for seen in assessment.parts_seen:
            if seen.label in votes:
                votes[seen.label] += seen.probability or 0.0
        for part in assessment.parts:
            if part.label in votes:
                votes[part.label] += part.score
    return max(votes, key=lambda name: votes[name])


def _together(label: str, photos: Sequence[_Shown]) -> PanelCoverage:
    by_photo = tuple(photo.chance for photo in photos)
    probability = probability_shown(max(by_photo, default=0.0))
    showing = [i for i, chance in enumerate(by_photo) if probability_shown(chance) >= 0.5]
    if not showing:
        return PanelCoverage(label, "not_seen", probability, 0.0, None, by_photo)
    return PanelCoverage(
        label=label,
        seen="seen" if any(photos[i].whole for i in showing) else "partly",
        probability=probability,
        share=max((share for i in showing if (share := photos[i].share) is not None), default=None),
        best_photo=max(showing, key=lambda i: photos[i].worth),
        by_photo=by_photo,
    )
