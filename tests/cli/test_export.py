"""`crumple export` as typed."""

import numpy as np
import pytest
from PIL import Image

from crumple.cli import export as command
from crumple.cli.main import run
from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.export.exporter import Export
from crumple.export.parity import Agreement, Parity
from tests.small_data import write_small_data


def typed(capsys, *arguments):
    """(exit code, stdout, stderr) of `crumple export ARGUMENTS`."""
    with pytest.raises(SystemExit) as end:
        run(["export", *map(str, arguments)])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


@pytest.fixture
def calls(monkeypatch):
    """Exports that are only noted, and write two small files."""
    noted = []

    def export_checkpoint(checkpoint, out, photos, *, saved_model, calibration, on_step):
        noted.append((checkpoint, photos, saved_model, calibration))
        on_step("converting")
        (out / "saved_model").mkdir(parents=True)
        (out / "model.bin").write_bytes(bytes(2_300_000))
        branches = (BranchInfo(name="parts", classes=("wheel",)),)
        info = ModelInfo(name="small", version="3", input_size=(8, 8), branches=branches)
        int8 = Agreement(sure=9, found=8) if calibration else None
        return Export(out, info, {"OpenVINO": Parity(17, 2e-4, 1e-6, 0.0)}, int8)

    monkeypatch.setattr(command, "export_checkpoint", export_checkpoint)
    monkeypatch.setenv("COLUMNS", "160")
    return noted


def test_samples_are_compared_and_the_result_is_told(calls, tmp_path, capsys):
    code, text, errors = typed(capsys, "CHECKPOINT", "--out", tmp_path / "out")
    assert code == 0
    assert "warning: CHECKPOINT has no thresholds" in errors and "--set-thresholds" in errors
    ((_, photos, saved_model, calibration),) = calls
    assert not saved_model and not calibration
    assert len(photos) >= 4
    assert all(photo.dtype == np.uint8 and photo.shape[2] == 3 for photo in photos.values())
    assert f"small 3: largest difference from Keras on {len(photos)} photos" in text
    (row,) = [line for line in text.splitlines() if "OpenVINO" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["OpenVINO", "17", "2.0e-04", "1.0e-06", "0.0e+00"]
    assert "model.bin  2.3 MB" in text


def test_own_photos_and_a_saved_model(calls, tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("b.png", "a.jpg", ".hidden"):
        Image.new("RGB", (30, 20)).save(folder / name, format="PNG")
    assert typed(capsys, "CHECKPOINT", "--out", tmp_path / "out", "--photos", folder, "--saved-model")[0] == 0
    ((_, photos, saved_model, _),) = calls
    assert list(photos) == ["a.jpg", "b.png"]
    assert saved_model


def test_int8_is_calibrated_on_train_photos_of_every_set_and_on_no_other(calls, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "CALIBRATION_PHOTOS", 4)  # two sets
    data = write_small_data(tmp_path / "data")
    data.write_text(data.read_text().replace("val: {annotations: ", "val: {annotations: absent-"))
    code, text, _ = typed(capsys, "CHECKPOINT", "--out", tmp_path / "out", "--int8", data)
    assert code == 0 and "OpenVINO in int8 finds 8 of 9 sure detections again" in text
    assert [path.name for path in calls[0][3]] == ["parts0.png", "parts2.png", "damage0.png", "damage2.png"]


@pytest.mark.slow
def test_bad_photos_and_no_checkpoint_are_one_line(tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    cases = [
        (("--photos", tmp_path / "absent"), "no such folder of photos"),
        (("--photos", empty), "holds no photo"),
        ((), "no checkpoint here"),
    ]
    for arguments, message in cases:
        code, _, errors = typed(capsys, tmp_path / "CHECKPOINT", "--out", tmp_path / "out", *arguments)
        assert code == 2
        assert errors.startswith("error: ")
        assert message in errors
        assert errors.count("\n") == 1
        assert not (tmp_path / "out").exists()
