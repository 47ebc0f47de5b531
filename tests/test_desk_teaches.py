"""What operators save at the desk is what adapters, the office's reader and calibration learn."""

from __future__ import annotations

from desk_browser import desk_app, enter, known
from models_samples import book, digitize, queue
from sqlalchemy import select, update
from test_desk_reviewing import said, save, taken

from models import due_books, reviewed_books, reviewed_fields, reviewed_in_all
from models.judged import judged_values
from models.review_entry import entry_for_review
from models.tables import FieldValue
from pipeline.types import Decision


def test_a_correction_made_in_the_browser_is_a_training_pair(database, tmp_path):
    (book_id,) = queue(database, book())
    digitize(database, book_id)
    with database.write() as connection:  # as the machine left one more field in doubt
        connection.execute(
            update(FieldValue)
            .where(FieldValue.field == "child_full_name")
            .values(decision=Decision.REVIEW)
        )
    known(database, "lan", everywhere=True)
    client = enter(desk_app(database, tmp_path, test_share=0), "lan")
    entry, token, version = taken(client)
    before = entry_for_review(database, entry)
    machine = before.field("child_full_name")
    changes = [
        said(
            field.field, "Lê Thị Mai" if field.field == "child_full_name" else field.value or "",
            field.value or "",
        )
        for field in before.doubtful
    ]  # fmt: skip
    assert save(client, entry, token, version, *changes).status_code == 200

    # The pair: where its ink lies, what the machine had read, what the person says.
    pairs = {one.field: one for one in reviewed_fields(database, book_id)}
    pair = pairs["child_full_name"]
    assert pair.value == "Lê Thị Mai" and pair.literal == machine.literal
    assert pair.polygon == machine.polygon
    assert (pair.scan.digest, pair.entry) == (before.scan.digest, before.position)
    with database.read() as connection:
        row = connection.execute(
            select(FieldValue.person_by, FieldValue.person_at).where(
                FieldValue.entry_id == entry, FieldValue.field == "child_full_name"
            )
        ).one()
    assert row.person_by == "lan" and row.person_at is not None

    # What `hotich adapt`, `hotich train` and `hotich calibrate` begin with.
    assert due_books(database, "hand-00000000", first=1, growth=2.0) == [book_id]
    assert reviewed_books(database) == [book_id] and reviewed_in_all(database) >= 1
    wrong = [one for one in judged_values(database) if not one.right]
    assert [one.field_type for one in wrong] == ["name"]
