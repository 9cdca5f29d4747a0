"""A Wikimedia Commons: continued answers, pages whose properties come later, copies in standard widths only."""

from dataclasses import dataclass
from typing import Any

from tests.collect.fake_server import FakeServer, Reply
from tests.collect.pictures import picture

API = "/w/api.php"
WIDTHS = {20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840}


@dataclass(frozen=True)
class FakeFile:
    id: int
    license: str = "cc-by-sa-4.0"
    license_url: str | None = "https://creativecommons.org/licenses/by-sa/4.0"
    size: tuple[int, int] = (60, 40)
    title: str = "File:Dented door.jpg"
    artist: str = '<a href="//commons.wikimedia.org/wiki/User:Someone" title="x">Someone &amp; Co</a>'
    gps: tuple[str, str] | None = None


class CommonsServer(FakeServer):
    """per_page: as asked for, at most. late: properties of half of a page's files come with a second answer."""

    def __init__(self, files: list[FakeFile]) -> None:
        super().__init__()
        self.files = {file.id: file for file in files}
        self.most, self.late = 50, True
        self.refused: list[int] = []

    @property
    def api(self) -> str:
        return self.url + API

    def reply(self, path: str, params: dict[str, str]) -> Reply:
        if path.startswith("/file/"):
            return Reply(
                picture(int(path.split("/")[2]), self.files[int(path.split("/")[2])].size), content_type="image/jpeg"
            )
        if path.startswith("/thumb/"):
            _, _, number, width = path.split("/")
            if int(width) not in WIDTHS:
                return Reply(b"Use thumbnail steps listed on https://w.wiki/GHai", 400, "text/plain")
            size = self._scaled(self.files[int(number)], int(width))
            return Reply(picture(int(number), size), content_type="image/jpeg")
        if params.get("action") != "query" or params.get("formatversion") != "2":
            return Reply({"error": {"code": "badvalue", "info": "Unrecognized value"}})
        if "pageids" in params:
            return self._pages(params)
        return self._search(params)

    def _pages(self, params: dict[str, str]) -> Reply:
        ids = [int(number) for number in params["pageids"].split("|")]
        if len(ids) > self.most:
            return Reply({"error": {"code": "toomanyvalues", "info": "Too many values supplied"}})
        pages = [self._page(self.files[n], params) if n in self.files else {"pageid": n, "missing": True} for n in ids]
        return Reply({"batchcomplete": True, "query": {"pages": pages}})

    def _search(self, params: dict[str, str]) -> Reply:
        if params.get("gsrnamespace") != "6" or "filetype:bitmap" not in params.get("gsrsearch", ""):
            return Reply({"batchcomplete": True})
        size, start = min(self.most, int(params.get("gsrlimit", 10))), int(params.get("gsroffset", 0))
        some = list(self.files.values())[start : start + size]
        second = params.get("iicontinue") == "later"
        pages = []
        for index, file in enumerate(some, start=start + 1):
            page = self._page(file, params) | {"index": index}
            if self.late and (index % 2 == 0) != second:
                del page["imageinfo"]
            pages.append(page)
        answer: dict[str, Any] = {"query": {"pages": sorted(pages, key=lambda page: page["pageid"])}}
        if self.late and not second:
            answer["continue"] = {"iicontinue": "later", "gsroffset": start, "continue": "gsroffset||"}
            return Reply(answer)
        answer["batchcomplete"] = True
        if start + size < len(self.files):
            answer["continue"] = {"gsroffset": start + size, "continue": "gsroffset||"}
        return Reply(answer)

    def _page(self, file: FakeFile, params: dict[str, str]) -> dict[str, Any]:
        width, height = file.size
        info: dict[str, Any] = {
            "url": f"{self.url}/file/{file.id}/a.jpg",
            "descriptionurl": f"https://commons.wikimedia.org/wiki/{file.title.replace(' ', '_')}",
            "width": width,
            "height": height,
            "mime": "image/jpeg",
            "timestamp": "2019-05-01T10:00:00Z",
            "user": "Uploader",
        }
        if "iiurlwidth" in params:
            thumb = self._scaled(file, int(params["iiurlwidth"]))
            info |= {
                "thumburl": f"{self.url}/thumb/{file.id}/{params['iiurlwidth']}",
                "thumbwidth": thumb[0],
                "thumbheight": thumb[1],
            }
        if "extmetadata" in params.get("iiprop", ""):
            fields = {
                "Artist": file.artist,
                "License": file.license,
                "LicenseShortName": file.license.upper(),
                "LicenseUrl": file.license_url,
                "DateTimeOriginal": "2019-04-30 12:00",
                "Categories": "Dents|Damaged automobiles",
                "GPSLatitude": file.gps and file.gps[0],
                "GPSLongitude": file.gps and file.gps[1],
            }
            info["extmetadata"] = {name: {"value": value} for name, value in fields.items() if value}
        return {"pageid": file.id, "ns": 6, "title": file.title, "imageinfo": [info]}

    @staticmethod
    def _scaled(file: FakeFile, width: int) -> tuple[int, int]:
        return width, round(file.size[1] * width / file.size[0])
