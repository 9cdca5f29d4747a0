"""data.yaml of a version: a set for each branch that has labels, so that the version can be trained on as it is."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from crumple.prepare.splits import split_of
from crumple.taxonomy import BRANCHES

# Photos that nobody put into a split get one by hash, as `crumple prepare` does it.
SPLITS = (("train", 0.8), ("val", 0.2))


def data_file(coco: Mapping[str, Any], images: str) -> tuple[str, dict[str, dict[str, Any]]] | None:
    """The text of data.yaml and the COCO content of splits/<split>.json, by split; None if nothing is labelled.

    Args:
        coco: the content of annotations.json, with our categories; "split" and "group" of its images count.
        images: the photos' folder, relative to data.yaml.
    """
    names = {category["id"]: category["name"] for category in coco["categories"]}
    labelled = {names[entry["category_id"]] for entry in coco["annotations"]}
    branches = [branch for branch, classes in BRANCHES.items() if labelled & set(classes)]
    if not branches:
        return None
    members: dict[str, list[dict[str, Any]]] = {}
    for image in coco["images"]:
        own = image.get("group") or image.get("sha256") or image["file_name"]
        members.setdefault(image.get("split") or split_of(own, SPLITS), []).append(image)
    files, entries = {}, {}
    for split, photos in sorted(members.items()):
        kept = {image["id"] for image in photos}
        annotations = [entry for entry in coco["annotations"] if entry["image_id"] in kept]
        files[split] = {**coco, "images": photos, "annotations": annotations}
        entries[split] = {"annotations": f"splits/{split}.json", "images": images}
    sets = [
        {"name": f"labelled_{branch}", "branch": branch, "labels": "crumple", **copy.deepcopy(entries)}
        for branch in branches  # a copy for each: YAML would refer from one to the other
    ]
    return yaml.safe_dump({"sets": sets}, sort_keys=False, allow_unicode=True), files
