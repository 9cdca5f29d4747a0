"""Assessments made by hand, for what draws and reports them."""

import cv2
import numpy as np

from crumple.assessment.assessment import (
    Assessment,
    Finding,
    Mask,
    ModelReference,
    Part,
    PhotoInfo,
    Place,
    QualityCheck,
)
from crumple.assessment.places import place_title
from crumple.detect.masks import Patch
from crumple.detect.model_info import ClassThresholds
from crumple.detect.outlines import outlines
from crumple.taxonomy import side, title

HATCHBACK_PARTS = {
    "back_bumper": ((206, 172), (238, 156), (242, 165), (430, 162), (447, 185), (447, 232), (430, 240), (235, 242)),
    "back_glass": ((239, 62), (400, 62), (424, 100), (413, 120), (262, 120), (239, 102)),
    "trunk": ((262, 121), (412, 121), (411, 164), (266, 166)),
    "back_left_light": ((238, 102), (252, 110), (260, 120), (265, 165), (246, 165), (238, 156)),
    "back_right_light": ((413, 122), (424, 102), (431, 160), (412, 163)),
    "back_left_door": ((136, 150), (150, 118), (168, 60), (212, 60), (200, 120), (176, 170), (166, 228), (136, 228)),
    "front_left_door": ((82, 145), (100, 125), (160, 62), (150, 118), (136, 150), (136, 228), (82, 226)),
    "left_mirror": ((68, 112), (90, 110), (93, 130), (70, 126)),
    "wheel": ((180, 230), (190, 195), (205, 195), (220, 240), (205, 267), (185, 262)),
}


def bitmap(points, size):
    width, height = size
    filled = np.zeros((height, width), np.uint8)
    cv2.fillPoly(filled, [np.asarray(points, np.int32)], 1)
    return filled.astype(bool)


def region(mask):
    """The fields that every part and finding has: box, mask, share of the photo."""
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    patch = Patch.from_bitmap(mask)
    runs = patch.rle(height, width)
    return {
        "box": (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1),
        "mask": Mask(
            size=(height, width), counts=runs["counts"], polygons=[o.ravel().tolist() for o in outlines(patch)]
        ),
        "area_share": float(mask.mean()),
    }


def part(label, mask, number=1, score=0.93):
    return Part(id=f"part-{number}", label=label, title=title(label), side=side(label), score=score, **region(mask))


def finding(damage, mask, number=1, *, score=0.87, likelihood="likely", severity="moderate", on=None):
    """`on` is a Part that it lies on, entirely."""
    places = []
    if on is not None:
        share = float(mask.sum() / on.mask.bitmap().sum())
        places = [Place(part=on.id, label=on.label, title=on.title, share_of_damage=1, share_of_part=min(share, 1))]
    return Finding(
        id=f"finding-{number}",
        damage=damage,
        title=title(damage),
        score=score,
        likelihood=likelihood,
        threshold="upper" if likelihood == "likely" else "lower",
        severity=severity,
        reason=f"covers {mask.mean():.0%} of the photo",
        hint="fill and paint",
        on=places,
        vehicle_share=float(mask.mean()),
        text=f"{title(damage)}, {likelihood}",
        **region(mask),
    )


def near(label, probability=0.85):
    """A place that is known by its surroundings alone."""
    return Place(
        part=None,
        label=label,
        title=place_title(label),
        probability=probability,
        known_by=["surroundings"],
        share_of_damage=None,
        share_of_part=None,
    )


def assessment(size, parts=(), findings=(), *, name="car.jpg", quality=(), thresholds=None):
    return Assessment(
        photo=PhotoInfo(name=name, sha256="ab" * 32, width=size[0], height=size[1]),
        parts=list(parts),
        findings=list(findings),
        quality=list(quality),
        model=ModelReference(name="crumple-lite0", version="0.1.0", sha256="cd" * 32),
        thresholds=thresholds or {"damage": {"dent": ClassThresholds(upper=0.6, lower=0.25)}},
        timings={"decode": 4.0, "letterbox": 1.0, "network": 60.0, "paste": 3.0, "fuse": 1.0},
    )


def blurred_check(ok=False):
    return QualityCheck(name="blurred", ok=ok, value=12.0, limit=60.0, text="blurred: sharpness 12, 60 needed")


def hatchback(truth, *, scale=1, **options):
    """The hatchback of the samples with all its parts, and the damage of `truth`; `scale` makes the photo larger."""
    width, height = 518 * scale, 331 * scale
    parts = [
        part(label, bitmap(np.asarray(points) * scale, (width, height)), number)
        for number, (label, points) in enumerate(HATCHBACK_PARTS.items(), start=1)
    ]
    findings = []
    for number, (damage, mask) in enumerate(truth, start=1):
        large = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
        below = max(parts, key=lambda p: (p.mask.bitmap() & large).sum())
        likelihood = "possible" if number % 2 == 0 else "likely"
        findings.append(finding(damage, large, number, likelihood=likelihood, on=below))
    return assessment((width, height), parts, findings, **options)
