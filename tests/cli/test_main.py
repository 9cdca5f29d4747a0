"""What every command has in common."""

import pytest

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
