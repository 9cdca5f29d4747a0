"""data.yaml of a version: a set for each branch that has labels, so that the version can be trained on as it is."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from crumple.label.versions.coco import branch_of
from crumple.prepare.splits import split_of
from crumple.taxonomy import BRANCHES

# Photos that nobody put into a split get one by hash, as `crumple prepare` does it.
SPLITS = (("train", 0.8), ("val", 0.2))
DATA, OWN_LABELS = "data.yaml", "labels.yaml"


def data_files(coco: Mapping[str, Any], images: str) -> dict[str, Any]:
    """The content of data.yaml, of the label files that it names (splits/<split>.json) and, where there are names that
    are not crumple's, of its label map, by path; nothing if nothing is labelled.

    Args:
        coco: the content of annotations.json; "split" and "group" of its images count.
        images: the photos' folder, relative to data.yaml.
    """
    names = {category["id"]: category["name"] for category in coco["categories"]}
    classes: dict[str, list[str]] = {}
    for category in coco["categories"]:
        classes.setdefault(branch_of(category), []).append(category["name"])
    labelled = {names[entry["category_id"]] for entry in coco["annotations"]}
    branches = [branch for branch, mine in classes.items() if labelled & set(mine)]
    if not branches:
        return {}
    members: dict[str, list[dict[str, Any]]] = {}
    for image in coco["images"]:
        mine = image.get("group") or image.get("sha256") or image["file_name"]
        members.setdefault(image.get("split") or split_of(mine, SPLITS), []).append(image)
    files: dict[str, Any] = {}
    entries = {}
    for split, photos in sorted(members.items()):
        kept = {image["id"] for image in photos}
        annotations = [entry for entry in coco["annotations"] if entry["image_id"] in kept]
        files[f"splits/{split}.json"] = {**coco, "images": photos, "annotations": annotations}
        entries[split] = {"annotations": f"splits/{split}.json", "images": images}
    own = {branch: classes[branch] for branch in branches if not set(classes[branch]) <= set(BRANCHES.get(branch, ()))}
    sets = [
        {
            "name": f"labelled_{branch}",
            "branch": branch,
            "labels": OWN_LABELS if own else "crumple",
            **copy.deepcopy(entries),  # a copy for each: YAML would refer from one to the other
        }
        for branch in branches
    ]
    if own:
        files[OWN_LABELS] = {"names": {name: name for name in names.values()}}
    return {DATA: ({"classes": own} if own else {}) | {"sets": sets}, **files}


def as_yaml(content: object) -> str:
    """For people to read and edit."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
