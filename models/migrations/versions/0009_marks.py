"""Entries that are crossed out, and how many they are

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "entry", sa.Column("voided", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for table in ("book_counter", "unit_counter"):
        op.add_column(
            table,
            sa.Column(
                "voided_entries", sa.BigInteger(), server_default=sa.text("0"), nullable=False
            ),
        )
