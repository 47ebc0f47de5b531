"""Counters by decade, handling times, the second loop, what an office sets

Revision 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)
ZERO = sa.text("0")
COUNTED = (
    "books_expected", "books_queued", "books_running", "books_done", "books_attention",
    "books_released", "scans_waiting", "scans_read", "scans_attention", "scans_rescan",
    "scans_quarantined", "entries_review", "entries_settled", "entries_released",
)  # fmt: skip
SEEN_SAMPLE = "person_state IS NOT NULL AND CAST(reasons AS TEXT) LIKE '%blind_sample%'"


def upgrade() -> None:
    op.create_table(
        "decade_counter",
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("decade", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTED),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_decade_counter_unit_id"),
        sa.PrimaryKeyConstraint("unit_id", "kind", "decade", name="pk_decade_counter"),
    )
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT)" for name in COUNTED)
    op.execute(
        f"INSERT INTO decade_counter (unit_id, kind, decade, {', '.join(COUNTED)})"
        f" SELECT unit_id, kind, year - year % 10, {sums} FROM unit_counter"
        " GROUP BY unit_id, kind, year - year % 10"
    )
    for name in ("reviews", "hand_seconds"):
        op.add_column(
            "day_counter", sa.Column(name, sa.BigInteger(), server_default=ZERO, nullable=False)
        )
    op.add_column(
        "entry", sa.Column("sent_back", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index(
        "ix_field_value_seen_sample",
        "field_value",
        ["person_at"],
        sqlite_where=sa.text(SEEN_SAMPLE),
        postgresql_where=sa.text(SEEN_SAMPLE),
    )
    op.create_table(
        "check_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_check_round_book_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_check_round"),
    )
    op.create_index("ix_check_round_book_id", "check_round", ["book_id"])
    op.create_table(
        "check_entry",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("wrong", sa.Boolean(), nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["check_round.id"], name="fk_check_entry_round_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_check_entry_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "position", name="pk_check_entry"),
    )
    op.create_index("ix_check_entry_entry_id", "check_entry", ["entry_id"])
    op.create_table(
        "office_setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_office_setting"),
    )
