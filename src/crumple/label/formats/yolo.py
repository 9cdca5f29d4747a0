"""YOLO-seg, as Ultralytics has it: data.yaml with the names, and beside images/ a folder labels/ with one text a photo.

A row is a class number and then x y of each corner as shares of the photo's width and height; or, of a box, its middle
and size; a last number more is a score. A photo without a text has nothing on it.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import yaml

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.files import write_aside
from crumple.label.formats.markup import number, whole
from crumple.label.formats.objects import BOXES, Drawn, DrawnPhoto, Losses, as_polygons, box
from crumple.label.formats.photo_folder import FoundPhoto, MissingPhoto
from crumple.label.formats.reading import Reading, label_files, split_of, within
from crumple.label.shapes import Shape
from crumple.strict_yaml import read_yaml

DATA_FILE = "data.yaml"
MOST = 2.0  # shares reach a little beyond 1 where a box overhangs; what is larger was never divided


def read(path: Path, reading: Reading) -> None:
    """Read data.yaml, or the folder it lies in, and every label text below. Raises DataError.

    The folders that data.yaml names are not followed: labels are those below its own folder.
    """
    path = path / DATA_FILE if path.is_dir() else path
    names = _names(path)
    labelled, unread = set(), set()
    for file in label_files(path.parent, ".txt"):
        where = within(file, path.parent)
        unread.add(where)
        with reading.entry(where):
            as_photo = "/".join("images" if part == "labels" else part for part in where.split("/"))
            file_name = reading.folder.stem_of(as_photo)
            if file_name is None:
                if "labels" in PurePosixPath(where).parts:
                    raise MissingPhoto(where, "file name", reading.folder.folder)
                unread.discard(where)
                continue  # a README or a list of photos
            photo = reading.folder.find(file_name)
            labelled.add(photo.file_name)
            reading.add(photo, _read_rows(file, where, photo, names, reading), where, split=split_of(where))
            unread.discard(where)
    reading.complaints.raise_if_any()
    if not labelled and not reading.missing:
        raise DataError(
            f"{path.parent}: holds no label text of any photo; give the folder of data.yaml, labels/ below it"
        )
    in_doubt = {PurePosixPath(where).stem for where in unread}
    for file_name in reading.folder.names:
        if file_name not in labelled and PurePosixPath(file_name).stem not in in_doubt:
            with reading.entry(file_name):
                reading.add(reading.folder.find(file_name), (), file_name, split=split_of(file_name))
                reading.losses.add("photos without a label text, taken for photos with nothing on them: {}")


def _names(path: Path) -> dict[int, str]:
    value = read_yaml(path).get("names")
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        raise DataError(f"{path}: field names must list the classes")
    for key, name in value.items():
        if type(key) is not int or not isinstance(name, str):
            raise DataError(f"{path}: field names, {key!r}: must be a class number with its name as text; use quotes")
    if twice := next((name for name, count in Counter(value.values()).items() if count > 1), None):
        raise DataError(f"{path}: field names: {twice!r} is given twice; every class needs a name of its own")
    return value


def _read_rows(file: Path, where: str, photo: FoundPhoto, names: dict[int, str], reading: Reading) -> list[Drawn]:
    try:
        rows = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Complaint("file", f"cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    objects = []
    for line, row in enumerate(rows, start=1):
        if row.strip():
            with reading.entry(f"{where}, line {line}"):
                objects.append(_read_row(row.split(), photo, names, reading.losses))
    return objects


def _read_row(words: list[str], photo: FoundPhoto, names: dict[int, str], losses: Losses) -> Drawn:
    label = names.get(whole(words[0], "class"))
    if label is None:
        raise Complaint("class", f"{words[0]} is not in the names of {DATA_FILE}")
    values = [number(word, "coordinates") for word in words[1:]]
    wide = max(map(abs, values[: len(values) // 2 * 2]), default=0)
    if wide > MOST:
        raise Complaint(
            "coordinates",
            f"go up to {wide:g}: these are pixels, and YOLO has shares from 0 to 1; divide x by the photo's width "
            f"({photo.width}) and y by its height ({photo.height})",
        )
    attributes = {"score": min(max(values.pop(), 0.0), 1.0)} if len(values) % 2 else {}
    if len(values) == 4:
        x, y, width, height = values
        points = box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        losses.add(BOXES)
    elif len(values) >= 6:
        points = np.array(values).reshape(-1, 2)
    else:
        raise Complaint("coordinates", f"are {len(values)}; a box has 4, a polygon at least 6")
    return Drawn(label, Shape((points * (photo.width, photo.height),)), dict(attributes))


def write(photos: Sequence[DrawnPhoto], out: Path, losses: Losses) -> None:
    """Write OUT/data.yaml and OUT/labels/<photo>.txt for every photo, empty where nothing is drawn."""
    names = sorted({drawn.label for photo in photos for drawn in photo.objects})
    for photo in photos:
        rows = [row for drawn in photo.objects for row in _rows(drawn, names.index(drawn.label), photo, losses)]
        with write_aside((out / "labels" / photo.file_name).with_suffix(".txt")) as path:
            path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    content = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(names))}
    with write_aside(out / DATA_FILE) as path:
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _rows(drawn: Drawn, number_: int, photo: DrawnPhoto, losses: Losses) -> list[str]:
    polygons = as_polygons(drawn.shape, losses)
    if len(polygons) > 1:
        losses.add("objects of several polygons that became several objects: {}")
    if drawn.attributes:
        losses.add("objects that lost their attributes: {}")
    shares = [points / (photo.width, photo.height) for points in polygons]
    return [f"{number_} {' '.join(repr(value) for value in points.ravel().tolist())}" for points in shares]
