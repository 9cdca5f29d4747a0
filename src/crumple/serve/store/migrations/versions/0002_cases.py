"""Cases: what the photos of an inspection add up to; particulars of an inspection, and what lists and searches need"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inspections") as table:
        table.add_column(sa.Column("kind", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("taken_from", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("taken_until", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("place", sa.Text(), nullable=True))
        table.add_column(sa.Column("mileage", sa.Integer(), nullable=True))
        table.add_column(sa.Column("search", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("totals", sa.JSON(), nullable=True))
        table.add_column(sa.Column("worst_severity", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("thumbnail", sa.String(length=40), nullable=True))
    op.create_index(op.f("ix_inspections_review_state_id"), "inspections", ["review_state", "id"])
    op.create_index(op.f("ix_inspections_worst_severity_id"), "inspections", ["worst_severity", "id"])
    op.create_index(op.f("ix_inspections_created_at"), "inspections", ["created_at"])
    with op.batch_alter_table("dropped") as table:
        table.add_column(sa.Column("photo", sa.Text(), nullable=True))
    with op.batch_alter_table("events") as table:  # an event outlives its image
        table.drop_constraint(op.f("fk_events_image_id"), type_="foreignkey")
        table.alter_column("kind", existing_type=sa.String(length=10), type_=sa.String(length=20), nullable=False)
    op.create_table(
        "cases",
        sa.Column("inspection_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pending_since", sa.DateTime(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("told_revision", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_cases_inspection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_status_rank_changed_at"), "cases", ["status", "rank", "changed_at"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """A case that is to be joined for every inspection, and what it is found by."""
    now = datetime.now(UTC).replace(tzinfo=None)
    inspections = sa.table("inspections", *map(sa.column, ("id", "reference", "vehicle", "search")))
    cases = sa.table(
        "cases",
        *map(sa.column, ("inspection_id", "status", "rank", "changed_at", "pending_since", "wanted", "attempts")),
        *map(sa.column, ("revision", "told_revision")),
    )
    rows = connection.execute(sa.select(inspections.c.id, inspections.c.reference, inspections.c.vehicle)).all()
    counts = {"rank": 1, "wanted": 0, "attempts": 0, "revision": 1, "told_revision": 0}
    for row in rows:
        vehicle = json.loads(row.vehicle) if isinstance(row.vehicle, str) else row.vehicle
        said = [row.reference, *(vehicle.get(name) for name in ("plate", "vin", "make", "model"))]
        search = "\n".join(word for word in said if word).casefold()
        connection.execute(inspections.update().where(inspections.c.id == row.id).values(search=search))
        connection.execute(
            cases.insert().values(inspection_id=row.id, status="pending", changed_at=now, pending_since=now, **counts)
        )


def downgrade() -> None:
    op.drop_table("cases")
    with op.batch_alter_table("events") as table:
        table.alter_column("kind", existing_type=sa.String(length=20), type_=sa.String(length=10), nullable=False)
        table.create_foreign_key(op.f("fk_events_image_id"), "images", ["image_id"], ["id"], ondelete="CASCADE")
    with op.batch_alter_table("dropped") as table:
        table.drop_column("photo")
    for name in ("created_at", "worst_severity_id", "review_state_id"):
        op.drop_index(op.f(f"ix_inspections_{name}"), "inspections")
    with op.batch_alter_table("inspections") as table:
        for name in ("kind", "taken_from", "taken_until", "place", "mileage", "search"):
            table.drop_column(name)
        for name in ("totals", "worst_severity", "thumbnail"):
            table.drop_column(name)
