"""A PostgreSQL server for the session, started with the first test that wants it."""

import pytest

from tests.serve.databases import new_database, postgres_server


@pytest.fixture(scope="session")
def postgres():
    """The URL of a PostgreSQL server."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request, tmp_path):
    """The URL of an empty database, on either system."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return new_database(request.getfixturevalue("postgres"))
