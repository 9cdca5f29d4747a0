"""The page's files: all that is asked for is there, none is left over, and each comes under the page's policy."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import PurePosixPath

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from crumple.case.coverage import PANELS
from crumple.case.panel_map.shapes import SHAPES
from crumple.serve.page.site import HEADERS, STATIC, add_page

MADE = {"panel_map.svg", "panel_map.css", "words.json"}  # by the service, not files of the page


@pytest.fixture(scope="module")
def client():
    app = FastAPI()
    add_page(app, max_body=1000)
    return TestClient(app)


def asked(path):
    """What a file of the page asks for, as paths below /page/."""
    text = (STATIC / path).read_text(encoding="utf-8")
    patterns = {
        ".js": r'from "([^"]+)"|"page/([\w./]+)"',
        ".css": r'@import "([^"]+)"|url\("([^"]+)"\)',
        ".html": r'(?:href|src)="page/([^"]+)"',
    }
    found = re.findall(patterns.get(PurePosixPath(path).suffix, "$^"), text)
    for groups in found:
        for name in filter(None, [groups] if isinstance(groups, str) else groups):
            relative = name if name in MADE else str(PurePosixPath(path).parent / name)
            yield str((STATIC / relative).resolve().relative_to(STATIC.resolve()))


def test_every_file_is_asked_for_and_none_is_missing():
    here = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    wanted = {"index.html"} | {name for path in here for name in asked(path)}
    assert wanted - MADE == here
    assert wanted & MADE == MADE


def test_no_folder_has_more_files_than_one_can_look_through():
    for folder in (STATIC, *(path for path in STATIC.rglob("*") if path.is_dir())):
        assert sum(path.is_file() for path in folder.iterdir()) <= 20, folder.name


def test_every_file_comes_under_the_policy_and_is_asked_for_again(client):
    paths = [f"/page/{path.relative_to(STATIC)}" for path in STATIC.rglob("*") if path.is_file()]
    for path in ("/", *paths, *(f"/page/{name}" for name in MADE)):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_the_map_is_the_one_of_the_reports(client):
    svg = ElementTree.fromstring(client.get("/page/panel_map.svg").text)
    panels = svg.findall("{http://www.w3.org/2000/svg}path[@data-panel]")
    assert [panel.get("data-panel") for panel in panels] == list(PANELS)
    numbers = [text for text in svg.iter("{http://www.w3.org/2000/svg}text") if text.get("data-of")]
    assert len(numbers) == sum(len(shape.labels) for shape in SHAPES.values())
    assert all(int(text.get("data-room")) > 0 and not text.text for text in numbers)


def test_words_of_the_map(client):
    words = client.get("/page/words.json").json()
    assert words["panels"] == list(PANELS)
    assert words["panel_of"]["trunk"] == words["panel_of"]["tailgate"] == "trunk_or_tailgate"
    assert "interior" not in words["panel_of"]
    assert list(words["panel_states"]) == ["damaged", "unclear", "no_damage", "partly", "not_seen"]
