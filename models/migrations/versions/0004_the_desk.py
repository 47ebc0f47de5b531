"""The desk

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
QUEUED = sa.text("desk IN ('open','second','arbitrate')")
WAITING = sa.text("desk IN ('escalated','rescan')")
KNOWN = sa.text("round = 1 AND settled = 'agreed'")


def upgrade() -> None:
    op.create_table(
        "login_try",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_login_try"),
    )
    op.create_table(
        "desk_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("everywhere", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seat_book_id", sa.Integer(), nullable=True),
        sa.Column("seat_scan_id", BIG_ID, nullable=True),
        sa.Column("seat_position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name="fk_desk_user_contractor_id"
        ),
        sa.ForeignKeyConstraint(
            ["seat_book_id"], ["book.id"], name="fk_desk_user_seat_book_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_desk_user"),
        sa.UniqueConstraint("login", name="uq_desk_user_login"),
    )
    op.create_table(
        "keying_plan",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_keying_plan_book_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("book_id", name="pk_keying_plan"),
    )
    op.create_table(
        "user_batch",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_user_batch_batch_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_user.id"], name="fk_user_batch_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "batch_id", name="pk_user_batch"),
    )
    op.create_table(
        "user_unit",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_user_unit_unit_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_user.id"], name="fk_user_unit_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "unit_id", name="pk_user_unit"),
    )
    op.create_table(
        "web_session",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_user.id"], name="fk_web_session_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.UniqueConstraint("token_hash", name="uq_web_session_token_hash"),
    )
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"])

    op.create_table(
        "draft",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_draft_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_user.id"], name="fk_draft_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "entry_id", name="pk_draft"),
    )
    op.create_index("ix_draft_entry_id", "draft", ["entry_id"])

    op.create_table(
        "keying",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_keying_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["desk_user.id"], name="fk_keying_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_keying"),
    )
    op.create_index("ix_keying_entry_id", "keying", ["entry_id"])
    op.create_index("ix_keying_known", "keying", ["id"], sqlite_where=KNOWN, postgresql_where=KNOWN)
    op.create_index("ix_keying_user_id", "keying", ["user_id", "settled"])

    op.create_table(
        "review_hold",
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_review_hold_book_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_review_hold_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["desk_user.id"], name="fk_review_hold_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", name="pk_review_hold"),
    )
    op.create_index("ix_review_hold_book_id", "review_hold", ["book_id"])
    op.create_index("ix_review_hold_user_id", "review_hold", ["user_id"])

    op.create_table(
        "review_mark",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_review_mark_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["desk_user.id"], name="fk_review_mark_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_mark"),
    )
    op.create_index("ix_review_mark_entry_id_user_id", "review_mark", ["entry_id", "user_id"])

    op.add_column(
        "book", sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )

    op.add_column(
        "entry", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "entry",
        sa.Column("person_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column(
        "entry",
        sa.Column("desk", sa.String(length=16), server_default=sa.text("'done'"), nullable=False),
    )
    op.add_column(
        "entry", sa.Column("keying", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("entry", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_entry_queue",
        "entry",
        ["book_id", "scan_id", "position"],
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    )
    op.create_index(
        "ix_entry_waiting",
        "entry",
        ["desk", "book_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )

    op.add_column("field_value", sa.Column("person_literal", sa.Text(), nullable=True))

    op.add_column(
        "unit", sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.execute("UPDATE entry SET desk = 'open' WHERE state = 'review'")
