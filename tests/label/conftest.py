import pytest


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """The SDK asks again after a pause when a connection is lost; tests lose many."""
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda self, response=None: None)
