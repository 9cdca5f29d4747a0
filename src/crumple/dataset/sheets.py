"""The index of contact sheets: which photo stands where on them, and which annotation each numbered damage is.

NAME.sheets.json beside NAME.txt, a list with one entry a photo:

    {"file_name": "17.jpg", "sheet": 10, "letter": "A",
     "damages": [{"number": 1, "annotation": 99, "category": "dent"}]}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crumple.dataset.complaints import Complaints
from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError


@dataclass(frozen=True)
class SheetPhoto:
    """A photo on a sheet. damages: number on the sheet -> annotation id; what is not on it has no number."""

    file_name: str
    damages: Mapping[int, int]


def sheets_of(places: Path) -> Path:
    """The index that belongs to a file of labels read from sheets."""
    return places.with_suffix(".sheets.json")


def read_sheets(path: Path, annotated: Mapping[str, Mapping[int, str]]) -> dict[tuple[int, str], SheetPhoto]:
    """Sheet and letter -> photo.

    Args:
        annotated: of the label file that was put on sheets: file name -> annotation id -> category.

    Raises DataError holding every complaint (20 are shown), each naming the entry and its field.
    """
    complaints = Complaints(path)
    photos: dict[tuple[int, str], SheetPhoto] = {}
    names: set[str] = set()
    for index, entry in enumerate(_read_json(path)):
        where = f"entry {index}"
        try:
            key = _field(entry, "sheet", int), _field(entry, "letter", str)
            name = _field(entry, "file_name", str)
            where = f"{key[0]:03} {key[1]}"
            if key in photos:
                raise Complaint("letter", "the place is taken by an earlier photo")
            if name not in annotated:
                raise Complaint("file_name", f"{name!r} is not among the images of the annotation file")
            if name in names:
                raise Complaint("file_name", f"{name!r} stands on the sheets twice")
            names.add(name)
            photos[key] = SheetPhoto(name, _damages(_field(entry, "damages", list), annotated[name], name))
        except Complaint as complaint:
            complaints.add(where, complaint.field, complaint.reason)
    complaints.raise_if_any()
    return photos


def _read_json(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DataError(
            f"{path}: there is no such file; the index of the sheets must lie beside the labels read from them"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; give the index of the sheets") from None
    except (RecursionError, ValueError):
        raise DataError(f"{path}: is not JSON; give the index of the sheets, a list of photos") from None
    if not isinstance(content, list):
        raise DataError(f"{path}: must be a list with one entry a photo, not a {type(content).__name__}")
    return content


def _damages(entries: list[Any], annotations: Mapping[int, str], file_name: str) -> dict[int, int]:
    damages: dict[int, int] = {}
    for entry in entries:
        number, annotation = _field(entry, "number", int, "damages."), _field(entry, "annotation", int, "damages.")
        category = _field(entry, "category", str, "damages.")
        if number in damages:
            raise Complaint("damages.number", f"{number} is given twice")
        if annotation not in annotations:
            raise Complaint("damages.annotation", f"{annotation} is no annotation of {file_name}")
        if annotation in damages.values():
            raise Complaint("damages.annotation", f"{annotation} has two numbers")
        if annotations[annotation] != category:
            raise Complaint(
                "damages.category",
                f"annotation {annotation} is a {annotations[annotation]!r} in the annotation file, not a {category!r}; "
                "make the sheets anew",
            )
        damages[number] = annotation
    return damages


def _field(entry: object, field: str, kind: type, of: str = "") -> Any:
    if not isinstance(entry, dict):
        raise Complaint(f"{of}{field}", f"cannot be found: the entry is a {type(entry).__name__}, not an object")
    value = entry.get(field)
    if type(value) is not kind:
        kinds = {int: "a whole number", str: "text", list: "a list"}
        raise Complaint(f"{of}{field}", "is missing" if field not in entry else f"must be {kinds[kind]}")
    return value
