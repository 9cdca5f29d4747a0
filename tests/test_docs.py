"""Pages say what is there: links lead somewhere, and nothing is left to be filled in."""

import re
from pathlib import Path

import pytest

from crumple.photo_header import READABLE

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_nothing_is_left_open(page):
    text = page.read_text(encoding="utf-8")
    assert "@@" not in text
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_the_formats_that_are_read_are_the_same_everywhere():
    lists = [found for page in PAGES for found in re.findall(r"JPEG, PNG[A-Za-z, ]*", page.read_text(encoding="utf-8"))]
    assert len(lists) >= 2 and set(lists) == {READABLE.replace(" or ", ", ")}
