"""A watch, frame by frame: look, follow, keep the best; and what it all adds up to."""

import time
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor
from crumple.photo import Photo
from crumple.watch.best import BestFrames, Kept
from crumple.watch.frames import Tally
from crumple.watch.motion import CameraMotion
from crumple.watch.records import FrameRecord, SeenFinding, SeenPart, WatchedFinding, WatchedPart, WatchSummary
from crumple.watch.source import Frame
from crumple.watch.tracker import Sighting, Track, Tracker


@dataclass(frozen=True)
class Looked:
    """One frame after it was looked at; `tracks`: the number of each finding's track, 0 for none yet."""

    frame: Frame
    assessment: Assessment
    tracks: list[int]
    record: FrameRecord


class Session:
    """Looks at frames one by one and remembers what they add up to. `best`: the frames worth keeping."""

    def __init__(self, assessor: Assessor) -> None:
        self.best = BestFrames()
        self._assessor = assessor
        self._motion, self._tracker = CameraMotion(), Tracker()
        self._tracks: dict[int, Track] = {}  # by key, those that have a number and those that may get one
        self._fleeting = 0
        self._looked_at = 0
        self._started = time.monotonic()

    def look(self, frame: Frame) -> Looked:
        """Assess one frame and follow what is in it."""
        start = time.perf_counter()
        height, width = frame.rgb.shape[:2]
        photo = Photo(frame.rgb, frame_name(frame.number, frame.seconds), "", 1, (width, height))
        assessment, _ = self._assessor.inspect(photo)
        findings = assessment.findings
        sightings = [Sighting(finding.damage, finding.score, finding.box) for finding in findings]
        tracks = self._tracker.update(sightings, self._motion(frame.rgb), frame.seconds, (height, width))
        self._tracks |= {track.key: track for track in tracks}
        self.best.offer(frame, assessment, [track.key for track in tracks])
        self._forget_fleeting()
        self._looked_at += 1
        record = FrameRecord(
            frame=frame.number,
            seconds=round(frame.seconds, 3),
            size=(width, height),
            findings=[SeenFinding.of(finding, track.number) for finding, track in zip(findings, tracks, strict=True)],
            parts=[SeenPart(label=part.label, score=part.score, box=part.box) for part in assessment.parts],
            warnings=[check.name for check in assessment.warnings],
            milliseconds=round((time.perf_counter() - start) * 1000, 1),
        )
        return Looked(frame, assessment, [track.number for track in tracks], record)

    @property
    def established(self) -> list[Track]:
        """The damages that count, in the order of their numbers."""
        return sorted((track for track in self._tracks.values() if track.number), key=lambda track: track.number)

    @property
    def findings(self) -> list[WatchedFinding]:
        """The damages that count, each as its best frame shows it, in the order of their numbers."""
        return [self._watched(track) for track in self.established]

    def close(self) -> None:
        """No frame will follow: what has no number yet gets none."""
        self._tracker.tracks = []
        self._forget_fleeting()

    def entries(self) -> list[tuple[Kept, Assessment, list[int]]]:
        """For the report: frames with their assessments and the tracks' numbers, each damage in its best frame alone.

        Where no damage was found, the best frames of the parts.
        """
        best = {track.key: self.best.frame_of(track.key).number for track in self.established}
        entries = []
        for kept in self.best.frames:
            shown = [i for i, key in enumerate(kept.tracks) if best.get(key) == kept.number]
            if shown or not best:
                findings = [kept.assessment.findings[i] for i in shown]
                numbers = [self._tracks[kept.tracks[i]].number for i in shown]
                entries.append((kept, kept.assessment.model_copy(update={"findings": findings}), numbers))
        return entries

    def summary(self, source: str, tally: Tally, seconds: float, ended: str) -> WatchSummary:
        """What all frames so far add up to; see `WatchSummary`."""
        return WatchSummary(
            source=source,
            seconds=round(seconds, 3),
            frames_read=tally.read,
            frames_looked_at=self._looked_at,
            frames_beyond_rate=tally.beyond_rate,
            frames_overtaken=tally.overtaken,
            frames_damaged=tally.damaged,
            frames_a_second=round(self._looked_at / max(time.monotonic() - self._started, 1e-6), 2),
            ended=ended,
            fleeting=self._fleeting,
            findings=self.findings,
            parts=[self._watched_part(label) for label in self.best.parts],
            model=self._assessor.model,
        )

    def _forget_fleeting(self) -> None:
        """Drop what was lost before it was seen often enough."""
        alive = {track.key for track in self._tracker.tracks}
        gone = [key for key, track in self._tracks.items() if not track.number and key not in alive]
        for key in gone:
            del self._tracks[key]
        self._fleeting += len(gone)
        self.best.forget(gone)

    def _watched(self, track: Track) -> WatchedFinding:
        kept = self.best.frame_of(track.key)
        finding = kept.assessment.findings[kept.tracks.index(track.key)]
        return WatchedFinding(
            track=track.number,
            damage=track.label,
            score=finding.score,
            likelihood=finding.likelihood,
            threshold=finding.threshold,
            severity=finding.severity,
            text=finding.text,
            on=[place.label for place in finding.on],
            seen=track.seen,
            first=round(track.first, 3),
            last=round(track.last, 3),
            best_frame=kept.number,
        )

    def _watched_part(self, label: str) -> WatchedPart:
        kept = self.best.frame_of(label)
        score = max(part.score for part in kept.assessment.parts if part.label == label)
        return WatchedPart(label=label, score=score, best_frame=kept.number)


def frame_name(number: int, seconds: float) -> str:
    """ "1:04.2, frame 1926" """
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:04.1f}, frame {number}"
