"""Photos by URL: https://, s3:// and gs://, where a setting allows them, and never from inside the network."""

import re
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
_SCHEMES = re.compile("(https|s3|gs)://")


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
            url = self._checked(url)
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

    def _checked(self, url: str) -> str:
        """The URL byte for byte as it will be asked for, which is what must be allowed."""
        if not self._allowed:
            raise ForbiddenAddressError("photos by URL are not allowed here; send the photo itself")
        is_https = url.startswith("https://")
        # In buckets ? and # are letters of a name. The path is split off before it is decoded: %3f begins no query.
        path = re.split(r"[?#]", url)[0] if is_https else url
        if not {".", ".."}.isdisjoint(re.split(r"[/\\]", unquote(path))):  # would lead out of what is allowed
            raise ForbiddenAddressError(f"{url:.200}: give the path without . and ..")
        asked = str(httpx.URL(url)) if is_https else url
        if not (asked.startswith(self._allowed) and _SCHEMES.match(asked)):
            raise ForbiddenAddressError(f"{url:.200}: only URLs with {' or '.join(self._allowed)} are allowed here")
        return asked

    def _https(self, url: str) -> bytes:
        end = time.monotonic() + SECONDS
        for _ in range(REDIRECTS + 1):
            response = self._client.send(pinned(self._client, "GET", url), stream=True)
            try:
                if response.has_redirect_location:
                    url = self._checked(urljoin(url, response.headers["Location"]))
                    if not url.startswith("https://"):
                        raise ForbiddenAddressError(f"{url:.200}: redirects lead to https only")
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
