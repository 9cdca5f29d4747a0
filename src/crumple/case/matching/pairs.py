"""Evidence that two findings of different photos are one damage: what is known without pixels, and what pixels say.

N: findings of a case; K: pairs of them that may be one damage; F: pieces of evidence, each the same whichever of the
two findings is first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from crumple.case.likeness import cosines, place_vectors, type_likeness
from crumple.case.matching.alignment import (
    FEWEST,
    FEWEST_NEAR,
    Floats,
    Keypoints,
    Matching,
    find_keypoints,
    small,
)
from crumple.case.matching.frames import frame_likeness, part_frames, slenderness
from crumple.case.matching.landing import Shown, aligned, shown
from crumple.case.observations import Observation, PhotoEvidence

COLOURS = 10.0  # of Lab, in which differences of colour are told
RIVALS = 150  # that a finding is compared with at most; a large case has thousands
# Types of which a part has one at most: the same type on the same part is nearly always the same damage.
ONE_A_PART = frozenset({"lamp_damage", "glass_crack", "hood_damage", "airbag_deployed"})


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of findings that may be one damage, K of them, and what speaks for each.

    pairs: (K, 2) positions of the observations, the smaller first. evidence: (K, F), columns as in `EVIDENCE`.
    """

    pairs: npt.NDArray[np.int64]
    evidence: Floats


GLANCE = (
    "same_type",
    "near_type",
    "one_a_part",
    "broken",
    "places",
    "part",
    "one_a_part_there",
    "view",
    "rivals",
    "size",
    "slenderness",
    "slant",
    "framed",
    "frame_off",
    "frame_size",
)
WHOLE = ("whole", "whole_overlap", "whole_iou", "whole_off")
NEAR = ("near", "near_overlap", "near_iou", "near_off")
COLOUR = ("paint", "inside")
EVIDENCE = (*GLANCE, *WHOLE, *NEAR, *COLOUR)


def glance(
    observations: Sequence[Observation], photos: Sequence[PhotoEvidence], possible: npt.NDArray[np.bool_]
) -> Candidates:
    """What can be told without pixels, of all `possible` (N, N) pairs on different photos."""
    on = place_vectors([one.places for one in observations])
    seen = place_vectors([photo.seen for photo in photos])
    at = np.array([one.photo for one in observations], np.int64)
    counts = possible.astype(np.int64) @ (at[:, None] == np.arange(len(photos)))  # (N, photos): possible ones on each
    alike_on = cosines(on, on)
    i, j = np.nonzero(np.triu(_nearest(alike_on, possible & (at[:, None] != at))))
    alike = np.array([type_likeness(observations[a].damage, observations[b].damage) for a, b in zip(i, j, strict=True)])
    same = alike == 1
    one_a_part = same & np.isin([one.damage for one in observations], list(ONE_A_PART))[i]
    broken = same & (np.array([one.damage for one in observations]) == "broken_or_missing")[i]
    part = 1 - np.prod(1 - on[i] * on[j], axis=1)
    area = np.log(
        [max(1, one.patch.area) / (photos[one.photo].width * photos[one.photo].height) for one in observations]
    )
    slender, slant = np.array([slenderness(one.patch) for one in observations]).reshape(-1, 2).T
    columns = {
        "same_type": same,
        "near_type": np.where(same, 0.0, alike),
        "one_a_part": one_a_part,
        "broken": broken,
        "places": alike_on[i, j],
        "part": part,
        "one_a_part_there": one_a_part * part,
        "view": cosines(seen, seen)[at[i], at[j]],
        "rivals": np.log(counts[i, at[j]] * counts[j, at[i]]),
        "size": np.abs(area[i] - area[j]),
        "slenderness": np.abs(np.log(slender[i] / slender[j])),
        "slant": _turned(slant[i], slant[j]) * (1 - slender[i]) * (1 - slender[j]),
    }
    frames = [part_frames(one, photos[one.photo]) for one in observations]
    in_frames = np.array([frame_likeness(frames[a], frames[b]) for a, b in zip(i, j, strict=True)]).reshape(-1, 3)
    columns |= dict(zip(("framed", "frame_off", "frame_size"), in_frames.T, strict=True))
    evidence = np.zeros((len(i), len(EVIDENCE)))
    for column, name in enumerate(GLANCE):
        evidence[:, column] = columns[name]
    return Candidates(np.stack([i, j], axis=1), evidence)


def _nearest(alike: Floats, possible: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(N, N) possible pairs of which one is among the `RIVALS` of the other that lie on the most alike places."""
    if len(alike) <= RIVALS:
        return possible
    among = np.where(possible, alike, -1.0)
    least = np.partition(among, -RIVALS, axis=1)[:, -RIVALS]
    kept = possible & (among >= least[:, None])
    return kept | kept.T


def look(
    candidates: Candidates,
    chosen: npt.NDArray[np.int64],
    observations: Sequence[Observation],
    photos: Sequence[PhotoEvidence],
) -> npt.NDArray[np.int64]:
    """Fills in what pixels say of the `chosen` rows of the candidates; which of them it did, for some have no pixels.

    Each photo is decoded once, and only its keypoints and colours are kept.
    """
    at = np.array([one.photo for one in observations], np.int64)
    pairs = candidates.pairs[chosen]
    wanted = [i for i in np.unique(at[pairs]).tolist() if photos[i].pixels is not None]
    views = {i: _view(photos[i], [(k, observations[k]) for k in np.flatnonzero(at == i).tolist()]) for i in wanted}
    by_photos: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for row, (i, j) in zip(chosen.tolist(), pairs.tolist(), strict=True):
        if at[i] in views and at[j] in views:
            # Which photo is laid onto which is settled by what is on them: their order must not matter.
            a, b = (i, j) if views[at[i]].key <= views[at[j]].key else (j, i)
            by_photos.setdefault((int(at[a]), int(at[b])), []).append((row, a, b))
    first = EVIDENCE.index(WHOLE[0])
    colours = {k: colour for view in views.values() for k, colour in view.colours.items()}
    for (one, other), rows in by_photos.items():
        matching = Matching(views[one].keypoints, views[other].keypoints)
        whole = matching.whole()
        for row, a, b in rows:
            this, that = views[one].findings[a], views[other].findings[b]
            near = matching.near(this.box, that.box)
            candidates.evidence[row, first:] = (
                *aligned(this, that, whole, FEWEST),
                *aligned(this, that, near, FEWEST_NEAR),
                *(float(np.linalg.norm(x - y)) / COLOURS for x, y in zip(colours[a], colours[b], strict=True)),
            )
    return np.array(sorted(row for rows in by_photos.values() for row, _, _ in rows), np.int64)


@dataclass(frozen=True, eq=False)
class _View:
    """A photo made ready for alignment.

    findings, colours: by the positions of its findings; see `shown`, `_colours`. key: tells photos apart by what is on
    them.
    """

    keypoints: Keypoints
    findings: dict[int, Shown]
    colours: dict[int, tuple[Floats, Floats]]
    key: bytes


def _view(photo: PhotoEvidence, findings: Sequence[tuple[int, Observation]]) -> _View:
    assert photo.pixels is not None
    picture = small(photo.pixels())
    height, width = picture.shape[:2]
    scale = max(height, width) / max(photo.width, photo.height)
    ready = {k: shown(one, scale) for k, one in findings}
    keypoints = find_keypoints(picture, scale, [one.box for one in ready.values()])
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    colours = {k: _colours(lab, one.outline) for k, one in ready.items()}
    return _View(keypoints, ready, colours, keypoints.descriptors.tobytes()[:4096])


def _colours(lab: npt.NDArray[np.float32], outline: Floats) -> tuple[Floats, Floats]:
    """Hue and strength of colour, (2,) Lab a and b, round a damage and within it: light and shade change neither."""
    left, top = outline.min(axis=0)
    right, bottom = outline.max(axis=0)
    rim = max(8.0, 0.35 * max(right - left, bottom - top))
    x0, y0 = (max(0, int(value - rim)) for value in (left, top))
    piece = lab[y0 : int(bottom + rim) + 1, x0 : int(right + rim) + 1, 1:]
    inside = np.zeros(piece.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(outline - (x0, y0)).astype(np.int32)], [1])
    chosen = inside > 0
    within = piece[chosen].mean(axis=0) if chosen.any() else piece.mean(axis=(0, 1))
    round_it = np.median(piece[~chosen], axis=0) if not chosen.all() else within
    return round_it.astype(np.float64), within.astype(np.float64)


def _turned(one: Floats, other: Floats) -> Floats:
    """By how many radians two directions differ, 0 to half of pi."""
    return np.abs((one - other + np.pi / 2) % np.pi - np.pi / 2)
