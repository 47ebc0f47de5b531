"""The first schema

Revision 0001, after None.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)


def _counts() -> list[sa.Column[int]]:
    states = {
        "scans": ("waiting", "read", "attention", "rescan", "quarantined"),
        "entries": ("review", "settled"),
        "fields": ("accepted", "review", "blank", "unreadable", "rescan", "person"),
    }
    return [
        sa.Column(f"{what}_{state}", sa.BigInteger(), nullable=False)
        for what, codes in states.items()
        for state in codes
    ]


def _record(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("registration_date", sa.Text(), nullable=True),
        sa.Column("registration_day", sa.Date(), nullable=True),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=f"fk_{table}_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=f"fk_{table}_unit_id"),
        sa.PrimaryKeyConstraint("entry_id", name=f"pk_{table}"),
    ]


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])

    op.create_table(
        "contractor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contractor"),
        sa.UniqueConstraint("name", name="uq_contractor_name"),
    )
    op.create_table(
        "maker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("pipeline_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_maker"),
        sa.UniqueConstraint("reader", "pipeline_version", name="uq_maker_reader_pipeline_version"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("name_key", CODE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_name_key", "unit", ["name_key"])

    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractor.id"], name="fk_batch_contractor_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.UniqueConstraint("contractor_id", "digest", name="uq_batch_contractor_id_digest"),
    )
    op.create_table(
        "unit_counter",
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("books_queued", sa.BigInteger(), nullable=False),
        sa.Column("books_running", sa.BigInteger(), nullable=False),
        sa.Column("books_done", sa.BigInteger(), nullable=False),
        sa.Column("books_attention", sa.BigInteger(), nullable=False),
        *_counts(),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_unit_counter_unit_id"),
        sa.PrimaryKeyConstraint("unit_id", "kind", "year", name="pk_unit_counter"),
    )
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=True),
        sa.Column("form", JSON, nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_book_batch_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_book_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_book"),
        sa.UniqueConstraint("code", name="uq_book_code"),
        sa.UniqueConstraint("digest", name="uq_book_digest"),
        sa.UniqueConstraint(
            "unit_id", "kind", "year", "volume", name="uq_book_unit_id_kind_year_volume"
        ),
    )
    op.create_index("ix_book_batch_id", "book", ["batch_id"])
    op.create_index("ix_book_state", "book", ["state"])

    op.create_table(
        "book_counter",
        sa.Column("book_id", sa.Integer(), nullable=False),
        *_counts(),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_book_counter_book_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("book_id", name="pk_book_counter"),
    )
    op.create_table(
        "engine_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_engine_run_book_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_engine_run"),
        sa.UniqueConstraint("book_id", "attempt", name="uq_engine_run_book_id_attempt"),
    )
    op.create_index("ix_engine_run_state", "engine_run", ["state"])

    op.create_table(
        "scan",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("quality", JSON, nullable=True),
        sa.Column("form_id", sa.Text(), nullable=True),
        sa.Column("layout_confidence", sa.Double(), nullable=True),
        sa.Column("layout_ok", sa.Boolean(), nullable=True),
        sa.Column("notes", JSON, nullable=True),
        sa.Column("seconds", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_scan_book_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scan"),
        sa.UniqueConstraint("book_id", "number", name="uq_scan_book_id_number"),
    )
    op.create_index("ix_scan_digest", "scan", ["digest"])
    op.create_index(
        "ix_scan_stuck",
        "scan",
        ["book_id", "state"],
        sqlite_where=sa.text("state IN ('attention','rescan','quarantined')"),
        postgresql_where=sa.text("state IN ('attention','rescan','quarantined')"),
    )

    op.create_table(
        "entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("as_read", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_entry_book_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_entry_scan_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("scan_id", "position", name="uq_entry_scan_id_position"),
    )
    op.create_index("ix_entry_book_id", "entry", ["book_id"])
    op.create_index(
        "ix_entry_review",
        "entry",
        ["book_id", "id"],
        sqlite_where=sa.text("state = 'review'"),
        postgresql_where=sa.text("state = 'review'"),
    )

    op.create_table(
        "page",
        sa.Column("scan_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("page_class", sa.String(16), nullable=False),
        sa.Column("to_scan", JSON, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Double(), nullable=False),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("skew", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_page_scan_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scan_id", "position", name="pk_page"),
    )
    op.create_table(
        "page_job",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("scan_id", BIG_ID, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("run_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_page_job_book_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_page_job_scan_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_page_job"),
        sa.UniqueConstraint("scan_id", "stage", name="uq_page_job_scan_id_stage"),
    )
    op.create_index(
        "ix_page_job_open",
        "page_job",
        ["book_id", "id"],
        sqlite_where=sa.text("state IN ('ready','leased')"),
        postgresql_where=sa.text("state IN ('ready','leased')"),
    )

    op.create_table(
        "birth_record",
        sa.Column("child_name", sa.Text(), nullable=True),
        sa.Column("child_key", CODE, nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("birth_day", sa.Date(), nullable=True),
        sa.Column("birth_place", sa.Text(), nullable=True),
        sa.Column("birth_place_unit_id", sa.Text(), nullable=True),
        sa.Column("home_town", sa.Text(), nullable=True),
        sa.Column("home_town_unit_id", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("father_name", sa.Text(), nullable=True),
        sa.Column("father_key", CODE, nullable=True),
        sa.Column("father_birth_date", sa.Text(), nullable=True),
        sa.Column("mother_name", sa.Text(), nullable=True),
        sa.Column("mother_key", CODE, nullable=True),
        sa.Column("mother_birth_date", sa.Text(), nullable=True),
        *_record("birth_record"),
    )
    op.create_index("ix_birth_record_child_key", "birth_record", ["child_key"])
    op.create_index("ix_birth_record_number", "birth_record", ["unit_id", "year", "number"])

    op.create_table(
        "death_record",
        sa.Column("deceased_name", sa.Text(), nullable=True),
        sa.Column("deceased_key", CODE, nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("birth_day", sa.Date(), nullable=True),
        sa.Column("death_date", sa.Text(), nullable=True),
        sa.Column("death_day", sa.Date(), nullable=True),
        sa.Column("death_place", sa.Text(), nullable=True),
        sa.Column("death_place_unit_id", sa.Text(), nullable=True),
        sa.Column("residence", sa.Text(), nullable=True),
        sa.Column("residence_unit_id", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        *_record("death_record"),
    )
    op.create_index("ix_death_record_deceased_key", "death_record", ["deceased_key"])
    op.create_index("ix_death_record_number", "death_record", ["unit_id", "year", "number"])

    op.create_table(
        "field_value",
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("page", sa.SmallInteger(), nullable=False),
        sa.Column("polygon", JSON, nullable=False),
        sa.Column("literal", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("raw_confidence", sa.Double(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("place", JSON, nullable=True),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("as_read", JSON, nullable=True),
        sa.Column("person_value", sa.Text(), nullable=True),
        sa.Column("person_state", sa.String(16), nullable=True),
        sa.Column("person_by", sa.Text(), nullable=True),
        sa.Column("person_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_field_value_entry_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["maker_id"], ["maker.id"], name="fk_field_value_maker_id"),
        sa.PrimaryKeyConstraint("entry_id", "field", name="pk_field_value"),
    )
    op.create_table(
        "finding",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["book_id"], ["book.id"], name="fk_finding_book_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name="fk_finding_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index("ix_finding_book_id", "finding", ["book_id"])
    op.create_index("ix_finding_entry_id", "finding", ["entry_id"])

    op.create_table(
        "marriage_record",
        sa.Column("husband_name", sa.Text(), nullable=True),
        sa.Column("husband_key", CODE, nullable=True),
        sa.Column("husband_birth_date", sa.Text(), nullable=True),
        sa.Column("husband_birth_day", sa.Date(), nullable=True),
        sa.Column("husband_residence", sa.Text(), nullable=True),
        sa.Column("husband_residence_unit_id", sa.Text(), nullable=True),
        sa.Column("wife_name", sa.Text(), nullable=True),
        sa.Column("wife_key", CODE, nullable=True),
        sa.Column("wife_birth_date", sa.Text(), nullable=True),
        sa.Column("wife_birth_day", sa.Date(), nullable=True),
        sa.Column("wife_residence", sa.Text(), nullable=True),
        sa.Column("wife_residence_unit_id", sa.Text(), nullable=True),
        *_record("marriage_record"),
    )
    op.create_index("ix_marriage_record_husband_key", "marriage_record", ["husband_key"])
    op.create_index("ix_marriage_record_number", "marriage_record", ["unit_id", "year", "number"])
    op.create_index("ix_marriage_record_wife_key", "marriage_record", ["wife_key"])
