"""Damage followed from frame to frame: one track per physical damage while it stays in view.

Every track's box is moved as the camera moved. A detection then belongs to the track of its own class that it overlaps
most; of those left over, to a track of any class that it overlaps clearly, because a network may call the same damage
a dent in one frame and a scratch in the next; or both in the same frame, where two sightings share a track.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crumple.watch.matching import likeness, match
from crumple.watch.motion import Homography, move_box

SAME_CLASS, ANY_CLASS = 0.25, 0.5  # likeness from which a detection belongs to a track
SAME_PLACE = 0.7  # likeness from which two detections of one frame are two names for one damage
MARGIN = 0.01  # of the frame's diagonal, see `likeness`
PATIENCE = 2.0  # seconds that a track is kept without being seen
ESTABLISHED = 3  # frames in which a damage must be seen before it counts


@dataclass(frozen=True)
class Sighting:
    """One damage in one frame: its class, score, and box (left, top, right, bottom) in frame pixels."""

    label: str
    score: float
    box: tuple[float, float, float, float]


@dataclass
class Track:
    """One damage over time.

    key: of all tracks, from 1. number: from 1, given once it was seen often enough; 0 before. box: where it was seen
    last, moved with the camera since. votes: by class, the sum of its scores. first, last: seconds when it was seen.
    seen: frames in which it was.
    """

    key: int
    box: npt.NDArray[np.float64]
    first: float
    last: float
    number: int = 0
    seen: int = 0
    votes: dict[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The class that it was mostly seen as."""
        return max(self.votes, key=lambda label: (self.votes[label], label))

    def see(self, sighting: Sighting, seconds: float) -> None:
        self.votes[sighting.label] = self.votes.get(sighting.label, 0.0) + sighting.score
        if self.seen and self.last == seconds:
            return  # a second name for it in the same frame
        self.box, self.last = np.asarray(sighting.box, np.float64), seconds
        self.seen += 1


class Tracker:
    """Call `update` with what was seen in one frame after the other. `tracks`: those that may be seen again."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._begun = self._numbered = 0
        self._before = 0.0  # seconds of the frame before

    def update(
        self,
        sightings: Sequence[Sighting],
        motion: Homography | None,
        seconds: float,
        size: tuple[int, int],
    ) -> list[Track]:
        """The track of each sighting.

        Args:
            motion: of the camera since the last frame; None: not known, as after a cut.
            seconds: when.
            size: height and width of the frame in pixels.
        """
        self._move(motion, seconds, size)
        tracks = self._assign(sightings, MARGIN * float(np.hypot(*size)))
        result = []
        for sighting, track in zip(sightings, tracks, strict=True):
            if track is None:
                self._begun += 1
                track = Track(self._begun, np.asarray(sighting.box, np.float64), seconds, seconds)
                self.tracks.append(track)
            track.see(sighting, seconds)
            if track.seen >= ESTABLISHED and not track.number:
                self._numbered += 1
                track.number = self._numbered
            result.append(track)
        return result

    def _move(self, motion: Homography | None, seconds: float, size: tuple[int, int]) -> None:
        """Move all tracks with the camera; forget those that left the picture or were not seen for long.

        A slow machine's frames may be further apart than PATIENCE: what the frame before showed is not lost by that.
        """
        before, self._before = self._before, seconds
        kept = []
        for track in self.tracks:
            if motion is not None:
                track.box = move_box(track.box, motion)
            x, y = (track.box[:2] + track.box[2:]) / 2
            patient = seconds - track.last <= PATIENCE or track.last == before
            if patient and 0 <= x < size[1] and 0 <= y < size[0]:
                kept.append(track)
        self.tracks = kept

    def _assign(self, sightings: Sequence[Sighting], margin: float) -> list[Track | None]:
        assigned: list[Track | None] = [None] * len(sightings)
        alike = likeness(
            np.array([track.box for track in self.tracks]), np.array([sighting.box for sighting in sightings]), margin
        )
        same = np.array([[track.label == sighting.label for sighting in sightings] for track in self.tracks])
        same = same.reshape(alike.shape)
        free = alike.copy()
        for least, allowed in ((SAME_CLASS, same), (ANY_CLASS, np.ones_like(same))):
            for i, j in match(np.where(allowed, free, 0.0), least):
                assigned[j] = self.tracks[i]
                free[i], free[:, j] = 0.0, 0.0
        for j, track in enumerate(assigned):
            if track is None and len(self.tracks) and alike[:, j].max() >= SAME_PLACE:
                assigned[j] = self.tracks[int(alike[:, j].argmax())]
        return assigned
