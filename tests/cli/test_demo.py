"""`crumple demo` as typed, with a network that always finds the same."""

import json
import re

import pytest

from crumple.cli.main import run
from crumple.samples.scenes import BLURRED, CLEAN, SCENES
from tests.fakes import Thing, fake_detector


@pytest.fixture
def typed(monkeypatch, capsys):
    """Runs `crumple demo ARGUMENTS`: (exit code, stdout, stderr)."""
    things = [
        Thing("parts", "front_left_door", (30, 20, 120, 90)),
        Thing("damage", "dent", (50, 40, 80, 60), score=0.8),
        Thing("damage", "scratch", (90, 40, 100, 60), score=0.4),
    ]
    monkeypatch.setattr("crumple.detect.detector.load_detector", lambda folder: fake_detector(things))

    def type_in(*arguments):
        with pytest.raises(SystemExit) as end:
            run(["demo", *map(str, arguments)])
        captured = capsys.readouterr()
        return end.value.code, captured.out, captured.err

    return type_in


def test_every_sample_is_assessed_and_the_report_says_that_damage_is_painted(typed, tmp_path):
    out = tmp_path / "report"
    code, text, _ = typed("--out", out)
    assert code == 0
    names = {f"painted_{scene.name}.jpg" for scene in SCENES}
    names |= {f"clean_{name}" for name in CLEAN} | {f"blurred_{name}" for name in BLURRED}
    assert all(name in text for name in names)
    assert "dent on front left door" in text and re.search(r"scratch on [a-z ]+, possible\. ", text)
    assert "is painted" in text and str(out / "index.html") in text
    page = (out / "index.html").read_text()
    assert "The damage in these photos is painted" in page and "2024 ankandrew" in page
    order = [line.split("_")[0] for line in text.splitlines() if line.startswith(("painted", "clean", "blurred"))]
    assert order == ["painted"] * len(SCENES) + ["clean"] * len(CLEAN) + ["blurred"] * len(BLURRED)
    lines = [json.loads(line) for line in (out / "assessments.jsonl").read_text().splitlines()]
    assert {line["photo"]["name"] for line in lines} == names
    assert len(list((out / "overlays").iterdir())) == len(names)
    blurred = next(line for line in lines if "blurred" in line["photo"]["name"])
    assert not next(check["ok"] for check in blurred["quality"] if check["name"] == "blurred")


def test_a_folder_that_cannot_be_written_is_one_line(typed, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, error = typed("--out", tmp_path / "file" / "report")
    assert code == 2
    assert error.startswith("error: ") and error.count("\n") == 1 and "give another --out" in error
