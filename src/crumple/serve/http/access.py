"""Who may ask, and how often."""

import hmac
import ipaddress
import math
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from crumple.serve.contract.problems import ProblemError
from crumple.serve.http.problems import problem_response
from crumple.serve.settings import Settings

# Health, and what holds no data: the page asks for the token itself.
OPEN = frozenset({"/", "/ping", "/healthz", "/docs", "/openapi.json"})
OPEN_FOLDERS = ("/page/",)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})  # and X-Forwarded-...: what proxies write
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """ASGI middleware: the bearer token, or without one this machine only; then the rate.

    Without a token the browser of somebody who works on this machine is the way in for others, so a request must be
    addressed to a loopback name (a foreign name may point here: DNS rebinding), and what changes anything must not come
    from a page of another site. Callers from elsewhere are refused too: the application may run under a server that
    listens to them.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._token = settings.token.get_secret_value().encode() if settings.token else None
        self._anonymous = settings.anonymous
        self._rate = RateLimit(settings.rate_limit) if settings.rate_limit else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._check(scope)
            except ProblemError as error:
                response = problem_response(error, scope.get("state", {}).get("request_id"))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        is_open = path in OPEN or path.startswith(OPEN_FOLDERS)
        if self._token is not None:
            if not is_open:
                self._check_token(headers)
        elif not self._anonymous:
            self._check_local(scope, headers)
        if self._rate is not None and not is_open:
            wait = self._rate.take((scope.get("client") or ("",))[0])
            if wait > 0:
                raise ProblemError(429, "too many requests from your address; come again later", retry_after=wait)

    def _check_token(self, headers: Headers) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token or b""):
            raise ProblemError(401, "send the service's token: Authorization: Bearer ...")

    def _check_local(self, scope: Scope, headers: Headers) -> None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not _is_here((scope.get("client") or ("",))[0]):
            raise ProblemError(403, "without a token this service answers its own machine only")
        if any(name in FORWARDED or name.startswith("x-forwarded-") for name in headers):
            raise ProblemError(403, "a proxy passed this on, for anybody; behind a proxy the service needs a token")
        if _name(host) not in LOOPBACK:
            raise ProblemError(403, f"{host or 'no Host'}: without a token this service answers to localhost only")
        if origin is not None and scope["method"] not in SAFE and origin != f"{scope['scheme']}://{host}":
            raise ProblemError(403, f"{origin:.200}: pages of other sites may not use this service")


def _is_here(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return not client  # a socket of this machine has no address


def _name(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


class RateLimit:
    """A token bucket for each client: `rate` requests a second, five seconds' worth of them at once."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic, clients: int = 10_000) -> None:
        self.rate, self.burst = rate, max(1.0, math.ceil(rate * 5))
        self._clock, self._clients = clock, clients
        self._buckets: dict[str, tuple[float, float]] = {}  # client -> tokens, and when they were counted

    def take(self, client: str) -> float:
        """Seconds until the client may ask; 0: it may."""
        now = self._clock()
        tokens, last = self._buckets.pop(client, (self.burst, now))
        tokens = min(self.burst, tokens + (now - last) * self.rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._clients:  # the one that asked longest ago has the fullest bucket
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if allowed else (1 - tokens) / self.rate
