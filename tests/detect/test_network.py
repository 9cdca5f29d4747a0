import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from crumple.detect.detector import load_detector
from crumple.detect.network import load_network
from crumple.errors import ModelError
from tests.fakes import SIZE, save_model


def test_runs_and_keeps_its_answers_apart(tmp_path):
    network = load_network(save_model(tmp_path))
    bright = network(np.full((1, *SIZE, 3), 204, np.uint8))
    dark = network(np.full((1, *SIZE, 3), 51, np.uint8))
    assert bright["parts_scores"] == pytest.approx(0.8, abs=1e-4)
    assert dark["parts_scores"] == pytest.approx(0.2, abs=1e-4)
    assert bright["parts_masks"].shape == (1, 1, 28, 28)


def test_streams_are_used_by_many_threads_at_a_time(tmp_path):
    network = load_network(save_model(tmp_path), streams=2)
    greys = list(range(0, 255, 5))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda grey: network(np.full((1, *SIZE, 3), grey, np.uint8))["parts_scores"], greys))
    np.testing.assert_allclose(np.ravel(found), np.array(greys) / 255, atol=1e-4)


def test_load_detector_gives_photo_pixels(tmp_path):
    found = load_detector(save_model(tmp_path))(np.full((200, 400, 3), 200, np.uint8))
    np.testing.assert_allclose(found["parts"].boxes, [[20, 20, 100, 100]], rtol=1e-5)
    assert len(found["damage"]) == 0


def test_a_model_with_place_heads_has_the_places_of_its_description(tmp_path):
    found = load_detector(save_model(tmp_path, places=("hood", "roof")))(np.full((200, 400, 3), 204, np.uint8))
    assert found.photo.names == ("hood", "roof")
    assert found.photo.seen == pytest.approx([0.8, 0.8], abs=1e-4)
    assert found["damage"].places.shape == (0, 2)


def test_place_heads_that_are_missing_or_of_other_places_are_refused(tmp_path):
    save_model(tmp_path, places=("hood", "roof"), leave_out=("parts_damaged",))
    with pytest.raises(ModelError, match=r"no output 'parts_damaged', which model\.json implies; copy it again"):
        load_detector(tmp_path)
    save_model(tmp_path, places=("hood", "roof"))
    info = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(info | {"places": ["hood"]}))
    with pytest.raises(ModelError, match=r"output 'damage_places' has 2 places, model\.json names 1; copy it again"):
        load_detector(tmp_path)


def test_load_detector_without_a_folder_loads_the_released_model(tmp_path, monkeypatch):
    monkeypatch.setattr("crumple.detect.released.RELEASED", save_model(tmp_path))
    assert load_detector().info.name == "fake"
    for wrong in (5, ""):
        with pytest.raises(ModelError, match="a model must be the path of its folder, not"):
            load_detector(wrong)


@pytest.mark.parametrize("streams", [0, -1, 1.5, "2"])
def test_a_number_of_streams_that_is_none_is_refused(tmp_path, streams):
    with pytest.raises(ModelError, match=f"streams must be a whole number from 1, not {streams!r}"):
        load_detector(save_model(tmp_path), streams)


def spoil_xml(folder):
    (folder / "model.xml").write_text("<net>")


def spoil_bin(folder):
    (folder / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:-8] + b"\0" * 8)


def cut_bin_and_hash(folder):
    (folder / "model.bin").write_bytes(b"")
    info = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(info | {"sha256": ""}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_xml, "cannot load it"),
        (spoil_bin, "sha256 differs"),
        (cut_bin_and_hash, "cannot load it"),
        (lambda folder: (folder / "model.bin").unlink(), r"no model\.bin"),
        (lambda folder: (folder / "model.xml").unlink(), r"no model\.xml"),
        (lambda folder: save_model(folder, size=(64, 64)), r"input of shape \[1,64,64,3\]"),
        (lambda folder: save_model(folder, leave_out=("damage_masks",)), "damage_masks"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why_in_one_line(tmp_path, spoil, message):
    spoil(save_model(tmp_path))
    with pytest.raises(ModelError, match=message) as caught:
        load_network(tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_loading_leaves_the_conversion_tools_alone(tmp_path):
    """They cost half a second and report to OpenVINO's makers that they were imported."""
    import subprocess
    import sys

    save_model(tmp_path)
    code = f"""
import sys
from crumple.detect.network import load_network
load_network({str(tmp_path)!r})
loaded = [name for name in sys.modules if name.split(".")[0] in ("openvino_telemetry", "tensorflow", "keras")]
assert not loaded, loaded
from openvino.tools.ovc import convert_model  # still there for who asks
"""
    subprocess.run([sys.executable, "-c", code], check=True)


GREY = np.full((1, *SIZE, 3), 204, np.uint8)


def test_a_compiled_network_is_kept_and_a_broken_one_made_anew(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("CRUMPLE_CACHE", str(cache))
    folder = save_model(tmp_path / "model")
    fresh = load_network(folder)(GREY)
    (kept,) = cache.iterdir()
    for content in (None, b"", kept.read_bytes()[:-100], b"nonsense" * 99):
        if content is not None:
            kept.chmod(0o600)
            kept.write_bytes(content)
        again = load_network(folder)(GREY)
        assert all(np.array_equal(again[name], fresh[name]) for name in fresh)


def test_no_cache_where_none_can_be(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "file" / "cache"))
    assert load_network(save_model(tmp_path / "model"))(GREY)["parts_scores"] == pytest.approx(0.8, abs=1e-4)


def test_an_interrupt_after_two_models_came_and_went_is_an_interrupt(tmp_path):
    # Each OpenVINO core lends the thread a signal stack; one left behind ends the process with a segmentation fault.
    folders = [save_model(tmp_path / name) for name in ("a", "b")]
    script = (
        "import gc, signal, sys; from crumple.detect.network import load_network\n"
        "first, second = map(load_network, sys.argv[1:]); del first; gc.collect(); del second; gc.collect()\n"
        "signal.signal(signal.SIGINT, lambda *_: print('interrupted')); signal.raise_signal(signal.SIGINT)"
    )
    run = subprocess.run([sys.executable, "-c", script, *folders], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "interrupted\n"), run.stderr
