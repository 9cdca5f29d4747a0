import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import pytest

from crumple.watch.errors import VideoError
from crumple.watch.pipeline import watch
from crumple.watch.records import FrameRecord, WatchSummary
from crumple.watch.source import open_source
from tests.fakes import Thing
from tests.watch.videos import dent_that_moves, moving_assessor, write_video


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def run(tmp_path, things=None, frames=12, **options):
    source = open_source(str(write_video(tmp_path / "walk.mp4", frames=frames)))
    return watch(source, moving_assessor(things or dent_that_moves()), tmp_path / "out", **({"rate": 10} | options))


def lines(tmp_path):
    return [json.loads(line) for line in (tmp_path / "out" / "frames.jsonl").read_text().splitlines()]


def test_one_damage_through_the_whole_video(tmp_path):
    summary = run(tmp_path)
    [finding] = summary.findings
    assert (finding.track, finding.damage, finding.on, finding.seen) == (1, "dent", ["front_left_door"], 12)
    assert (finding.first, finding.last) == pytest.approx((0, 1.1), abs=0.01)
    assert (summary.frames_looked_at, summary.fleeting, summary.ended) == (12, 0, "the source ended")
    assert [part.label for part in summary.parts] == ["front_left_door"]
    *records, last = lines(tmp_path)
    assert WatchSummary.model_validate(last) == summary
    tracks = [[seen.track for seen in FrameRecord.model_validate(record).findings] for record in records]
    assert tracks == [[None]] * 2 + [[1]] * 10
    capture = cv2.VideoCapture(str(tmp_path / "out" / "video.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 12 and capture.get(cv2.CAP_PROP_FPS) == 10


def test_the_report_holds_each_damage_once_in_its_best_frame(tmp_path):
    """The dent is seen best in frame 4; a scratch joins it and is seen best in frame 9."""

    def things(number):
        dent, scratch = 0.9 if number == 4 else 0.65, 0.95 if number == 9 else 0.7
        x = 120 - 3 * number
        return [
            Thing("damage", "dent", (x, 40, x + 30, 60), dent),
            *([Thing("damage", "scratch", (x + 40, 20, x + 60, 25), scratch)] if number > 2 else []),
        ]

    summary = run(tmp_path, things)
    assert {finding.damage: finding.best_frame for finding in summary.findings} == {"dent": 4, "scratch": 9}
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count('<article id="photo-') == 2 and page.count('data-label="damage"') == 2
    assert "0:00.4, frame 4" in page and "0:00.9, frame 9" in page
    assert sorted(path.name for path in (tmp_path / "out" / "frames").iterdir()) == ["000004.jpg", "000009.jpg"]


def test_a_second_watch_leaves_no_frame_of_the_first(tmp_path):
    run(tmp_path, lambda number: dent_that_moves()(number) if number > 6 else [])
    (tmp_path / "out" / "frames" / "notes.jpg").touch()
    summary = run(tmp_path, lambda number: dent_that_moves()(number) if number < 5 else [])
    best = {part.best_frame for part in summary.parts} | {finding.best_frame for finding in summary.findings}
    names = {path.name for path in (tmp_path / "out" / "frames").iterdir()}
    assert names == {f"{number:06}.jpg" for number in best} | {"notes.jpg"} and max(best) < 5


def test_what_is_seen_in_two_frames_does_not_count(tmp_path):
    dent = Thing("damage", "dent", (100, 40, 130, 60), 0.8)
    summary = run(tmp_path, lambda number: [dent] if number in (3, 4) else [])
    assert summary.findings == [] and summary.fleeting == 1
    assert "No damage found" not in (tmp_path / "out" / "index.html").read_text()


def test_without_damage_the_report_shows_the_parts(tmp_path):
    run(tmp_path, lambda number: [Thing("parts", "hood", (20, 5, 180, 95), 0.9)])
    assert "No damage found" in (tmp_path / "out" / "index.html").read_text()


def test_fewer_frames_a_second_and_no_video(tmp_path):
    summary = run(tmp_path, rate=5, video=False)
    assert (summary.frames_read, summary.frames_looked_at, summary.frames_beyond_rate) == (12, 6, 6)
    assert not (tmp_path / "out" / "video.mp4").exists()


def test_stopped_early_everything_is_written_for_the_frames_so_far(tmp_path):
    seen = []
    summary = run(tmp_path, stop=lambda: len(seen) == 5, done=lambda looked, tally: seen.append(looked))
    assert (summary.frames_looked_at, summary.ended) == (5, "interrupted")
    assert len(lines(tmp_path)) == 6 and (tmp_path / "out" / "index.html").is_file()


def test_after_some_seconds(tmp_path):
    summary = run(tmp_path, seconds=0.45)
    assert summary.frames_looked_at == 5 and "as asked" in summary.ended


def test_paced_it_ends_with_the_newest_frame(tmp_path):
    summary = run(tmp_path, paced=True)
    assert summary.frames_read == 12 and summary.frames_looked_at + summary.frames_overtaken == 12


def test_a_stream_is_live_and_its_end_is_told(tmp_path):
    write_video(tmp_path / "walk.avi", frames=30)
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = open_source(f"http://127.0.0.1:{server.server_port}/walk.avi")
        summary = watch(source, moving_assessor(dent_that_moves()), tmp_path / "out", rate=240)
        server.shutdown()
    assert source.live and summary.ended == "the stream broke off" and summary.frames_read == 30
    left_out = summary.frames_overtaken + summary.frames_beyond_rate
    assert summary.frames_looked_at >= 1 and summary.frames_looked_at + left_out == 30


def test_a_file_that_breaks_off_says_so(tmp_path):
    whole = write_video(tmp_path / "walk.avi", frames=40).read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: len(whole) // 2])
    summary = watch(open_source(str(tmp_path / "cut.avi")), moving_assessor(dent_that_moves()), tmp_path / "o", rate=30)
    assert summary.frames_looked_at < 40
    assert "breaks off" in summary.ended or summary.frames_damaged


def test_not_a_single_frame(tmp_path):
    class Empty:
        name, live, fps, expected = "empty.mp4", False, 10.0, 0

        def advance(self):
            return False

    with pytest.raises(VideoError, match="not a single frame"):
        watch(Empty(), moving_assessor(dent_that_moves()), tmp_path / "out", rate=10)
    assert not (tmp_path / "out").exists()


def test_an_error_on_the_way_leaves_an_earlier_watch_as_it_was(tmp_path):
    run(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}

    def break_down(number):
        if number == 6:
            raise MemoryError
        return dent_that_moves()(number)

    with pytest.raises(MemoryError):
        run(tmp_path, break_down)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()} == before
