"""Models and files of detections are opened, each with the photos it is judged on."""

import json
import os
from pathlib import Path

import pytest

from crumple.dataset.sets import read_data
from crumple.errors import DataError, ModelError
from crumple.evaluate.judged import candidates
from crumple.evaluate.judged.candidates import open_candidates
from crumple.evaluate.judged.model_folder import fingerprint
from crumple.model.config import BranchConfig, ModelConfig
from tests.evaluate.judged.test_truths import HOOD, SCRATCH, data_file
from tests.evaluate.small_data import KnowingDetector, write_data
from tests.fakes import DAMAGES, save_model


@pytest.fixture
def model(tmp_path):
    """A real exported model; its branches have four parts and three damage types."""
    (tmp_path / "model").mkdir()
    return save_model(tmp_path / "model")


@pytest.fixture
def data(tmp_path):
    return data_file(
        tmp_path / "data", ("p", "parts", {"a.png": [HOOD]}, {}), ("d", "damage", {"b.png": [SCRATCH]}, {})
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder that the looks of all models lie in."""
    monkeypatch.setenv("CRUMPLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "detections"


def edit(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def judged(model, data):
    """The model as it is opened now, and the photos it judged."""
    (candidate,) = open_candidates([model], data, "val")
    return candidate, candidate.judge()


def test_an_exported_model_is_run_once_whatever_its_thresholds(model, data, cache):
    candidate, photos = judged(model, data)
    assert [photo.truth.file_name for photo in photos] == ["a.png", "b.png"] and candidate.notes == ()
    written = {path: path.stat().st_mtime_ns for path in cache.rglob("*.json.gz")}
    assert len(written) == 2
    edit(model / "model.json", thresholds={"damage": {"dent": {"upper": 0.9, "lower": 0.8}}}, version="2")
    again, same = judged(model, data)
    assert again.finder.info.version == "2"
    assert [photo.found for photo in same] == [photo.found for photo in photos]
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.json.gz")} == written
    edit(model / "model.json", branches=json.loads((model / "model.json").read_text())["branches"][::-1])
    judged(model, data)
    assert len(list(cache.iterdir())) == 2


def test_of_several_models_the_last_one_looks_twice_when_asked(model, data, cache):
    once, twice = open_candidates([model, model], data, "val", accurate=True)
    assert [candidate.finder.info.name for candidate in (once, twice)] == ["fake", "fake-accurate"]
    # The same door in a photo and in its mirror image, which is another place: half its score.
    [door], [half] = (candidate.judge()[0].found["parts"] for candidate in (once, twice))
    assert half.score == pytest.approx(door.score / 2, abs=1e-3)
    assert len(list(cache.iterdir())) == 2
    (alone,) = open_candidates([model], data, "val", accurate=True)
    assert alone.judge()[0].found["parts"] == (half,)


def test_a_file_of_detections_cannot_look_twice(model, data, tmp_path):
    path = detections(tmp_path / "d.json")
    with pytest.raises(ModelError, match=r"d\.json: a file of detections cannot look twice"):
        open_candidates([model, path], data, "val", accurate=True)
    assert len(open_candidates([path, model], data, "val", accurate=True)) == 2


def test_looks_go_by_everything_that_decides_what_is_found(model, tmp_path):
    keys = {fingerprint(model)}
    edit(model / "model.json", thresholds={}, metrics={"a": 1}, version="9", created="today", calibration={})
    assert {fingerprint(model)} == keys
    for name in ("model.xml", "model.bin"):
        with (model / name).open("ab") as file:
            file.write(b" ")
        keys.add(fingerprint(model))
    edit(model / "model.json", input_size=[200, 100])
    keys.add(fingerprint(model))
    keys.add(fingerprint(model, accurate=True))
    assert len(keys) == 5


def test_looks_of_a_checkpoint_go_by_weights_and_settings_alone(tmp_path):
    config = ModelConfig(name="small", input_size=(128, 192), branches=(BranchConfig("damage", ("scratch", "dent")),))
    (tmp_path / "config.json").write_text(json.dumps(config.to_dict()))
    (tmp_path / "weights.npz").write_bytes(b"weights")
    keys = {fingerprint(tmp_path)}
    edit(tmp_path / "config.json", metadata={"thresholds": {"damage": {"dent": {"upper": 0.6}}}})
    assert {fingerprint(tmp_path)} == keys
    (tmp_path / "weights.npz").write_bytes(b"other weights")
    keys.add(fingerprint(tmp_path))
    edit(tmp_path / "config.json", input_size=[192, 128])
    keys.add(fingerprint(tmp_path))
    assert len(keys) == 3


def test_without_a_cache_folder_every_run_looks(model, data):
    assert os.environ["CRUMPLE_CACHE"] == ""
    assert judged(model, data)[0].cache is None


def detections(path, names=("scratch",), annotations=()):
    images = [{"id": i, "file_name": name} for i, name in enumerate(("a.png", "b.png"))]
    categories = [{"id": i, "name": name} for i, name in enumerate(names)]
    path.write_text(json.dumps({"images": images, "categories": categories, "annotations": list(annotations)}))
    return path


def test_a_file_of_detections_has_no_cache_and_tells_of_its_boxes(data, cache, tmp_path):
    box = {"image_id": 1, "category_id": 0, "score": 0.8, "bbox": [30, 30, 40, 30]}
    (candidate,) = open_candidates([detections(tmp_path / "d.json", annotations=[box])], data, "val")
    assert candidate.notes == ("Detections without a mask, whose boxes were taken for masks: 1.",)
    photos = candidate.judge()
    assert [region.label for region in photos[1].found["damage"]] == ["scratch"]
    assert not cache.exists()
    (quiet,) = open_candidates([detections(tmp_path / "d.json")], data, "val")
    assert quiet.notes == ()


def test_two_models_get_the_photos_of_the_branches_they_share(monkeypatch, tmp_path):
    monkeypatch.setattr(candidates, "open_detector", lambda folder, accurate, raw: KnowingDetector({"damage": DAMAGES}))
    monkeypatch.setattr(candidates, "fingerprint", lambda folder, accurate, rescoring: str(folder))
    data = read_data(write_data(tmp_path))
    content = {"images": [{"id": i, "file_name": f"damage/images/{i}.png"} for i in range(2)], "annotations": []}
    content["categories"] = [{"id": 1, "name": "dent"}, {"id": 2, "name": "wheel"}]
    (tmp_path / "d.json").write_text(json.dumps(content))
    model, file = open_candidates([Path("MODEL"), tmp_path / "d.json"], data, "val")
    for candidate in (model, file):
        assert [truth.sets for truth in candidate.truths] == [{"damage": "bilgi"}] * 2
    one, other = (candidate.judge() for candidate in (model, file))
    assert [photo.sha256 for photo in one] == [photo.sha256 for photo in other]
    assert all(photo.found["damage"] for photo in one) and not any(photo.found["damage"] for photo in other)
    assert len(open_candidates([Path("MODEL")], data, "val", limit=1)[0].truths) == 1


def test_models_that_share_no_branch_are_refused(monkeypatch, tmp_path):
    made = {"A": {"damage": ("dent",)}, "B": {"parts": ("hood",)}}
    monkeypatch.setattr(candidates, "open_detector", lambda folder, accurate, raw: KnowingDetector(made[str(folder)]))
    with pytest.raises(ModelError, match="A and B share no branch: nothing to compare; measure each by itself"):
        open_candidates([Path("A"), Path("B")], read_data(write_data(tmp_path)), "val")


def test_what_is_not_there_is_named(data, tmp_path):
    with pytest.raises(
        DataError, match=r"absent\.json: there is no such file; give COCO detections, or a model folder"
    ):
        open_candidates([tmp_path / "absent.json"], data, "val")
    with pytest.raises(ModelError, match="absent: no such folder"):
        open_candidates([tmp_path / "absent"], data, "val")
