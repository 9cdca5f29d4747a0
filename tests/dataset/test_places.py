import json
import re
from pathlib import Path

import pytest

from crumple.dataset.instances import NamedPlace, PhotoPlaces
from crumple.dataset.places import read_places
from crumple.errors import DataError

# What a label file says: photo a has three damages (and an airbag that is on no sheet), b has one, c none.
ANNOTATED = {"a.jpg": {11: "dent", 12: "scratch", 13: "dent", 14: "airbag"}, "b.jpg": {21: "glass"}, "c.jpg": {}}


def sheets() -> list:
    def damages(*annotations: int) -> list:
        return [
            {"number": number, "annotation": annotation, "category": category}
            for number, annotation in enumerate(annotations, start=1)
            for photo in ANNOTATED.values()
            if (category := photo.get(annotation))
        ]

    return [
        {"file_name": "a.jpg", "sheet": 0, "letter": "A", "damages": damages(11, 12, 13)},
        {"file_name": "b.jpg", "sheet": 12, "letter": "B", "damages": damages(21)},
        {"file_name": "c.jpg", "sheet": 12, "letter": "C", "damages": []},
    ]


A = "000 A | 1 left_fender+front_bumper; 2 ?_front_door?; 3 unknown | left_fender front_left_light? hood\n"
B = "012 B | 1 front_glass | front_glass roof?\n"


def read(folder: Path, text: str | bytes, index: object = None) -> dict[str, PhotoPlaces]:
    path = folder / "val.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "val.sheets.json").write_text(json.dumps(sheets() if index is None else index))
    return read_places(path, ANNOTATED)


def sure(*names: str) -> tuple[NamedPlace, ...]:
    return tuple(NamedPlace(name) for name in names)


def unsure(name: str) -> NamedPlace:
    return NamedPlace(name, sure=False)


def test_a_line_says_where_the_damages_are_and_what_can_be_seen(tmp_path):
    places = read(tmp_path, A + "\n" + B)
    assert set(places) == {"a.jpg", "b.jpg"}  # nobody has read c yet
    assert places["a.jpg"].on == {11: sure("left_fender", "front_bumper"), 12: (unsure("front_door"),), 13: ()}
    assert places["a.jpg"].visible == (*sure("left_fender"), unsure("front_left_light"), *sure("hood"))
    assert places["b.jpg"].on == {21: sure("front_glass")}
    assert places["b.jpg"].visible == (*sure("front_glass"), unsure("roof"))


def test_order_spaces_and_line_ends_do_not_matter(tmp_path):
    (photo,) = read(tmp_path, "\ufeff 0 A |3 roof ;1 hood;  2 wheel|roof\r\n").values()
    assert photo.on == {13: sure("roof"), 11: sure("hood"), 12: sure("wheel")}
    (photo,) = read(tmp_path, "012 C | |").values()
    assert (photo.on, photo.visible) == ({}, ())


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("?_sill", NamedPlace("sill")),
        ("?_back_light", NamedPlace("back_light")),
        ("back_?_light", NamedPlace("back_light")),
        ("?_quarter_panel?", unsure("quarter_panel")),
        ("engine_bay?", unsure("engine_bay")),
        ("underbody", NamedPlace("underbody")),
    ],
)
def test_a_question_mark_stands_for_a_side_or_behind_a_name(tmp_path, word, place):
    photo = read(tmp_path, f"012 B | 1 {word} | {word}")["b.jpg"]
    assert (photo.on, photo.visible) == ({21: (place,)}, (place,))


def test_what_is_on_no_place_of_ours_is_dropped(tmp_path):
    photo = read(tmp_path, "012 B | 1 unknown?+hood | hood not_this_vehicle unknown")["b.jpg"]
    assert (photo.on, photo.visible) == ({21: sure("hood")}, sure("hood"))


B_IS = "line 1 (012 B), field "
BROKEN_LINES = {
    "line 1: must be like '010 A | 1 hood; 2 roof | hood roof wheel', not 'hood'": "hood",
    "line 1: must be like": "012 B | 1 hood | hood | roof",
    "line 1: must be like '010 A": "012 b | 1 hood | hood",
    "line 1 (011 B), field sheet: is not in the index of the sheets": "011 B | 1 hood | hood",
    "line 1 (012 D), field sheet: is not in the index of the sheets": "012 D | 1 hood | hood",
    "line 2 (12 B), field sheet: has a line already; take one of them out": B + "12 B | 1 hood | hood",
    B_IS + "damages: must be numbers and parts like '2 hood+grille', not 'hood'": "012 B | 1 roof; hood | hood",
    B_IS + "damages: must be numbers and parts like '2 hood+grille', not ''": "012 B | 1 hood; | hood",
    B_IS + "damages: 2 is not in the index of the sheets, which has 1": "012 B | 1 hood; 2 hood | hood",
    "line 1 (012 C), field damages: 1 is not in the index of the sheets, which has none": "012 C | 1 hood | hood",
    B_IS + "damages: 1 is given twice": "012 B | 1 hood; 1 roof | hood",
    B_IS + "damages: 1 missing; name the parts of every damage, or unknown": "012 B | | hood",
    "line 1 (000 A), field damages: 1, 3 missing": "000 A | 2 hood | hood",
    B_IS + "damages, 1: 'bonnet' is no place that we know": "012 B | 1 bonnet | hood",
    B_IS + "damages, 1: '' is no place that we know": "012 B | 1 hood+ | hood",
    B_IS + "damages, 1: 'hood' is given twice": "012 B | 1 hood+hood? | hood",
    B_IS + "damages, 1: 'left_right_fender' names two sides": "012 B | 1 left_right_fender | hood",
    B_IS + "damages, 1: '?_left_fender' names two sides": "012 B | 1 ?_left_fender | hood",
    B_IS + "visible: 'front_door' needs a side: left, right, or ? as in '?_front_door'": "012 B | 1 hood | front_door",
    B_IS + "visible: '?_hood' asks for a side, and hood has none; write 'hood', or 'hood?'": "012 B | 1 hood | ?_hood",
    B_IS + "visible: '?_door' is no place that we know": "012 B | 1 hood | ?_door",
    B_IS + "visible: 'hood,' is no place that we know": "012 B | 1 hood | hood, roof",
    B_IS + "visible: 'roof' is given twice": "012 B | 1 hood | roof hood roof",
}


@pytest.mark.parametrize("what", BROKEN_LINES)
def test_a_line_that_says_something_else_is_refused_in_one_line(tmp_path, what):
    with pytest.raises(DataError, match=re.escape(f"val.txt: {what}")) as error:
        read(tmp_path, BROKEN_LINES[what])
    assert "\n" not in str(error.value)


def test_all_complaints_come_at_once(tmp_path):
    with pytest.raises(DataError, match=r"val\.txt: 5 problems; mend them; nothing was read") as error:
        read(tmp_path, "000 A | 1 bonnet; 2 wing; 4 roof | hood hood\n012 B | 1 hood | hood\n")
    lines = str(error.value).splitlines()[1:]
    fields = ["damages, 1", "damages, 2", "damages", "damages", "visible"]
    assert [line.split("field ")[1].split(":")[0] for line in lines] == fields
    assert "3 missing" in lines[3]


BROKEN_SHEETS = {
    "must be a list with one entry a photo, not a dict": lambda s: {},
    "entry 0, field sheet: cannot be found: the entry is a int, not an object": lambda s: [1],
    "entry 1, field sheet: must be a whole number": lambda s: [s[0], s[1] | {"sheet": "12"}],
    "entry 1, field letter: is missing": lambda s: [s[0], {k: v for k, v in s[1].items() if k != "letter"}],
    "012 B, field letter: the place is taken by an earlier photo": lambda s: [s[1], s[2] | {"letter": "B"}],
    "012 B, field file_name: 'x.jpg' is not among the images": lambda s: [s[0], s[1] | {"file_name": "x.jpg"}],
    "012 C, field file_name: 'b.jpg' stands on the sheets twice": lambda s: [s[1], s[2] | {"file_name": "b.jpg"}],
    "012 C, field damages: must be a list": lambda s: [s[2] | {"damages": None}],
    "012 B, field damages.number: 1 is given twice": lambda s: [s[1] | {"damages": s[1]["damages"] * 2}],
    "012 C, field damages.annotation: 21 is no annotation of c.jpg": lambda s: [s[2] | {"damages": s[1]["damages"]}],
    "012 B, field damages.annotation: 21 has two numbers": lambda s: [
        s[1] | {"damages": [*s[1]["damages"], s[1]["damages"][0] | {"number": 2}]}
    ],
    "012 B, field damages.category: annotation 21 is a 'glass' in the annotation file, not a 'dent'": lambda s: [
        s[1] | {"damages": [s[1]["damages"][0] | {"category": "dent"}]}
    ],
    "012 B, field damages.annotation: must be a whole number": lambda s: [
        s[1] | {"damages": [s[1]["damages"][0] | {"annotation": True}]}
    ],
}


@pytest.mark.parametrize("what", BROKEN_SHEETS)
def test_an_index_that_does_not_fit_its_label_file_is_refused_in_one_line(tmp_path, what):
    with pytest.raises(DataError, match=re.escape(f"val.sheets.json: {what}")) as error:
        read(tmp_path, B, BROKEN_SHEETS[what](sheets()))
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read_are_told(tmp_path):
    with pytest.raises(DataError, match=r"val\.txt: is empty"):
        read(tmp_path, "\n")
    with pytest.raises(DataError, match=r"val\.txt: is not text"):
        read(tmp_path, b"\xff\xd8\xff")
    (tmp_path / "val.txt").unlink()
    with pytest.raises(DataError, match=r"val\.txt: there is no such file of place labels"):
        read_places(tmp_path / "val.txt", ANNOTATED)
    (tmp_path / "val.txt").mkdir()
    with pytest.raises(DataError, match=r"val\.txt: cannot be read: Is a directory"):
        read_places(tmp_path / "val.txt", ANNOTATED)
    (tmp_path / "val.sheets.json").write_text("{")
    with pytest.raises(DataError, match=r"val\.sheets\.json: is not JSON"):
        read_places(tmp_path / "val.txt", ANNOTATED)
    (tmp_path / "val.sheets.json").unlink()
    with pytest.raises(DataError, match=r"val\.sheets\.json: there is no such file; the index of the sheets must lie"):
        read_places(tmp_path / "val.txt", ANNOTATED)
