"""What polygons of the model's draft keep of its masks, and how many points they take, by tolerance.

    python benchmarks/draft_polygons.py PHOTOS [--limit 100]

IoU is that of the polygon's pixels with the mask's, on the objects that the released model drafts.
"""

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe
from crumple.detect.detector import load_detector
from crumple.label.cvat.shapes import mask_points
from crumple.label.draft import Drafter
from crumple.label.shapes import iou
from crumple.photo import decode_photo
from crumple.taxonomy import DAMAGES

TOLERANCES = (0.0, 0.75, 1.5, 3.0, 5.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    paths = paths[:: max(1, len(paths) // arguments.limit)][: arguments.limit]
    exact = Drafter(load_detector(), "mask")
    drafters = {tolerance: Drafter(exact.detector, "polygon", tolerance) for tolerance in TOLERANCES}
    overlaps: dict[tuple[float, bool], list[float]] = {}
    points: dict[tuple[float, bool], list[int]] = {}
    runs: list[int] = []
    for path in paths:
        rgb = decode_photo(path).rgb
        size = rgb.shape[:2]
        detections = exact.detector(rgb)
        masks = exact.draft(detections, *size)
        runs += [len(mask_points(one.shape.patch(*size))) for one in masks]
        for tolerance, drafter in drafters.items():
            for mask, drawn in zip(masks, drafter.draft(detections, *size), strict=True):
                key = tolerance, mask.label in DAMAGES
                overlaps.setdefault(key, []).append(iou(mask.shape.patch(*size), drawn.shape.patch(*size)))
                points.setdefault(key, []).append(sum(len(polygon) for polygon in drawn.shape.polygons))
    table = Table(
        "tolerance, px", "parts: IoU, mean", "5 % below", "points", "damage: IoU, mean", "5 % below", "points"
    )
    for tolerance in TOLERANCES:
        cells = []
        for damage in (False, True):
            shares = np.array(overlaps[tolerance, damage])
            counts = np.array(points[tolerance, damage])
            cells += [f"{shares.mean():.3f}", f"{np.quantile(shares, 0.05):.3f}", f"{np.median(counts):.0f}"]
        table.add_row(f"{tolerance:g}", *cells)
    console = Console()
    console.print(describe(["crumple", "opencv-python-headless", "openvino"]))
    parts, damages = len(overlaps[0.0, False]), len(overlaps[0.0, True])
    console.print(f"{len(paths)} photos of {arguments.photos}; {parts} parts and {damages} damages drafted")
    console.print(f"a mask takes {np.median(runs):.0f} numbers (median); a polygon two for each point")
    console.print(table)


if __name__ == "__main__":
    main()
