"""A tiny two-branch data set on disk: coloured shapes that a small network can learn."""

import json
from pathlib import Path

import cv2
import numpy as np

COLOURS = {"hood": (200, 60, 40), "wheel": (40, 60, 200), "scratch": (240, 240, 60), "dent": (40, 200, 80)}
DATA = """\
sets:
  - name: parts_set
    branch: parts
    labels: crumple
    undamaged: true
    train: {annotations: parts.json, images: .}
    val: {annotations: parts.json, images: .}
  - name: damage_set
    branch: damage
    labels: crumple
    train: {annotations: damage.json, images: .}
    val: {annotations: damage.json, images: .}
"""


def _write_set(folder: Path, name: str, labels: tuple[str, ...], count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    images, annotations = [], []
    for number in range(count):
        rgb = rng.integers(90, 130, (128, 128, 3)).astype(np.uint8)
        for slot in range(2):
            label = labels[int(rng.integers(len(labels)))]
            x0, y0 = rng.integers(4, 24, 2) + np.array([slot * 60, rng.integers(0, 50)])
            x1, y1 = x0 + rng.integers(30, 40), y0 + rng.integers(30, 40)
            rgb[y0:y1, x0:x1] = COLOURS[label]
            corners = [x0, y0, x1, y0, x1, y1, x0, y1]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number + 1,
                    "category_id": labels.index(label) + 1,
                    "segmentation": [[float(c) for c in corners]],
                    "bbox": [float(v) for v in (x0, y0, x1 - x0, y1 - y0)],
                    "area": float((x1 - x0) * (y1 - y0)),
                    "iscrowd": 0,
                }
            )
        file = f"{name}{number}.png"
        cv2.imwrite(str(folder / file), rgb[..., ::-1])
        images.append({"id": number + 1, "file_name": file, "width": 128, "height": 128})
    categories = [{"id": i + 1, "name": label} for i, label in enumerate(labels)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / f"{name}.json").write_text(json.dumps(content))


def write_small_data(folder: Path, photos: int = 4) -> Path:
    """Photos, label files and data.yaml; returns the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_set(folder, "parts", ("hood", "wheel"), photos, 1)
    _write_set(folder, "damage", ("scratch", "dent"), photos, 2)
    (folder / "data.yaml").write_text(DATA)
    return folder / "data.yaml"
