"""What is wrong with findings that are not right, by type, and what AP50 would be without the errors of each type.

The types, in the order in which a finding is asked for them; IoU is that of masks, crowds left out:

* outline: overlaps a drawn object of its class, but by less than 0.5;
* class: overlaps one of another class by 0.5 or more;
* duplicate: would be right, had not a finding of higher score found that object already;
* background: overlaps nothing that is drawn by 0.1 or more;
* class and outline: the rest; overlaps one of another class by less than 0.5.

And of drawn objects: missed, where no finding is right about it or has no more than its outline or its class wrong.

F, D = regions found and drawn on one photo, of one branch.

Source: Bolya et al. 2020, "TIDE: A General Toolbox for Identifying Object Detection Errors", section 2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pycocotools import mask as coco_mask
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.regions import PhotoRegions, Region
from crumple.evaluate.measures.matching import CROWD, MATCH_IOU, NO_PARTNER, PhotoMatch, match_photo
from crumple.evaluate.measures.score_curve import score_curve

BACKGROUND_IOU = 0.1
CORRECT = "right"
OUTLINE, CLASS, DUPLICATE, BACKGROUND, BOTH = "outline", "class", "duplicate", "background", "class_and_outline"
MISSED = "missed"
WRONG = (OUTLINE, CLASS, DUPLICATE, BACKGROUND, BOTH)  # the types of findings


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorTypes(_Record):
    """reported: of all findings at the operating point, how many are right, and how many are wrong by type; and of the
        drawn objects, how many are missed.
    ap50: mask AP50 at any score, as in the headline. without: by type, what it would be without errors of that type:
        an outline or a class becomes the drawn object's, or the finding goes where that object is found already; other
        findings, and missed objects, go. A class of which nothing is left drawn is in no mean; None
        where nothing at all is.
    """

    reported: dict[str, int]
    ap50: float | None
    without: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class PhotoErrors:
    """What became of each region of one photo.

    types: of the F found regions, CORRECT or one of WRONG; None on a crowd, which counts for nothing.
    about: (F,) int, the drawn region that one with a wrong outline or class is about, else -1.
    missed: positions of the missed ones among the drawn.
    """

    types: tuple[str | None, ...]
    about: np.ndarray
    missed: tuple[int, ...]


def photo_errors(match: PhotoMatch) -> PhotoErrors:
    """Tell the errors of one photo's matching apart."""
    objects = np.array([j for j, region in enumerate(match.drawn) if not region.crowd], int)
    labels = np.array([match.drawn[j].label for j in objects])
    overlap = np.zeros((len(match.found), len(objects)))
    if overlap.size:
        masks = [region.rle for region in match.found], [match.drawn[j].rle for j in objects]
        overlap = coco_mask.iou(*masks, [0] * len(objects))
    about = np.full(len(match.found), -1)
    types: list[str | None] = []
    for i, (region, partner, row) in enumerate(zip(match.found, match.partner, overlap, strict=True)):
        if partner != NO_PARTNER:
            types.append(None if partner == CROWD else CORRECT)
            continue
        own, others = row * (labels == region.label), row * (labels != region.label)
        types.append(_type(own.max(initial=0), others.max(initial=0)))
        if types[-1] in (OUTLINE, CLASS):
            about[i] = objects[np.argmax(own if types[-1] == OUTLINE else others)]
    missed = tuple(int(j) for j in objects if not match.hit[j] and j not in about)
    return PhotoErrors(tuple(types), about, missed)


def _type(own: float, others: float) -> str:
    """Of a finding that is not right, by its largest IoU with objects of its class and of the others."""
    if BACKGROUND_IOU <= own < MATCH_IOU:
        return OUTLINE
    if others >= MATCH_IOU:
        return CLASS
    if own >= MATCH_IOU:
        return DUPLICATE
    return BACKGROUND if others < BACKGROUND_IOU else BOTH


def error_types(photos: Sequence[PhotoRegions], reported: Sequence[PhotoMatch], classes: Sequence[str]) -> ErrorTypes:
    """The errors of one branch.

    Args:
        photos: with all that was found on them. reported: of each, the matching of what is reported.
    """
    made = [photo_errors(match) for match in reported]
    counts = {kind: sum(errors.types.count(kind) for errors in made) for kind in (CORRECT, *WRONG)}
    pairs = [(match, photo_errors(match)) for match in (match_photo(photo, {}) for photo in photos)]

    def ap50(found: Iterable[Sequence[Region]], drawn: Iterable[Sequence[Region]]) -> float | None:
        sides = zip(photos, drawn, found, strict=True)
        return _ap50([PhotoRegions(p.width, p.height, tuple(d), tuple(f)) for p, d, f in sides], classes)

    drawn, found = [photo.drawn for photo in photos], [photo.found for photo in photos]
    return ErrorTypes(
        reported={**counts, MISSED: sum(len(errors.missed) for errors in made)},
        ap50=_ap50(photos, classes),
        without={
            **{kind: ap50((_mended(match, errors, kind) for match, errors in pairs), drawn) for kind in WRONG},
            MISSED: ap50(found, (_without(match.drawn, errors.missed) for match, errors in pairs)),
        },
    )


def _mended(match: PhotoMatch, errors: PhotoErrors, kind: str) -> list[Region]:
    """The found regions without errors of one type."""
    taken = set(match.partner[match.partner >= 0])
    kept = []
    for region, is_now, about in zip(match.found, errors.types, errors.about, strict=True):
        if is_now != kind:
            kept.append(region)
        elif about >= 0 and about not in taken:
            taken.add(about)
            drawn = match.drawn[about]
            better = {"box": drawn.box, "rle": drawn.rle} if kind == OUTLINE else {"label": drawn.label}
            kept.append(replace(region, **better))
    return kept


def _without(regions: Sequence[Region], positions: Sequence[int]) -> list[Region]:
    return [region for j, region in enumerate(regions) if j not in positions]


def _ap50(photos: Sequence[PhotoRegions], classes: Sequence[str]) -> float | None:
    """Mean over the drawn classes."""
    curves = (score_curve(photos, label).interpolated for label in classes)
    means = [np.mean(curve) for curve in curves if curve is not None]
    return float(np.mean(means)) if means else None
