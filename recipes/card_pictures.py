"""The pictures of README and docs/model-card.md: sample photos as `crumple demo` marks them.

python recipes/card_pictures.py demo-report
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

DOCS = Path(__file__).parents[1] / "docs"
ROWS = {
    "demo.jpg": (400, "painted_hatchback_dented", "painted_saloon_broken_lamp", "painted_saloon_dented"),
    "undamaged.jpg": (330, "clean_hatchback_rear_left", "clean_saloon_rear_right", "blurred_motion_blur"),
}
GAP = 4  # pixels of white between photos


def row(overlays: Path, height: int, *names: str) -> np.ndarray:
    """Overlays side by side, (height, W, 3) BGR."""
    pictures: list[np.ndarray] = []
    for name in names:
        picture = cv2.imread(str(overlays / f"{name}.jpg"))
        if picture is None:
            sys.exit(f"error: {overlays / name}.jpg is missing: make it with `crumple demo --out {overlays.parent}`")
        width = round(picture.shape[1] * height / picture.shape[0])
        pictures += [
            cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA),
            np.full((height, GAP, 3), 255, np.uint8),
        ]
    return np.hstack(pictures[:-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    overlays = parser.parse_args().report / "overlays"
    for name, (height, *names) in ROWS.items():
        cv2.imwrite(str(DOCS / name), row(overlays, height, *names), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
