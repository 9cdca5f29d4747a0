"""What every command has in common."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crumple.cli import main
from crumple.cli.main import run


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["assess", ""], "assess ''"),
        (["assess", "car.jpg", "--out", ""], "--out ''"),
        (["assess", "car.jpg", "--out="], "car.jpg --out="),
        (["demo", "--model", ""], "--model ''"),
        ([""], "''"),
    ],
)
def test_an_empty_value_is_not_the_current_folder(arguments, where, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        run(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err == f"error: {where}: an empty value; give one, or leave it away\n"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_says_so_and_ends_with_130(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("crumple.cli.demo.demo", interrupted)
    with pytest.raises(SystemExit) as end:
        run(["demo"])
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted\n")


def test_help_shows_all_of_a_commands_words(monkeypatch, capsys):
    """No default in brackets is taken for markup, and paragraphs run on over the source's line ends."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        run(["assess", "--help"])
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert end.value.code == 0
    assert "Lowest score kept. [default: the model's own thresholds]" in words
    with pytest.raises(SystemExit):
        run(["collect", "--help"])
    assert "nothing is downloaded twice. Writes images/, manifest.jsonl and ATTRIBUTION.csv." in capsys.readouterr().out


@pytest.fixture
def group(monkeypatch):
    """A group `pets` with the commands `feed` and `take-out`; a list of what was called. Only `feed` can be loaded."""
    calls = []

    def pets_feed(what: str, times: int = 1) -> None:
        calls.append((what, times))
        if what == "nothing":
            raise KeyboardInterrupt

    monkeypatch.setitem(main.COMMANDS, "pets", "All about pets.")
    for name, content in {
        "pets": {"COMMANDS": {"feed": "Give them food.", "take-out": "Walk."}},
        "pets.feed": {"pets_feed": pets_feed},
    }.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, f"crumple.cli.{name}", module)
    return calls


def test_a_command_of_a_group_runs_with_its_options(group):
    with pytest.raises(SystemExit) as end:
        run(["pets", "feed", "hay", "--times", "2"])
    assert (end.value.code, group) == (0, [("hay", 2)])


@pytest.mark.parametrize("arguments", [["pets", "--help"], ["pets"]])
def test_a_group_lists_its_commands_and_loads_none(group, arguments, capsys):
    with pytest.raises(SystemExit):
        run(arguments)
    out = "".join(capsys.readouterr())
    assert all(text in out for text in ("All about pets.", "feed", "Give them food.", "take-out", "Walk."))


def test_help_lists_a_group_as_a_command(group, capsys):
    with pytest.raises(SystemExit):
        run(["--help"])
    out = capsys.readouterr().out
    assert "All about pets." in out and "demo" in out


def test_a_command_that_a_group_lacks_is_named(group, capsys):
    with pytest.raises(SystemExit) as end:
        run(["pets", "sell"])
    assert end.value.code == 2
    assert "sell" in capsys.readouterr().err


def test_an_interrupt_in_a_group_says_so_too(group, capsys):
    with pytest.raises(SystemExit) as end:
        run(["pets", "feed", "nothing"])
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted\n")


@pytest.mark.parametrize("arguments", [["--help"], ["deploy", "endpoint", "create", "--help"], ["assess", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    """In a process of its own, as this one has everything loaded."""
    heavy = ("tensorflow", "keras", "openvino", "boto3", "cv2", "numpy")
    code = f"import sys; from crumple.cli.main import run\ntry: run({arguments!r})\nexcept SystemExit as end:"
    code += f" print(end.code, [name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_nothing_below_imports_the_command_line():
    package = Path(main.__file__).parents[1]
    files = (path for path in package.rglob("*.py") if package / "cli" not in path.parents)
    importers = [path.relative_to(package) for path in files if "crumple.cli" in path.read_text(encoding="utf-8")]
    assert importers == [Path("__main__.py")]
