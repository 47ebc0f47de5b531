"""Links between entries by unit, strongest first, and when links were last looked for

Revision 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for side in ("first", "second"):
        op.add_column("entry_link", sa.Column(f"{side}_unit_id", sa.String(64), nullable=True))
        op.execute(
            f"UPDATE entry_link SET {side}_unit_id = (SELECT book.unit_id FROM entry"
            f" JOIN book ON book.id = entry.book_id WHERE entry.id = entry_link.{side}_entry_id)"
        )
        op.create_index(
            f"ix_entry_link_{side}_unit_id",
            "entry_link",
            [f"{side}_unit_id", "state", "probability", "weight"],
        )
    op.create_table(
        "link_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_run"),
    )
