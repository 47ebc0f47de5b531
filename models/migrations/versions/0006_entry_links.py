"""Suggested links between entries

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "entry_link",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("first_entry_id", BIG_ID, nullable=False),
        sa.Column("first_role", sa.String(length=12), nullable=False),
        sa.Column("second_entry_id", BIG_ID, nullable=False),
        sa.Column("second_role", sa.String(length=12), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_by", sa.Text(), nullable=True),
        sa.Column("person_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_entry_id"],
            ["entry.id"],
            name="fk_entry_link_first_entry_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_entry_id"],
            ["entry.id"],
            name="fk_entry_link_second_entry_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entry_link"),
        sa.UniqueConstraint(
            "first_entry_id",
            "second_entry_id",
            "first_role",
            "second_role",
            name="uq_entry_link_pair",
        ),
    )
    op.create_index("ix_entry_link_second_entry_id", "entry_link", ["second_entry_id"])
    op.create_index("ix_entry_link_state", "entry_link", ["state", "probability"])
