"""The tables. Their history stands in migrations/; a change here needs a new migration there."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, aware on this side; SQLite and PostgreSQL keep it without its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present time, UTC."""
    return datetime.now(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", String(40), primary_key=True)


def _of(table: str, **options: Any) -> Column[str]:
    return Column(f"{table.removesuffix('s')}_id", String(40), ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)


inspections = Table(
    "inspections",
    metadata,
    _id(),
    Column("reference", Text),
    Column("vehicle", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("review_state", String(10), nullable=False),
    Column("review_author", Text),
    Column("review_at", UtcTime),
    Column("kind", String(20)),
    Column("taken_from", UtcTime),
    Column("taken_until", UtcTime),
    Column("place", Text),
    Column("mileage", Integer),
    Column("search", Text, nullable=False, server_default=""),  # what a search looks in, see `search_text`
    # What lists tell of the damages, as they were last told:
    Column("totals", JSON(none_as_null=True)),
    Column("worst_severity", String(20)),
    Column("thumbnail", String(40)),
    Index(None, "review_state", "id"),
    Index(None, "worst_severity", "id"),
    Index(None, "created_at"),
    Index(None, "id", "search"),  # so that a search reads no more than this
)

# What the photos of each inspection add up to, and whether that is up to date. Small columns first: SQLite need not
# read the others to find what waits.
cases = Table(
    "cases",
    metadata,
    _of("inspections", primary_key=True),
    Column("status", String(10), nullable=False),  # pending: photos or drawn findings are to be joined
    Column("rank", Integer, nullable=False),  # 1: from before there were cases; they wait for all others
    Column("changed_at", UtcTime, nullable=False),  # when there last was something new to join
    Column("pending_since", UtcTime),
    Column("wanted", Integer, nullable=False),  # counts what there was to join
    Column("attempts", Integer, nullable=False),
    Column("lease_until", UtcTime),  # while a server joins it; past that, the server is taken for dead
    Column("revision", Integer, nullable=False),  # counts what changes the content
    Column("told_revision", Integer, nullable=False),  # the revision that `content` is of
    Column("joined", Text),  # JSON, `JoinedCase`
    Column("content", Text),  # JSON, `CaseContent`
    Index(None, "status", "rank", "changed_at"),
)

images = Table(
    "images",
    metadata,
    _id(),
    _of("inspections", nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the upload
    Column("photo", Text, nullable=False),  # the file that is kept, in the folder of photos
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("problem", Text),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", UtcTime),  # while a server assesses it; past that, the server is taken for dead
    Column("assessment", Text),  # JSON as the model's own answer was written, byte for byte
    Column("created_at", UtcTime, nullable=False),
    Column("followed", JSON(none_as_null=True)),  # the damages that a live view followed, `Followed`
    UniqueConstraint("inspection_id", "sha256"),
    Index(None, "status", "id"),
)

events = Table(
    "events",
    metadata,
    _id(),
    _of("inspections", nullable=False),
    Column("image_id", String(40)),  # outlives its image
    Column("number", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("edit", JSON, nullable=False),  # what the edit says besides kind and author
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    UniqueConstraint("inspection_id", "number"),
    Index(None, "image_id", "number"),
)

# What a request with an Idempotency-Key made, so that the same one again makes nothing more.
requests = Table(
    "requests",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("made", JSON, nullable=False),  # ids
    Column("at", UtcTime, nullable=False, index=True),
    _of("inspections", index=True),
)

# Inspections whose rows are gone and whose photos perhaps are not yet; with `photo`, an image and its one photo.
dropped = Table("dropped", metadata, _id(), Column("photo", Text))

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _of("webhooks", nullable=False),
    Column("event", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime),
    Column("answer", Text),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "status", "next_attempt_at"),
    Index(None, "webhook_id", "id"),
)
