"""Which panels of a vehicle its photos show: seen, partly or not seen, how much of each, and on which photo best.

A photo says how probably it shows a panel (`Assessment.parts_seen`) and, for many, where (`Assessment.parts`).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment, Part
from crumple.assessment.findings import EDGE
from crumple.case.inspection import MissingView, Seen
from crumple.taxonomy import MERGE_TRUNK_TAILGATE, side, without_side

# Front to back. A vehicle has one lid, whichever of its two names the photos make likelier.
_LID = ("trunk", "tailgate")
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
    "trunk_or_tailgate",
    "back_left_light",
    "back_right_light",
    "back_bumper",
)

# What is named where not one panel of a group is seen.
_VIEWS: dict[str, tuple[str, ...]] = {
    "front": ("front_bumper", "grille", "front_left_light", "front_right_light", "hood", "front_glass"),
    "back": ("back_glass", "trunk_or_tailgate", "back_left_light", "back_right_light", "back_bumper"),
    "left side": ("left_fender", "front_left_door", "back_left_door", "left_sill", "left_quarter_panel"),
    "right side": ("right_fender", "front_right_door", "back_right_door", "right_sill", "right_quarter_panel"),
    "roof": ("roof",),
}

SHOWN_FROM = 0.5  # the least probability of a panel that counts as shown
WHOLE_FROM = 0.6  # the least share of a panel that is seen; below it is seen in part
CLEAR = ("too_small", "too_dark", "overexposed", "blurred")  # a photo that fails one of these shows nothing well


@dataclass(frozen=True)
class PanelCoverage:
    """What the photos show of one panel.

    probability: that at least one of them shows it. share: how much of it the best one shows; None: not known.
    best_photo: position of the photo that shows it best, from 0; None: none does. by_photo: how probably each photo
    shows it.
    """

    label: str
    seen: Seen
    probability: float
    share: float | None
    best_photo: int | None
    by_photo: tuple[float, ...]


@dataclass(frozen=True)
class _Shown:
    """One panel on one photo. share: of the panel, None without an outline; area: of the photo, 0 without one."""

    probability: float = 0.0
    share: float | None = None
    area: float = 0.0
    clear: bool = True

    @property
    def worth(self) -> tuple[bool, float]:
        """By which the best photo is chosen."""
        return self.clear, self.probability * (0.5 if self.share is None else self.share) * (0.1 + self.area)


def coverage(assessments: Sequence[Assessment]) -> list[PanelCoverage]:
    """Every panel that a vehicle can have, front to back, by all photos of it together.

    Of trunk and tailgate the likelier one is listed. What is no panel, such as the interior, is left out.
    """
    photos = [_photo(assessment) for assessment in assessments]
    lid = _likelier_lid(assessments)
    return [
        _together(lid if panel == "trunk_or_tailgate" else panel, [photo.get(panel, _Shown()) for photo in photos])
        for panel in PANELS
    ]


def missing_views(panels: Iterable[PanelCoverage]) -> list[MissingView]:
    """The sides of the vehicle of which not one panel is seen."""
    by_panel = {panel_of(panel.label): panel for panel in panels}
    return [
        MissingView(title=title, panels=[by_panel[name].label for name in names])
        for title, names in _VIEWS.items()
        if all(by_panel[name].seen == "not_seen" for name in names)
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


def _photo(assessment: Assessment) -> dict[str, _Shown]:
    """What one photo shows, by panel."""
    clear = all(check.ok for check in assessment.quality if check.name in CLEAR)
    outlines = {part.id: part for part in assessment.parts}
    probability: dict[str, float] = {}
    outline: dict[str, Part] = {}
    for seen in assessment.parts_seen:
        part = outlines.get(seen.part or "")
        chance = seen.probability if seen.probability is not None else part.score if part else 1.0
        for panel, share in panels_named(seen.label).items():
            probability[panel] = min(1.0, probability.get(panel, 0.0) + chance * share)
    for part in assessment.parts:
        names = [part.label] if part.side or side(part.label) is None else [without_side(part.label)]
        for panel, share in panels_named(names[0]).items():
            probability.setdefault(panel, part.score * share)
            if panel not in outline or outline[panel].area_share < part.area_share:
                outline[panel] = part
    return {
        panel: _Shown(chance, share_shown(part), part.area_share, clear)
        if (part := outline.get(panel))
        else _Shown(chance, clear=clear)
        for panel, chance in probability.items()
    }


def share_shown(part: Part) -> float:
    """How much of a part the photo shows, estimated from how much of its outline lies at the photo's edges."""
    height, width = part.mask.size
    left, top, right, bottom = part.box
    cut = [left <= EDGE * width, top <= EDGE * height, right >= (1 - EDGE) * width, bottom >= (1 - EDGE) * height]
    return math.prod(0.6 if one else 1.0 for one in cut)


def _likelier_lid(assessments: Sequence[Assessment]) -> str:
    votes = dict.fromkeys(_LID, 0.0)
    for assessment in assessments:
        for seen in assessment.parts_seen:
            if seen.label in votes:
                votes[seen.label] += 1.0 if seen.probability is None else seen.probability
        for part in assessment.parts:
            if part.label in votes:
                votes[part.label] += part.score
    return max(votes, key=lambda name: votes[name])


def _together(label: str, photos: Sequence[_Shown]) -> PanelCoverage:
    by_photo = tuple(photo.probability for photo in photos)
    probability = max(by_photo, default=0.0)
    showing = [i for i, chance in enumerate(by_photo) if chance >= SHOWN_FROM]
    best = max(showing, key=lambda i: photos[i].worth, default=None)
    if best is None:
        return PanelCoverage(label, "not_seen", probability, 0.0 if photos else None, None, by_photo)
    shares = [share for i in showing if (share := photos[i].share) is not None]
    share = max(shares, default=None)
    whole = any(photos[i].clear and (photos[i].share or 0.0) >= WHOLE_FROM for i in showing)
    return PanelCoverage(label, "seen" if whole else "partly", probability, share, best, by_photo)
