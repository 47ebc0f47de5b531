"""Entries split and joined at the desk; what people say of scans without entries

Revision 0010, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "regrouping",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("scan_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("was", JSON, nullable=True),
        sa.Column("gone", JSON, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_regrouping_scan_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_regrouping"),
    )
    op.create_index("ix_regrouping_scan_id", "regrouping", ["scan_id"])
    for name, kind in (
        ("person_reason", sa.Text()),
        ("person_by", sa.Text()),
        ("person_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("scan", sa.Column(name, kind, nullable=True))
