"""HTTP as public services want it used: few connections, back-off with jitter, Retry-After, one allowance for all."""

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from crumple import __version__
from crumple.collect.errors import NetworkError, QuotaError, SourceError, Stopped
from crumple.collect.token_bucket import TokenBucket
from crumple.errors import MissingExtraError

try:
    import httpx
except ImportError as error:
    raise MissingExtraError("httpx", "collect") from error

TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})  # HTTP statuses after which it is worth asking again
GO_ON = "run the same command again, it goes on where it stopped"


@dataclass(frozen=True)
class Backoff:
    """When to ask again. Delays in seconds.

    attempts: how often in all. base: the first delay, doubled each time up to `longest`, less up to a half at random,
    so that workers do not return together. patience: the longest Retry-After that is waited for.
    """

    attempts: int = 5
    base: float = 1.0
    longest: float = 30.0
    patience: float = 300.0

    def delay(self, attempt: int) -> float:
        """Before the attempt after number `attempt`, from 0."""
        return float(min(self.longest, self.base * 2**attempt)) * random.uniform(0.5, 1)


@dataclass(frozen=True)
class Answer:
    """A whole answer. url: the last one, after redirections. content_type: lower case, without parameters."""

    status: int
    url: str
    content_type: str
    content: bytes

    def json(self) -> Any:
        """The decoded body. Raises SourceError if it is no JSON."""
        import json

        try:
            return json.loads(self.content)
        except ValueError:
            host = urlsplit(self.url).hostname
            raise SourceError(
                f"{host}: answered {self.content_type or 'something'} instead of JSON; try later"
            ) from None


class Http:
    """Requests with patience, for many threads.

    stop: when set, whatever waits raises Stopped. CRUMPLE_CONTACT, an address or page, is told to the services:
    Wikimedia asks for one.
    """

    def __init__(self, backoff: Backoff | None = None, stop: threading.Event | None = None, workers: int = 8) -> None:
        self.backoff = backoff or Backoff()
        self.stop = stop or threading.Event()
        contact = os.environ.get("CRUMPLE_CONTACT", "").strip()
        agent = f"crumple/{__version__} ({contact + '; ' if contact else ''}photo collector) httpx/{httpx.__version__}"
        self._client = httpx.Client(
            headers={"User-Agent": agent.encode("ascii", "replace").decode()},
            timeout=httpx.Timeout(30, connect=10),
            limits=httpx.Limits(max_connections=workers + 1),
            follow_redirects=True,
            max_redirects=5,
        )
        self._pauses: dict[str, float] = {}  # host -> monotonic seconds until which it wants to be left alone
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()

    def fetch(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 50_000_000,
        bucket: TokenBucket | None = None,
        again: Callable[[Answer], str | None] | None = None,
    ) -> Answer:
        """The answer, whatever its status, once it is no temporary one.

        A GET, or with `form` a POST. max_bytes: a longer body is refused. bucket: every attempt takes a token of it.
        again: of an answer, why it is worth asking again although its status does not say so.

        Raises: NetworkError, QuotaError, SourceError, Stopped. Messages name the host and never the parameters, which
        may hold a key.
        """
        host = urlsplit(url).hostname or url
        reason, kind = "", SourceError
        for attempt in range(self.backoff.attempts):
            if attempt:
                self._wait(self.backoff.delay(attempt - 1))
            if bucket:
                self._wait(bucket.take())
            self._wait(self._pauses.get(host, 0) - time.monotonic())
            try:
                answer, retry_after = self._once(url, params, form, headers, max_bytes)
            except (httpx.TransportError, httpx.StreamError) as error:
                reason, kind = f"cannot be reached ({_words(error)}); check the network", NetworkError
                continue
            except (httpx.InvalidURL, httpx.TooManyRedirects, httpx.DecodingError) as error:
                raise SourceError(f"{host}: {_words(error)}") from None
            if answer.status in TEMPORARY:
                if retry_after is not None:
                    self._pause(host, retry_after)
                reason, kind = f"answers {answer.status}, also after {self.backoff.attempts} attempts", SourceError
                if answer.status == 429:
                    reason, kind = "too many requests (429): its quota is used up", QuotaError
                continue
            why = again(answer) if again else None
            if why is None:
                return answer
            reason, kind = f"{why}, also after {self.backoff.attempts} attempts", SourceError
        raise kind(f"{host}: {reason}; {GO_ON}")

    def _once(
        self,
        url: str,
        params: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        max_bytes: int,
    ) -> tuple[Answer, float | None]:
        method = "GET" if form is None else "POST"
        with self._client.stream(method, url, params=params, data=form, headers=headers) as response:
            parts, length = [], 0
            for part in response.iter_bytes():
                parts.append(part)
                length += len(part)
                if length > max_bytes:
                    raise SourceError(f"{response.url.host}: sends more than {max_bytes / 1e6:,.0f} MB")
                if self.stop.is_set():
                    raise Stopped
            content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            answer = Answer(response.status_code, str(response.url), content_type, b"".join(parts))
            return answer, _retry_after(response.headers.get("retry-after"))

    def _pause(self, host: str, seconds: float) -> None:
        """All workers leave `host` alone for a while."""
        if seconds > self.backoff.patience:
            raise QuotaError(f"{host}: its quota is used up; in {_minutes(seconds)} {GO_ON}")
        with self._lock:
            self._pauses[host] = max(self._pauses.get(host, 0), time.monotonic() + seconds)

    def _wait(self, seconds: float) -> None:
        if self.stop.wait(max(0.0, seconds)):
            raise Stopped


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
