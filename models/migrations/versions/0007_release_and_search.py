"""Release, days, search keys of persons

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.search import ends_key, sound_key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
ZERO = sa.text("0")
MOMENT = sa.DateTime(timezone=True)
BEFORE = "2000-01-01"
"""Day under which everything counted before there were days is put."""
OF_DAY = (
    "scans_read", "entries_review", "entries_settled", "entries_released", "fields_person",
    "books_released",
)  # fmt: skip
PERSONS = {
    "birth_record": ("child", "father", "mother"),
    "marriage_record": ("husband", "wife"),
    "death_record": ("deceased",),
}
AT_ONCE = 5000


def upgrade() -> None:
    for table in ("book", "entry"):
        op.add_column(table, sa.Column("signed_at", MOMENT, nullable=True))
        op.add_column(table, sa.Column("signed_by", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("released_at", MOMENT, nullable=True))
        op.add_column(table, sa.Column("released_by", sa.Text(), nullable=True))
    op.add_column("book", sa.Column("closing_entries", sa.Integer(), nullable=True))
    op.add_column("book", sa.Column("closing_note", sa.Text(), nullable=True))
    op.add_column(
        "unit", sa.Column("four_eyes", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for table, name in (
        ("book_counter", "entries_released"),
        ("unit_counter", "entries_released"),
        ("unit_counter", "books_released"),
        ("unit_counter", "books_expected"),
    ):
        op.add_column(table, sa.Column(name, sa.BigInteger(), server_default=ZERO, nullable=False))
    op.add_column("book_counter", sa.Column("moved_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE book_counter SET moved_at = (SELECT coalesce(book.finished_at, book.started_at,"
        " book.queued_at) FROM book WHERE book.id = book_counter.book_id)"
    )
    op.create_index("ix_book_counter_moved_at", "book_counter", ["moved_at"])
    op.create_index("ix_birth_record_birth_day", "birth_record", ["birth_day"])
    op.create_index("ix_marriage_record_registration_day", "marriage_record", ["registration_day"])
    op.create_index("ix_death_record_death_day", "death_record", ["death_day"])
    op.create_table(
        "day_counter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in OF_DAY),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_day_counter_unit_id"),
        sa.PrimaryKeyConstraint("day", "unit_id", name="pk_day_counter"),
    )
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT)" for name in OF_DAY)
    day = f"DATE '{BEFORE}'" if op.get_bind().dialect.name == "postgresql" else f"'{BEFORE}'"
    op.execute(
        f"INSERT INTO day_counter (day, unit_id, {', '.join(OF_DAY)})"
        f" SELECT {day}, unit_id, {sums} FROM unit_counter GROUP BY unit_id"
    )
    op.create_table(
        "release_correction",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("was_value", sa.Text(), nullable=True),
        sa.Column("was_state", sa.String(length=16), nullable=False),
        sa.Column("is_value", sa.Text(), nullable=True),
        sa.Column("is_state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_release_correction_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_release_correction"),
    )
    op.create_index("ix_release_correction_entry_id", "release_correction", ["entry_id"])
    op.create_table(
        "person_key",
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("sound", KEY, nullable=False),
        sa.Column("ends", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_person_key_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "role", name="pk_person_key"),
    )
    _fill_person_keys(op.get_bind())
    op.create_index("ix_person_key_sound", "person_key", ["sound"])
    op.create_index("ix_person_key_ends", "person_key", ["ends"])


def _fill_person_keys(connection: sa.Connection) -> None:
    into = sa.table(
        "person_key", *(sa.column(name) for name in ("entry_id", "role", "sound", "ends"))
    )
    for table, roles in PERSONS.items():
        for role in roles:
            last = 0
            while True:
                rows = connection.execute(
                    sa.text(
                        f"SELECT entry_id, {role}_key FROM {table} WHERE entry_id > :last"
                        f" AND {role}_key IS NOT NULL ORDER BY entry_id LIMIT {AT_ONCE}"
                    ),
                    {"last": last},
                ).all()
                if not rows:
                    break
                last = rows[-1][0]
                connection.execute(
                    into.insert(),
                    [
                        {
                            "entry_id": entry_id, "role": role,
                            "sound": sound_key(key), "ends": ends_key(key),
                        }
                        for entry_id, key in rows
                    ],
                )  # fmt: skip
