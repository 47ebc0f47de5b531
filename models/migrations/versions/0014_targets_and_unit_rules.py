"""Targets that supervisors set, and what rules find over all books of a unit

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "target_setting",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("field_type", sa.String(length=20), nullable=False),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_target_setting"),
    )
    op.create_table(
        "unit_check",
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_check_unit_id"),
        sa.PrimaryKeyConstraint("unit_id", "kind", name="pk_unit_check"),
    )
    op.create_table(
        "unit_finding",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("entries", JSON, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_finding_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_finding"),
    )
    op.create_index(
        "ix_unit_finding_unit_id_kind_year", "unit_finding", ["unit_id", "kind", "year"]
    )
