"""Pages say what is there: links and paths lead somewhere, and nothing is left to be filled in."""

import re
from pathlib import Path

import pytest

from crumple.photo_header import READABLE

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SOURCES = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.yaml")]
# From the root of the repository; what stands for a name of one's own is in capitals, as tests/collect/test_NAME.py.
A_PATH = re.compile(r"(?<![\w./:-])(?:benchmarks|docs|recipes|src|tests)/[\w./-]*\w")


def anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = (re.sub(r"\]\([^)]*\)", "", line) for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_nothing_is_left_open(page):
    text = page.read_text(encoding="utf-8")
    assert "@@" not in text
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_headings_that_are_there(page):
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        other = page.parent / target if target else page
        assert anchor in anchors(other.read_text(encoding="utf-8")), f"{target}#{anchor}"


def test_anchors_are_those_of_github():
    page = "# Two looks: `--accurate`\n```\n# a comment\n```\n## The network's [contract](x.md), 2\n"
    assert anchors(page) == {"two-looks---accurate", "the-networks-contract-2"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_a_page_names_are_there(page):
    assert not missing(page)


def test_paths_that_sources_name_are_there():
    wrong = {str(path.relative_to(ROOT)): missing(path) for path in SOURCES if missing(path)}
    assert not wrong


def test_places_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w.]+/[\w./]*)`", text)
    assert "serve/http/routes/export.py" in named
    assert not [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "src" / "crumple"))]


def missing(path):
    named = A_PATH.findall(path.read_text(encoding="utf-8"))
    return [one for one in named if "NAME" not in one and not (ROOT / one).exists()]


def test_the_formats_that_are_read_are_the_same_everywhere():
    lists = [found for page in PAGES for found in re.findall(r"JPEG, PNG[A-Za-z, ]*", page.read_text(encoding="utf-8"))]
    assert len(lists) >= 2 and set(lists) == {READABLE.replace(" or ", ", ")}
