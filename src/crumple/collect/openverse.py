"""Openverse, a search engine over openly licensed photos of many places, Flickr and Commons among them.

Source: https://api.openverse.org/v1/. Without an account: 20 results a page, 20 requests a minute, 200 a day.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from crumple.collect.errors import SourceError
from crumple.collect.http import Http
from crumple.collect.licenses import REFUSED, License, license_from_url
from crumple.collect.record import Author, PhotoRecord
from crumple.collect.token_bucket import TokenBucket

API = "https://api.openverse.org/v1/"
CLIENT_ID, CLIENT_SECRET = "OPENVERSE_CLIENT_ID", "OPENVERSE_CLIENT_SECRET"
PER_PAGE = 20  # what is answered to everybody
PER_HOUR, PER_HOUR_KNOWN = 20 * 60, 100 * 60  # requests without and with an account
NOT_LISTED = frozenset({404, 410})
NO_DEEPER = frozenset({400, 401, 403, 404})  # what it says to a page beyond the last one that it gives
KNOWN_LICENSES = frozenset({"cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"})


class Openverse:
    """api: where it answers. An account's OPENVERSE_CLIENT_ID and OPENVERSE_CLIENT_SECRET raise the allowance."""

    name = "openverse"

    def __init__(self, http: Http, *, api: str | None = None, bucket: TokenBucket | None = None) -> None:
        self.http, self.api = http, (api or API).rstrip("/") + "/"
        self.account = os.environ.get(CLIENT_ID, "").strip(), os.environ.get(CLIENT_SECRET, "").strip()
        if any(self.account) and not all(self.account):
            raise SourceError(f"{CLIENT_ID} and {CLIENT_SECRET} belong together: set both, or none")
        self.bucket = bucket or TokenBucket(PER_HOUR_KNOWN if all(self.account) else PER_HOUR)
        self._headers: dict[str, str] | None = None

    def search(self, query: str, families: frozenset[str], max_side: int) -> Iterator[PhotoRecord]:
        """Best match first, as deep as Openverse goes. It has one size of a photo; too large ones have no URL here."""
        licenses = sorted(families & KNOWN_LICENSES)
        if not licenses:
            raise SourceError(f"openverse has no licence such as {', '.join(sorted(families))}; give others")
        for page in count(1):
            params = {
                "q": query,
                "license": ",".join(licenses),
                "category": "photograph",
                "page_size": str(PER_PAGE),
                "page": str(page),
            }
            answer = self._get("images/", params, end=NO_DEEPER if page > 1 else frozenset())
            results = answer.get("results") or []
            yield from (_record(photo, max_side) for photo in results if photo.get("id") and photo.get("url"))
            if not results or page >= int(answer.get("page_count") or 0):
                return

    def deleted(self, records: Iterable[PhotoRecord]) -> Iterator[PhotoRecord]:
        """What Openverse does not list any more; one request each."""
        for record in records:
            if not self._get(f"images/{record.id}/", {}, end=NOT_LISTED):
                yield record

    def _get(self, path: str, params: Mapping[str, str], end: frozenset[int]) -> dict[str, Any]:
        """The answer; {} for the HTTP statuses `end`."""
        answer = self.http.fetch(self.api + path, params, headers=self._authorization(), bucket=self.bucket)
        if answer.status == 200:
            fields = answer.json()
            if isinstance(fields, dict):
                return fields
        if answer.status in end:
            return {}
        raise SourceError(f"openverse answers HTTP {answer.status}; {self._advice(answer.status)}")

    def _authorization(self) -> dict[str, str]:
        if self._headers is None:
            self._headers = {}
            if all(self.account):
                form = dict(zip(("client_id", "client_secret"), self.account, strict=True))
                form["grant_type"] = "client_credentials"
                answer = self.http.fetch(self.api + "auth_tokens/token/", form=form, bucket=self.bucket)
                fields = answer.json() if answer.status == 200 else {}
                if not fields.get("access_token"):
                    raise SourceError(f"openverse refuses {CLIENT_ID} and {CLIENT_SECRET} (HTTP {answer.status})")
                self._headers = {"Authorization": f"Bearer {fields['access_token']}"}
        return self._headers

    def _advice(self, status: int) -> str:
        return f"check {CLIENT_ID} and {CLIENT_SECRET}" if status in (401, 403) else "try later"


def _record(photo: Mapping[str, Any], max_side: int) -> PhotoRecord:
    width, height = photo.get("width"), photo.get("height")
    fits = not (width and height) or max(width, height) <= max_side
    code = str(photo.get("license") or "")
    license = license_from_url(photo.get("license_url"), code)
    if license.family != code.lower():  # the two must agree
        license = License("other", REFUSED, code or "unknown", None, photo.get("license_url"))
    return PhotoRecord(
        source="openverse",
        id=str(photo["id"]),
        page_url=photo.get("foreign_landing_url") or photo["url"],
        image_url=photo["url"] if fits else None,
        size="original",
        width=width or None,
        height=height or None,
        author=Author(name=photo.get("creator") or "unknown", url=photo.get("creator_url") or None),
        title=photo.get("title") or "",
        license=license,
        tags=tuple(str(tag.get("name")) for tag in photo.get("tags") or [] if tag.get("name")),
    )
