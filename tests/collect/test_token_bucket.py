import threading

import pytest

from crumple.collect.token_bucket import TokenBucket


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_no_hour_holds_more_than_the_allowance():
    clock = Clock()
    bucket = TokenBucket(3600, burst=10, clock=clock)
    times = []
    while clock.now < 3 * 3600:
        clock.now += bucket.take()
        times.append(clock.now)
    busiest = max(sum(start <= time < start + 3600 for time in times) for start in times[:4000:7])
    assert 3590 <= busiest <= 3600


def test_a_full_bucket_lets_a_few_through_at_once():
    clock = Clock()
    bucket = TokenBucket(3600, burst=3, clock=clock)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(1.0008, abs=1e-3)
    clock.now += 1e6  # it never holds more than the burst
    assert [bucket.take() > 0 for _ in range(4)] == [False, False, False, True]


def test_threads_share_it():
    clock = Clock()
    bucket = TokenBucket(3600, burst=1, clock=clock)
    waits = []

    def work():
        for _ in range(50):
            wait = bucket.take()
            waits.append(wait)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    step = 1 / bucket.rate
    assert sorted(waits) == pytest.approx([i * step for i in range(400)])  # every one has a second of its own


@pytest.mark.parametrize("burst", [0, 3600])
def test_a_burst_is_part_of_the_allowance(burst):
    with pytest.raises(ValueError, match="burst must be"):
        TokenBucket(3600, burst=burst)
