"""Wikimedia Commons, through MediaWiki's API.

Smaller copies exist in a few standard widths only, and their URLs are not to be made up: a width is asked for.
Source: https://commons.wikimedia.org/w/api.php?action=help&modules=query%2Bimageinfo and
https://www.mediawiki.org/wiki/Common_thumbnail_sizes.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from crumple.collect.errors import SourceError
from crumple.collect.http import Answer, Http
from crumple.collect.licenses import License, license_from_url
from crumple.collect.record import Author, Geo, PhotoRecord
from crumple.collect.token_bucket import TokenBucket

API = "https://commons.wikimedia.org/w/api.php"
PER_HOUR = 3600  # requests; there is no number, but a wish to be asked in series and gently
AT_ONCE = 50  # pages in one request, and the most that one may name
DEPTH = 10_000  # the search's last result
WIDTHS = (3840, 1920, 1280, 960, 500, 330, 250)  # pixels
TEMPORARY = frozenset(
    {"maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryError", "cirrussearch-too-busy-error"}
)


class Commons:
    """Files that hold a bitmap picture. api: where it answers."""

    name = "commons"

    def __init__(self, http: Http, *, api: str | None = None, bucket: TokenBucket | None = None) -> None:
        self.http, self.api = http, api or API
        self.bucket = bucket or TokenBucket(PER_HOUR)

    def search(self, query: str, families: frozenset[str], max_side: int) -> Iterator[PhotoRecord]:
        """Best match first, 10,000 at most. Commons cannot be asked for licences: the caller's check sorts them out."""
        params = {
            "generator": "search",
            "gsrsearch": f"{query} filetype:bitmap",
            "gsrnamespace": "6",
            "gsrlimit": str(AT_ONCE),
            "prop": "imageinfo",
            "iiprop": "url|size|mime|timestamp|user|extmetadata",
        }
        rest: dict[str, str] = {}
        pages: dict[int, dict[str, Any]] = {}
        while int(rest.get("gsroffset", 0)) < DEPTH:
            answer = self._query({**params, **rest})
            for page in _pages(answer):
                pages[page["pageid"]] = {**pages.get(page["pageid"], {}), **page}
            if answer.get("batchcomplete"):  # until then a page may lack its imageinfo
                yield from self._records(pages.values(), max_side)
                pages = {}
            if not isinstance(answer.get("continue"), dict):
                break
            rest = {name: str(value) for name, value in answer["continue"].items()}

    def deleted(self, records: Iterable[PhotoRecord]) -> Iterator[PhotoRecord]:
        rest = iter(records)
        while some := list(islice(rest, AT_ONCE)):
            answer = self._query({"pageids": "|".join(record.id for record in some)})
            missing = {str(page["pageid"]) for page in _pages(answer) if page.get("missing")}
            yield from (record for record in some if record.id in missing)

    def _records(self, pages: Iterable[dict[str, Any]], max_side: int) -> list[PhotoRecord]:
        """Records of whole pages, in the search's order; what is too large as the copy of a fitting width."""
        files = [(page, page["imageinfo"][0]) for page in pages if page.get("imageinfo")]
        files = [(page, info) for page, info in files if info.get("url") and info.get("width") and info.get("height")]
        files.sort(key=lambda file: file[0].get("index", 0))
        by_width: dict[int, list[int]] = {}
        for page, info in files:
            if (width := fitting_width(info["width"], info["height"], max_side)) is not None:
                by_width.setdefault(width, []).append(page["pageid"])
        copies: dict[int, dict[str, Any]] = {}
        for width, ids in by_width.items():
            answer = self._query(
                {
                    "pageids": "|".join(map(str, ids)),
                    "prop": "imageinfo",
                    "iiprop": "url|size",
                    "iiurlwidth": str(width),
                }
            )
            copies |= {page["pageid"]: page["imageinfo"][0] for page in _pages(answer) if page.get("imageinfo")}
        return [_record(page, info, copies.get(page["pageid"]), max_side) for page, info in files]

    def _query(self, params: Mapping[str, str]) -> dict[str, Any]:
        params = {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5", **params}
        answer = self.http.fetch(self.api, params, bucket=self.bucket, again=_temporary)
        fields = answer.json()
        if answer.status != 200 or not isinstance(fields, dict) or "error" in fields:
            error = fields.get("error", {}) if isinstance(fields, dict) else {}
            raise SourceError(f"commons answers {str(error.get('info', f'HTTP {answer.status}'))[:120]!r}; try later")
        return fields


def fitting_width(width: int, height: int, max_side: int) -> int | None:
    """The standard width at which a file fits into max_side pixels; None if it does as it is, or at no such width."""
    longer = max(width, height)
    if longer <= max_side:
        return None
    return next((step for step in WIDTHS if step < width and step * longer <= max_side * width), None)


def _pages(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    query = answer.get("query")
    pages = query.get("pages") if isinstance(query, dict) else None
    return [page for page in pages or [] if isinstance(page, dict) and isinstance(page.get("pageid"), int)]


def _temporary(answer: Answer) -> str | None:
    try:
        fields = answer.json()
    except SourceError:
        return f"answers {answer.content_type or 'something'} (HTTP {answer.status}) instead of JSON"
    code = fields.get("error", {}).get("code") if isinstance(fields, dict) else None
    return f"is too busy ({code})" if code in TEMPORARY else None


def _record(
    page: Mapping[str, Any], info: Mapping[str, Any], copy: Mapping[str, Any] | None, max_side: int
) -> PhotoRecord:
    about = {name: str(field.get("value", "")) for name, field in (info.get("extmetadata") or {}).items()}
    url: str | None = None
    width, height, size = info["width"], info["height"], "original"
    if max(width, height) <= max_side:
        url = info["url"]
    elif copy is not None and copy.get("thumburl"):
        url, width, height = copy["thumburl"], int(copy["thumbwidth"]), int(copy["thumbheight"])
        size = f"{width} px wide"
    name = str(page.get("title", "")).removeprefix("File:")
    return PhotoRecord(
        source="commons",
        id=str(page["pageid"]),
        page_url=info.get("descriptionurl") or f"https://commons.wikimedia.org/w/index.php?curid={page['pageid']}",
        image_url=url,
        size=size,
        width=width,
        height=height,
        author=_author(about.get("Artist", ""), info.get("user")),
        title=_text(about.get("ObjectName", "")) or name.rpartition(".")[0] or name,
        license=_license(about),
        taken=_text(about.get("DateTimeOriginal", "")) or None,
        uploaded=info.get("timestamp"),
        tags=tuple(tag for tag in about.get("Categories", "").split("|") if tag),
        geo=_geo(about),
    )


def _author(artist: str, uploader: str | None) -> Author:
    """Of the file's description, which is HTML; who uploaded it is not always who made it."""
    link = re.search(r'href="((?:https?:)?//[^"]+)"', artist)
    url = html.unescape(link[1]) if link else None
    return Author(name=_text(artist) or uploader or "unknown", url=f"https:{url}" if url and url[0] == "/" else url)


def _license(about: Mapping[str, str]) -> License:
    """By its URL, or by Commons' own short name, as cc-by-sa-4.0."""
    url, short = about.get("LicenseUrl", ""), about.get("License", "").lower()
    if not url and (found := re.fullmatch(r"cc-(by[a-z-]*?)-(\d\.\d)(?:-([a-z]{2}))?", short)):
        url = f"https://creativecommons.org/licenses/{found[1]}/{found[2]}/{found[3] + '/' if found[3] else ''}"
    if not url and short in ("cc0", "cc-zero"):
        url = "https://creativecommons.org/publicdomain/zero/1.0/"
    return license_from_url(url or None, about.get("LicenseShortName", ""))


def _geo(about: Mapping[str, str]) -> Geo | None:
    try:
        return Geo(latitude=float(about["GPSLatitude"]), longitude=float(about["GPSLongitude"]))
    except (KeyError, ValueError):
        return None


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())
