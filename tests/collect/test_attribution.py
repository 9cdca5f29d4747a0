import csv

import pytest

from crumple.collect.attribution import ATTRIBUTION, write_attribution
from crumple.collect.record import Author
from crumple.storage import open_folder
from tests.collect.test_manifest import entry


def row(tmp_path, **changes):
    write_attribution(open_folder(tmp_path), [entry(**changes)])
    with (tmp_path / ATTRIBUTION).open(newline="", encoding="utf-8") as file:
        (found,) = csv.DictReader(file)
    return found


def test_a_title_with_commas_quotes_and_line_breaks(tmp_path):
    assert row(tmp_path, title='A "dent",\nseen\u2028here')["title"] == 'A "dent", seen here'


def test_a_photo_without_a_title(tmp_path):
    assert row(tmp_path, title="")["title"] == "untitled"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_no_author_is_a_formula(tmp_path, name):
    assert row(tmp_path, author=Author(name=name))["author"] == f"'{name}"


def test_no_photos_make_an_empty_table(tmp_path):
    write_attribution(open_folder(tmp_path), [])
    assert (tmp_path / ATTRIBUTION).read_text().count("\n") == 1
