from crumple.train.callbacks import Log


def test_an_epoch_that_was_logged_and_not_saved_is_logged_once(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"step": 2}\n{"step": 4}\n{"st')
    Log(tmp_path, epoch_steps=2, batch_size=1, done=2).on_epoch_end(2)
    steps = [row.split(",")[0] for row in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == ['{"step": 2}', '{"step": 4}', '{"step": 6']
