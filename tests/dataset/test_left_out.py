import re
from pathlib import Path

import pytest

from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.left_out import leave_out
from crumple.errors import DataError

PHOTOS = [
    LabelledPhoto(Path(name), name, number, 10, 10, group, ())
    for number, (name, group) in enumerate([("a.jpg", "7"), ("b.jpg", "7"), ("c #2.jpg", None), ("d#1.jpg", "8")])
]


def left(tmp_path: Path, text: str) -> str:
    path = tmp_path / "out.txt"
    path.write_text(text, encoding="utf-8")
    return "".join(photo.file_name[0] for photo in leave_out(PHOTOS, path))


def test_a_line_names_a_group_or_a_photo(tmp_path):
    assert left(tmp_path, "7\n") == "cd"
    assert left(tmp_path, "a.jpg\n") == "bcd"
    assert left(tmp_path, "\ufeff# why\n\n  8  # the same van\nb.jpg\n") == "ac"
    assert left(tmp_path, "d#1.jpg") == "abc"
    assert left(tmp_path, "# nothing\n") == "abcd"


BROKEN = {
    "out.txt: line 2: 'e.jpg' is neither a file name nor a group of the split": "7\ne.jpg\n",
    "out.txt: line 3: '7' stands in line 1 already": "7\n\n7\n",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_line_that_leaves_nothing_out_is_an_error(tmp_path, what):
    with pytest.raises(DataError, match=re.escape(what)):
        left(tmp_path, BROKEN[what])


def test_all_complaints_come_at_once(tmp_path):
    with pytest.raises(DataError, match=r"out\.txt: 2 problems") as error:
        left(tmp_path, "None\nx\n")
    assert "line 1: 'None'" in str(error.value) and "line 2: 'x'" in str(error.value)


def test_a_list_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(DataError, match=r"none\.txt: there is no such list; check leave_out in the data file"):
        leave_out(PHOTOS, tmp_path / "none.txt")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        leave_out(PHOTOS, tmp_path)
    (tmp_path / "photo.txt").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(DataError, match="is not text"):
        leave_out(PHOTOS, tmp_path / "photo.txt")
