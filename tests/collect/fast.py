"""Settings with which a test need not wait."""

from crumple.collect.http import Backoff, Http
from crumple.collect.token_bucket import TokenBucket

NO_WAIT = Backoff(attempts=4, base=0.01, longest=0.02, patience=3)


def fast_http(**changes) -> Http:
    return Http(NO_WAIT, **changes)


def plenty() -> TokenBucket:
    return TokenBucket(3_600_000, burst=10_000)
