"""Places through time

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(length=200)
KEY = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)


def _dated() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("end_day", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
    ]


def _of_unit(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *_dated(),
        sa.ForeignKeyConstraint(["unit_id"], ["place_unit.unit_id"], name=f"fk_{table}_unit_id"),
        sa.PrimaryKeyConstraint("unit_id", "position", name=f"pk_{table}"),
    ]


def _ordered(table: str) -> list[sa.schema.SchemaItem]:
    return [
        *_of_unit(table),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["place_event.event_id"], name=f"fk_{table}_event_id"
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "place_unit",
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_dated(),
        sa.PrimaryKeyConstraint("unit_id", name="pk_place_unit"),
    )
    op.create_table(
        "place_event",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("act_date", sa.Text(), nullable=False),
        sa.Column("effective", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_place_event"),
    )
    op.create_table(
        "place_name",
        *_ordered("place_name"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
    )
    op.create_index("ix_place_name_name_key", "place_name", ["name_key"])
    op.create_table(
        "place_type",
        *_ordered("place_type"),
        sa.Column("type", sa.Text(), nullable=False),
    )
    op.create_table(
        "place_parent",
        *_ordered("place_parent"),
        sa.Column("parent_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["place_unit.unit_id"], name="fk_place_parent_parent_id"
        ),
    )
    op.create_index("ix_place_parent_parent_id", "place_parent", ["parent_id"])
    op.create_table(
        "place_code",
        *_of_unit("place_code"),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
    )
    op.create_index("ix_place_code_code", "place_code", ["code"])
    op.create_table(
        "place_link",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_unit", ID, nullable=False),
        sa.Column("to_unit", ID, nullable=False),
        sa.Column("extent", sa.String(length=16), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["place_event.event_id"], name="fk_place_link_event_id"
        ),
        sa.ForeignKeyConstraint(
            ["from_unit"], ["place_unit.unit_id"], name="fk_place_link_from_unit"
        ),
        sa.ForeignKeyConstraint(["to_unit"], ["place_unit.unit_id"], name="fk_place_link_to_unit"),
        sa.PrimaryKeyConstraint("event_id", "position", name="pk_place_link"),
    )
    op.create_index("ix_place_link_from_unit", "place_link", ["from_unit"])
    op.create_index("ix_place_link_to_unit", "place_link", ["to_unit"])
    op.create_table(
        "place_load",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_place_load"),
    )
