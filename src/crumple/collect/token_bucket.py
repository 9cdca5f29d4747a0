"""A token bucket: many threads share one allowance of requests."""

import threading
import time
from collections.abc import Callable


class TokenBucket:
    """At most `per_hour` requests in any hour, evenly spread, `burst` of them at once.

    The burst is part of the allowance: a full bucket and what flows in during an hour are together `per_hour`.
    clock: seconds, monotonic.
    """

    def __init__(self, per_hour: float, burst: int = 10, clock: Callable[[], float] = time.monotonic) -> None:
        if not 1 <= burst < per_hour:
            raise ValueError(f"burst must be at least 1 and below per_hour, not {burst} of {per_hour}")
        self.burst = burst
        self.rate = (per_hour - burst) / 3600  # tokens a second
        self._clock = clock
        self._tokens = float(burst)
        self._last = clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token; seconds to wait until it is there. Who comes later waits longer."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self.burst, self._tokens + (now - self._last) * self.rate)
            self._last = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self.rate)
