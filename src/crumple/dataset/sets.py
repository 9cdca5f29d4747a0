"""Data files: which label files make up a training or validation set, and which branch each one teaches."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crumple.dataset.coco import LabelledPhoto, annotated_photos, listed_categories, read_coco
from crumple.dataset.labels import LabelMap
from crumple.dataset.left_out import leave_out
from crumple.dataset.places import read_places
from crumple.errors import DataError
from crumple.strict_yaml import read_yaml
from crumple.taxonomy import BRANCHES, DAMAGE_BRANCH, PARTS_BRANCH, name_fault


@dataclass(frozen=True)
class Split:
    """One label file and the folder its photos lie in.

    places: the place labels of its damages. leave_out: a list of groups and file names that are not to be used.
    more: another label file about the same photos, with other classes.
    """

    annotations: Path
    images: Path
    places: Path | None = None
    leave_out: Path | None = None
    more: Path | None = None


@dataclass(frozen=True)
class DataSet:
    """One source of labelled photos. undamaged: no photo shows damage, so all are negatives for the damage branch.

    coarser: for a set of the parts branch that knows fewer parts than we do, each of our parts -> what the set calls it
    ("door", or our own name), or None for a part that it does not draw. The set's labels are these coarser names.
    Such a set has no AP and cannot teach; it says whether damage is put on the right part. Empty for other sets.
    apart: judged by itself: its figures stand beside those of the branch's other sets, and neither thresholds nor
    calibration are chosen on it.
    """

    name: str
    branch: str
    labels: LabelMap
    undamaged: bool
    splits: dict[str, Split]
    coarser: dict[str, str | None] = field(default_factory=dict)
    apart: bool = False

    def read(self, split_name: str, *, split: bool = True, check_sizes: bool = False) -> list[LabelledPhoto]:
        """The photos of "train", "val" or another split; the options are read_coco's. Raises DataError."""
        if split_name not in self.splits:
            raise DataError(f"set {self.name!r} has no split {split_name!r}; it has {', '.join(self.splits)}")
        files = self.splits[split_name]
        photos = read_coco(files.annotations, files.images, self.labels, split=split, check_sizes=check_sizes)
        if self.undamaged and self.branch == DAMAGE_BRANCH:
            for photo in photos:
                if photo.instances:
                    raise DataError(
                        f"{files.annotations}: {photo.file_name} has {photo.instances[0].label!r} drawn on it, and the "
                        f"set {self.name!r} is marked undamaged; take the photo out of the set"
                    )
        if files.more is not None:
            more = read_coco(files.more, files.images, self.labels, split=split)
            photos = _with_more(photos, more, files.more)
        if files.places is not None:
            places = read_places(files.places, annotated_photos(files.annotations))
            photos = [replace(photo, places=places.get(photo.file_name)) for photo in photos]
        return photos if files.leave_out is None else leave_out(photos, files.leave_out)

    def drawable(self, split_name: str) -> frozenset[str]:
        """What the label files of a split list as categories, in our words: of all else they say nothing.

        For a split that `read` has read without complaint.
        """
        files = self.splits[split_name]
        paths = [path for path in (files.annotations, files.more) if path is not None]
        names = {self.labels.names.get(name) for path in paths for name in listed_categories(path)}
        return frozenset(name for name in names if name is not None)


def _with_more(photos: list[LabelledPhoto], more: list[LabelledPhoto], path: Path) -> list[LabelledPhoto]:
    """Photos with the instances that a second label file draws on them. Raises DataError for a photo of its own."""
    added = {photo.file_name: photo for photo in more}
    if foreign := sorted(set(added) - {photo.file_name for photo in photos}):
        raise DataError(f"{path}: {foreign[0]} is not among the set's photos; take it out of the file")
    return [
        photo
        if (other := added.get(photo.file_name)) is None
        else replace(photo, instances=photo.instances + other.instances, undrawn=photo.undrawn + other.undrawn)
        for photo in photos
    ]


@dataclass(frozen=True)
class DataFile:
    """The sets of one data file. own_classes: by branch, where the file names them; crumple's own words elsewhere."""

    sets: tuple[DataSet, ...]
    own_classes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def classes(self, branch: str) -> tuple[str, ...]:
        """What a model of this data calls the things of a branch, in the order of its labels; (): nobody says it."""
        return self.own_classes.get(branch, BRANCHES.get(branch, ()))


def read_data(path: str | os.PathLike[str], *, root: str | os.PathLike[str] | None = None) -> DataFile:
    """Read a data file (YAML); the label files it names are not opened yet.

    root: the folder that paths in the file are relative to; it overrides the file's own "root", which is relative to
    the file and defaults to the file's folder. Raises DataError naming the file and the field.
    """
    path = Path(path)
    content = read_yaml(path)
    _only(path, "", content, {"root", "classes", "sets"})
    own_classes = _read_classes(path, content.get("classes", {}))
    own_root = content.get("root", ".")
    if not isinstance(own_root, str):
        raise DataError(f"{path}: field root must be the path of a folder")
    folder = Path(root) if root is not None else path.parent / own_root
    entries = content.get("sets")
    if not isinstance(entries, list) or not entries:
        raise DataError(f"{path}: field sets must be a list of sets, each with name, branch, labels, train, val")
    classes = {**BRANCHES, **own_classes}
    sets = tuple(_read_set(path, f"sets[{index}]", entry, folder, classes) for index, entry in enumerate(entries))
    names = [data_set.name for data_set in sets]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{path}: field sets: the name {name!r} is given twice")
    for branch in own_classes:
        if branch not in {data_set.branch for data_set in sets}:
            raise DataError(f"{path}: field classes.{branch}: no set is of this branch")
    return DataFile(sets, own_classes)


def _read_classes(path: Path, value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise DataError(f"{path}: field classes must name the classes of each branch, such as {{damage: [dent, rust]}}")
    for branch, names in value.items():
        where = f"{path}: field classes.{branch}"
        if not isinstance(names, list) or not names or not all(isinstance(n, str) and n.strip() for n in names):
            raise DataError(f"{where} must be a list of class names, such as [dent, rust]")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise DataError(f"{where}: {twice!r} is given twice")
        if wrong := name_fault(str(branch), names):
            raise DataError(f"{path}: field classes: {wrong}")
    return {str(branch): tuple(names) for branch, names in value.items()}


def _read_set(path: Path, where: str, entry: object, folder: Path, known: Mapping[str, tuple[str, ...]]) -> DataSet:
    """known: the classes of each branch whose classes are known."""
    if not isinstance(entry, dict):
        raise DataError(f"{path}: field {where} must be a mapping with name, branch, labels, train, val")
    name, branch = _text(path, where, entry, "name"), _text(path, where, entry, "branch")
    labels = _text(path, where, entry, "labels")
    # A name stays text for LabelMap; a path is the data file's neighbour.
    label_map = LabelMap.load(path.parent / labels if labels.endswith((".yaml", ".yml")) else labels)
    coarser = _read_coarser(path, f"{where}.coarser", entry["coarser"], branch, label_map) if "coarser" in entry else {}
    if branch in known:
        classes = (*known[branch], *(name for name in coarser.values() if name is not None))
        # Words of the other branches are another set's business; a word of none is a slip that would lose labels.
        foreign = sorted(set(label_map.labels).difference(*known.values(), *BRANCHES.values(), classes))
        label_map = label_map.only(classes)
        if foreign or not label_map.labels:
            raise DataError(
                f"{path}: field {where}.labels: the label map {labels!r} yields "
                f"{repr(foreign[0]) + ', which is not a class' if foreign else 'no class'} of the branch {branch!r}; "
                f"for classes of your own, list all of the branch under classes: {{{branch}: [...]}}"
            )
    undamaged, apart = _flag(path, where, entry, "undamaged"), _flag(path, where, entry, "apart")
    if undamaged and apart and branch == DAMAGE_BRANCH:
        raise DataError(
            f"{path}: field {where}.apart: the alarms on a set of undamaged photos are told set by set anyway; "
            "leave apart out"
        )
    fields = ("name", "branch", "labels", "undamaged", "coarser", "apart")
    rest = {key: value for key, value in entry.items() if key not in fields}
    splits = {str(key): _read_split(path, f"{where}.{key}", value, folder, branch) for key, value in rest.items()}
    if not splits:
        raise DataError(f"{path}: field {where} has no split; give it train or val: {{annotations: ..., images: ...}}")
    if coarser and "train" in splits:
        raise DataError(f"{path}: field {where}.train: a set with coarser names cannot teach ours; leave train out")
    return DataSet(name, branch, label_map, undamaged, splits, coarser, apart)


def _read_coarser(path: Path, where: str, value: object, branch: str, label_map: LabelMap) -> dict[str, str | None]:
    if branch != PARTS_BRANCH:
        raise DataError(f"{path}: field {where} is for sets of the branch {PARTS_BRANCH!r} only")
    if not isinstance(value, dict) or not value:
        raise DataError(f"{path}: field {where} must map our part names to the set's, such as {{left_mirror: mirror}}")
    for part, name in value.items():
        if part not in BRANCHES[PARTS_BRANCH]:
            raise DataError(f"{path}: field {where}: {part!r} is not one of our parts, which are what it maps from")
        if name is None:
            continue
        if not isinstance(name, str) or not name:
            raise DataError(f"{path}: field {where}.{part} must be a name, or null for a part the set does not draw")
        if value.get(name, name) != name:
            raise DataError(f"{path}: field {where}.{part}: {name!r} is itself mapped, to {value[name]!r}")
        if name not in label_map.labels:
            raise DataError(f"{path}: field {where}.{part}: {name!r} is no name that the set's label map yields")
    for label in label_map.labels:
        if value.get(label, label) != label:
            raise DataError(
                f"{path}: field {where}.{label}: the set's label map yields {label!r} itself; it must yield "
                f"{value[label] or 'null'!r}"
            )
    return {part: value.get(part, part if part in label_map.labels else None) for part in BRANCHES[PARTS_BRANCH]}


def _read_split(path: Path, where: str, entry: object, folder: Path, branch: str) -> Split:
    if not isinstance(entry, dict):
        raise DataError(
            f"{path}: field {where} is not known, and as a split it needs {{annotations: ..., images: ...}}"
        )
    _only(path, f"{where}.", entry, {"annotations", "images", "places", "leave_out", "more"})
    if "places" in entry and branch != DAMAGE_BRANCH:
        raise DataError(f"{path}: field {where}.places is for sets of the branch {DAMAGE_BRANCH!r} only")
    return Split(
        folder / _text(path, where, entry, "annotations"),
        folder / _text(path, where, entry, "images"),
        _places(path, _text(path, where, entry, "places"), folder) if "places" in entry else None,
        # These belong to the data file and not to the data, which may be somebody else's or read-only.
        *(path.parent / _text(path, where, entry, key) if key in entry else None for key in ("leave_out", "more")),
    )


def _places(path: Path, text: str, folder: Path) -> Path:
    """A path of place labels: under the data's root, or with a leading "./" beside the data file."""
    return path.parent / text if text.startswith("./") else folder / text


def _text(path: Path, where: str, entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value:
        raise DataError(f"{path}: field {where}.{field} {'is missing' if field not in entry else 'must be text'}")
    return value


def _flag(path: Path, where: str, entry: dict[str, Any], field: str) -> bool:
    value = entry.get(field, False)
    if not isinstance(value, bool):
        raise DataError(f"{path}: field {where}.{field} must be true or false, not {value!r}")
    return value


def _only(path: Path, where: str, entry: dict[str, Any], known: set[str]) -> None:
    unknown = [key for key in entry if key not in known]
    if unknown:
        raise DataError(f"{path}: field {where}{unknown[0]} is not known; known are {', '.join(sorted(known))}")
