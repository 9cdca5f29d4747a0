"""Whose photo it is: what a line of `crumple collect`'s manifest says of its origin, and nothing else of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose photo it is and where it comes from, as the source's manifest says; "" where it does not.

    group: of photos of one car or claim, if the manifest knows.
    """

    source: str = ""
    source_id: str = ""
    title: str = ""
    author: str = ""
    author_id: str = ""
    licence: str = ""
    licence_url: str = ""
    page: str = ""
    group: str = ""


def read_credit(content: dict[str, Any]) -> Credit:
    """What a line says of the photo's origin, and nothing else of it: not where it was taken, nor when."""
    author, licence = content.get("author"), content.get("license", content.get("licence"))
    if not isinstance(author, dict):
        author = {"name": author, "id": content.get("author_id")}
    if not isinstance(licence, dict):
        licence = {"id": licence, "url": content.get("licence_url", content.get("license_url"))}
    return Credit(
        source=_text(content.get("source")),
        source_id=_text(content.get("id")),
        title=_text(content.get("title")),
        author=_text(author.get("name")),
        author_id=_text(author.get("id")),
        licence=_text(licence.get("id")),
        licence_url=_text(licence.get("url")),
        page=_text(content.get("page_url", content.get("page"))),
        group=_text(content.get("group")),
    )


def _text(value: object) -> str:
    # JSON can hold halves of characters, which no file can.
    return "" if value is None else " ".join(str(value).split()).encode("utf-8", "replace").decode()
