"""The rooms of the service: each imports only from those above it in the list that the package's docstring gives."""

import ast
import re
from pathlib import Path

from crumple import serve

ROOT = Path(serve.__file__).parent
ROOMS = re.findall(r"^ {4}(\w+)(?:/|\.py) ", serve.__doc__, re.MULTILINE)


def imported(path):
    """The rooms that a file imports from, its own left out."""
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        rooms |= {name.split(".")[2] for name in names if name.startswith("crumple.serve.")}
    return own, rooms - {own}


def test_the_list_names_every_room():
    here = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or any(path.rglob("*.py"))}
    assert sorted(ROOMS) == sorted(here - {"__init__"})


def test_each_imports_from_those_above_it():
    files = [path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem != "__init__"]
    wrong = []
    for path in files:
        own, rooms = imported(path)
        above = ["contract"] if own == "page" else ROOMS[: ROOMS.index(own)]
        wrong += [f"{path.relative_to(ROOT)} imports {room}" for room in sorted(rooms - set(above))]
    assert not wrong
    assert imported(ROOT / "http" / "routes" / "parameters.py")[1] == {"contract", "service", "work"}
