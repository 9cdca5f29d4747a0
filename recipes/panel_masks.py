"""Masks for fender, quarter panel, sill and roof on the parts photos: makes recipes/labels/parts_dsmlr_panels_*.json.

    python recipes/panel_masks.py PARTS_FOLDER

PARTS_FOLDER holds train.json, val.json and images/ of the DSMLR car parts. The panels follow from what is drawn round
them (panels.py) within the vehicle's silhouette (silhouette.py). Every mask was then looked at: those that were wrong
are listed in labels/parts_dsmlr_panels_rejected.txt (a photo, a part and the reason a line) and left out.

The files are COCO instances with the photos' ids and file names of the source. Each image says under "undrawn" which
of the new parts it may show without a mask of theirs; a loss should ignore these classes on that photo. All other new
parts without a mask are not to be seen.
"""

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from panel_geometry import Mask, Scene
from panels import ROOFED, is_pickup, panels, wheel_of
from silhouette import silhouette

from crumple.files import write_aside

LABELS = Path(__file__).parent / "labels"
REJECTED = LABELS / "parts_dsmlr_panels_rejected.txt"
NAMES = (
    "left_fender",
    "left_quarter_panel",
    "left_sill",
    "right_fender",
    "right_quarter_panel",
    "right_sill",
    "roof",
)
MOST_POINTS = 40
LEAST_SPECK = 9  # square pixels; the source has specks of one
FRONT = ("front_left_light", "front_right_light", "front_bumper")


def read_scenes(annotations: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, list[Mask]]]]:
    """Every image of a COCO file, in the order of its ids, with the masks of its parts; a wheel each its own."""
    names = {category["id"]: category["name"] for category in annotations["categories"]}
    found: dict[int, dict[str, list[Mask]]] = {image["id"]: {} for image in annotations["images"]}
    sizes = {image["id"]: (image["height"], image["width"]) for image in annotations["images"]}
    for annotation in annotations["annotations"]:
        polygons = [_fill(polygon, sizes[annotation["image_id"]]) for polygon in annotation["segmentation"]]
        polygons = [mask for mask in polygons if mask.sum() >= LEAST_SPECK]
        if polygons:
            name = names[annotation["category_id"]]
            masks = polygons if name == "wheel" else [np.logical_or.reduce(polygons)]
            found[annotation["image_id"]].setdefault(name, []).extend(masks)
    return [(image, found[image["id"]]) for image in sorted(annotations["images"], key=lambda image: image["id"])]


def _fill(polygon: list[float], size: tuple[int, int]) -> Mask:
    canvas = np.zeros(size, np.uint8)
    cv2.fillPoly(canvas, [np.round(np.asarray(polygon).reshape(-1, 2) - 0.5).astype(np.int32)], 1)
    return canvas > 0


def maybe_visible(scene: Scene) -> set[str]:
    """The new parts that a photo may show, as far as the drawn parts tell; generous, because it excuses a class."""
    seen = set()
    if any(name in scene.parts for name in FRONT):
        seen.add("grille")
    if any(name in scene.parts for name in ROOFED):
        seen.add("roof")
    for side, view in (("right", scene), ("left", scene.mirrored())):
        front, back = view.one("front_right_door"), view.one("back_right_door")
        if front is not None or "front_right_light" in view.parts:
            seen.add(f"{side}_fender")
        if front is not None or back is not None:
            seen.add(f"{side}_sill")
        last = back if back is not None else front
        wheel = None if last is None else wheel_of(view, last, front=False)
        bed = wheel is not None and is_pickup(view, wheel)
        if not bed and (back is not None or wheel is not None or "back_right_light" in view.parts):
            seen.add(f"{side}_quarter_panel")
    return seen


def simplified(mask: Mask) -> npt.NDArray[np.float64]:
    """(N, 2), N <= MOST_POINTS: a mask's outline in picture coordinates, a pixel's middle at a half."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)
    slack = 0.8
    while len(polygon := cv2.approxPolyDP(contour, slack, True)) > MOST_POINTS:
        slack *= 1.2
    return polygon[:, 0].astype(np.float64) + 0.5


def read_rejected(path: Path) -> set[tuple[str, str]]:
    """(photo, part) of every mask that is left out; lines that start with # are notes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {(words[0], words[1]) for line in lines if (words := line.split()) and not line.startswith("#")}


def labels(folder: Path, split: str, rejected: set[tuple[str, str]]) -> dict[str, Any]:
    """The COCO instances of the new parts of one split; takes the masks it meets out of `rejected`."""
    source = json.loads((folder / f"{split}.json").read_text(encoding="utf-8"))
    ids = {name: index for index, name in enumerate(NAMES, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image, parts in read_scenes(source):
        photo = cv2.imread(str(folder / "images" / image["file_name"]))
        if photo is None:
            sys.exit(f"{folder / 'images' / image['file_name']}: cannot be read; check the folder")
        empty = np.zeros(photo.shape[:2], np.bool_)
        drawn = Scene(parts, empty).drawn()
        scene = Scene(parts, silhouette(photo, drawn))
        stem = Path(image["file_name"]).stem
        found = panels(scene)
        kept = {name: mask for name, mask in found.items() if (stem, name) not in rejected}
        rejected -= {(stem, name) for name in found}
        for name in sorted(kept):
            annotations.append(as_annotation(len(annotations) + 1, image["id"], ids[name], simplified(kept[name])))
        undrawn = sorted(maybe_visible(scene) - set(kept))
        images.append({key: image[key] for key in ("id", "file_name", "width", "height")} | {"undrawn": undrawn})
    categories = [{"id": index, "name": name, "supercategory": ""} for name, index in ids.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def as_annotation(number: int, image: int, category: int, polygon: npt.NDArray[np.float64]) -> dict[str, Any]:
    x0, y0 = polygon.min(axis=0)
    x1, y1 = polygon.max(axis=0)
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [round(float(value), 1) for value in (x0, y0, x1 - x0, y1 - y0)],
        "area": round(float(cv2.contourArea(polygon.astype(np.float32))), 1),
        "iscrowd": 0,
        "segmentation": [[round(float(value), 1) for value in polygon.ravel()]],
    }


def as_text(coco: dict[str, Any]) -> str:
    """JSON with one image or annotation a line, so that a diff shows what changed."""
    lists = (
        f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for key, entries in coco.items()
    )
    return "{\n" + ",\n".join(lists) + "\n}\n"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    rejected = read_rejected(REJECTED)
    for split in ("train", "val"):
        made = labels(folder, split, rejected)
        with write_aside(LABELS / f"parts_dsmlr_panels_{split}.json") as aside:
            aside.write_text(as_text(made), encoding="utf-8")
        per_part = [0] * (len(NAMES) + 1)
        for entry in made["annotations"]:
            per_part[entry["category_id"]] += 1
        print(split, dict(zip(NAMES, per_part[1:], strict=True)))
    if rejected:
        sys.exit(f"{REJECTED}: no such mask: {sorted(rejected)}; take these lines out")


if __name__ == "__main__":
    main()
