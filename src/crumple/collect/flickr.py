"""Flickr, through its REST API, as it really is: see the constants.

Source: https://www.flickr.com/services/api/, flickr.photos.search, .getInfo and .licenses.getInfo.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from crumple.collect.errors import SourceError
from crumple.collect.flickr_windows import Window
from crumple.collect.http import Answer, Http
from crumple.collect.licenses import REFUSED, License, license_from_url
from crumple.collect.record import Author, Geo, PhotoRecord
from crumple.collect.token_bucket import TokenBucket

API = "https://api.flickr.com/services/rest/"
KEY = "FLICKR_API_KEY"
GET_A_KEY = "https://www.flickr.com/services/apps/create/"

PER_HOUR = 3600  # requests with one key
PER_PAGE = 500  # the most that is answered
CAP = 4000  # distinct results of one query; then they repeat
FULL = 3000  # a query with more is split: what the API calls "total" is an estimate
FOUNDED = int(datetime(2004, 2, 1, tzinfo=UTC).timestamp())
TEMPORARY = frozenset({0, 10, 105, 106, 201})  # "not currently available"; 201 also when it is asked too often
WRONG_KEY, GONE = 100, frozenset({1, 2})  # getInfo: not found, or not public any more

# suffix of url_, width_ and height_ -> the size's name, largest first
SIZES = {"o": "original", "l": "large", "c": "medium 800", "m": "medium"}
EXTRAS = "license,owner_name,path_alias,date_upload,date_taken,tags,geo," + ",".join(f"url_{size}" for size in SIZES)

_CC = "https://creativecommons.org/"
# In case the list cannot be read at run time. Licences that came later have other numbers: they are told by their URL.
BUILT_IN = {
    0: "",
    1: f"{_CC}licenses/by-nc-sa/2.0/",
    2: f"{_CC}licenses/by-nc/2.0/",
    3: f"{_CC}licenses/by-nc-nd/2.0/",
    4: f"{_CC}licenses/by/2.0/",
    5: f"{_CC}licenses/by-sa/2.0/",
    6: f"{_CC}licenses/by-nd/2.0/",
    7: "https://www.flickr.com/commons/usage/",
    8: "https://www.usa.gov/copyright.shtml",
    9: f"{_CC}publicdomain/zero/1.0/",
    10: f"{_CC}publicdomain/mark/1.0/",
}


class Flickr:
    """key: of the API, by default what FLICKR_API_KEY holds. api: where it answers.

    now: Unix seconds; what is uploaded later is left to the next run.
    """

    name = "flickr"

    def __init__(
        self,
        http: Http,
        key: str | None = None,
        *,
        api: str | None = None,
        bucket: TokenBucket | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raises SourceError without a key."""
        self.key = key or os.environ.get(KEY, "").strip()
        if not self.key:
            raise SourceError(f"{KEY} is not set: get a key at {GET_A_KEY} and put it in that variable")
        self.http, self.api, self.now = http, api or API, now
        self.bucket = bucket or TokenBucket(PER_HOUR)

    def search(self, query: str, families: frozenset[str], max_side: int) -> Iterator[PhotoRecord]:
        """Newest first. A query with too many results is asked again by window of upload date, then by licence."""
        licenses = self.licenses()
        wanted = tuple(number for number, license in licenses.items() if license.family in families)
        if not wanted:
            raise SourceError(f"flickr has no licence such as {', '.join(sorted(families))}; give others")
        windows = [Window(FOUNDED, int(self.now()), wanted)]
        while windows:
            window, seen = windows.pop(), set[str]()
            for page in count(1):
                total, photos = self._page(query, window, page)
                new = [photo for photo in photos if photo["id"] not in seen]
                seen |= {photo["id"] for photo in new}
                yield from (_record(photo, licenses, max_side) for photo in new)
                # An estimate alone splits nothing that plainly has few results: some are far too high.
                too_many = len(seen) >= FULL or (page == 1 and total >= FULL and len(photos) >= PER_PAGE // 2)
                if too_many and window.divisible:
                    windows += window.divided()
                    break
                if not new or page * PER_PAGE >= CAP:  # a page may be short and others follow
                    break

    def deleted(self, records: Iterable[PhotoRecord]) -> Iterator[PhotoRecord]:
        """One request each: this takes a second a photo."""
        for record in records:
            answer = self._call("flickr.photos.getInfo", {"photo_id": record.id}, expected=GONE)
            if answer.get("stat") == "fail":
                yield record

    def licenses(self) -> dict[int, License]:
        """Licence of each number that Flickr uses at present."""
        answer = self._call("flickr.photos.licenses.getInfo", {})
        known = {number: license_from_url(url) for number, url in BUILT_IN.items()}
        listed = answer.get("licenses")
        for entry in (listed.get("license") or []) if isinstance(listed, dict) else []:
            known[int(entry["id"])] = license_from_url(entry.get("url"), str(entry.get("name", "")))
        return known

    def _page(self, query: str, window: Window, page: int) -> tuple[int, list[dict[str, Any]]]:
        answer = self._call(
            "flickr.photos.search",
            {
                "text": query,
                "license": ",".join(map(str, window.licenses)),
                "min_upload_date": str(window.since),
                "max_upload_date": str(window.until),
                "sort": "date-posted-desc",
                "media": "photos",
                "content_type": "1",  # photos, no screenshots
                "safe_search": "1",
                "extras": EXTRAS,
                "per_page": str(PER_PAGE),
                "page": str(page),
            },
        )
        try:
            photos = answer["photos"]
            return int(photos.get("total") or 0), [photo for photo in photos["photo"] if str(photo["id"]).isdigit()]
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"flickr.photos.search: answered what is no list of photos ({error!r:.80})") from None

    def _call(self, method: str, params: Mapping[str, str], expected: frozenset[int] = frozenset()) -> dict[str, Any]:
        """The answer to a method. Failures come with HTTP 200, temporary ones also with 400.

        expected: codes of failures that the caller wants to see.
        """
        params = {"method": method, "api_key": self.key, "format": "json", "nojsoncallback": "1", **params}
        answer = self.http.fetch(self.api, params, bucket=self.bucket, again=_temporary)
        fields = _fields(answer)
        code = _code(fields)
        if fields.get("stat") == "ok" or code in expected:
            return fields
        if code == WRONG_KEY:
            raise SourceError(f"flickr refuses the key in {KEY} (code 100): check it, or get one at {GET_A_KEY}")
        if fields.get("stat") != "fail":
            raise SourceError(f"{method}: flickr answers HTTP {answer.status} without a word; try later")
        raise SourceError(f"{method}: flickr answers {str(fields.get('message', ''))[:120]!r} (code {code})")


def _fields(answer: Answer) -> dict[str, Any]:
    fields = answer.json()
    return fields if isinstance(fields, dict) else {}


def _code(fields: Mapping[str, Any]) -> int | None:
    code = str(fields.get("code", ""))
    return int(code) if code.isdigit() else None


def _temporary(answer: Answer) -> str | None:
    try:
        fields = _fields(answer)
    except SourceError:
        return f"answers {answer.content_type or 'something'} (HTTP {answer.status}) instead of JSON"
    code = _code(fields)
    if fields.get("stat") == "fail" and code in TEMPORARY:
        return f"is not available (code {code})"
    return None


def _record(photo: Mapping[str, Any], licenses: Mapping[int, License], max_side: int) -> PhotoRecord:
    number = str(photo.get("license", ""))
    unknown = License("other", REFUSED, f"flickr's number {number or 'missing'}")
    owner, alias = str(photo.get("owner", "")), str(photo.get("pathalias") or "")
    size, url, width, height = _size(photo, max_side)
    return PhotoRecord(
        source="flickr",
        id=str(photo["id"]),
        page_url=f"https://www.flickr.com/photos/{alias or owner}/{photo['id']}",
        image_url=url,
        size=size,
        width=width,
        height=height,
        author=Author(
            name=str(photo.get("ownername") or owner or "unknown"),
            id=owner or None,
            url=f"https://www.flickr.com/people/{owner}/" if owner else None,
        ),
        title=str(photo.get("title") or ""),
        license=licenses.get(int(number), unknown) if number.isdigit() else unknown,
        taken=str(photo["datetaken"]) if photo.get("datetaken") and str(photo.get("datetakenunknown")) != "1" else None,
        uploaded=_time(photo.get("dateupload")),
        tags=tuple(str(photo.get("tags") or "").split()),
        geo=_geo(photo),
    )


def _size(photo: Mapping[str, Any], max_side: int) -> tuple[str, str | None, int | None, int | None]:
    for suffix, name in SIZES.items():
        url, sides = photo.get(f"url_{suffix}"), (photo.get(f"width_{suffix}"), photo.get(f"height_{suffix}"))
        if url and all(str(side).isdigit() for side in sides):
            width, height = (int(str(side)) for side in sides)
            if max(width, height) <= max_side:
                return name, str(url), width, height
    return "", None, None, None


def _time(seconds: Any) -> str | None:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat() if str(seconds or "").isdigit() else None


def _geo(photo: Mapping[str, Any]) -> Geo | None:
    try:
        geo = Geo(latitude=float(photo.get("latitude") or 0), longitude=float(photo.get("longitude") or 0))
    except (TypeError, ValueError):
        return None
    return None if (geo.latitude, geo.longitude) == (0, 0) else geo  # Flickr's way of saying that it does not know
