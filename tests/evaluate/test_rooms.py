"""The rooms of `crumple.evaluate`: who may import whom."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import crumple.evaluate

FOLDER = Path(crumple.evaluate.__file__).parent
FLOW = (
    *("judged", "measures", "places", "tuning"),
    *("subject", "evaluation", "comparison", "metrics", "in_training"),
    "report",
)
PREFIX = "crumple.evaluate."


def imported(path):
    """Modules of `crumple.evaluate` that a file imports, also inside functions: "judged.photos", "subject"."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
    modules = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
    return {name for name in modules if (FOLDER / f"{name.replace('.', '/')}.py").is_file()}


@pytest.fixture(scope="module")
def imports():
    """By module, the modules that it imports."""
    paths = [path for path in FOLDER.rglob("*.py") if path.name != "__init__.py"]
    return {".".join(path.relative_to(FOLDER).with_suffix("").parts): imported(path) for path in paths}


def test_every_file_is_in_a_room_or_below_the_rooms(imports):
    assert {name.split(".")[0] for name in imports} == set(FLOW)


def test_data_flows_one_way_between_the_rooms(imports):
    place = {room: at for at, room in enumerate(FLOW)}
    backwards = [
        f"{name} imports {other}"
        for name, others in imports.items()
        for other in others
        if place[other.split(".")[0]] > place[name.split(".")[0]]
    ]
    assert not backwards
    assert "judged.photos" in imports["measures.samples"] and "evaluation" in imports["report.page"]


def test_imports_go_round_in_no_circle(imports):
    assert len(list(TopologicalSorter(imports).static_order())) == len(imports)
