"""The database: SQLite with a write-ahead log, or PostgreSQL; brought to the newest tables when it is opened."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, event

from crumple.errors import CrumpleError

MIGRATIONS = Path(__file__).with_name("migrations")


class DatabaseError(CrumpleError):
    """A database that cannot be opened or brought up to date."""


class Database:
    """Connections for many threads. What `write` did is on disk when its block has ended well, and else undone.

    url: SQLAlchemy's; "postgresql://" is taken for psycopg 3. Raises DatabaseError in one line.
    """

    def __init__(self, url: str | sqlalchemy.URL) -> None:
        try:
            parsed = sqlalchemy.make_url(url)
            if parsed.drivername in ("postgresql", "postgres"):
                parsed = parsed.set(drivername="postgresql+psycopg")
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise DatabaseError(f"{parsed.drivername}: give sqlite:///PATH or postgresql://USER@HOST/NAME")
            self.is_sqlite = parsed.get_backend_name() == "sqlite"
            options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True, "pool_size": 20}
            self._engine = sqlalchemy.create_engine(parsed, **options)
        except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError) as error:
            raise DatabaseError(f"the database's URL: {error}") from None
        self.url = parsed.render_as_string()  # without its password
        # SQLite has one writer: waiting here is fair, in SQLite it is a matter of luck.
        self._turn: Any = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine
        else:
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = self._engine.execution_options(crumple_writes=True)
        try:
            self._migrate()
        except sqlalchemy.exc.SQLAlchemyError as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise DatabaseError(f"{self.url}: cannot be opened: {reason:.200}") from None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing."""
        with self._turn, self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with self.write() as connection:
                if not self.is_sqlite:  # two servers that start at once
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727868)")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise DatabaseError(f"{self.url}: {error}; it was made by a newer crumple: run that") from None


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # pysqlite would begin transactions when it thinks fit; see _begin_sqlite
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that turns from reading to writing cannot wait for another writer, so it says at once what it is.
    writes = connection.get_execution_options().get("crumple_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
