"""Photos that a split leaves out, by a text file that lists them: one group or file name a line, "#" for comments."""

from collections.abc import Sequence
from pathlib import Path

from crumple.dataset.complaints import Complaints
from crumple.dataset.instances import LabelledPhoto
from crumple.files import read_text


def leave_out(photos: Sequence[LabelledPhoto], path: Path) -> list[LabelledPhoto]:
    """The photos that the file names neither by their file name nor by their group.

    A "#" begins a comment at the start of a line and after a space.

    Raises DataError naming the lines that name no photo, and those that come again.
    """
    complaints = Complaints(path)
    known = {photo.file_name for photo in photos} | {photo.group for photo in photos}
    listed: dict[str, int] = {}
    lines = read_text(
        path,
        missing="there is no such list; check leave_out in the data file",
        unreadable="give a list of photos to leave out",
        not_text="is not text; list one group or file name a line",
    ).splitlines()
    for number, text in enumerate(lines, start=1):
        entry = f" {text}".split(" #")[0].strip()
        if not entry:
            continue
        if entry in listed:
            complaints.add(f"line {number}", None, f"{entry!r} stands in line {listed[entry]} already")
        elif entry not in known:
            complaints.add(f"line {number}", None, f"{entry!r} is neither a file name nor a group of the split")
        listed.setdefault(entry, number)
    complaints.raise_if_any()
    return [photo for photo in photos if photo.file_name not in listed and photo.group not in listed]
