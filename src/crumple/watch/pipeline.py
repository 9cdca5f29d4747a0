"""From a source to a folder: frames.jsonl, video.mp4, index.html and the best frames."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from crumple.assessment.assessment import Assessment
from crumple.assessment.overlay import draw_overlay
from crumple.assessment.pipeline import Assessor, printable
from crumple.assessment.report import ReportEntry, write_report
from crumple.drawing.jpeg import jpeg
from crumple.files import write_aside
from crumple.watch.best import Kept
from crumple.watch.errors import VideoError
from crumple.watch.frames import Tally, newest, wanted
from crumple.watch.picture import draw_frame
from crumple.watch.records import WatchSummary
from crumple.watch.session import Looked, Session, frame_name
from crumple.watch.source import Frame, Source
from crumple.watch.video_file import VideoFile, video_file

LINES, VIDEO, REPORT, FRAMES = "frames.jsonl", "video.mp4", "index.html", "frames"
SHARE_READ = 0.98  # of the frames a file says it has: fewer are worth a remark


def watch(
    source: Source,
    assessor: Assessor,
    out: Path,
    *,
    rate: float,
    paced: bool = False,
    seconds: float | None = None,
    video: bool = True,
    stop: Callable[[], bool] = lambda: False,
    done: Callable[[Looked, Tally], None] = lambda looked, tally: None,
) -> WatchSummary:
    """Watch `source` to its end and write what was found into the folder `out`.

    The files appear, all of them whole, at the end.

    Args:
        rate: frames a second to look at, at most.
        paced: play a file at its own speed, as a camera would, leaving out what the machine does not reach.
        seconds: stop after these; None: at the end.
        video: write the annotated video.
        stop: asked before each frame; True ends the watch early, with everything written for the frames so far.
        done: called after each frame.

    Raises VideoError if not a single frame could be looked at or a file cannot be written whole.
    """
    session, tally = Session(assessor), Tally()
    fps = min(rate, source.fps or rate)
    ended = "the source ended"
    with contextlib.ExitStack() as files:
        lines = files.enter_context(_text_aside(out / LINES))
        film = files.enter_context(video_file(out / VIDEO, fps)) if video else None
        last = 0.0
        for frame in _frames(source, rate, paced, tally, stop):
            if seconds is not None and frame.seconds > seconds:
                ended = f"after {seconds:g} seconds, as asked"
                break
            last = frame.seconds
            looked = session.look(frame)
            lines.write(looked.record.model_dump_json() + "\n")
            if film is not None:
                _film(film, looked)
            done(looked, tally)
            if stop():
                ended = "interrupted"
                break
        else:
            ended = "interrupted" if stop() else _why(source, tally)
        if not tally.read - tally.damaged - tally.beyond_rate:
            raise VideoError(f"{source.name}: not a single frame could be read; nothing was written")
        session.close()
        summary = session.summary(printable(source.name), tally, last, ended)
        lines.write(summary.model_dump_json() + "\n")
        _write_best(session, out, summary)
    return summary


def _frames(source: Source, rate: float, paced: bool, tally: Tally, stop: Callable[[], bool]) -> Iterator[Frame]:
    if source.live or paced:
        return newest(source, rate, tally, stop, paced=paced and not source.live)
    return wanted(source, rate, tally)


def _film(film: VideoFile, looked: Looked) -> None:
    status = frame_name(looked.frame.number, looked.frame.seconds)
    film.write(draw_frame(looked.frame.rgb, looked.assessment, looked.tracks, status), looked.frame.seconds)


def _why(source: Source, tally: Tally) -> str:
    if source.live:
        return "the stream broke off"
    if tally.read < SHARE_READ * source.expected:
        return f"the file breaks off: {tally.read} of {source.expected} frames could be read"
    return "the source ended"


def _write_best(session: Session, out: Path, summary: WatchSummary) -> None:
    """The best frames as JPEG files, and the report."""
    pictures = {out / FRAMES / f"{kept.number:06}.jpg": kept.jpeg for kept in session.best.frames}
    for target, content in pictures.items():
        with write_aside(target) as path:
            path.write_bytes(content)
    for earlier in set((out / FRAMES).glob("[0-9]" * 6 + "*.jpg")) - set(pictures):
        earlier.unlink()  # of an earlier watch
    note = (
        f"The best frames of {summary.seconds:.1f} seconds of video. Each damage is shown once, in the frame that "
        "shows it best, with the number that it has in the annotated video."
    )
    entries = (_entry(kept, assessment, numbers) for kept, assessment, numbers in session.entries())
    write_report(out / REPORT, entries, title=f"Damage report: {summary.source}", note=note)


def _entry(kept: Kept, assessment: Assessment, numbers: list[int]) -> ReportEntry:
    rgb = np.asarray(Image.open(BytesIO(kept.jpeg)))
    named = assessment.photo.model_copy(update={"sha256": hashlib.sha256(kept.jpeg).hexdigest()})
    told = assessment.model_copy(update={"photo": named})
    return ReportEntry(told, kept.jpeg, jpeg(draw_overlay(rgb, told, numbers)), numbers)


@contextlib.contextmanager
def _text_aside(path: Path) -> Iterator[IO[str]]:
    with write_aside(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        yield file
