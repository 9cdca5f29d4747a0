"""The database: migrations make the tables that the code has, and what is written is on disk."""

import sqlite3
import threading
from datetime import timedelta

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crumple.serve.store.backlog import ATTEMPTS, Backlog
from crumple.serve.store.database import Database, DatabaseError
from crumple.serve.store.ids import new_id
from crumple.serve.store.tables import images, inspections, metadata, now
from crumple.serve.work import assessing
from tests.serve.running import Gate, add_photo, assessed, new_inspection, running, until


@pytest.fixture
def database(database_url):
    found = Database(database_url)
    yield found
    found.close()


def fill(database, number):
    """An inspection with queued images; their ids, oldest first."""
    inspection, names = new_id("ins"), [new_id("img") for _ in range(number)]
    row = {"id": inspection, "vehicle": {}, "metadata": {}, "created_at": now(), "updated_at": now()}
    with database.write() as connection:
        connection.execute(sqlalchemy.insert(inspections).values(**row, review_state="open"))
        for name in names:
            image = {"id": name, "inspection_id": inspection, "name": "car.jpg", "sha256": name, "photo": name}
            more = {"width": 1, "height": 1, "status": "queued", "attempts": 0, "created_at": now()}
            connection.execute(sqlalchemy.insert(images).values(**image, **more))
    return names


def test_migrations_make_the_tables_of_the_code(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_it_is_opened_again_and_by_two_at_once(database_url):
    found = []
    threads = [threading.Thread(target=lambda: found.append(Database(database_url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    for one in found:
        one.close()


def test_an_error_undoes_what_was_written(database):
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(
            sqlalchemy.insert(inspections).values(
                id="x", vehicle={}, metadata={}, created_at=now(), updated_at=now(), review_state="open"
            )
        )
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(sqlalchemy.select(inspections)).all() == []


def test_sqlite_is_durable(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
    database.close()


def test_a_newer_database_is_refused(tmp_path):
    path = tmp_path / "x.db"
    Database(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="newer crumple"):
        Database(f"sqlite:///{path}")


def test_a_file_that_is_none_is_told_in_one_line(tmp_path):
    (tmp_path / "x.db").write_text("no database, but a text of some length" * 100)
    with pytest.raises(DatabaseError, match="file is not a database"):
        Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DatabaseError) as error:
        Database("postgresql://user:secret@127.0.0.1:1/x")
    assert "secret" not in str(error.value)


def test_the_backlog_gives_each_image_once(database):
    names, backlog = fill(database, 20), Backlog(database)
    taken = []

    def take():
        while image := backlog.take():
            taken.append(image.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == names and backlog.waiting() == 0


def test_an_image_whose_server_died_comes_again(database):
    (name,), backlog = fill(database, 1), Backlog(database)
    assert backlog.take().id == name and backlog.take() is None
    with database.write() as connection:
        connection.execute(sqlalchemy.update(images).values(lease_until=now()))
    assert backlog.take().id == name
    with database.write() as connection:
        connection.execute(sqlalchemy.update(images).values(lease_until=now()))
    backlog.renew([name])
    assert backlog.take() is None
    backlog.free_all()
    assert backlog.take().id == name


def test_an_image_in_work_stays_with_its_server(tmp_path, monkeypatch):
    monkeypatch.setattr(assessing, "LEASE", timedelta(0))
    monkeypatch.setattr(assessing.Assessing, "poll", 0.05)
    gate = Gate()
    with running(tmp_path, network=gate, workers=1) as client:
        inspection = new_inspection(client)
        add_photo(client, inspection)
        try:
            assert gate.entered.acquire(timeout=60)
            database = client.service.kept.backlog._database
            with database.write() as connection:
                connection.execute(sqlalchemy.update(images).values(lease_until=now()))

            def renewed():
                with database.read() as connection:
                    return connection.scalar(sqlalchemy.select(images.c.lease_until)) > now() + timedelta(seconds=1)

            until(renewed)
        finally:
            gate.opened.set()
        assert [image["status"] for image in assessed(client, inspection)] == ["done"]


def test_an_image_that_kills_every_server_is_given_up(database):
    fill(database, 1)
    backlog = Backlog(database)
    for _ in range(ATTEMPTS):
        assert backlog.take() is not None
        backlog.free_all()
    assert backlog.take() is None
    with database.read() as connection:
        row = connection.execute(sqlalchemy.select(images)).one()
    assert row.status == "failed" and "given up" in row.problem


def test_names_sort_by_time():
    names = [new_id("ins") for _ in range(1000)]
    assert names == sorted(names) and len(set(names)) == 1000
