"""Searches for links that somebody asked for at the desk

Revision 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "link_request",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("run_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["link_run.id"], name="fk_link_request_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_request"),
    )


def downgrade() -> None:
    op.drop_table("link_request")
