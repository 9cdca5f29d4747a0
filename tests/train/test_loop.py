"""Real runs of a tiny model: learning, stopping, going on, and refusing to go on with something else."""

import dataclasses
import json
import subprocess
import sys
from contextlib import contextmanager

import keras
import numpy as np
import pytest
import yaml

from crumple.dataset.affine import Augmentation
from crumple.errors import DataError, ModelError, PhotoError
from crumple.evaluate.in_training import validation
from crumple.evaluate.judged.model_folder import open_detector
from crumple.folder_lock import only_process
from crumple.model.checkpoint import load_model, named_weights, save_model
from crumple.model.config import BranchConfig, Sampling
from crumple.train import loop
from crumple.train.callbacks import Stopped
from crumple.train.loop import make_loader, make_model, read_sets, train
from crumple.train.recipe import Optimisation, Recipe, SetShare, read_recipe
from crumple.train.state import claim_folder
from tests.model.tiny import THIN
from tests.small_data import write_small_data

pytestmark = pytest.mark.slow

MODEL = {
    "backbone": THIN,
    "input_size": [128, 128],
    "pyramid_channels": 16,
    "box_units": 32,
    "mask_channels": 8,
    "mask_convs": 1,
    "pre_nms": 64,
}
KINDS = ("val", "val-live")
SAMPLING = Sampling(proposals=32, rois=16, positives=8, masks=4)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """With one branch: it takes half as long to trace."""
    return Recipe(
        name="tiny",
        data=write_small_data(tmp_path_factory.mktemp("data")),
        batch={"damage_set": SetShare(1)},
        steps=8,
        epoch_steps=2,
        model=MODEL,
        sampling=SAMPLING,
        augmentation=Augmentation(scale=(0.8, 1.2), flip=0.5),
        optimisation=Optimisation(learning_rate=1e-3, warmup_steps=1),
        validate_epochs=2,
    )


@pytest.fixture(scope="module")
def both(recipe):
    """With both branches."""
    return dataclasses.replace(recipe, batch={"parts_set": SetShare(1, negatives=1), "damage_set": SetShare(1)})


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


class Weights(keras.callbacks.Callback):
    """The network's weights by name, after every step."""

    def on_train_begin(self, logs=None):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        named = named_weights(self.model.model)
        self.steps.append({name: keras.ops.convert_to_numpy(v).copy() for name, v in named.items()})


@contextmanager
def step_by_step():
    """Steps run op by op: compiling one takes as long as a dozen of them. Other tests, here too, train compiled."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture
def uncompiled():
    with step_by_step():
        yield


@pytest.fixture(scope="module")
def weights():
    return Weights()


@pytest.fixture(scope="module")
def finished(both, weights, tmp_path_factory):
    """A whole run and its best checkpoint. TensorFlow's threads add in any order unless told otherwise."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    folder = tmp_path_factory.mktemp("runs") / "whole"
    # Averaged and live, after two epochs and after four.
    scores = iter([0.25, 0.5, 0.125, 0.0625])
    with step_by_step():
        best = train(both, folder, validate=lambda model: {"parts/mask_ap": next(scores)}, callbacks=[weights])
    return folder, best


def test_a_run_leaves_checkpoints_and_logs(finished):
    folder, best = finished
    assert best == folder / "best"
    rows = log_of(folder)
    assert [row["step"] for row in rows] == [2, 4, 6, 8]
    assert all(np.isfinite(row["loss"]) and row["images_per_second"] > 0 for row in rows)
    # Validated every second epoch; the first's live weights were the best.
    assert [row.get("val/parts/mask_ap") for row in rows] == [None, 0.25, None, 0.125]
    assert [row.get("val-live/parts/mask_ap") for row in rows] == [None, 0.5, None, 0.0625]
    record = {"score": 0.5, "epoch": 2, "weights": "live", "parts/mask_ap": 0.5}
    assert json.loads((folder / "best.json").read_text()) == record
    assert list((folder / "tensorboard").glob("events*"))
    assert load_model(folder / "last").config.branches[1].name == "damage"


def test_a_short_runs_checkpoints_are_its_own_weights(finished, weights):
    """Eight steps: `best` are the live weights of the fourth, `last` the average of all, hardly of the first."""
    folder, _ = finished
    averages, share = weights.steps[0], 1.0  # of the first step's weights in the average
    for n, values in enumerate(weights.steps[1:]):
        momentum = (1 + n) / (10 + n)
        averages = {name: momentum * averages[name] + (1 - momentum) * value for name, value in values.items()}
        share *= momentum
    assert share == pytest.approx(1 / 11440)
    for checkpoint, expected in (("last", averages), ("best", weights.steps[3])):
        for name, variable in named_weights(load_model(folder / checkpoint)).items():
            assert np.allclose(variable.value, expected[name], rtol=1e-5, atol=1e-7), (checkpoint, name)


def test_a_run_that_is_stopped_goes_on_to_the_same_numbers(both, finished, uncompiled, tmp_path):
    """Stopped within the first epoch, while the second's live weights are validated, and after the third."""
    folder, steps, scores = tmp_path / "stopped", [], [0.0625, 0.125, 0.5, 0.25, 0.25]

    class Steps(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            steps.append(batch)

    def validate(model):
        return {"parts/mask_ap": scores.pop()}

    def interrupted(model):
        if len(scores) == 4:
            raise Stopped
        return validate(model)

    def go_on(validate, **how):
        keras.utils.set_random_seed(99)  # whatever happened in between
        train(both, folder, validate, [Steps()], **how)

    with pytest.raises(Stopped):
        go_on(validate, stop=lambda: len(steps) == 1)
    with pytest.raises(Stopped):
        go_on(interrupted)
    assert len(steps) == 4 and [row["step"] for row in log_of(folder)] == [2]
    go_on(validate, stop_after=3)
    assert [row["step"] for row in log_of(folder)] == [2, 4, 6]
    go_on(validate)
    assert len(steps) == 8  # none is done twice
    for a, b in zip(log_of(finished[0]), log_of(folder), strict=True):
        assert a["step"] == b["step"] and a["loss"] == pytest.approx(b["loss"], rel=1e-5)
        assert [a.get(f"{val}/parts/mask_ap") for val in KINDS] == [b.get(f"{val}/parts/mask_ap") for val in KINDS]
    assert json.loads((folder / "best.json").read_text())["weights"] == "live"
    expected = named_weights(load_model(finished[0] / "last"))
    for name, variable in named_weights(load_model(folder / "last")).items():
        assert np.allclose(variable.value, expected[name].value, rtol=1e-4, atol=1e-6), name


def test_a_finished_run_is_not_trained_again(both, finished):
    before = (finished[0] / "state.npz").stat().st_mtime_ns
    assert train(both, finished[0]) == finished[0] / "best"
    assert (finished[0] / "state.npz").stat().st_mtime_ns == before


def test_another_models_state_is_refused(both, finished):
    other = dataclasses.replace(both, model={**MODEL, "box_units": 16})
    with pytest.raises(ModelError, match="holds a run with another model"):
        train(other, finished[0])
    (finished[0] / "recipe.json").write_text(json.dumps(other.fingerprint()))
    with pytest.raises(ModelError, match="another model or optimiser"):
        train(other, finished[0])
    (finished[0] / "recipe.json").write_text(json.dumps(both.fingerprint()))


def test_a_run_that_fails_can_be_gone_on_with_once_the_cause_is_mended(recipe, tmp_path):
    data = write_small_data(tmp_path / "data")
    photo = tmp_path / "data" / "damage2.png"
    whole = photo.read_bytes()
    photo.write_bytes(whole[:200])  # still has its header, so that only decoding it fails
    broken = dataclasses.replace(recipe, data=data, validate_epochs=0)
    with pytest.raises(PhotoError, match=r"damage2\.png"):
        train(broken, tmp_path / "run")
    photo.write_bytes(whole)
    train(broken, tmp_path / "run")
    assert [row["step"] for row in log_of(tmp_path / "run")] == [2, 4, 6, 8]


def test_a_loss_that_is_no_number_stops_the_run_and_saves_nothing(recipe, tmp_path):
    wild = dataclasses.replace(recipe, optimisation=Optimisation(learning_rate=1e30, warmup_steps=0), validate_epochs=0)
    with pytest.raises(ModelError, match="no longer a finite number"):
        train(wild, tmp_path / "run")
    assert not (tmp_path / "run" / "state.npz").exists() and not (tmp_path / "run" / "last").exists()


def test_settings_that_the_starting_weights_do_not_fit_are_refused(both, finished, tmp_path):
    wider = dataclasses.replace(both, init=finished[0] / "last", model={"box_units": 24})
    with pytest.raises(ModelError, match=r"has shape .*; change no setting that decides a weight's shape"):
        train(wider, tmp_path / "run")
    deeper = dataclasses.replace(both, init=finished[0] / "last", model={"mask_convs": 4})
    with pytest.raises(ModelError, match=r"mask_conv2/.* is missing; change no setting that decides a weight's shape"):
        train(deeper, tmp_path / "run")
    other = dataclasses.replace(both, init=finished[0] / "last", model={"backbone": "resnet"})
    with pytest.raises(DataError, match="recipe tiny: model settings: unknown backbone 'resnet'"):
        train(other, tmp_path / "run")


def test_what_a_run_starts_from_is_told_and_decides_what_is_frozen(recipe, tmp_path):
    said = []
    plain = dataclasses.replace(recipe, optimisation=Optimisation())
    start = make_model(plain, read_sets(plain), said.append)
    assert said == [
        "warning: neither init nor backbone_weights is given: every weight begins at random, which takes very many "
        "photos and steps; `init: crumple-lite0` starts from the released model"
    ]
    assert plain.freeze_to_stride == 0, "nothing that is random is frozen"
    save_model(start, tmp_path)
    tuning = dataclasses.replace(plain, init=tmp_path, model={})
    assert tuning.freeze_to_stride == 4
    assert dataclasses.replace(plain, optimisation=Optimisation(freeze_to_stride=32)).freeze_to_stride == 32
    both_given = dataclasses.replace(tuning, backbone_weights=tmp_path / "trunk.npz")
    with pytest.raises(DataError, match="backbone_weights: would have no effect, for init gives every weight"):
        make_model(both_given, read_sets(both_given))


def test_own_classes_and_a_new_branch_join_the_checkpoints_branches(recipe, tmp_path):
    data = read_sets(recipe)
    start = make_model(recipe, data)
    save_model(start, tmp_path)
    [branch] = start.config.branches
    renamed = (*branch.classes[:1], "rust")
    own = dataclasses.replace(data, own_classes={branch.name: renamed})
    said = []
    tuned = make_model(dataclasses.replace(recipe, init=tmp_path, model={}), own, said.append)
    assert [(one.name, one.classes) for one in tuned.config.branches] == [(branch.name, renamed)]
    assert f"by class 2 of {branch.name}_box" in said[0]
    assert said[0].endswith(f"{branch.name}: known {branch.classes[0]}, new rust")
    logits = [f"{branch.name}_box/{branch.name}_box_logits/kernel"]
    before, after = (np.asarray(named_weights(model)[logits[0]].value) for model in (start, tuned))
    assert np.array_equal(before[:, 0], after[:, 0]) and not np.array_equal(before[:, 1], after[:, 1])


def test_places_are_not_forgotten_by_a_run_that_cannot_teach_them(recipe, tmp_path):
    places = {"places": ["hood"], "places_backbone": THIN}
    data = read_sets(recipe)
    save_model(make_model(dataclasses.replace(recipe, model={**MODEL, **places}), data), tmp_path)
    tuning = dataclasses.replace(recipe, init=tmp_path, model={})
    assert make_model(tuning, data).config.places == ("hood",)
    with pytest.raises(DataError, match=r"init: its places do not fit .* and no set here teaches them anew"):
        make_model(dataclasses.replace(tuning, model={"input_size": [192, 192]}), data)
    without = dataclasses.replace(tuning, model={"input_size": [192, 192], "places": []})
    assert make_model(without, data).config.places == ()


def test_fine_tuning_on_one_branch_leaves_the_others_heads_alone(both, uncompiled, tmp_path):
    start = tmp_path / "start"
    save_model(make_model(both, read_sets(both)), start)
    tuning = dataclasses.replace(
        both,
        name="mine",
        init=start,
        model={"input_size": (192, 192)},
        branches={"damage": {"proposals": 30}},
        batch={"damage_set": SetShare(2)},
        steps=2,
        validate_epochs=0,
    )
    tuned = load_model(train(tuning, tmp_path / "tuned"))
    assert (tuned.config.name, tuned.config.input_size) == ("mine", (192, 192))
    assert [branch.proposals for branch in tuned.config.branches if branch.name == "damage"] == [30]
    assert tuned.config.box_units == load_model(start).config.box_units  # the checkpoint's own, not the default
    before, after = named_weights(load_model(start)), named_weights(tuned)
    moved = {name for name in before if not np.array_equal(before[name].value, after[name].value)}
    assert any(name.startswith("damage_box/") for name in moved)
    assert not any(name.startswith("parts_") for name in moved)


@pytest.fixture
def tyres(tmp_path):
    """A recipe file of a branch of one's own, on the photos of the parts set; the classes are still to be given."""
    write_small_data(tmp_path)
    (tmp_path / "tyres.yaml").write_text("names: {hood: flat, wheel: worn}")
    split = {"annotations": "parts.json", "images": "."}
    mine = {"name": "mine", "branch": "tyres", "labels": "tyres.yaml", "train": split, "val": split}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"sets": [mine]}))
    content = {"name": "tyres", "data": "mine.yaml", "batch": {"mine": 2}, "steps": 1, "model": MODEL}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(content))
    return tmp_path / "recipe.yaml"


CLASSES = {"branches.tyres.classes": ["flat", "worn"], "branches.tyres.detections": 9}


def test_a_branch_of_your_own_has_the_classes_that_the_recipe_gives(tyres):
    mine = read_recipe(tyres)
    with pytest.raises(DataError, match=r"mine\.yaml: the classes of the branch 'tyres' are not known; name them"):
        make_model(mine, read_sets(mine))
    mine = read_recipe(tyres, CLASSES)
    model = make_model(mine, read_sets(mine))
    assert [(branch.name, branch.classes) for branch in model.config.branches] == [("tyres", ("flat", "worn"))]
    labels = make_loader(mine, read_sets(mine), model.config).batch(0)["tyres"]["labels"]
    assert set(labels[labels >= 0]) <= {0, 1} and (labels >= 0).any()


def test_a_branch_of_your_own_is_trained_validated_and_kept(tyres, uncompiled, tmp_path):
    mine = read_recipe(tyres, CLASSES)
    best = train(mine, tmp_path / "run", validation(mine))
    config = load_model(best).config
    assert config.branches == (BranchConfig("tyres", ("flat", "worn"), detections=9),)
    assert "tyres/mask_ap" in json.loads((tmp_path / "run" / "best.json").read_text())
    assert log_of(tmp_path / "run")[0]["tyres/box_class"] > 0
    assert set(open_detector(best)(np.zeros((50, 60, 3), np.uint8))) == {"tyres"}


def test_a_second_process_is_kept_out_of_a_run(both, finished):
    folder = finished[0]
    holder = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)\n"
    holder += "print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holder, folder], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ModelError, match="another process trains here"):
            train(both, folder)
        other.kill()
    with only_process(folder, "trains here"):  # the lock went with the process
        pass


def test_a_run_that_began_before_a_setting_existed_can_be_gone_on_with(recipe, tmp_path):
    """Its recipe.json lacks what has the default value; what has another is another recipe."""
    old = recipe.fingerprint()
    del old["seed"], old["optimisation"]["final_rate"], old["batch"]["damage_set"]["pasted"]
    (tmp_path / "recipe.json").write_text(json.dumps(old))
    claim_folder(tmp_path, recipe)
    other = Optimisation(learning_rate=1e-3, warmup_steps=1, final_rate=0.5)
    with pytest.raises(ModelError, match="holds a run with another optimisation"):
        claim_folder(tmp_path, dataclasses.replace(recipe, optimisation=other))
    with pytest.raises(ModelError, match="holds a run with another seed"):
        claim_folder(tmp_path, dataclasses.replace(recipe, seed=3))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"later": 1}'])
def test_a_folder_with_a_recipe_that_cannot_be_read_is_another_runs(recipe, tmp_path, content):
    (tmp_path / "recipe.json").write_text(content)
    with pytest.raises(ModelError, match="holds a run with another augmentation"):
        claim_folder(tmp_path, recipe)


def test_a_folder_with_something_else_is_left_alone(recipe, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(ModelError, match="holds something, but no run to go on with"):
        train(recipe, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"batch": {"nobody": SetShare(1)}}, "has no set 'nobody', .*; it has parts_set, damage_set"),
        ({"batch": {"damage_set": SetShare(1, negatives=1)}}, "is not marked undamaged .*; take negatives out"),
        ({"model": {"colour": "red"}}, "model settings: colour: is not known"),
        ({"model": {"pyramid_channels": "many"}}, "model settings: pyramid_channels: "),
        ({"branches": {"prats": {"proposals": 9}}}, "branches: the model has no 'prats', only damage"),
        ({"learns": ("places",)}, "learns: the model has no 'places', only damage"),
    ],
)
def test_impossible_recipes_are_refused_before_anything_is_written(recipe, tmp_path, changes, complaint):
    with pytest.raises(DataError, match=complaint):
        train(dataclasses.replace(recipe, **changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_step_of_several_instances_learns_from_the_photos_of_each(both, tmp_path, monkeypatch):
    learned_from = []
    monkeypatch.setattr(loop, "_fit", lambda training, *_: learned_from.append(training.labelled_images))
    train(both, tmp_path / "one")
    train(both, tmp_path / "two", instance=(1, 2))
    assert learned_from == [{"parts": 1, "damage": 2}, {"parts": 2, "damage": 4}]
