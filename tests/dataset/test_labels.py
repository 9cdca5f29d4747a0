import re

import pytest

from crumple.dataset.labels import LabelMap, builtin_label_maps
from crumple.errors import DataError
from crumple.taxonomy import DAMAGES, PARTS


def test_the_maps_that_ship_yield_exactly_the_projects_words():
    assert builtin_label_maps() == ("bilgi", "crumple", "dsmlr", "dsmlr_panels", "lensor")
    bilgi, crumple, dsmlr, panels, lensor = (LabelMap.load(name) for name in builtin_label_maps())
    assert bilgi.names["kirik-kayip"] == "broken_or_missing"
    assert bilgi.names["astar"] == "primer_exposed"
    assert bilgi.labels == tuple(sorted(DAMAGES)) and not bilgi.split_polygons
    assert dsmlr.names == {name: name for name in PARTS[:18]} and dsmlr.split_polygons == {"wheel"}
    assert panels.names.items() > dsmlr.names.items() and set(panels.labels) == set(PARTS)
    assert set(lensor.labels) < set(DAMAGES)
    assert crumple.labels == tuple(sorted(PARTS + DAMAGES))


def test_a_map_of_ones_own_renames_and_drops(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "about: my garage\nnames:\n  Kratzer: scratch\n  'no': dent\n  Spiegelung: null\n", encoding="utf-8"
    )
    mine = LabelMap.load(path)
    assert mine.name == "mine"
    assert mine.names == {"Kratzer": "scratch", "no": "dent", "Spiegelung": None}
    assert mine.labels == ("dent", "scratch")
    assert LabelMap.load(str(path)).names == mine.names


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("- a\n- b\n", "is not a mapping"),
        ("names: {a: b", "not valid YAML"),
        ("names:\n  a: scratch\n  a: dent\n", "line 3: not valid YAML: 'a' is given twice"),
        ("names: {no: scratch}\n", "the category name False must be text; put it in quotes"),
        ("names: {7: scratch}\n", "the category name 7 must be text"),
        ("names: {a: 7}\n", "field names, 'a': 7 must be a project name"),
        ("names: {a: ''}\n", "field names, 'a'"),
        ("names: {}\n", "field names must map"),
        ("about: nothing\n", "field names must map"),
        ("names: {a: scratch}\ndrop: [b]\n", "field 'drop' is not known"),
        ("names: {a: scratch}\nsplit_polygons: wheel\n", "field split_polygons must be a list"),
        ("names: {a: scratch}\nsplit_polygons: [wheel]\n", "field split_polygons: 'wheel' is not a project name"),
        ("names: {a: scratch}\nsplit_polygons: [[wheel]]\n", "field split_polygons must be a list"),
        ("names: {[a]: scratch}\n", "not valid YAML"),
        ("names: {a: 2024-13-99}\n", "not valid YAML: month must be"),
        ("a: &x [*x]\nnames: {a: b}\n", "is not known"),
        ("[" * 5000, "not valid YAML"),
        ("7: scratch\n", "the key 7 must be text"),
    ],
)
def test_a_map_that_says_something_else_is_refused_in_one_line_with_file_and_field(tmp_path, text, what):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=re.escape(what)) as error:
        LabelMap.load(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_map_that_is_not_there_says_what_there_is(tmp_path):
    with pytest.raises(DataError, match="'dsmrl': not one of bilgi, crumple, dsmlr"):
        LabelMap.load("dsmrl")
    with pytest.raises(DataError, match="there is no such file"):
        LabelMap.load(tmp_path / "absent.yaml")
    with pytest.raises(DataError, match="is a folder; give the path of a YAML file"):
        LabelMap.load(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xd8\xff\x00")
    with pytest.raises(DataError, match="not UTF-8 text"):
        LabelMap.load(binary)
