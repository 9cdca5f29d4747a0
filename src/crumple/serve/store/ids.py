"""Names of things: random, and sorted by the time they were made, as a ULID is."""

import secrets
import threading
import time

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """A new name such as "ins-01jd...": 48 bits of milliseconds, 80 random ones. Each is above the one before."""
    global _last
    with _lock:
        number = _last = max(time.time_ns() // 1_000_000 << 80 | secrets.randbits(80), _last + 1)
    return f"{prefix}-{''.join(_DIGITS[number >> 5 * place & 31] for place in range(25, -1, -1))}"
