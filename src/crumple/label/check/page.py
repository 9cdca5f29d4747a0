"""The HTML page of a check: one file that opens from disk, with its pictures inside it and nothing fetched."""

import base64
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crumple.drawing.jpeg import jpeg
from crumple.errors import PhotoError
from crumple.files import write_aside
from crumple.label.check.checker import Report
from crumple.label.check.pictures import picture
from crumple.label.check.wording import KINDS, share
from crumple.label.review import ReviewItem
from crumple.label.versions.version import Version
from crumple.pages import page_templates
from crumple.photo import decode_photo
from crumple.taxonomy import title

SHOWN = 12  # pictures of each kind; all items are in review.json


@dataclass(frozen=True)
class Shown:
    """One item on the page. picture: a JPEG in base64; None if the photo is not at hand."""

    item: ReviewItem
    picture: str | None


def write_page(path: str | os.PathLike[str], report: Report, version: Version, images: Path | None) -> None:
    """Write the page; images: the folder of the photos, None for a page without pictures."""
    shown: dict[str, list[ReviewItem]] = defaultdict(list)
    for item in report.review.items:
        if len(shown[item.kind]) < SHOWN:
            shown[item.kind].append(item)
    pictures = dict(_pictures([item for items in shown.values() for item in items], version, images))
    kinds = [
        (KINDS[kind], count, [Shown(item, pictures.get(id(item))) for item in shown[kind]])
        for kind, count in report.kinds().items()
    ]
    environment = page_templates("crumple.label.check")
    environment.filters |= {"words": title, "share": share}
    page = environment.get_template("check.html").render(r=report, kinds=kinds, pictured=images is not None)
    with write_aside(path) as target:
        target.write_text(page, encoding="utf-8")


def _pictures(items: list[ReviewItem], version: Version, images: Path | None) -> Iterator[tuple[int, str]]:
    """By the item's identity; a photo that cannot be read has none. Each photo is decoded once."""
    if images is None:
        return
    photos = {photo.file_name: photo for photo in version.photos}
    of_photo: dict[str, list[ReviewItem]] = defaultdict(list)
    for item in items:
        of_photo[item.file_name].append(item)
    for file_name, mine in of_photo.items():
        photo = photos[file_name]
        objects = {one.id: one for drawn in photo.sets for one in drawn.objects}
        try:
            rgb = decode_photo(images / file_name).rgb
        except PhotoError:
            continue
        if rgb.shape[:2] != (photo.height, photo.width):
            continue
        for item in mine:
            small = picture(rgb, item, objects, [one.id for one in photo.objects])
            yield id(item), base64.b64encode(jpeg(small, quality=80)).decode("ascii")
