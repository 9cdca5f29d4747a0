"""Evidence that two findings of different photos are one damage: what is known without pixels, and what pixels say.

N: findings of a case; K: pairs of them that may be one damage; F: pieces of evidence, each the same whichever of the two
findings is first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.case.alignment import (
    FEWEST,
    FEWEST_NEAR,
    Floats,
    Keypoints,
    Matching,
    find_keypoints,
    small,
)
from crumple.case.landing import Shown, aligned, shown
from crumple.case.likeness import cosines, place_vectors, type_likeness
from crumple.case.observations import Observation, PhotoEvidence

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
)
WHOLE = ("whole", "whole_overlap", "whole_iou", "whole_off")
NEAR = ("near", "near_overlap", "near_iou", "near_off")
EVIDENCE = (*GLANCE, *WHOLE, *NEAR)


def glance(
    observations: Sequence[Observation], photos: Sequence[PhotoEvidence], possible: npt.NDArray[np.bool_]
) -> Candidates:
    """What can be told without pixels, of all `possible` (N, N) pairs on different photos."""
    on = place_vectors([one.places for one in observations])
    seen = place_vectors([photo.seen for photo in photos])
    at = np.array([one.photo for one in observations], np.int64)
    counts = possible.astype(np.int64) @ (at[:, None] == np.arange(len(photos)))  # (N, photos): possible ones on each
    i, j = np.nonzero(np.triu(possible & (at[:, None] != at)))
    alike = np.array([type_likeness(observations[a].damage, observations[b].damage) for a, b in zip(i, j, strict=True)])
    same = alike == 1
    one_a_part = same & np.isin([one.damage for one in observations], list(ONE_A_PART))[i]
    broken = same & (np.array([one.damage for one in observations]) == "broken_or_missing")[i]
    part = 1 - np.prod(1 - on[i] * on[j], axis=1)
    area = np.log(
        [max(1, one.patch.area) / (photos[one.photo].width * photos[one.photo].height) for one in observations]
    )
    columns = {
        "same_type": same,
        "near_type": np.where(same, 0.0, alike),
        "one_a_part": one_a_part,
        "broken": broken,
        "places": cosines(on, on)[i, j],
        "part": part,
        "one_a_part_there": one_a_part * part,
        "view": cosines(seen, seen)[at[i], at[j]],
        "rivals": np.log(counts[i, at[j]] * counts[j, at[i]]),
        "size": np.abs(area[i] - area[j]),
    }
    evidence = np.zeros((len(i), len(EVIDENCE)))
    for column, name in enumerate(GLANCE):
        evidence[:, column] = columns[name]
    return Candidates(np.stack([i, j], axis=1), evidence)


def look(
    candidates: Candidates,
    chosen: npt.NDArray[np.int64],
    observations: Sequence[Observation],
    photos: Sequence[PhotoEvidence],
) -> None:
    """Fills in what pixels say of the `chosen` rows of the candidates. Each photo is decoded once at most."""
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
    for (one, other), rows in by_photos.items():
        matching = Matching(views[one].keypoints, views[other].keypoints)
        whole = matching.whole()
        for row, a, b in rows:
            this, that = views[one].findings[a], views[other].findings[b]
            near = matching.near(this.box, that.box)
            candidates.evidence[row, first:] = (
                *aligned(this, that, whole, FEWEST),
                *aligned(this, that, near, FEWEST_NEAR),
            )


@dataclass(frozen=True, eq=False)
class _View:
    """A photo made ready for alignment; findings: by their positions. key: what is on it, whatever its position."""

    keypoints: Keypoints
    findings: dict[int, Shown]
    key: bytes


def _view(photo: PhotoEvidence, findings: Sequence[tuple[int, Observation]]) -> _View:
    assert photo.pixels is not None
    picture = small(photo.pixels())
    height, width = picture.shape[:2]
    scale = max(height, width) / max(photo.width, photo.height)
    ready = {k: shown(one, scale) for k, one in findings}
    keypoints = find_keypoints(
        picture, scale, [one.box for one in ready.values()], _vehicle(photo, scale, height, width)
    )
    return _View(keypoints, ready, keypoints.descriptors.tobytes()[:4096])


def _vehicle(photo: PhotoEvidence, scale: float, height: int, width: int) -> npt.NDArray[np.bool_] | None:
    """(height, width) where the vehicle is in the small picture: its outlined parts and a rim; None: none is known."""
    return None
