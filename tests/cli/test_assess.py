import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crumple.cli.main import run
from tests.fakes import Thing, fake_detector, save_model

THINGS = [
    Thing("parts", "hood", (10, 10, 90, 90), 0.9),
    Thing("damage", "dent", (20, 20, 40, 45), 0.8),
    Thing("damage", "scratch", (60, 20, 70, 25), 0.1),
]
PIXELS = np.random.default_rng(0).integers(0, 255, (100, 200, 3), np.uint8)


@pytest.fixture
def model(monkeypatch):
    def load(folder=None, *, accurate):
        return fake_detector(THINGS).accurately() if accurate else fake_detector(THINGS)

    monkeypatch.setattr("crumple.detect.detector.load_detector", load)
    return ["--model", "any"]


def save(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(PIXELS).save(path)
    return path


def call(*arguments):
    """Exit code of `crumple assess ...`."""
    with pytest.raises(SystemExit) as caught:
        run(["assess", *map(str, arguments)])
    return caught.value.code or 0


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_one_photo_gives_a_table_json_and_an_overlay_beside_it(tmp_path, model, capsys):
    photo = save(tmp_path / "car.jpg")
    assert call(photo, *model) == 0
    assert files(tmp_path) == ["car.assessment.json", "car.jpg", "car.overlay.jpg"]
    content = json.loads((tmp_path / "car.assessment.json").read_text())
    assert content["photo"]["name"] == "car.jpg" and content["findings"][0]["damage"] == "dent"
    assert Image.open(tmp_path / "car.overlay.jpg").size == (200, 100)
    printed = capsys.readouterr().out
    for words in ("dent", "hood", "moderate", "likely", "parts seen: hood", "car.overlay.jpg"):
        assert words in printed


def test_one_photo_into_another_folder(tmp_path, model):
    assert call(save(tmp_path / "in" / "car.jpg"), "--out", tmp_path / "new" / "out", *model) == 0
    assert files(tmp_path / "new") == ["out/car.assessment.json", "out/car.overlay.jpg"]
    assert files(tmp_path / "in") == ["car.jpg"]


def test_twins_do_not_overwrite_each_other(tmp_path, model):
    for name in ("car.jpg", "car.png"):
        save(tmp_path / name)
    for name in ("car.jpg", "car.png"):
        assert call(tmp_path / name, *model) == 0
    assert len(files(tmp_path)) == 6


def test_names_with_markup_are_printed_as_they_are(tmp_path, model, capsys):
    assert call(save(tmp_path / "[red]x[bold].jpg"), *model) == 0
    assert "[red]x[bold].jpg" in capsys.readouterr().out


def test_a_folder_gives_a_report(tmp_path, model, capsys):
    for name in ("a.jpg", "a.png", "sub/a.jpg"):
        save(tmp_path / "photos" / name)
    out = tmp_path / "report"
    assert call(tmp_path / "photos", "--out", out, *model) == 0
    overlays = ["overlays/a.jpg.jpg", "overlays/a.png.jpg", "overlays/sub/a.jpg"]
    assert files(out) == sorted(["assessments.jsonl", "coco.json", "findings.csv", "index.html", *overlays])
    assert "3 photos assessed, 3 findings: " in capsys.readouterr().out.replace("\n", " ")


def test_a_broken_photo_among_many_is_named_and_ends_with_1(tmp_path, model, capsys):
    save(tmp_path / "photos" / "good.jpg")
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"\xff\xd8nothing")
    assert call(tmp_path / "photos", "--out", tmp_path / "report", *model) == 1
    captured = capsys.readouterr()
    assert "bad.jpg" in captured.err and "1 photo assessed, 1 finding, 1 skipped: " in captured.out
    assert "bad.jpg" in (tmp_path / "report" / "index.html").read_text()


def test_min_score_reaches_down_in_coco_json(tmp_path, model):
    save(tmp_path / "photos" / "car.jpg")
    for score, count in ((0.05, 3), (0.85, 1)):
        assert call(tmp_path / "photos", "--out", tmp_path / "out", "--min-score", score, *model) == 0
        assert len(json.loads((tmp_path / "out" / "coco.json").read_text())["annotations"]) == count


def test_two_looks_are_told_by_the_models_name(tmp_path, model):
    photo = save(tmp_path / "car.jpg")
    assert call(photo, "--accurate", *model) == 0
    content = json.loads((tmp_path / "car.assessment.json").read_text())
    assert content["model"]["name"] == "fake-accurate"
    # This network finds the same in the mirror image, so in the photo it is in two places, each seen once.
    assert [(finding["threshold"], finding["score"]) for finding in content["findings"]] == [("lower", 0.4)] * 2
    assert call(tmp_path, "--accurate", "--out", tmp_path / "out", *model) == 0
    [line] = (tmp_path / "out" / "assessments.jsonl").read_text().splitlines()
    assert json.loads(line)["findings"] == content["findings"]


def test_own_rules(tmp_path, model, capsys):
    (tmp_path / "rules.yaml").write_text(
        "damages: {dent: {words: ding, at_least: severe, because: we say so}}\nother: {words: damage}\n"
    )
    assert call(save(tmp_path / "car.jpg"), "--rules", tmp_path / "rules.yaml", *model) == 0
    assert "we say so" in capsys.readouterr().out


def bad_rules(folder):
    (folder / "rules.yaml").write_text("damages: 5\n")
    return [save(folder / "car.jpg"), "--rules", folder / "rules.yaml"]


def broken(folder):
    (folder / "car.jpg").write_text("<html>")
    return [folder / "car.jpg"]


def no_photos(folder):
    (folder / "photos").mkdir()
    (folder / "photos" / "notes.txt").touch()
    return [folder / "photos"]


def all_broken(folder):
    (folder / "photos").mkdir()
    for name in ("x.jpg", "y.jpg"):
        (folder / "photos" / name).touch()
    return [folder / "photos", "--out", folder / "report"]


def out_is_a_file(folder):
    (folder / "out").touch()
    return [save(folder / "car.jpg"), "--out", folder / "out"]


def many_out_is_a_file(folder):
    (folder / "out").touch()
    save(folder / "photos" / "car.jpg")
    return [folder / "photos", "--out", folder / "out"]


def below_a_file(folder):
    (folder / "out").touch()
    return [save(folder / "car.jpg"), "--out", folder / "out" / "deep"]


def misspelt_rule(folder):
    (folder / "rules.yaml").write_text("damages: {dnet: {words: dent}}\nother: {words: damage}\n")
    return [save(folder / "car.jpg"), "--rules", folder / "rules.yaml"]


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: [folder / "missing.jpg"], "missing.jpg"),
        (broken, "car.jpg"),
        (no_photos, "no photo in it"),
        (no_photos, "give a folder with JPEG, PNG, WebP, BMP or TIFF files"),
        (all_broken, "error: of 2 photos none was assessed, for the reasons given; nothing was written"),
        (bad_rules, "rules.yaml"),
        (lambda folder: [save(folder / "car.jpg"), "--rules", folder / "no.yaml"], "no.yaml"),
        (misspelt_rule, "rules.yaml: damages.dnet: is no known damage type; known are airbag_deployed, broken_or"),
        (lambda folder: [save(folder / "car.jpg"), "--rules", folder], "is a folder; give the path of a YAML file"),
        (out_is_a_file, "out: is a file, not a folder; give another --out"),
        (many_out_is_a_file, "out: is a file, not a folder; give another --out"),
        (below_a_file, "out: is a file, not a folder; give another --out"),
    ],
)
def test_bad_input_is_one_line_exit_2_and_no_file(tmp_path, model, capsys, prepare, message):
    arguments = prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert call(*arguments, *model) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert error[-1].startswith("error: ") and message in error[-1]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("arguments", [[], ["car.jpg", "--min-score", "1.5"], ["car.jpg", "--min-score", "x"]])
def test_wrong_usage_ends_with_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(Path("car.jpg"))
    assert call(*arguments) == 2
    assert files(tmp_path) == ["car.jpg"]


def test_a_missing_model_is_one_line(tmp_path, capsys):
    assert call(save(tmp_path / "car.jpg"), "--model", tmp_path / "nowhere") == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and "nowhere: there is no such folder; give" in error
    assert len(error.splitlines()) == 1
    assert files(tmp_path) == ["car.jpg"]


def test_ctrl_c_stops_after_the_photo_with_whole_files(tmp_path, monkeypatch, capsys):
    detector = fake_detector(THINGS)
    photos = [save(tmp_path / "photos" / f"{i}.jpg") for i in range(6)]
    network = detector.network

    def interrupted(canvas):
        if len(network.canvases) == 2:  # within the third photo
            signal.raise_signal(signal.SIGINT)
        return network(canvas)

    detector.network = interrupted
    monkeypatch.setattr("crumple.detect.detector.load_detector", lambda folder, accurate: detector)
    monkeypatch.setenv("COLUMNS", "20")
    before = signal.getsignal(signal.SIGINT)
    assert call(tmp_path / "photos", "--out", tmp_path / "report", "--model", "any") == 130
    assert signal.getsignal(signal.SIGINT) is before
    captured = capsys.readouterr()
    assert "3 photos assessed, 3 findings, 3 not reached" in captured.out
    assert "stopping after this photo; Ctrl-C again drops all\n" in captured.err
    report = tmp_path / "report"
    assert len((report / "assessments.jsonl").read_text().splitlines()) == 3 < len(photos)
    assert len(json.loads((report / "coco.json").read_text())["images"]) == 3
    assert len(files(report)) == 7


def test_sigterm_ends_with_143_and_leaves_no_temporary_file(tmp_path, monkeypatch):
    detector = fake_detector(THINGS)
    save(tmp_path / "photos" / "car.jpg")

    def terminated(canvas):
        assert len(files(tmp_path)) == 3, "the photo, and two files begun"
        signal.raise_signal(signal.SIGTERM)

    detector.network = terminated
    monkeypatch.setattr("crumple.detect.detector.load_detector", lambda folder, accurate: detector)
    before = signal.getsignal(signal.SIGTERM)
    assert call(tmp_path / "photos", "--out", tmp_path / "report", "--model", "any") == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert files(tmp_path) == ["photos/car.jpg"] and not (tmp_path / "report").exists()


def test_a_real_process_with_a_real_runtime(tmp_path):
    """The installed command, OpenVINO, one photo; TensorFlow and Keras cannot be imported."""
    (tmp_path / "model").mkdir()
    save_model(tmp_path / "model")
    for name in ("tensorflow", "keras"):
        (tmp_path / "blocked").mkdir(exist_ok=True)
        (tmp_path / "blocked" / f"{name}.py").write_text("raise ImportError('not installed')")
    Image.fromarray(np.full((100, 200, 3), 200, np.uint8)).save(tmp_path / "car.png")
    command = [sys.executable, "-c", "from crumple.cli.main import run; run()", "assess", "car.png", "--model", "model"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "blocked")}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    content = json.loads((tmp_path / "car.assessment.json").read_text())
    assert [part["label"] for part in content["parts"]] == ["front_left_door"]
    assert content["parts"][0]["score"] == pytest.approx(200 / 255, abs=1e-3)
