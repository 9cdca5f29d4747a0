import pytest

from crumple.train.callbacks import Log, Position, Stopped


def test_an_epoch_that_was_logged_and_not_saved_is_logged_once(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"step": 2}\n{"step": 4}\n{"st')
    Log(tmp_path, epoch_steps=2, batch_size=1, done=2).on_epoch_end(2)
    steps = [row.split(",")[0] for row in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == ['{"step": 2}', '{"step": 4}', '{"step": 6']


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
