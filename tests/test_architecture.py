"""The house's plan, held to by the code: which room may import which, no circles, no folder that is too full.

A room is a folder of src/crumple; what lies beside the rooms, and drawing/, is the ground floor. Read from the source
alone, imports inside functions too: nothing of crumple is loaded for it. docs/architecture.md explains the plan.
"""

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# The ground floor, which every room may import. It imports only itself.
GROUND = {
    *("crumple", "taxonomy", "view", "errors", "invalid", "colours"),  # words, colours and errors of all
    *("files", "storage", "cache", "folder_lock", "strict_yaml", "published_schema"),  # files
    *("photo", "photo_header", "photo_files", "credit"),  # photos
    *("drawing", "pages"),  # pictures and pages
}

# Room -> the other rooms that it may import. It is the only such list between rooms: a new room, or a new way between
# two, is entered here. A line may name only rooms of the lines above it, so data flows one way. The rooms inside are
# held by tests/serve/test_rooms.py and tests/evaluate/test_rooms.py.
ROOMS: dict[str, set[str]] = {
    "weights": set(),  # the model that ships
    "samples": set(),  # sample photos with painted damage
    "beam": set(),  # what pipelines on Apache Beam share
    "collect": set(),
    "detect": {"weights"},  # the exported network; prepare and label look at photos with it
    "prepare": {"beam", "detect"},
    "dataset": {"prepare", "detect"},
    "label": {"beam", "prepare", "dataset", "detect"},  # writes what dataset reads
    "model": set(),
    "train": {"weights", "dataset", "model"},
    "evaluate": {"prepare", "dataset", "model", "train", "detect"},
    "export": {"model", "evaluate", "detect"},
    "assessment": {"beam", "prepare", "detect"},
    "case": {"dataset", "detect", "assessment"},
    "watch": {"detect", "assessment"},
    "bench": {"samples", "detect", "assessment"},
    "serve": {"dataset", "detect", "assessment", "case", "watch"},
    "deploy": {"samples", "train", "evaluate", "detect", "assessment"},
    # "cli": every room. Nothing but `python -m crumple` imports it.
}
ROOMS["cli"] = set(ROOMS)
ROOMS["__main__"] = {"cli"}

# These run where neither TensorFlow nor Keras is installed, and so do the rooms that they import.
WITHOUT_KERAS = ("detect", "assessment", "case")
KERAS = {"tensorflow", "keras", "jax", "tf2onnx"}

# The network knows no photos, pictures, plots or command lines. Weights are read and written in these two modules only.
MODEL_MAY_IMPORT = {"errors", "invalid", "taxonomy"}
MODEL_FILES = {"crumple.model.checkpoint", "crumple.model.pretrained"}
NOT_FOR_MODEL = {"PIL", "cv2", "matplotlib", "rich", "typer"}

MOST_FILES = 22  # Python files in one folder


class Import(NamedTuple):
    """An import: of what (a module of ours, or a package of others), and whether only a type checker sees it."""

    target: str
    typing_only: bool


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for path in sorted((SOURCE / "crumple").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> dict[str, list[Import]]:
    """What each module imports, wherever in it."""
    return {name: list(_imports(ast.parse(path.read_bytes()).body)) for name, path in modules().items()}


def _imports(nodes, typing_only=False):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(_ours(alias.name), typing_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (Import(_ours(name), typing_only) for name in names)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _imports(node.body, typing_only=True)
            yield from _imports(node.orelse, typing_only)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _imports(ast.iter_child_nodes(node), typing_only)


def _ours(name: str) -> str:
    """The module that an imported name is or lies in; of others' packages the first word."""
    if name.split(".")[0] != "crumple":
        return name.split(".")[0]
    while name not in modules():
        name = name.rpartition(".")[0]
    return name


def room(module: str) -> str:
    """ "detect" for crumple.detect.masks; of what lies beside the rooms its own name."""
    return module.split(".")[1] if "." in module else module


def ways(of: str) -> dict[str, list[str]]:
    """The other rooms that a room imports, and where."""
    found: dict[str, list[str]] = {}
    for module, those in imports().items():
        for target in {one.target for one in those} & set(modules()):
            if room(module) == of != room(target):
                found.setdefault(room(target), []).append(f"{module} imports {target}")
    return found


def test_the_table_names_every_room_and_lets_data_flow_one_way():
    rooms = {room(module) for module in modules()}
    assert rooms - GROUND - set(ROOMS) == set(), "enter it in ROOMS or GROUND"
    assert GROUND - rooms == set()
    above: set[str] = set()
    for name, allowed in ROOMS.items():
        assert allowed <= above, name
        above.add(name)


def test_the_page_tells_of_every_room_in_the_same_order():
    page = (SOURCE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [name for name in ROOMS if name != "__main__"]


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_what_it_may(name):
    wrong = {other: where for other, where in ways(name).items() if other not in ROOMS[name] | GROUND}
    assert not wrong


def test_the_ground_floor_imports_only_itself():
    # crumple/__init__.py is the front door: it names what lies upstairs, for type checkers only.
    stairs = [one for one in imports()["crumple"] if one.target in modules() and not one.typing_only]
    assert not stairs
    wrong = {name: ways(name) for name in GROUND - {"crumple"} if ways(name).keys() - GROUND}
    assert not wrong


def test_assessing_needs_neither_tensorflow_nor_keras():
    needed, more = set(GROUND), set(WITHOUT_KERAS)
    while more:
        needed |= more
        more = set(chain.from_iterable(ROOMS[name] for name in more)) - needed
    users = {name for name, those in imports().items() if KERAS & {one.target for one in those}}
    assert users, "nobody imports Keras: the test looks for the wrong thing"
    assert not {name for name in users if room(name) in needed}


def test_the_model_knows_no_photos_plots_or_command_line():
    for module, those in imports().items():
        if room(module) == "model":
            targets = {one.target for one in those}
            ours = {room(target) for target in targets & set(modules())} - {"model"}
            assert ours <= MODEL_MAY_IMPORT | ({"files"} if module in MODEL_FILES else set()), module
            assert not targets & NOT_FOR_MODEL, module


def test_no_module_imports_itself_on_a_way_round():
    graph = {
        module: {one.target for one in those if not one.typing_only and one.target in modules()} - {module}
        for module, those in imports().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_no_folder_is_too_full():
    folders = {path.parent for path in modules().values()}
    full = {str(folder.relative_to(SOURCE)): len(list(folder.glob("*.py"))) for folder in folders}
    assert not {folder: count for folder, count in full.items() if count > MOST_FILES}
