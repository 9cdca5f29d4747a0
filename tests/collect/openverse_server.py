"""An Openverse: 20 results a page without an account and no more than so many pages, tokens, an allowance."""

from dataclasses import dataclass
from typing import Any

from tests.collect.fake_server import FakeServer, Reply
from tests.collect.pictures import picture

ACCOUNT = ("id", "secret")


@dataclass(frozen=True)
class FakeImage:
    id: str
    license: str = "by"
    version: str = "2.0"
    page: str | None = None
    size: tuple[int | None, int | None] = (48, 32)


class OpenverseServer(FakeServer):
    def __init__(self, images: list[FakeImage]) -> None:
        super().__init__()
        self.images = {image.id: image for image in images}
        self.deepest = 12

    @property
    def api(self) -> str:
        return f"{self.url}/v1/"

    def reply(self, path: str, params: dict[str, str]) -> Reply:
        if path.startswith("/photo/"):
            return Reply(picture(len(path), (48, 32)), content_type="image/jpeg")
        if path == "/v1/auth_tokens/token/":
            if (params.get("client_id"), params.get("client_secret")) != ACCOUNT:
                return Reply({"detail": "invalid_client"}, 401)
            return Reply({"access_token": "a-token", "expires_in": 43200, "token_type": "Bearer"})
        if path == "/v1/images/":
            return self._search(params)
        number = path.split("/")[3]
        return (
            Reply(self._image(self.images[number])) if number in self.images else Reply({"detail": "Not found."}, 404)
        )

    def _search(self, params: dict[str, str]) -> Reply:
        size, page = int(params.get("page_size", 20)), int(params.get("page", 1))
        if size > 20:
            return Reply({"detail": "page_size must be between 1 & 20 for anonymous requests."}, 401)
        if page > self.deepest:
            return Reply({"detail": "Invalid page."}, 401)
        licenses = set(params.get("license", "").split(","))
        found = [image for image in self.images.values() if image.license in licenses]
        some = found[(page - 1) * size : page * size]
        return Reply(
            {
                "result_count": len(found),
                "page_count": min(20, -(-len(found) // size)),
                "page_size": size,
                "page": page,
                "results": [self._image(image) for image in some],
            }
        )

    def _image(self, image: FakeImage) -> dict[str, Any]:
        kind = f"licenses/{image.license}" if image.license.startswith("by") else "publicdomain/zero"
        return {
            "id": image.id,
            "title": f"Crash {image.id}",
            "creator": "Someone",
            "creator_url": "https://example.org/someone",
            "url": f"{self.url}/photo/{image.id}",
            "foreign_landing_url": image.page or f"https://example.org/{image.id}",
            "license": image.license,
            "license_version": image.version,
            "license_url": f"https://creativecommons.org/{kind}/{image.version}/",
            "width": image.size[0],
            "height": image.size[1],
            "tags": [{"name": "car"}, {"name": "dent"}],
        }
