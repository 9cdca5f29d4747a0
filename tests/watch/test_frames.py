import threading
import time

import numpy as np
import pytest

from crumple.watch.frames import Slots, Tally, newest, wanted

PIXELS = np.zeros((4, 4, 3), np.uint8)


class FakeSource:
    """`times` in seconds; waits before each frame until `gate` lets it through."""

    def __init__(self, times, gate=None, damaged=()):
        self.times, self.gate, self.damaged = times, gate, damaged
        self.number, self.seconds, self.pictures = -1, 0.0, 0

    def advance(self):
        if self.number + 1 == len(self.times):
            return False
        if self.gate is not None:
            assert self.gate.acquire(timeout=20)
        self.number += 1
        self.seconds = self.times[self.number]
        return True

    def picture(self):
        self.pictures += 1
        return None if self.number in self.damaged else PIXELS


def test_at_most_the_rate_is_decoded_and_spread_evenly():
    source, tally = FakeSource([i / 30 for i in range(60)]), Tally()
    frames = list(wanted(source, 10, tally))
    assert [frame.number for frame in frames] == list(range(0, 60, 3))
    assert source.pictures == 20 and (tally.read, tally.beyond_rate) == (60, 40)


def test_a_slower_source_gives_every_frame():
    assert len(list(wanted(FakeSource([i / 5 for i in range(10)]), 10, Tally()))) == 10


def test_times_rounded_to_milliseconds_lose_no_slot():
    slots = Slots(10)
    assert [slots.take(t) for t in (0.0, 0.1, 0.2, 0.2999, 0.4, 0.45, 0.4999)] == [True] * 5 + [False, True]


def test_a_damaged_frame_is_counted_and_left_out():
    tally = Tally()
    assert [frame.number for frame in wanted(FakeSource([0, 0.1, 0.2], damaged=(1,)), 10, tally)] == [0, 2]
    assert tally.damaged == 1


def test_of_a_live_source_the_newest_frame_is_taken_and_the_others_are_overtaken():
    gate, tally = threading.Semaphore(1), Tally()
    source = FakeSource([i / 10 for i in range(9)], gate)
    frames = newest(source, 10, tally, lambda: False)
    assert next(frames).number == 0
    gate.release(8)  # while frame 0 is being looked at, all others come
    while source.pictures < 9:
        time.sleep(0.01)
    numbers = [frame.number for frame in frames]
    assert numbers[-1] == 8 and len(numbers) + tally.overtaken == 8


def test_a_paced_file_is_not_ahead_of_its_own_times():
    start = time.monotonic()
    seen = [
        (frame.seconds, time.monotonic() - start)
        for frame in newest(FakeSource([0, 0.04, 0.08]), 100, Tally(), lambda: False, paced=True)
    ]
    assert seen[-1][0] == 0.08 and all(clock >= seconds for seconds, clock in seen)


def test_a_wish_to_stop_ends_it_though_no_frame_comes():
    gate = threading.Semaphore(0)
    asked = []
    frames = newest(FakeSource([0.0, 1.0], gate), 10, Tally(), lambda: len(asked) > 1 or bool(asked.append(1)))
    threading.Timer(0.3, gate.release, (2,)).start()  # lets the reader go, so that it can be joined
    assert len(list(frames)) <= 1


def test_an_error_in_the_source_is_raised_where_frames_are_taken():
    class Broken(FakeSource):
        def picture(self):
            raise MemoryError

    with pytest.raises(MemoryError):
        list(newest(Broken([0.0]), 10, Tally(), lambda: False))
