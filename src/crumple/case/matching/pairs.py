"""Evidence that two findings of different photos are one damage: what is known without pixels, and what pixels say.

N: findings of a case; K: pairs of them that may be one damage; F: pieces of evidence, each the same whichever of the
two findings is first.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.case.likeness import cosines, place_vectors, type_likenesses
from crumple.case.matching.alignment import FEWEST, FEWEST_NEAR, Floats, Matching
from crumple.case.matching.frames import frame_likeness, part_frames, slenderness
from crumple.case.matching.landing import aligned
from crumple.case.matching.views import AT_A_TIME, View, colour_distance
from crumple.case.observations import Observation, PhotoEvidence

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
    kinds = [one.damage for one in observations]
    alike = type_likenesses(kinds)[i, j]
    same = alike == 1
    one_a_part = same & np.array([kind in ONE_A_PART for kind in kinds], bool)[i]
    broken = same & np.array([kind == "broken_or_missing" for kind in kinds], bool)[i]
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
    in_frames = np.array(
        [frame_likeness(frames[a], frames[b]) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    ).reshape(-1, 3)
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
    candidates: Candidates, chosen: npt.NDArray[np.int64], at: npt.NDArray[np.int64], views: Mapping[int, View]
) -> npt.NDArray[np.int64]:
    """Fills in what pixels say of the `chosen` rows of the candidates; which of them it did, for some have no pixels.

    Args:
        at: (N,) the photo of each finding. views: by photo.
    """
    by_photos: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for row, (i, j) in zip(chosen.tolist(), candidates.pairs[chosen].tolist(), strict=True):
        if at[i] in views and at[j] in views:
            # Which photo is laid onto which is settled by what is on them: their order must not matter.
            a, b = (i, j) if views[int(at[i])].key <= views[int(at[j])].key else (j, i)
            by_photos.setdefault((int(at[a]), int(at[b])), []).append((row, a, b))
    first = EVIDENCE.index(WHOLE[0])

    def compare(photos: tuple[int, int]) -> None:
        here, there = (views[photo] for photo in photos)
        matching = Matching(here.keypoints, there.keypoints)
        whole = matching.whole()
        for row, a, b in by_photos[photos]:
            this, that = here.findings[a], there.findings[b]
            near = matching.near(this.box, that.box)
            candidates.evidence[row, first:] = (
                *aligned(this, that, whole, FEWEST),
                *aligned(this, that, near, FEWEST_NEAR),
                *(colour_distance(x, y) for x, y in zip(here.colours[a], there.colours[b], strict=True)),
            )

    with ThreadPoolExecutor(AT_A_TIME) as threads:
        list(threads.map(compare, by_photos))
    return np.array(sorted(row for rows in by_photos.values() for row, _, _ in rows), np.int64)


def _turned(one: Floats, other: Floats) -> Floats:
    """By how many radians two directions differ, 0 to half of pi."""
    return np.abs((one - other + np.pi / 2) % np.pi - np.pi / 2)
