import json
from contextlib import nullcontext
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from crumple.train import callbacks
from crumple.train.callbacks import AVERAGED, LIVE, Keep, Log, Position, Stopped

pytestmark = pytest.mark.slow


def test_an_epoch_that_was_logged_and_not_saved_is_logged_once(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"step": 2}\n{"step": 4}\n{"st')
    log = Log(tmp_path, epoch_steps=2, batch_size=1, done=2)
    log.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=7e-4)))
    log.on_epoch_end(2)
    steps = [row.split(",")[0] for row in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == ['{"step": 2}', '{"step": 4}', '{"step": 6']


def test_the_learning_rate_is_logged_as_small_as_it_is(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    schedule = keras.optimizers.schedules.CosineDecay(1e-6, decay_steps=4)
    model.compile(keras.optimizers.SGD(schedule), "mse")
    log = Log(tmp_path, epoch_steps=2, batch_size=1, done=0)
    model.fit(np.zeros((2, 1)), np.zeros((2, 1)), batch_size=1, epochs=2, verbose=0, callbacks=[log])
    rates = [json.loads(row)["learning_rate"] for row in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rates == [pytest.approx(5e-7, rel=1e-3), pytest.approx(0, abs=1e-12)]
    [events] = (tmp_path / "tensorboard").glob("events*")
    assert b"learning_rate" in events.read_bytes()


def test_no_row_of_a_saved_epoch_goes(tmp_path):
    rows = '{"step": 2}\n{"step": 4, "loss": 2}\n{"step": 4, "loss": 1}\n'
    (tmp_path / "log.jsonl").write_text(rows)
    Log(tmp_path, epoch_steps=2, batch_size=1, done=2)
    assert (tmp_path / "log.jsonl").read_text() == rows


def test_a_wish_to_stop_that_comes_with_the_last_epoch_has_nothing_left_to_stop():
    position = Position(lambda: True, 2, 0, ())
    with pytest.raises(Stopped):
        position.on_epoch_end(0)
    position.on_epoch_end(1)
    assert (position.epoch, position.steps) == (2, 0)


def test_without_validation_the_last_weights_are_the_best_that_is_known(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(callbacks, "save_model", lambda model, folder: saved.append(folder.name))
    monkeypatch.setattr(callbacks, "averaged_weights", lambda training: nullcontext())
    keep = Keep(tmp_path, None, 5, 2)
    keep.set_model(SimpleNamespace(model=None))
    keep.on_epoch_end(0)
    keep.on_epoch_end(1)
    assert saved == ["last", "last", "best"] and not (tmp_path / "best.json").exists()


def test_the_best_are_the_later_on_a_tie_and_then_the_averaged(tmp_path, monkeypatch):
    monkeypatch.setattr(callbacks, "save_model", lambda model, folder: None)
    keep, logs = Keep(tmp_path, None, 1, 3), {}
    keep.set_model(SimpleNamespace(model=None))

    def best_after(weights, epoch, **results):
        keep._judge(weights, lambda model: results, epoch, logs)
        record = json.loads((tmp_path / "best.json").read_text())
        return record["epoch"], record["weights"], record["score"]

    assert best_after(AVERAGED, 1, ap=0.25, other=0.75) == (1, "averaged", 0.5)
    assert best_after(LIVE, 1, ap=0.25, other=0.75) == (1, "averaged", 0.5)
    assert best_after(AVERAGED, 2, ap=0.5, other=0.5) == (2, "averaged", 0.5)
    assert best_after(LIVE, 2, ap=0.5, other=1.0) == (2, "live", 0.75)
    assert best_after(AVERAGED, 3, ap=0.5, other=0.75) == (2, "live", 0.75)
    assert best_after(LIVE, 3) == (2, "live", 0.75)  # nothing was measured
    assert logs == {"val/ap": 0.5, "val/other": 0.75, "val-live/ap": 0.5, "val-live/other": 1.0}
