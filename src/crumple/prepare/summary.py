"""summary.html: one page on what came in, what stays and why the rest does not, with pictures inside it.

Nothing on it depends on when or where it was made. Which photos are shown is decided by their ids, which are hashes:
as good as drawn by lot, and always the same.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice

import cv2
import numpy as np

from crumple import __version__
from crumple.drawing.jpeg import jpeg
from crumple.pages import page_templates
from crumple.prepare.photo.verdict import REASONS
from crumple.prepare.plan import Kept, Rejected
from crumple.prepare.settings import Settings

SHOWN_KEPT, SHOWN_REJECTED, SHOWN_CLUSTERS, SHOWN_COPIES, SHOWN_UNREADABLE = 60, 24, 12, 5, 50
THUMBNAIL = 160  # pixels of the longer side

ReadPhoto = Callable[[str], bytes]  # id -> prepared JPEG


@dataclass(frozen=True)
class Picture:
    """A small picture on the page: JPEG in base64, and what stands below it."""

    data: str
    caption: str


@dataclass(frozen=True)
class Bar:
    """A line of a table of counts. share: of the largest count, 0 to 1."""

    name: str
    count: int
    share: float


def summary_html(kept: Iterable[Kept], rejected: Iterable[Rejected], settings: Settings, read: ReadPhoto) -> str:
    """The page. kept, rejected: the plan's, each gone through several times, and only what is shown is remembered.

    read: gives a prepared photo by its id, kept or rejected.
    """
    splits, views, licences, sources = (Counter[str]() for _ in range(4))
    authors: set[tuple[str, str]] = set()
    for one in kept:
        credit, vehicle = one.photo.credit, one.photo.measures.vehicle if one.photo.measures else None
        splits[one.split] += 1
        licences[credit.licence or "not stated"] += 1
        sources[credit.source or "not stated"] += 1
        authors.add((credit.source, credit.author_id or credit.author))
        if vehicle:
            views[vehicle.view] += 1
    reasons, decoded = Counter[str](), Counter[bool]()
    for bad in rejected:
        reasons.update(bad.photo.reasons)
        decoded[bool(bad.photo.measures)] += 1
    alone = (one for one in rejected if one.photo.measures and not one.duplicate_of)
    unreadable = (one.photo for one in rejected if not one.photo.measures)
    environment = page_templates("crumple.prepare")
    return environment.get_template("summary.html").render(
        version=__version__,
        settings=settings,
        total=splits.total() + decoded.total(),
        kept=splits.total(),
        rejected=decoded.total(),
        duplicates=reasons["duplicate"],
        authors=len(authors),
        splits=_bars(splits, [name for name, _ in settings.splits]),
        reasons=_bars(reasons, [name for name in REASONS if reasons[name]]),
        about=REASONS,
        views=_bars(views),
        licences=_bars(licences),
        sources=_bars(sources),
        contact=[
            _picture(read, k.photo.id, f"{k.split}: {k.photo.name}")
            for k in nsmallest(SHOWN_KEPT, kept, key=lambda k: k.photo.id)
        ],
        rejects=[
            _picture(read, r.photo.id, f"{_words(r.photo.reasons)}: {r.photo.name}")
            for r in nsmallest(SHOWN_REJECTED, alone, key=lambda r: r.photo.id)
        ],
        clusters=_clusters(kept, rejected, read),
        unreadable=list(islice(unreadable, SHOWN_UNREADABLE)),
        unlisted=max(0, decoded[False] - SHOWN_UNREADABLE),
    )


def _clusters(kept: Iterable[Kept], rejected: Iterable[Rejected], read: ReadPhoto) -> list[list[Picture]]:
    """The largest clusters of copies, the one that is kept first."""
    copied = (k for k in kept if k.copies)
    largest = nsmallest(SHOWN_CLUSTERS, copied, key=lambda k: (-k.copies, k.photo.id))
    sheets = {k.photo.name: [_picture(read, k.photo.id, f"kept: {k.photo.name}")] for k in largest}
    for one in rejected:
        sheet = sheets.get(one.duplicate_of, [])
        if 0 < len(sheet) <= SHOWN_COPIES:
            sheet.append(_picture(read, one.photo.id, one.photo.name))
    return list(sheets.values())


def _picture(read: ReadPhoto, photo: str, caption: str) -> Picture:
    bgr = cv2.imdecode(np.frombuffer(read(photo), np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
    data = jpeg(cv2.cvtColor(np.asarray(bgr, np.uint8), cv2.COLOR_BGR2RGB), max_side=THUMBNAIL, quality=70)  # type: ignore[arg-type]
    return Picture(base64.b64encode(data).decode("ascii"), caption)


def _bars(counts: Counter[str], names: Sequence[str] | None = None) -> list[Bar]:
    """In the order of `names`; without, the most frequent first."""
    most = max(counts.values(), default=0)
    order = sorted(counts, key=lambda name: (-counts[name], name)) if names is None else names
    return [Bar(name, counts[name], counts[name] / most if most else 0.0) for name in order]


def _words(reasons: Sequence[str]) -> str:
    return ", ".join(reason.replace("_", " ") for reason in reasons)
