import re

from crumple.serve.page.words import words
from crumple.taxonomy import DAMAGES, PLACES, title


def test_the_page_has_title_and_colour_of_every_place_and_damage():
    known = words()
    assert tuple(known["parts"]) == PLACES and tuple(known["damages"]) == DAMAGES
    assert {name: entry["title"] for name, entry in known["parts"].items()} == {name: title(name) for name in PLACES}
    assert known["parts"]["left_quarter_panel"]["title"] == "left quarter panel"
    entries = [*known["parts"].values(), *known["damages"].values()]
    assert all(re.fullmatch("#[0-9a-f]{6}", entry["colour"]) for entry in entries)
