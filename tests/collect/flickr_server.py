"""A Flickr that keeps Flickr's rules: the cap, repeats after it, drift, estimates for totals, the allowance, failures.

Parameters that it does not know it ignores without a word, as the real one does.
"""

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from tests.collect.fake_server import FakeServer, Reply
from tests.collect.pictures import picture

API = "/services/rest/"
KEY = "0123456789abcdef0123456789abcdef"
CAP, MOST_PER_PAGE = 4000, 500
LICENSES = {
    0: ("All Rights Reserved", ""),
    1: ("Attribution-NonCommercial-ShareAlike License", "https://creativecommons.org/licenses/by-nc-sa/2.0/"),
    2: ("Attribution-NonCommercial License", "https://creativecommons.org/licenses/by-nc/2.0/"),
    3: ("Attribution-NonCommercial-NoDerivs License", "https://creativecommons.org/licenses/by-nc-nd/2.0/"),
    4: ("Attribution License", "https://creativecommons.org/licenses/by/2.0/"),
    5: ("Attribution-ShareAlike License", "https://creativecommons.org/licenses/by-sa/2.0/"),
    6: ("Attribution-NoDerivs License", "https://creativecommons.org/licenses/by-nd/2.0/"),
    7: ("No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    8: ("United States Government Work", "http://www.usa.gov/copyright.shtml"),
    9: ("Public Domain Dedication (CC0)", "https://creativecommons.org/publicdomain/zero/1.0/"),
    10: ("Public Domain Mark", "https://creativecommons.org/publicdomain/mark/1.0/"),
    # Which numbers the newer ones really have is not known here: clients are to go by the URL.
    23: ("Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
}


@dataclass(frozen=True)
class FakePhoto:
    """id; uploaded: Unix seconds; sizes: suffix of url_ -> width, height; deleted: since, or made private."""

    id: int
    uploaded: int
    license: int = 4
    text: str = "damaged car"
    owner: str = "12345678@N01"
    alias: str | None = None
    sizes: tuple[tuple[str, tuple[int, int]], ...] = (("o", (48, 32)), ("m", (24, 16)))
    geo: tuple[float, float] | None = None
    deleted: bool = False


def photos(
    count: int, *, first: int = 1, since: int = 1_500_000_000, every: int = 3600, **about: Any
) -> list[FakePhoto]:
    """Photos with ids from `first` on, one uploaded each `every` seconds."""
    return [FakePhoto(id=first + i, uploaded=since + i * every, **about) for i in range(count)]


class FlickrServer(FakeServer):
    """allowance: requests within `period` seconds; drift: results move down by one for each page that is read;

    totals: what the estimate is multiplied with; ignores: parameters that do nothing, as if they were misspelt.
    """

    def __init__(self, photos: list[FakePhoto]) -> None:
        super().__init__()
        self.photos = {photo.id: photo for photo in photos}
        self.key = KEY
        self.allowance, self.period = 3600, 3600.0
        self.drift = False
        self.totals = 1.0
        self.ignores: set[str] = set()
        self.licenses: dict[int, tuple[str, str]] | None = dict(LICENSES)
        self._asked: deque[float] = deque()

    @property
    def api(self) -> str:
        return self.url + API

    def delete(self, *ids: int) -> None:
        for number in ids:
            self.photos[number] = replace(self.photos[number], deleted=True)

    def downloads(self) -> dict[int, int]:
        """Requests for the file of each photo."""
        found: dict[int, int] = {}
        with self.lock:
            for path, hits in self.hits.items():
                if path.startswith("/photo/"):
                    number = int(path.split("/")[2])
                    found[number] = found.get(number, 0) + hits
        return found

    def calls(self, method: str) -> list[dict[str, str]]:
        """Parameters of the requests for an API method."""
        return [params for path, params in self.log if path == API and params.get("method") == method]

    def reply(self, path: str, params: dict[str, str]) -> Reply:
        if path.startswith("/photo/"):
            return self._file(path)
        if path.startswith("/gone/"):
            return Reply(picture(0), content_type="image/jpeg")
        now = time.monotonic()
        with self.lock:
            while self._asked and self._asked[0] <= now - self.period:
                self._asked.popleft()
            if len(self._asked) >= self.allowance:
                wait = self._asked[0] + self.period - now
                return Reply(b"<html>429 Too Many Requests</html>", 429, "text/html", {"Retry-After": f"{wait:.0f}"})
            self._asked.append(now)
        if params.get("api_key") != self.key:
            return _fail(100, "Invalid API Key (Key has invalid format)")
        method = {
            "flickr.photos.search": self._search,
            "flickr.photos.getInfo": self._info,
            "flickr.photos.licenses.getInfo": self._licenses,
        }.get(params.get("method", ""))
        return method(params) if method else _fail(112, f'Method "{params.get("method")}" not found')

    def _file(self, path: str) -> Reply:
        _, _, number, suffix = path.removesuffix(".jpg").split("/")
        photo = self.photos[int(number)]
        if photo.deleted:
            return Reply(b"", 302, "text/html", {"Location": "/gone/photo_unavailable.png"})
        return Reply(picture(photo.id, dict(photo.sizes)[suffix]), content_type="image/jpeg")

    def _search(self, params: dict[str, str]) -> Reply:
        params = {name: value for name, value in params.items() if name not in self.ignores}
        if not params.get("text"):
            return _fail(3, "Parameterless searches have been disabled. Please use flickr.photos.getRecent instead.")
        licenses = {int(number) for number in params["license"].split(",")} if params.get("license") else None
        since, until = int(params.get("min_upload_date", 0)), int(params.get("max_upload_date", 2**40))
        found = [
            photo
            for photo in self.photos.values()
            if params["text"] in photo.text
            and not photo.deleted
            and since <= photo.uploaded <= until
            and (licenses is None or photo.license in licenses)
        ]
        found.sort(key=lambda photo: (photo.uploaded, photo.id), reverse=True)
        size = max(1, min(MOST_PER_PAGE, int(params.get("per_page", 100))))
        page = max(1, int(params.get("page", 1)))
        start = (page - 1) * size
        if self.drift:
            start = max(0, start - (page - 1))
        if start >= CAP:
            start %= CAP  # the same ones again
        total = int(len(found) * self.totals)
        some = found[start : min(start + size, CAP)]
        if not some and found and page > 1:
            some = found[:size]  # past the end, too
        extras = set(params.get("extras", "").split(","))
        listed = [self._listed(photo, extras) for photo in some]
        about = {"page": page, "pages": -(-total // size), "perpage": size, "total": str(total)}
        return Reply({"photos": {**about, "photo": listed}, "stat": "ok"})

    def _listed(self, photo: FakePhoto, extras: set[str]) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": str(photo.id),
            "owner": photo.owner,
            "title": f"Crash {photo.id}",
            "ispublic": 1,
        }
        if "license" in extras:
            fields["license"] = str(photo.license)
        if "owner_name" in extras:
            fields["ownername"] = f"Someone {photo.owner}"
        if "path_alias" in extras:
            fields["pathalias"] = photo.alias
        if "date_upload" in extras:
            fields["dateupload"] = str(photo.uploaded)
        if "date_taken" in extras:
            fields |= {"datetaken": "2016-05-01 10:20:30", "datetakenunknown": "0"}
        if "tags" in extras:
            fields["tags"] = "car dent"
        if "geo" in extras:
            latitude, longitude = photo.geo or (0, 0)
            fields |= (
                {"latitude": str(latitude), "longitude": str(longitude)}
                if photo.geo
                else {"latitude": 0, "longitude": 0}
            )
        for suffix, (width, height) in photo.sizes:
            if f"url_{suffix}" in extras:
                fields |= {
                    f"url_{suffix}": f"{self.url}/photo/{photo.id}/{suffix}.jpg",
                    f"width_{suffix}": width,
                    f"height_{suffix}": str(height),  # the real one mixes both, too
                }
        return fields

    def _info(self, params: dict[str, str]) -> Reply:
        photo = self.photos.get(int(params["photo_id"]))
        if photo is None or photo.deleted:
            return _fail(1, "Photo not found")
        return Reply({"photo": {"id": str(photo.id), "license": str(photo.license)}, "stat": "ok"})

    def _licenses(self, params: dict[str, str]) -> Reply:
        if self.licenses is None:
            return Reply({"stat": "ok"})
        listed = [{"id": number, "name": name, "url": url} for number, (name, url) in self.licenses.items()]
        return Reply({"licenses": {"license": listed}, "stat": "ok"})


def _fail(code: int, message: str) -> Reply:
    return Reply({"stat": "fail", "code": code, "message": message})


def unavailable(code: int) -> Reply:
    """A failure that passes."""
    return _fail(code, "Sorry, the Flickr API service is not currently available.")
