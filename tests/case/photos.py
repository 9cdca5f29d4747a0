"""Assessments of a case made by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from crumple.assessment.assessment import Assessment, Mask, ModelReference, Part, PartSeen, PhotoInfo, QualityCheck
from crumple.assessment.places import place_title
from crumple.case.observations import Observation
from crumple.detect.masks import Patch
from crumple.taxonomy import side

WIDTH, HEIGHT = 640, 480
WHOLE = (100, 100, 300, 250)  # box xyxy of an outline that no edge of the photo cuts


def photo(
    seen: Mapping[str, float | None] | None = None,
    outlines: Mapping[str, tuple[int, int, int, int]] | None = None,
    *,
    failed: Sequence[str] = (),
) -> Assessment:
    """seen: probability by label, which may lack its side. outlines: box by label, of score 0.9. failed: checks."""
    parts = [outline(label, box, number) for number, (label, box) in enumerate((outlines or {}).items(), start=1)]
    ids = {part.label: part.id for part in parts}
    return Assessment(
        photo=PhotoInfo(name="car.jpg", sha256="ab" * 32, width=WIDTH, height=HEIGHT),
        parts=parts,
        parts_seen=[
            PartSeen(label=label, title=place_title(label), side=side(label), probability=chance, part=ids.get(label))
            for label, chance in (seen or {}).items()
        ],
        findings=[],
        quality=[QualityCheck(name=name, ok=False, value=1, limit=2, text=name) for name in failed],
        model=ModelReference(name="crumple-lite0", version="0.1.0", sha256="cd" * 32),
        thresholds={},
        timings={},
    )


def outline(label: str, box: tuple[int, int, int, int], number: int = 1) -> Part:
    left, top, right, bottom = box
    patch = Patch.from_bitmap(np.ones((bottom - top, right - left), bool), left, top)
    return Part(
        id=f"part-{number}",
        label=label,
        title=place_title(label),
        side=side(label),
        score=0.9,
        box=box,
        mask=Mask(size=(HEIGHT, WIDTH), counts=str(patch.rle(HEIGHT, WIDTH)["counts"]), polygons=[]),
        area_share=patch.area / (WIDTH * HEIGHT),
    )


def observation(number: int, probability: float | None = 0.5, places: Mapping[str, float] | None = None) -> Observation:
    """A dent on photo `number`, counted from 0."""
    patch = Patch.from_bitmap(np.ones((40, 60), bool), 100, 100)
    return Observation(number, "dent", (100, 100, 160, 140), patch, places or {}, probability)
