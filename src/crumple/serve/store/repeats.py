"""Requests that come twice: one with an Idempotency-Key is done once, however often it is sent."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from crumple.serve.contract.problems import ProblemError
from crumple.serve.store.tables import now, requests

KEPT = timedelta(days=7)


class Repeats:
    """One request, by where it goes, its key (None: it has none) and its body."""

    def __init__(self, scope: str, key: str | None, body: str) -> None:
        self._scope, self._key = scope, key
        self._sha256 = hashlib.sha256(body.encode()).hexdigest()

    def find(self, connection: Connection) -> list[str] | None:
        """Ids of what the same request made before; None: it is new.

        In a transaction that writes, the same key waits until that is over. Raises ProblemError 422 if the key came
        with another body.
        """
        if self._key is None:
            return None
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(self._scope + self._key))))
        mine = (requests.c.scope == self._scope) & (requests.c.key == self._key)
        row = connection.execute(select(requests).where(mine)).one_or_none()
        if row is None:
            return None
        if row.body_sha256 != self._sha256:
            detail = "was used for another body already; a new request needs a new key"
            raise ProblemError(422, detail, field="Idempotency-Key")
        return list(row.made)

    def remember(self, connection: Connection, made: list[str], inspection_id: str) -> None:
        """Note what the request made, in the transaction that makes it."""
        if self._key is not None:
            row: dict[str, Any] = {"scope": self._scope, "key": self._key, "body_sha256": self._sha256}
            connection.execute(insert(requests).values(**row, made=made, at=now(), inspection_id=inspection_id))


def forget_old(connection: Connection) -> None:
    """Drop keys that nobody sends any more."""
    connection.execute(delete(requests).where(requests.c.at < now() - KEPT))
