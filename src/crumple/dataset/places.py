"""Place labels: on which parts a photo's damages lie and which parts it shows, as a person wrote it down from sheets.

A text file has one line a photo: its place on the sheets, each damage's parts, and the parts that can be seen.

    010 A | 1 back_bumper+left_quarter_panel; 2 ?_sill | back_bumper left_quarter_panel hood?

A "?" behind a name: the reader was not sure. A "?" as the side: it could not be told. NAME.sheets.json beside NAME.txt
says which photo "010 A" is, and which annotations its damages 1, 2, ... are.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from crumple.dataset.complaints import Complaints
from crumple.dataset.instances import NamedPlace, PhotoPlaces
from crumple.dataset.segmentation import Complaint
from crumple.dataset.sheets import SheetPhoto, read_sheets, sheets_of
from crumple.errors import DataError
from crumple.files import read_text
from crumple.taxonomy import PLACES, SIDELESS

# On none of our places: another vehicle's damage, or one that the photo does not let one place.
NOWHERE = ("not_this_vehicle", "unknown")

_LINE = re.compile(r"\s*([0-9]{1,6})\s+([A-Z])\s*\|([^|]*)\|([^|]*)")
_DAMAGE = re.compile(r"\s*([0-9]{1,6})\s+(\S+)\s*")


def read_places(path: Path, annotated: Mapping[str, Mapping[int, str]]) -> dict[str, PhotoPlaces]:
    """Read and check a place label file and the index of its sheets: what it says of each photo, by file name.

    A photo of the index that has no line yet is left out.

    Args:
        annotated: of the label file that places are for: file name -> annotation id -> category, the source's word.

    Raises DataError holding every complaint about the first of the two files that is wrong (20 are shown).
    """
    sheets = read_sheets(sheets_of(path), annotated)
    complaints = Complaints(path)
    places: dict[str, PhotoPlaces] = {}
    for number, text in enumerate(_read_labels(path).splitlines(), start=1):
        if text.strip():
            _read_line(f"line {number}", text, sheets, places, complaints)
    complaints.raise_if_any()
    return places


def _read_labels(path: Path) -> str:
    text = read_text(
        path,
        missing="there is no such file of place labels; check the path in the data file",
        unreadable="give a file of place labels",
        not_text="is not text; give a file of place labels, one line a photo",
    )
    if not text.strip():
        raise DataError(f"{path}: is empty; give a file of place labels, one line a photo")
    return text


def _read_line(
    where: str,
    text: str,
    sheets: Mapping[tuple[int, str], SheetPhoto],
    places: dict[str, PhotoPlaces],
    complaints: Complaints,
) -> None:
    """Puts what a line says into `places`, and what is wrong with it into `complaints`."""
    found = _LINE.fullmatch(text)
    if not found:
        complaints.add(
            where, None, f"must be like '010 A | 1 hood; 2 roof | hood roof wheel', not {text.strip()!r:.60}"
        )
        return
    sheet, letter, damages, seen = found.groups()
    where = f"{where} ({sheet} {letter})"
    photo = sheets.get((int(sheet), letter))
    if photo is None:
        complaints.add(where, "sheet", "is not in the index of the sheets")
        return
    if photo.file_name in places:
        complaints.add(where, "sheet", "has a line already; take one of them out")
        return
    on: dict[int, tuple[NamedPlace, ...]] = {}
    said: set[int] = set()
    for entry in damages.split(";") if damages.strip() else ():
        try:
            number, parts = _read_damage(entry, photo.damages, said)
            on[photo.damages[number]] = _read_names(f"damages, {number}", parts)
        except Complaint as complaint:
            complaints.add(where, complaint.field, complaint.reason)
    if missing := [number for number in photo.damages if number not in said]:
        complaints.add(where, "damages", f"{_listed(missing)} missing; name the parts of every damage, or unknown")
    visible: tuple[NamedPlace, ...] = ()
    try:
        visible = _read_names("visible", seen.split())
    except Complaint as complaint:
        complaints.add(where, complaint.field, complaint.reason)
    places[photo.file_name] = PhotoPlaces(on, visible)


def _read_damage(entry: str, known: Mapping[int, int], said: set[int]) -> tuple[int, list[str]]:
    """A damage's number, which joins `said`, and its parts. known: damage number -> annotation id, from the index."""
    found = _DAMAGE.fullmatch(entry)
    if not found:
        raise Complaint("damages", f"must be numbers and parts like '2 hood+grille', not {entry.strip()!r:.60}")
    number = int(found[1])
    if number not in known:
        raise Complaint("damages", f"{number} is not in the index of the sheets, which has {_listed(known)}")
    if number in said:
        raise Complaint("damages", f"{number} is given twice")
    said.add(number)
    return number, found[2].split("+")


def _read_names(field: str, words: list[str]) -> tuple[NamedPlace, ...]:
    names = [(_read_name(field, word.removesuffix("?")), not word.endswith("?")) for word in words]
    plain = [name for name, _ in names]
    if twice := next((name for name in plain if plain.count(name) > 1), None):
        raise Complaint(field, f"{twice!r} is given twice")
    return tuple(NamedPlace(name, sure) for name, sure in names if name not in NOWHERE)


def _read_name(field: str, word: str) -> str:
    """One of PLACES, SIDELESS or NOWHERE."""
    if word in PLACES or word in NOWHERE:
        return word
    parts = word.split("_")
    if len({part for part in parts if part in ("left", "right", "?")}) > 1:
        raise Complaint(field, f"{word!r} names two sides; give left, right, or ? if it cannot be told")
    bare = "_".join(part for part in parts if part != "?")
    if "?" in parts and bare in SIDELESS:
        return bare
    if word in SIDELESS:
        raise Complaint(field, f"{word!r} needs a side: left, right, or ? as in '?_{word}'")
    if "?" in parts and bare in PLACES:
        raise Complaint(field, f"{word!r} asks for a side, and {bare} has none; write {bare!r}, or '{bare}?' if unsure")
    raise Complaint(field, f"{word!r:.60} is no place that we know; docs/dataset.md lists them")


def _listed(numbers: Mapping[int, int] | list[int]) -> str:
    return ", ".join(str(number) for number in numbers) or "none"
