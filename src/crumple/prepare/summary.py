"""summary.html: one page on what came in, what stays and why the rest does not, with pictures inside it.

Nothing on it depends on when or where it was made. Which photos are shown is decided by their ids, which are hashes:
as good as drawn by lot, and always the same.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from crumple import __version__
from crumple.drawing.jpeg import jpeg
from crumple.pages import page_templates
from crumple.prepare.plan import Kept, Plan, Rejected
from crumple.prepare.settings import Settings
from crumple.prepare.verdict import REASONS

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


def summary_html(plan: Plan, settings: Settings, read: ReadPhoto) -> str:
    """The page. read: gives a prepared photo by its id, kept or rejected."""
    environment = page_templates("crumple.prepare")
    kept, rejected = plan.kept, plan.rejected
    reasons = Counter(reason for one in rejected for reason in one.photo.reasons)
    names = {one.photo.name: one for one in kept}
    unreadable = [one.photo for one in rejected if not one.photo.measures]
    shown = sorted((one for one in rejected if one.photo.measures and not one.duplicate_of), key=lambda r: r.photo.id)
    return environment.get_template("summary.html").render(
        version=__version__,
        settings=settings,
        total=len(kept) + len(rejected),
        kept=len(kept),
        rejected=len(rejected),
        duplicates=reasons["duplicate"],
        authors=len({(k.photo.credit.source, k.photo.credit.author_id or k.photo.credit.author) for k in kept}),
        splits=_bars(Counter(k.split for k in kept), [name for name, _ in settings.splits]),
        reasons=_bars(reasons, [name for name in REASONS if reasons[name]]),
        about=REASONS,
        views=_bars(Counter(view for view in map(_view, kept) if view)),
        licences=_bars(Counter(k.photo.credit.licence or "not stated" for k in kept)),
        sources=_bars(Counter(k.photo.credit.source or "not stated" for k in kept)),
        contact=[
            _picture(read, k.photo.id, f"{k.split}: {k.photo.name}")
            for k in sorted(kept, key=lambda k: k.photo.id)[:SHOWN_KEPT]
        ],
        rejects=[
            _picture(read, r.photo.id, f"{_words(r.photo.reasons)}: {r.photo.name}") for r in shown[:SHOWN_REJECTED]
        ],
        clusters=_clusters(names, rejected, read),
        unreadable=unreadable[:SHOWN_UNREADABLE],
        unlisted=max(0, len(unreadable) - SHOWN_UNREADABLE),
    )


def _clusters(kept: dict[str, Kept], rejected: Iterable[Rejected], read: ReadPhoto) -> list[list[Picture]]:
    """The largest clusters of copies, the one that is kept first."""
    copies: dict[str, list[Rejected]] = {}
    for one in rejected:
        if one.duplicate_of:
            copies.setdefault(one.duplicate_of, []).append(one)
    largest = sorted(copies, key=lambda name: (-len(copies[name]), kept[name].photo.id))[:SHOWN_CLUSTERS]
    return [
        [
            _picture(read, kept[name].photo.id, f"kept: {name}"),
            *(_picture(read, one.photo.id, one.photo.name) for one in copies[name][:SHOWN_COPIES]),
        ]
        for name in largest
    ]


def _picture(read: ReadPhoto, photo: str, caption: str) -> Picture:
    bgr = cv2.imdecode(np.frombuffer(read(photo), np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
    data = jpeg(cv2.cvtColor(np.asarray(bgr, np.uint8), cv2.COLOR_BGR2RGB), max_side=THUMBNAIL, quality=70)  # type: ignore[arg-type]
    return Picture(base64.b64encode(data).decode("ascii"), caption)


def _bars(counts: Counter[str], names: Sequence[str] | None = None) -> list[Bar]:
    """In the order of `names`; without, the most frequent first."""
    most = max(counts.values(), default=0)
    order = sorted(counts, key=lambda name: (-counts[name], name)) if names is None else names
    return [Bar(name, counts[name], counts[name] / most if most else 0.0) for name in order]


def _view(kept: Kept) -> str | None:
    vehicle = kept.photo.measures.vehicle if kept.photo.measures else None
    return vehicle.view if vehicle else None


def _words(reasons: Sequence[str]) -> str:
    return ", ".join(reason.replace("_", " ") for reason in reasons)
