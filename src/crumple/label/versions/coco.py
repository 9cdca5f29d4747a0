"""A version as COCO instances: info, licences, images, categories, annotations."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.taxonomy import BRANCHES, DAMAGE_BRANCH, DAMAGES, PARTS, PARTS_BRANCH

FORMAT = "crumple-labels-1"
UNKNOWN: dict[str, Any] = {"id": 0, "name": "unknown", "url": ""}  # the licence of photos that nobody gave one
SUPERCATEGORIES = {PARTS_BRANCH: "part", DAMAGE_BRANCH: "damage"}
# Category id by name. Parts that were named later come after the damage, so that an id means the same in every version.
FIRST_PARTS = 18
CATEGORY_IDS = {name: i for i, name in enumerate((*PARTS[:FIRST_PARTS], *DAMAGES, *PARTS[FIRST_PARTS:]), start=1)}
BRANCH_OF = {name: branch for branch, classes in BRANCHES.items() for name in classes}


def branch_of(category: Mapping[str, Any]) -> str:
    """The branch that a category of a version belongs to."""
    kind = str(category["supercategory"])
    return next((branch for branch, word in SUPERCATEGORIES.items() if word == kind), kind)


def to_coco(
    photos: Sequence[VersionPhoto], made: str, names: Collection[str] = CATEGORY_IDS, own: Mapping[str, str] = {}
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The content of annotations.json, and of second.json, whose annotations are the other sets'.

    Args:
        made: ISO 8601.
        names: what could be drawn; these names, and those that are drawn, are the categories.
        own: names that are not crumple's -> their branch; their ids come after crumple's.
    """
    drawn = {labelled.label for photo in photos for one in photo.sets for labelled in one.objects}
    branches = {**BRANCH_OF, **own}
    ids = CATEGORY_IDS | {name: i for i, name in enumerate(sorted(own), start=len(CATEGORY_IDS) + 1)}
    known_licences = sorted({photo.licence for photo in photos if photo.licence})
    licence_ids = {licence: i for i, licence in enumerate(known_licences, start=1)}
    licences = [{"id": i, "name": name, "url": url} for (name, url), i in licence_ids.items()]
    if any(photo.licence is None for photo in photos):
        licences.insert(0, UNKNOWN)
    images: list[dict[str, Any]] = []
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    for image_id, photo in enumerate(photos, start=1):
        known = {"sha256": photo.sha256, "group": photo.group, "split": photo.split}
        images.append(
            {
                "id": image_id,
                "file_name": photo.file_name,
                "width": photo.width,
                "height": photo.height,
                "license": UNKNOWN["id"] if photo.licence is None else licence_ids[photo.licence],
                **{key: value for key, value in known.items() if value is not None},
                "sets": [{"annotator": one.annotator, "job": one.job} for one in photo.sets],
            }
        )
        for number, one in enumerate(photo.sets):
            for labelled in one.objects:
                entry = _annotation(labelled, one, len(first) + len(second) + 1, image_id, ids[labelled.label])
                (second if number else first).append(entry)
    head = {
        "info": {
            "description": "parts and damage of vehicles, labelled",
            "version": FORMAT,
            "contributor": "crumple",
            "date_created": made,
            "year": int(made[:4]),
        },
        "licenses": licences,
        "images": images,
        "categories": [
            {"id": number, "name": name, "supercategory": SUPERCATEGORIES.get(branches[name], branches[name])}
            for name, number in ids.items()
            if name in drawn or name in names
        ],
    }
    return {**head, "annotations": first}, {**head, "annotations": second}


def _annotation(
    labelled: LabelledObject, one: AnnotationSet, annotation_id: int, image_id: int, category_id: int
) -> dict[str, Any]:
    left, top, right, bottom = labelled.shape.box
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": category_id,
        "segmentation": labelled.shape.to_coco(),
        "bbox": [left, top, right - left, bottom - top],
        "area": labelled.shape.area,
        "iscrowd": 0,
        "attributes": dict(labelled.attributes),
        "annotator": one.annotator,
        "job": one.job,
    }
