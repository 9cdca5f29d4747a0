import re
from typing import get_args

from crumple.serve.contract.findings import FindingReason
from crumple.serve.page.words import words
from crumple.taxonomy import DAMAGES, PARTS, PLACES, SIDELESS, title


def test_the_page_has_title_and_colour_of_every_place_and_damage():
    known = words()
    assert tuple(known["parts"]) == (*PLACES, *SIDELESS) and tuple(known["damages"]) == DAMAGES
    titles = {name: entry["title"] for name, entry in known["parts"].items()}
    assert {name: titles[name] for name in PARTS} == {name: title(name) for name in PARTS}
    assert titles["left_quarter_panel"] == "left quarter panel"
    assert (titles["fender"], titles["interior"]) == ("fender, side not known", "inside the vehicle")
    entries = [*known["parts"].values(), *known["damages"].values()]
    assert all(re.fullmatch("#[0-9a-f]{6}", entry["colour"]) for entry in entries)


def test_every_reason_of_the_interface_has_words():
    assert tuple(words()["reasons"]) == get_args(FindingReason)
    assert set(words()["damage_reasons"]) == {*get_args(FindingReason), "duplicate"}
