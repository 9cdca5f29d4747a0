"""Detections that any other system wrote as COCO JSON, judged with the same ruler as our own.

Two forms are read: an instances file whose annotations carry `score` (what `crumple assess` writes), in which photos
and classes have names; and a plain list of results, whose ids are those of the only label file of the data.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from crumple.dataset.segmentation import Complaint, check_box, finite_numbers, read_polygons, read_rle, rle_box
from crumple.dataset.sets import DataFile, DataSet
from crumple.detect.masks import Patch
from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.errors import DataError
from crumple.evaluate.judged.judge import Found
from crumple.evaluate.judged.photos import Truth
from crumple.evaluate.judged.regions import MAX_FOUND, Region
from crumple.files import file_sha256
from crumple.taxonomy import BRANCHES, DAMAGE_BRANCH


@dataclass(frozen=True)
class CocoDetections:
    """A file of detections as a Finder: it only looks up.

    boxes_only: how many detections had no mask, so that their box was taken for it.
    """

    info: ModelInfo
    found: dict[Path, dict[str, tuple[Region, ...]]]
    boxes_only: int

    def find(self, truth: Truth, rgb: np.ndarray) -> Found:
        nothing: dict[str, tuple[Region, ...]] = {branch.name: () for branch in self.info.branches}
        return Found(nothing | self.found.get(truth.path.resolve(), {}))


def data_classes(data: DataFile) -> dict[str, tuple[str, ...]]:
    """What each branch of the data may be labelled with: our own classes, or those of the sets' label maps."""
    classes: dict[str, tuple[str, ...]] = {}
    for data_set in data.sets:
        own = BRANCHES.get(data_set.branch, data_set.labels.labels)
        classes[data_set.branch] = tuple(dict.fromkeys((*classes.get(data_set.branch, ()), *own)))
    return classes


def read_detections(path: Path, data: DataFile, truths: Sequence[Truth], split: str) -> CocoDetections:
    """Read and check a file of detections for the photos of `truths`.

    Classes may have our names or those of a set's source; a branch of which the file has no category is not judged.
    Photos are told by their file names: as the labels have them, or with as many folders as it takes, or, where that is
    unambiguous, without folders. Photos of the file that are not in the data are left out; photos of the data that the
    file does not hold are an error.

    Raises DataError naming the file, the entry and the field.
    """
    content = _read_json(path)
    if isinstance(content, list):
        photos, labels, entries = *_ids_of_the_only_set(path, data, truths, split), content
    else:
        labels = {i: _label(path, name, data) for i, name in _names(path, content, "categories", "name").items()}
        photos = _photos_by_name(path, content, truths, _judged(labels))
        entries = content["annotations"]
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
    classes = {branch: names for branch, names in data_classes(data).items() if branch in _judged(labels)}
    if not classes:
        raise DataError(
            f"{path}: none of its categories is a class that the data is labelled with; call them by our names"
        )
    info = ModelInfo(
        name=path.name,
        version="file",
        input_size=(1, 1),
        branches=tuple(BranchInfo(name=name, classes=labels) for name, labels in classes.items()),
        sha256=file_sha256(path),
    )
    best = {photo: {b: _best(regions) for b, regions in by_branch.items()} for photo, by_branch in found.items()}
    return CocoDetections(info, best, boxes_only)


def _judged(labels: Mapping[int, tuple[str, str | None]]) -> set[str]:
    """The branches that a file with these categories judges."""
    return {branch for branch, label in labels.values() if label is not None}


def _best(regions: list[Region]) -> tuple[Region, ...]:
    return tuple(sorted(regions, key=lambda region: -region.score)[:MAX_FOUND])


def _read_json(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if text.strip() else None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check its permissions") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path}: is not JSON; give detections in COCO format") from None
    if not text.strip():
        raise DataError(f"{path}: is empty; give detections in COCO format")
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


def _names(path: Path, content: dict[str, Any], field: str, key: str) -> dict[int, str]:
    """Names of the file's photos or categories by their ids."""
    names: dict[int, str] = {}
    for index, entry in enumerate(content[field]):
        number, name = (entry.get("id"), entry.get(key)) if isinstance(entry, dict) else (None, None)
        if type(number) is not int or not isinstance(name, str) or not name:
            raise DataError(f"{path}: {field}[{index}]: needs a whole number id and a {key}")
        if number in names:
            raise DataError(
                f"{path}: {field}[{index}]: field id: {number} is also that of {names[number]!r}; give each its own"
            )
        names[number] = name
    return names


def _photos_by_name(
    path: Path, content: dict[str, Any], truths: Sequence[Truth], branches: set[str]
) -> dict[int, Truth | None]:
    """The file's photos by their ids; None for those that are not judged. branches: those that the file can judge."""
    names = _names(path, content, "images", "file_name")
    photos = _told_by_name(path, names, truths)
    for index, (entry, truth) in enumerate(zip(content["images"], photos.values(), strict=True)):
        size = entry.get("width"), entry.get("height")
        if truth is not None and None not in size and size != (truth.width, truth.height):
            raise DataError(
                f"{path}: images[{index}]: {entry['file_name']!r} is {size[0]}x{size[1]} there and "
                f"{truth.width}x{truth.height} here; detect in the data's own photos"
            )
    have = {truth.path for truth in photos.values() if truth is not None}
    wanted = [truth for truth in truths if branches & {*truth.sets, *([DAMAGE_BRANCH] if truth.undamaged else [])}]
    missing = [truth for truth in wanted if truth.path not in have]
    if missing:
        raise DataError(
            f"{path}: lacks {len(missing)} of the {len(wanted)} photos to judge, {missing[0].file_name} for one: its "
            "images must list every photo that was looked at, also where nothing was found"
        )
    return photos


def _told_by_name(path: Path, names: Mapping[int, str], truths: Sequence[Truth]) -> dict[int, Truth | None]:
    photos: dict[int, Truth | None] = dict.fromkeys(names)
    taken: dict[Path, str] = {}
    bare: dict[str, list[Truth]] = {}
    for truth in truths:
        bare.setdefault(truth.path.name, []).append(truth)
    # The surest names first: of train/1.jpg and val/1.jpg at most one is the data's 1.jpg.
    for fits in (_by_label, _by_folders, _by_bare_name):
        sure = set(taken)
        for index, (number, name) in enumerate(names.items()):
            if photos[number] is not None:
                continue
            where = f"{path}: images[{index}]: field file_name: {name!r}"
            same = [t for t in bare.get(PurePath(name).name, ()) if t.path not in sure and fits(t, name)]
            if len(same) > 1:
                raise DataError(f"{where} could be {len(same)} of the photos; give it with the folders it lies in")
            for truth in same:
                if truth.path in taken:
                    raise DataError(f"{where} and {taken[truth.path]!r} are the same photo of the data; list it once")
                taken[truth.path], photos[number] = name, truth
    return photos


def _by_label(truth: Truth, name: str) -> bool:
    return any(photo.file_name == name for photo in truth.photos.values())


def _by_folders(truth: Truth, name: str) -> bool:
    parts = PurePath(name).parts
    return truth.path.absolute().parts[-len(parts) :] == parts


def _by_bare_name(truth: Truth, name: str) -> bool:
    return True


def _label(path: Path, name: str, data: DataFile) -> tuple[str, str | None]:
    """Branch and class of a category by its name, ours or a source's; no class: it is dropped on purpose."""
    ours = data_classes(data)
    for branch, classes in ours.items():
        if name in classes:
            return branch, name
    meanings = {_source_label(name, data_set) for data_set in data.sets if name in data_set.labels.names}
    known = sorted((branch, label) for branch, label in meanings if label in ours[branch])
    if len(known) > 1:
        raise DataError(
            f"{path}: category {name!r} is {known[0][1]} in one set's label map and {known[1][1]} in another's; "
            "call it by our name"
        )
    if known:
        return known[0]
    for branch, label in meanings:
        if label is None:
            return branch, None
    for branch, classes in BRANCHES.items():
        if name in classes:
            return branch, None  # a class of a branch that this data does not judge
    raise DataError(f"{path}: category {name!r} is no class of ours; add it to the label map of one of the data's sets")


def _known(entry: dict[str, Any], field: str, known: Mapping[int, Any]) -> Any:
    value = entry.get(field)
    if type(value) is not int or value not in known:
        raise Complaint(field, "is missing" if field not in entry else f"{value!r:.60} is not known")
    return known[value]


def _region(entry: dict[str, Any], label: str, truth: Truth) -> tuple[Region, bool]:
    """A detection as a region, and whether it had a mask."""
    score = _score(entry)
    segmentation, bbox = entry.get("segmentation"), entry.get("bbox")
    height, width = truth.height, truth.width
    box = None if bbox is None else _box(bbox, height, width)
    if isinstance(segmentation, dict):
        # A mask without a pixel is a wrong detection, not a mistake: networks make such ones.
        rle = Patch(np.zeros(0, np.int64)).rle(height, width)
        if segmentation not in (rle, {**rle, "counts": [height * width]}):
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


def _score(entry: dict[str, Any]) -> float:
    score = entry.get("score")
    if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
        said = f"must be a number from 0 to 1, not {score!r:.60}" if "score" in entry else "is missing"
        raise Complaint("score", said)
    return float(score)


def _box(bbox: object, height: int, width: int) -> tuple[float, float, float, float]:
    """A "bbox" as xyxy within the photo. It may have no width or height: rounding takes them from narrow ones."""
    numbers = finite_numbers(bbox, "bbox").tolist()
    check_box([*numbers[:2], *(number or 1e-3 for number in numbers[2:])], height, width)
    x, y, across, down = numbers
    x0, x1 = np.clip([x, x + across], 0, width).tolist()
    y0, y1 = np.clip([y, y + down], 0, height).tolist()
    return x0, y0, x1, y1
