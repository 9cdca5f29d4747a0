"""What running a pipeline leaves behind in the process."""

import logging

import pytest

from crumple.beam.runner import quiet


def test_logs_are_quiet_while_a_pipeline_runs_and_as_they_were_afterwards(caplog):
    with pytest.raises(ZeroDivisionError), quiet():
        logging.getLogger("crumple.serve").warning("while it runs")
        logging.getLogger("apache_beam.runners").error("a traceback")
        raise ZeroDivisionError
    logging.getLogger("crumple.serve").warning("afterwards")
    assert caplog.messages == ["afterwards"]
