"""The frame that shows a damage or a part best, of all frames so far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment
from crumple.drawing.jpeg import jpeg
from crumple.watch.source import MAX_SIDE, Frame

BETTER = 1.05  # times as good a frame must be to take another's place: fewer frames show the same
Key = int | str  # of a track, or a part's label
CUT_OFF = 0.5  # what a view is worth that the frame's edge cuts off
BAD_FRAME = 0.5  # and one in a frame that fails a quality check, such as sharpness
QUALITY = 92  # of the JPEG


@dataclass(frozen=True)
class Kept:
    """A frame that is the best one of something: what was found in it, by which tracks, and its picture.

    tracks: key of the track of each finding.
    """

    number: int
    seconds: float
    assessment: Assessment
    tracks: Sequence[int]
    jpeg: bytes


def worth(score: float, box: tuple[float, float, float, float], assessment: Assessment) -> float:
    """How good a view of something is: its score, less where the frame's edge cuts it off or the frame is bad."""
    left, top, right, bottom = box
    cut = left < 1 or top < 1 or right > assessment.photo.width - 1 or bottom > assessment.photo.height - 1
    return score * (CUT_OFF if cut else 1.0) * (BAD_FRAME if assessment.warnings else 1.0)


class BestFrames:
    """Keeps the best frame of each track and each kind of part; and of the frames no others."""

    def __init__(self) -> None:
        self._best: dict[Key, tuple[float, int]] = {}
        self._frames: dict[int, Kept] = {}

    def offer(self, frame: Frame, assessment: Assessment, tracks: Sequence[int]) -> None:
        """A frame with what was found in it and the track of each finding; kept where it is better than what was."""
        views: dict[Key, float] = {}
        for part in assessment.parts:
            views[part.label] = max(views.get(part.label, 0.0), worth(part.score, part.box, assessment))
        for track, finding in zip(tracks, assessment.findings, strict=True):
            views[track] = worth(finding.score, finding.box, assessment)
        won = [key for key, value in views.items() if value > BETTER * self._best.get(key, (0.0, 0))[0]]
        if not won:
            return
        picture = jpeg(frame.rgb, max_side=MAX_SIDE, quality=QUALITY)
        self._frames[frame.number] = Kept(frame.number, frame.seconds, assessment, tracks, picture)
        for key in won:
            self._best[key] = (views[key], frame.number)
        self._drop_unused()

    def forget(self, tracks: Iterable[int]) -> None:
        """Drop tracks that turned out to be nothing."""
        for track in tracks:
            self._best.pop(track, None)
        self._drop_unused()

    def frame_of(self, key: Key) -> Kept:
        """The best frame of a track or of a kind of part. Raises KeyError if it was never offered."""
        return self._frames[self._best[key][1]]

    @property
    def parts(self) -> list[str]:
        """The kinds of part that were seen, sorted."""
        return sorted(key for key in self._best if isinstance(key, str))

    @property
    def frames(self) -> list[Kept]:
        """All frames that are kept, in their order."""
        return [self._frames[number] for number in sorted(self._frames)]

    def _drop_unused(self) -> None:
        used = {number for _, number in self._best.values()}
        self._frames = {number: frame for number, frame in self._frames.items() if number in used}
