"""`crumple evaluate` as typed."""

import json

import pytest

from crumple.cli.main import run
from crumple.evaluate.judged import candidates
from crumple.evaluate.metrics import Metrics
from crumple.evaluate.tuning.thresholds import DAMAGE_LOWEST
from crumple.model.config import BranchConfig, ModelConfig
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.report.plots_once import plots_once  # noqa: F401
from tests.evaluate.small_data import KnowingDetector, polygon, write_data

FILES = ["metrics.json", "report.html"]


@pytest.fixture
def data_path(tmp_path, monkeypatch):
    """The data file; every model knows the answers, but for one called HALF that finds nothing on every other photo."""

    def opened(folder, accurate, raw):
        detector = Forgetful() if folder.name == "HALF" else KnowingDetector()
        detector.info = detector.info.accurately() if accurate else detector.info
        return detector

    monkeypatch.setattr(candidates, "open_detector", opened)
    monkeypatch.setattr(candidates, "fingerprint", lambda folder, accurate, rescoring: str(folder))
    monkeypatch.setenv("COLUMNS", "80")
    return write_data(tmp_path)


class Forgetful(KnowingDetector):
    def __call__(self, rgb):
        return super().__call__(rgb if rgb[0, 0, 0] % 2 else rgb + 200)


def typed(capsys, *arguments):
    """(exit code, stdout, stderr) of `crumple evaluate ARGUMENTS`."""
    with pytest.raises(SystemExit) as end:
        run(["evaluate", *map(str, arguments)])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


def content(out):
    return json.loads((out / "metrics.json").read_text())


def unwrapped(text):
    return " ".join(text.split())


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_tables_figures_and_report(data_path, tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    code, text, errors = typed(capsys, "MODEL", data_path, "--out", out)
    assert (code, errors) == (0, "")
    assert "parts: knowing 1 on dsmlr val, 3 photos" in text
    (given,) = [line.split() for line in text.splitlines() if line.startswith("as given")]
    assert given[2] == "5"
    met, scratch, as_reported = [line.split() for line in text.splitlines() if line.startswith("scratch")]
    assert met == ["scratch", "2", *["100.0"] * 4, "44", "/", "24", "/", "16"]
    assert scratch == ["scratch", "2", *["100.0"] * 7, "-", "100.0"]
    assert as_reported == ["scratch", "2", "2", "0", *["100.0"] * 5, "0.50"]
    _, airbag, _ = [line.split() for line in text.splitlines() if line.startswith("airbag")]
    assert airbag == ["airbag_deployed", "0", *["-"] * 9]
    assert "Damage anywhere: reported on 2 of 2 damaged photos." in unwrapped(text)
    (nowhere,) = [line.split() for line in text.splitlines() if line.startswith("findings on no part")]
    assert nowhere[-1] == "100.0"
    assert [line.split() for line in text.splitlines() if line.startswith("bilgi  ")] == [
        ["bilgi", "2", "2", "100.0", "-"]
    ]
    assert "chosen on these very photos" in unwrapped(text)
    assert "…" not in text
    assert content(out)["models"][0]["branches"][0]["headline"]["instances"] == 6
    assert content(out)["comparison"] is None
    Metrics.model_validate_json((out / "metrics.json").read_text())
    assert (out / "report.html").read_text().startswith("<!")
    assert files(out) == FILES


def test_limit_and_seed_are_written_down(data_path, tmp_path, capsys):
    out = tmp_path / "out"
    assert typed(capsys, "MODEL", data_path, "--out", out, "--limit", 1, "--seed", 7)[0] == 0
    model = content(out)["models"][0]
    assert (model["limit"], model["seed"], model["photos"], model["split"]) == (1, 7, 2, "val")


def test_a_second_run_replaces_the_first(data_path, tmp_path, capsys):
    out = tmp_path / "out"
    for limit in (1, 2):
        assert typed(capsys, "MODEL", data_path, "--out", out, "--limit", limit)[0] == 0
    assert content(out)["models"][0]["limit"] == 2 and files(out) == FILES


def test_two_models_are_compared(data_path, tmp_path, capsys):
    out = tmp_path / "out"
    code, text, _ = typed(capsys, "HALF", "MODEL", data_path, "--out", out)
    assert code == 0
    assert "A: knowing 1, B: knowing 1, on the same 5 photos" in text
    assert "…" not in text
    assert len(content(out)["models"]) == 2
    recall = [figure for figure in content(out)["comparison"]["figures"] if figure["name"] == "recall"]
    assert [figure["branch"] for figure in recall] == ["parts", "damage"]
    assert recall[0]["difference"]["difference"] == pytest.approx(2 / 6 - 1)
    assert all(figure["verdict"] in ("A", "B", "noise") for figure in recall)


def test_a_model_is_compared_with_itself_looking_twice(data_path, tmp_path, capsys):
    out = tmp_path / "out"
    code, text, _ = typed(capsys, "MODEL", "MODEL", data_path, "--accurate", "--out", out)
    assert code == 0 and "A: knowing 1, B: knowing-accurate 1, on the same 5 photos" in text
    code, text, _ = typed(capsys, "MODEL", data_path, "--accurate", "--out", out)
    assert code == 0 and [model["model"]["name"] for model in content(out)["models"]] == ["knowing-accurate"]


def test_photos_that_another_split_holds_are_left_out_when_asked(data_path, tmp_path, capsys):
    seen = {"annotations": "damage/val.json", "images": "damage/images"}
    sets = json.loads(data_path.read_text())
    sets["sets"][1]["train"] = seen
    data_path.write_text(json.dumps(sets))
    out = tmp_path / "out"
    code, text, _ = typed(capsys, "MODEL", data_path, "--out", out)
    assert code == 0 and "2 of 5 val photos have a copy" in unwrapped(text)
    code, text, _ = typed(capsys, "MODEL", data_path, "--out", out, "--unseen")
    assert code == 0 and "2 photos that another split holds too were left out." in unwrapped(text)
    assert (content(out)["models"][0]["photos"], len(content(out)["models"][0]["branches"])) == (3, 1)


def test_a_split_that_was_seen_whole_is_refused(data_path, tmp_path, capsys):
    sets = json.loads(data_path.read_text())
    for entry in sets["sets"]:
        entry["train"] = entry["val"]
    data_path.write_text(json.dumps(sets))
    result = typed(capsys, "MODEL", data_path, "--out", tmp_path / "out", "--unseen")
    one_line(result, "every photo of val is in another split too: there is nothing to judge")
    assert not (tmp_path / "out").exists()


def detections(path, categories=("dent", "scratch"), annotations=()):
    """A file of detections for the five photos."""
    names = [f"parts/images/{i}.png" for i in range(3)] + [f"damage/images/{i}.png" for i in range(2)]
    images = [{"id": i, "file_name": name, "width": 160, "height": 120} for i, name in enumerate(names)]
    listed = [{"id": i, "name": name} for i, name in enumerate(categories)]
    path.write_text(json.dumps({"images": images, "categories": listed, "annotations": list(annotations)}))
    return path


def test_detections_of_another_system(data_path, tmp_path, capsys):
    box = (30, 30, 70, 60)
    found = [{"image_id": 3, "category_id": 1, "score": 0.7, "segmentation": [polygon(box)]}]
    path, out = detections(tmp_path / "theirs.json", annotations=found), tmp_path / "out"
    code, text, _ = typed(capsys, path, data_path, "--out", out)
    assert code == 0
    assert "damage: theirs.json file on bilgi val, 2 photos" in text
    (model,) = content(out)["models"]
    (damage,) = model["branches"]
    assert model["thresholds_from"] == "these photos"
    assert damage["operating"]["overall"]["recall"]["value"] == pytest.approx(1 / 3)
    assert typed(capsys, "MODEL", path, data_path, "--out", out)[0] == 0
    assert {figure["branch"] for figure in content(out)["comparison"]["figures"]} == {"damage"}


def test_nothing_found_and_nothing_drawn_have_tables_and_a_report_too(data_path, tmp_path, capsys):
    out, path = tmp_path / "out", detections(tmp_path / "none.json", categories=("dent", "wheel"))
    code, text, _ = typed(capsys, path, path, data_path, "--out", out)
    assert code == 0 and "…" not in text and "nan" not in text
    assert content(out)["models"][0]["branches"][0]["headline"]["mask"]["ap"] == 0.0
    for branch in ("parts", "damage"):
        labels = tmp_path / branch / "val.json"
        labels.write_text(json.dumps(json.loads(labels.read_text()) | {"annotations": []}))
    for model in (path, "MODEL"):
        code, text, _ = typed(capsys, model, data_path, "--out", out)
        assert code == 0 and "nan" not in text
        assert content(out)["models"][0]["branches"][0]["headline"]["mask"]["ap"] is None
        assert files(out) == FILES


def test_root_moves_the_data(data_path, tmp_path, capsys):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for branch in ("parts", "damage"):
        (tmp_path / branch).rename(moved / branch)
    out = tmp_path / "out"
    assert typed(capsys, "MODEL", data_path, "--out", out)[0] == 2
    assert typed(capsys, "MODEL", data_path, "--root", moved, "--limit", 1, "--out", out)[0] == 0


def one_line(result, message):
    """The answer is one line of error, and nothing else."""
    code, text, errors = result
    assert (code, text, errors.count("\n")) == (2, "", 1), errors
    assert errors.startswith("error: ") and message in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "test"], "no set that can be judged has a split 'test'; they have val"),
        (["--limit", "0"], "limit 0: at least one photo"),
        (["--set-thresholds"], "MODEL: --set-thresholds wants one model, an exported folder or a checkpoint"),
    ],
)
def test_bad_arguments_are_one_error_and_no_file(data_path, tmp_path, capsys, arguments, message):
    out = tmp_path / "out"
    one_line(typed(capsys, "MODEL", data_path, "--out", out, *arguments), message)
    assert not out.exists()


def test_three_models_are_too_many(data_path, tmp_path, capsys):
    one_line(typed(capsys, "A", "B", "C", data_path), "3 models given: one is measured, two are compared")


def test_wrong_data_and_wrong_model_are_one_line(tmp_path, capsys):
    out = tmp_path / "out"
    one_line(typed(capsys, tmp_path, tmp_path / "absent.yaml", "--out", out), "absent.yaml")
    data = write_data(tmp_path / "data")
    one_line(typed(capsys, tmp_path / "absent", data, "--out", out), "no such folder")
    one_line(typed(capsys, tmp_path / "absent.json", data, "--out", out), "there is no such file")
    (tmp_path / "empty.json").touch()
    one_line(typed(capsys, tmp_path / "empty.json", data, "--out", out), "empty.json: is empty")
    ding = detections(tmp_path / "ding.json", categories=["ding"])
    one_line(typed(capsys, ding, data, "--out", out), "category 'ding' is no class of ours")
    assert not out.exists()


def test_a_broken_photo_is_one_line_and_leaves_nothing(data_path, tmp_path, capsys):
    photo = tmp_path / "damage" / "images" / "1.png"
    photo.write_bytes(photo.read_bytes()[:-30])
    out = tmp_path / "out"
    one_line(typed(capsys, "MODEL", data_path, "--out", out), "1.png")
    assert not out.exists()


def test_a_file_in_the_way_of_the_folder_is_told_before_any_work(data_path, tmp_path, capsys):
    (tmp_path / "out").touch()
    one_line(typed(capsys, "MODEL", data_path, "--out", tmp_path / "out"), "is a file, not a folder")


def test_thresholds_and_calibration_go_into_the_checkpoint(data_path, tmp_path, capsys):
    branches = (BranchConfig("parts", PARTS), BranchConfig("damage", DAMAGES))
    config = ModelConfig(name="small", input_size=(128, 192), branches=branches, metadata={"version": "7"})
    folder, out = tmp_path / "best", tmp_path / "out"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    (folder / "weights.npz").touch()
    one_line(typed(capsys, folder, data_path, "--set-thresholds", "--limit", 1, "--out", out), "wants all photos")
    assert ModelConfig.from_dict(json.loads((folder / "config.json").read_text())) == config
    code, text, _ = typed(capsys, folder, data_path, "--set-thresholds", "--out", out)
    assert code == 0
    assert f"thresholds and calibration: {folder / 'config.json'}" in text
    metadata = json.loads((folder / "config.json").read_text())["metadata"]
    assert metadata["version"] == "7"
    assert metadata["thresholds"] == content(out)["models"][0]["thresholds"]
    assert metadata["thresholds"]["damage"]["dent"] == {"lower": DAMAGE_LOWEST, "upper": DAMAGE_LOWEST}
    assert metadata["metrics"]["split"] == "val" and metadata["metrics"]["damage/mask_ap"] == pytest.approx(1)
    assert set(metadata["calibration"]) == {"parts", "damage"}
    assert typed(capsys, folder, data_path, "--set-thresholds", "--accurate", "--out", out)[0] == 0
    both = json.loads((folder / "config.json").read_text())["metadata"]
    accurate = both.pop("accurate")
    assert both == metadata
    assert accurate["thresholds"] == content(out)["models"][0]["thresholds"]
    assert set(accurate["calibration"]) == {"parts", "damage"} and accurate["metrics"]["split"] == "val"
