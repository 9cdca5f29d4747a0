"""`crumple evaluate` as typed."""

import json

import pytest

from crumple.cli import evaluate as command
from crumple.cli.main import run
from tests.evaluate.small_data import KnowingDetector, write_data


@pytest.fixture
def data_path(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "open_detector", lambda folder: KnowingDetector())
    monkeypatch.setenv("COLUMNS", "80")
    return write_data(tmp_path)


def typed(capsys, *arguments):
    """(exit code, stdout, stderr) of `crumple evaluate ARGUMENTS`."""
    with pytest.raises(SystemExit) as end:
        run(["evaluate", *map(str, arguments)])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


def test_tables_and_json(data_path, tmp_path, capsys):
    out = tmp_path / "deep" / "metrics.json"
    code, text, _ = typed(capsys, "MODEL", data_path, "--out", out)
    assert code == 0
    assert "parts: knowing 1 on dsmlr val, 3 photos" in text
    (given,) = [line.split() for line in text.splitlines() if line.startswith("as given")]
    assert given[2] == "5"
    (scratch,) = [line.split() for line in text.splitlines() if line.startswith("scratch")]
    assert scratch == ["scratch", "2", *["100.0"] * 3, "100.0", "100.0", "-", "100.0", "100.0"]
    (airbag,) = [line.split() for line in text.splitlines() if line.startswith("airbag")]
    assert airbag == ["airbag_deployed", "0", *["-"] * 8]
    assert "…" not in text
    assert json.loads(out.read_text())["branches"][0]["headline"]["instances"] == 6
    assert [path.name for path in out.parent.iterdir()] == ["metrics.json"]


def test_root_moves_the_data(data_path, tmp_path, capsys):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for branch in ("parts", "damage"):
        (tmp_path / branch).rename(moved / branch)
    assert typed(capsys, "MODEL", data_path)[0] == 2
    assert typed(capsys, "MODEL", data_path, "--root", moved, "--limit", 1)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--split", "test"], "set 'dsmlr' has no split 'test'"), (["--limit", "0"], "limit 0: at least one photo")],
)
def test_bad_arguments_are_one_error_and_no_file(data_path, tmp_path, capsys, arguments, message):
    out = tmp_path / "metrics.json"
    code, text, errors = typed(capsys, "MODEL", data_path, "--out", out, *arguments)
    assert code == 2
    assert text == ""
    assert errors.startswith("error: ") and errors.count("\n") == 1
    assert message in errors
    assert not out.exists()


def test_wrong_data_and_wrong_model_are_one_line(tmp_path, capsys):
    code, _, errors = typed(capsys, tmp_path, tmp_path / "absent.yaml")
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: ") and "absent.yaml" in errors
    code, _, errors = typed(capsys, tmp_path / "absent", write_data(tmp_path / "data"))
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: ") and "no such folder" in errors
