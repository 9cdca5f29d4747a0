import pytest

from crumple.cli.main import run
from tests.fakes import save_model

pytestmark = pytest.mark.slow


def call(*arguments):
    with pytest.raises(SystemExit) as caught:
        run(["bench", *map(str, arguments)])
    return caught.value.code or 0


def test_all_tables_are_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("crumple.bench.photos.PHONE", (640, 480))  # twelve megapixels would only take longer
    assert call("--model", save_model(tmp_path), "--rounds", 3, "--seconds", 0.1) == 0
    printed = capsys.readouterr().out
    for words in ("cores", "fake 1", "small.jpg", "phone.jpg, 640x480", "network", "outside the network", "first time"):
        assert words in printed
    assert "photos a second" in printed and "peak memory" in printed


def test_what_cannot_be_measured_is_one_line(tmp_path, capsys):
    assert call("--model", tmp_path / "absent") == 2
    assert capsys.readouterr().err.startswith("error: ")
