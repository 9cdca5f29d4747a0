"""Detections that any other system wrote as COCO JSON, judged with the same ruler as our own.

Two forms are read: an instances file whose annotations carry `score` (what `crumple assess` writes), in which photos
and classes have names; and a plain list of results, whose ids are those of the only label file of the data.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from crumple.dataset.segmentation import Complaint, check_box, finite_numbers, read_polygons, read_rle, rle_box
from crumple.dataset.sets import DataFile, DataSet
from crumple.detect.model_info import BranchInfo, ModelInfo, file_sha256
from crumple.errors import DataError
from crumple.evaluate.judge import Found
from crumple.evaluate.judged import Truth
from crumple.evaluate.regions import MAX_FOUND, Region
from crumple.taxonomy import BRANCHES


@dataclass(frozen=True)
class CocoDetections:
    """A file of detections as a Finder: it only looks up.

    boxes_only: how many detections had no mask, so that their box was taken for it.
    """

    info: ModelInfo
    found: dict[Path, Found]
    boxes_only: int

    def find(self, truth: Truth, rgb: np.ndarray) -> Found:
        nothing: Found = {branch.name: () for branch in self.info.branches}
        return {**nothing, **self.found.get(truth.path.resolve(), {})}


def data_classes(data: DataFile) -> dict[str, tuple[str, ...]]:
    """What each branch of the data may be labelled with: our own classes, or those of the sets' label maps."""
    classes: dict[str, tuple[str, ...]] = {}
    for data_set in data.sets:
        own = BRANCHES.get(data_set.branch, data_set.labels.labels)
        classes[data_set.branch] = tuple(dict.fromkeys((*classes.get(data_set.branch, ()), *own)))
    return classes


def read_detections(path: Path, data: DataFile, truths: Sequence[Truth], split: str) -> CocoDetections:
    """Read and check a file of detections for the photos of `truths`.

    Classes may have our names or those of a set's source. Photos are told by their file names, whole or, where that is
    unambiguous, without folders. Photos of the file that are not in the data are left out; photos of the data that the
    file does not hold are an error.

    Raises DataError naming the file, the entry and the field.
    """
    content = _read_json(path)
    if isinstance(content, list):
        photos, labels, entries = *_ids_of_the_only_set(path, data, truths, split), content
    else:
        photos = _photos_by_name(path, content, truths)
        labels = {}
        entries = content["annotations"]
        for index, entry in enumerate(content["categories"]):
            name = entry.get("name") if isinstance(entry, dict) else None
            if not isinstance(name, str) or type(entry.get("id")) is not int:
                raise DataError(f"{path}: categories[{index}]: needs a whole number id and a name")
            labels[entry["id"]] = _label(path, name, data)
    found: dict[Path, dict[str, list[Region]]] = {truth.path.resolve(): {} for truth in truths}
    boxes_only = 0
    for index, entry in enumerate(entries):
        where = f"{path}: {'' if isinstance(content, list) else 'annotations'}[{index}]"
        try:
            if not isinstance(entry, dict):
                raise Complaint("entry", "is not an object with fields")
            truth = _known(entry, "image_id", photos)
            branch, label = _known(entry, "category_id", labels)
            if truth is None or label is None:  # a photo that is not judged, or a class dropped on purpose
                continue
            region, has_mask = _region(entry, label, truth)
            boxes_only += not has_mask
            found[truth.path.resolve()].setdefault(branch, []).append(region)
        except Complaint as complaint:
            raise DataError(f"{where}: field {complaint.field}: {complaint.reason}") from None
    classes = data_classes(data)
    info = ModelInfo(
        name=path.name,
        version="file",
        input_size=(1, 1),
        branches=tuple(BranchInfo(name=name, classes=labels) for name, labels in classes.items()),
        sha256=file_sha256(path),
    )
    best = {photo: {b: _best(regions) for b, regions in by_branch.items()} for photo, by_branch in found.items()}
    return CocoDetections(info, best, boxes_only)


def _best(regions: list[Region]) -> tuple[Region, ...]:
    return tuple(sorted(regions, key=lambda region: -region.score)[:MAX_FOUND])


def _read_json(path: Path) -> Any:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path}: is not JSON; give detections in COCO format") from None
    if isinstance(content, list):
        return content
    lists = ("images", "annotations", "categories")
    if not isinstance(content, dict) or any(not isinstance(content.get(key), list) for key in lists):
        raise DataError(f"{path}: must be a list of COCO results, or an object with the lists {', '.join(lists)}")
    return content


def _ids_of_the_only_set(
    path: Path, data: DataFile, truths: Sequence[Truth], split: str
) -> tuple[dict[int, Truth | None], dict[int, tuple[str, str | None]]]:
    """Photos and labels by the ids of the data's label file."""
    if len(data.sets) != 1:
        raise DataError(
            f"{path}: a plain list of results goes by the ids of one label file, and the data has {len(data.sets)} "
            "sets: give a data file with one set, or detections with images and categories"
        )
    (data_set,) = data.sets
    source = _read_json(data_set.splits[split].annotations)
    known = {truth.photos[data_set.branch].image_id: truth for truth in truths}
    photos = {entry["id"]: known.get(entry["id"]) for entry in source["images"]}
    return photos, {entry["id"]: _source_label(entry["name"], data_set) for entry in source["categories"]}


def _source_label(name: str, data_set: DataSet) -> tuple[str, str | None]:
    return data_set.branch, data_set.labels.names.get(name)


def _photos_by_name(path: Path, content: dict[str, Any], truths: Sequence[Truth]) -> dict[int, Truth | None]:
    """The file's photos by their ids; None for those that are not judged."""
    names = [(truth, photo.file_name) for truth in truths for photo in truth.photos.values()]
    whole = {name: truth for truth, name in names}
    short: dict[str, set[int]] = {}
    for number, judged in enumerate(truths):
        short.setdefault(judged.path.name, set()).add(number)
    photos: dict[int, Truth | None] = {}
    truth: Truth | None
    for index, entry in enumerate(content["images"]):
        name = entry.get("file_name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or type(entry.get("id")) is not int:
            raise DataError(f"{path}: images[{index}]: needs a whole number id and a file_name")
        same = short.get(Path(name).name, set())
        truth = whole.get(name) or (truths[next(iter(same))] if len(same) == 1 else None)
        if truth is None and len(same) > 1:
            raise DataError(f"{path}: images[{index}]: field file_name: {name!r} could be {len(same)} of the photos")
        size = entry.get("width"), entry.get("height")
        if truth is not None and None not in size and size != (truth.width, truth.height):
            raise DataError(
                f"{path}: images[{index}]: {name!r} is {size[0]}x{size[1]} there and {truth.width}x{truth.height} here"
            )
        photos[entry["id"]] = truth
    have = {photo.path for photo in photos.values() if photo is not None}
    missing = [judged for judged in truths if judged.path not in have]
    if missing:
        raise DataError(
            f"{path}: lacks {len(missing)} of the {len(truths)} photos to judge, {missing[0].file_name} for one: its "
            "images must list every photo that was looked at, also where nothing was found"
        )
    return photos


def _label(path: Path, name: str, data: DataFile) -> tuple[str, str | None]:
    """Branch and class of a category by its name, ours or a source's."""
    for branch, classes in data_classes(data).items():
        if name in classes:
            return branch, name
    for data_set in data.sets:
        if name in data_set.labels.names:
            return _source_label(name, data_set)
    for branch, classes in BRANCHES.items():
        if name in classes:
            return branch, None  # a class of a branch that this data does not judge
    raise DataError(f"{path}: category {name!r} is no class of ours and in no label map of the data's sets")


def _known(entry: dict[str, Any], field: str, known: Mapping[int, Any]) -> Any:
    value = entry.get(field)
    if type(value) is not int or value not in known:
        raise Complaint(field, "is missing" if field not in entry else f"{value!r:.60} is not known")
    return known[value]


def _region(entry: dict[str, Any], label: str, truth: Truth) -> tuple[Region, bool]:
    """A detection as a region, and whether it had a mask."""
    score = float(finite_numbers([entry.get("score")], "score")[0])
    segmentation, bbox = entry.get("segmentation"), entry.get("bbox")
    height, width = truth.height, truth.width
    box = None
    if bbox is not None:
        check_box(bbox, height, width)
        x, y, across, down = map(float, bbox)
        box = (max(x, 0.0), max(y, 0.0), min(x + across, float(width)), min(y + down, float(height)))
    if isinstance(segmentation, dict):
        rle = read_rle(segmentation, height, width)
    elif segmentation:
        if not isinstance(segmentation, list):
            raise Complaint("segmentation", "must be polygons or RLE")
        rings = [ring.ravel().tolist() for ring in read_polygons(segmentation, height, width)]
        rle = coco_mask.merge(coco_mask.frPyObjects(rings, height, width))
    elif box is not None:
        x0, y0, x1, y1 = box
        rle = coco_mask.frPyObjects([[x0, y0, x1, y0, x1, y1, x0, y1]], height, width)[0]
        return Region(label, box, rle, score), False
    else:
        raise Complaint("segmentation", "is missing, and there is no bbox either")
    return Region(label, box or rle_box(rle), rle, score), True
