"""Photos by URL: https://, s3:// and gs://, where a setting allows them, and never from inside the network."""

import time
from urllib.parse import unquote, urljoin

import httpx

from crumple.errors import CrumpleError
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.urls import ForbiddenAddressError
from crumple.serve.work.addresses import pinned
from crumple.storage import open_folder

REDIRECTS = 3
SECONDS = 20.0  # for all of it, redirects among it


class Fetcher:
    """Fetches photos.

    Args:
        allowed: what a URL must begin with, as "https://" or "s3://claims/"; none: every URL is refused.
        max_bytes: of a photo.
    """

    def __init__(self, allowed: tuple[str, ...], max_bytes: int) -> None:
        self._allowed, self._max_bytes = allowed, max_bytes
        self._client = httpx.Client(trust_env=False, timeout=SECONDS, follow_redirects=False)

    def __call__(self, url: str, field: str) -> bytes:
        """The bytes behind a URL. Raises ProblemError 413 or 422 naming `field`."""
        try:
            self._check(url)
            data = self._https(url) if url.startswith("https://") else self._bucket(url)
        except (ForbiddenAddressError, CrumpleError) as error:
            raise ProblemError(422, str(error), field=field) from None
        except FileNotFoundError:
            raise ProblemError(422, f"{url}: there is no such file", field=field) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProblemError(422, f"{url}: cannot be fetched: {type(error).__name__}", field=field) from None
        if len(data) > self._max_bytes:
            raise ProblemError(413, f"{url}: is longer than {self._max_bytes} bytes", field=field)
        return data

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _check(self, url: str) -> None:
        if not self._allowed:
            raise ForbiddenAddressError("photos by URL are not allowed here; send the photo itself")
        if not url.startswith(self._allowed) or not url.startswith(("https://", "s3://", "gs://")):
            raise ForbiddenAddressError(f"{url:.200}: only URLs with {' or '.join(self._allowed)} are allowed here")
        if not {".", ".."}.isdisjoint(unquote(url).split("?")[0].split("/")):  # would lead out of what is allowed
            raise ForbiddenAddressError(f"{url:.200}: give the path without . and ..")

    def _https(self, url: str) -> bytes:
        end = time.monotonic() + SECONDS
        for _ in range(REDIRECTS + 1):
            self._check(url)
            response = self._client.send(pinned(self._client, "GET", url), stream=True)
            try:
                if response.has_redirect_location:
                    url = urljoin(url, response.headers["Location"])
                    continue
                if response.status_code != 200:
                    raise ForbiddenAddressError(f"{url:.200}: answered {response.status_code}")
                data = bytearray()
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > self._max_bytes:
                        break
                    if time.monotonic() > end:
                        raise ForbiddenAddressError(f"{url:.200}: takes longer than {SECONDS:g} s")
                return bytes(data)
            finally:
                response.close()
        raise ForbiddenAddressError(f"{url:.200}: redirects more than {REDIRECTS} times")

    def _bucket(self, url: str) -> bytes:
        place, _, name = url.rpartition("/")
        with open_folder(place).open(name) as file:
            return file.read(self._max_bytes + 1)
