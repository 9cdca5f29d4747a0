"""A shelf: a sequence of things that lie on this machine's disk, for lists that would take the memory of all photos."""

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Shelf(Sequence[T]):
    """Things that can be pickled, in the order given, each read from disk whenever it is asked for.

    SQLite keeps them in a temporary file of its own, and two megabytes of it in memory; it goes when the shelf does.
    """

    def __init__(self, things: Iterable[T]) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE things (thing BLOB)")
        self._database.executemany("INSERT INTO things VALUES (?)", ((pickle.dumps(thing),) for thing in things))
        (self._count,) = self._database.execute("SELECT COUNT(*) FROM things").fetchone()

    def __len__(self) -> int:
        return int(self._count)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        rows = range(1, len(self) + 1)[index]  # SQLite numbers rows from 1
        return self._read(rows) if isinstance(rows, int) else list(map(self._read, rows))

    def __iter__(self) -> Iterator[T]:
        yield from map(_thing, self._database.execute("SELECT thing FROM things ORDER BY rowid"))

    def _read(self, row: int) -> T:
        found: T = _thing(self._database.execute("SELECT thing FROM things WHERE rowid = ?", (row,)).fetchone())
        return found


class Made(Sequence[T]):
    """`count` things, each made from its number whenever it is asked for."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        chosen = range(self._count)[index]
        return self._make(chosen) if isinstance(chosen, int) else list(map(self._make, chosen))


def _thing(row: tuple[bytes]) -> Any:
    return pickle.loads(row[0])
