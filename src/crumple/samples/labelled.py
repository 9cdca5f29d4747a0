"""The painted sample photos with their labels, to try one's own data on: `python -m crumple.samples.labelled FOLDER`.

A Roboflow folder, COCO by split: the hatchback to train on, the saloon to validate on. The classes have names that are
not crumple's, as in anybody's own data.
"""

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from crumple.files import write_aside
from crumple.samples.scenes import PaintedPhoto, painted_photos

NAMES = {"scratch": "scrape", "dent": "ding", "lamp_damage": "smashed light"}
SPLITS = {"train": "hatchback_", "valid": "saloon_"}  # by how the photos' names begin
LABELS = "_annotations.coco.json"
SMALLEST = 16.0  # square pixels; smaller specks of a mask are ignored


def write_labelled(folder: Path) -> None:
    """Write the photos and a label file into `folder`/train and `folder`/valid."""
    names = list(NAMES.values())
    for split, beginning in SPLITS.items():
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for photo in painted_photos():
            if not photo.name.startswith(beginning):
                continue
            with write_aside(folder / split / f"painted_{photo.name}.jpg") as path:
                Image.fromarray(photo.image).save(path, quality=92, subsampling=0)
            height, width = photo.image.shape[:2]
            number = len(images) + 1
            images.append({"id": number, "file_name": f"painted_{photo.name}.jpg", "width": width, "height": height})
            for label, outline in _outlines(photo):
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number,
                        "category_id": names.index(NAMES[label]) + 1,
                        "segmentation": [outline],
                        "iscrowd": 0,
                    }
                )
        categories = [{"id": at, "name": name} for at, name in enumerate(names, start=1)]
        with write_aside(folder / split / LABELS) as path:
            content = {"images": images, "annotations": annotations, "categories": categories}
            path.write_text(json.dumps(content, indent=1) + "\n")


def _outlines(photo: PaintedPhoto) -> list[tuple[str, list[float]]]:
    """Each damage's label and its convex hull, x and y in turn, as an annotator would draw it roughly."""
    found = []
    for label, mask in photo.truth:
        pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        hull = cv2.convexHull(np.concatenate([piece for piece in pieces if cv2.contourArea(piece) >= SMALLEST]))
        found.append((label, [float(value) for value in cv2.approxPolyDP(hull, 1.0, closed=True).reshape(-1)]))
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m crumple.samples.labelled FOLDER")
    write_labelled(Path(sys.argv[1]))
