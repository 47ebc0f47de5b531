"""Signing off: what must be settled before, who signs, and corrections afterwards.

A released value changes only by ``correct_released``: ``models.correcting`` refuses everybody
else, and the machine passes released entries by (``models.entries``, ``models.finishing``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.correcting import FieldChange, entry_subject, lock_entry, set_fields
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import refresh_entries
from models.release_check import Blocker, blockers_of_book, blockers_of_entry, error_rules
from models.repeating import with_values_above
from models.states import EntryState
from models.tables import Book, Entry, FieldValue, ReleaseCorrection, Scan, Unit
from models.users import User, in_scope
from models.voiding import make_room
from pipeline.checks.voids import VOIDED
from pipeline.errors import BadValueError, NotReleasableError, OutOfReachError
from pipeline.settings import DecisionThresholds
from pipeline.texts import Text
from pipeline.types import ValueState

LONGEST_REASON = 500


@dataclass(frozen=True)
class Signed:
    """What a signature did: the entries it released, or that a second one is awaited."""

    released: int
    awaits_second: bool = False


def release_entry(db: Database, user: User, entry_id: int, *, as_written: str = "") -> Signed:
    """A supervisor's signature under one entry.

    Where its unit has four eyes, the first signature only notes that; another supervisor's
    releases it. An entry that is released already stays so.

    Args:
        db: the database.
        user: the supervisor.
        entry_id: the entry.
        as_written: why it is right although rules find errors: the paper itself says so. With
            it they do not block; both go into the audit log.

    Raises:
        OutOfReachError: not an entry of this supervisor.
        NotReleasableError: something is open.
    """
    as_written = " ".join(as_written.split())[:LONGEST_REASON]
    with db.write() as connection:
        place = _entry(connection, user, entry_id)
        if place["state"] == EntryState.RELEASED:
            return Signed(0)
        found = blockers_of_entry(connection, entry_id)
        _need_none([one for one in found if not (as_written and one.code == "errors")])
        detail: dict[str, object] = {}
        if as_written and found:
            detail = {"as_written": as_written, "rules": error_rules(connection, entry_id)}
        book = _book(connection, user, place["book_id"])
        if _first_of_two(connection, Entry, entry_id, book["four_eyes"], user):
            detail = {"signature": 1, **detail}
            record_event(connection, user.login, "entry.signed", entry_subject(place), detail)
            return Signed(0, awaits_second=True)
        released = _release(connection, user, place["book_id"], [entry_id])
        record_event(connection, user.login, "entry.released", entry_subject(place), detail)
    return Signed(released)


def release_book(
    db: Database,
    user: User,
    book_id: int,
    thresholds: DecisionThresholds,
    *,
    closing: int | None = None,
    note: str = "",
) -> Signed:
    """A supervisor's signature under a book: all its entries are released with it.

    Args:
        db: the database.
        user: the supervisor.
        book_id: the book.
        thresholds: the error allowed, against which the book's blind sample is held.
        closing: number of entries that the book's closing statement tells of, where it has one.
        note: why it differs from what was found; without it a difference blocks.

    Raises:
        OutOfReachError: not a book of this supervisor.
        NotReleasableError: something is open.
        BadValueError: a number that no book has.
    """
    if closing is not None and not 0 <= closing < 100_000:
        raise BadValueError(str(closing)[:20])
    note = " ".join(note.split())[:LONGEST_REASON]
    with db.write() as connection:
        lock_scans(connection, Scan.book_id == book_id)
        book = _book(connection, user, book_id)
        if book["released_at"] is not None:
            return Signed(0)
        if closing is not None or note:
            connection.execute(
                update(Book)
                .where(Book.id == book_id)
                .values(
                    closing_entries=book["closing_entries"] if closing is None else closing,
                    closing_note=note or book["closing_note"],
                )
            )
        _need_none(blockers_of_book(connection, book_id, thresholds))
        if _first_of_two(connection, Book, book_id, book["four_eyes"], user):
            detail: dict[str, object] = {"signature": 1, "closing": closing, "note": note}
            record_event(connection, user.login, "book.signed", book["code"], detail)
            return Signed(0, awaits_second=True)
        open_ = select(Entry.id).where(Entry.book_id == book_id, Entry.released_at.is_(None))
        ids = list(connection.execute(open_).scalars())
        released = _release(connection, user, book_id, ids, whole=True)
        detail = {"entries": released, "closing": closing, "note": note}
        record_event(connection, user.login, "book.released", book["code"], detail)
    return Signed(released)


def set_four_eyes(db: Database, user: User, unit_id: str, on: bool) -> None:
    """Whether two supervisors sign what is released in a unit.

    Raises:
        OutOfReachError: no such unit, or not theirs.
    """
    with db.write() as connection:
        mine = user.sees_all or unit_id in user.units
        known = connection.execute(select(Unit.id).where(Unit.id == unit_id)).scalar()
        if known is None or not mine or not user.supervises:
            raise OutOfReachError()
        connection.execute(update(Unit).where(Unit.id == unit_id).values(four_eyes=on))
        record_event(connection, user.login, "unit.four_eyes", f"unit:{unit_id}", {"on": on})


def correct_released(
    db: Database, user: User, entry_id: int, change: FieldChange, reason: str
) -> int:
    """Record a correction of a released value; without four eyes it takes effect at once.

    The field ``voided`` may be said of every entry: so a released one is crossed out, or is not
    after all.

    Returns:
        Number of the correction.

    Raises:
        OutOfReachError: not an entry of this supervisor, or not a released one.
        BadValueError: no reason, or too long a value.
        LookupError: the entry has no such field.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason or len(change.value or "") > 4000:
        raise BadValueError(Text("cần lý do", "a reason is needed").format())
    with db.write() as connection:
        place = _entry(connection, user, entry_id)
        if place["state"] != EntryState.RELEASED:
            raise OutOfReachError()
        was = connection.execute(
            select(
                FieldValue.value, FieldValue.state, FieldValue.person_value,
                FieldValue.person_state,
            ).where(FieldValue.entry_id == entry_id, FieldValue.field == change.field)
        ).first()  # fmt: skip
        if was is None and change.field != VOIDED:
            raise LookupError(f"entry {entry_id} has no field {change.field[:40]}")
        (change,) = with_values_above(connection, place, [change])
        was_value, was_state = _stood(was)
        if (was_value, was_state) == (change.value, change.state):
            raise BadValueError(Text("giá trị không đổi", "nothing changes").format())
        two = _book(connection, user, place["book_id"])["four_eyes"]
        number: int = connection.execute(
            insert(ReleaseCorrection)
            .values(
                entry_id=entry_id, field=change.field,
                was_value=was_value, was_state=was_state,
                is_value=change.value, is_state=change.state, reason=reason, by=user.login,
                at=Now(), approved_by=None if two else user.login,
                approved_at=None if two else Now(),
            )
            .returning(ReleaseCorrection.id)
        ).scalar_one()  # fmt: skip
        _apply(connection, place, number, change, user, reason, "proposed" if two else "corrected")
    return number


def approve_correction(db: Database, user: User, correction_id: int) -> None:
    """The second signature under a correction: it takes effect.

    Raises:
        OutOfReachError: no such open correction, not theirs, or their own.
    """
    with db.write() as connection:
        row = connection.execute(
            select(ReleaseCorrection.__table__).where(
                ReleaseCorrection.id == correction_id, ReleaseCorrection.approved_at.is_(None)
            )
        ).first()
        if row is None or row.by == user.login:
            raise OutOfReachError()
        place = _entry(connection, user, row.entry_id)
        done = connection.execute(
            update(ReleaseCorrection)
            .where(ReleaseCorrection.id == correction_id, ReleaseCorrection.approved_at.is_(None))
            .values(approved_by=user.login, approved_at=Now())
        )
        if done.rowcount != 1:
            raise OutOfReachError()
        change = FieldChange(row.field, row.is_state, row.is_value)
        _apply(connection, place, correction_id, change, user, row.reason, "corrected")


# --- inside -------------------------------------------------------------------------------------


def _stood(field: Row[*tuple[Any, ...]] | None) -> tuple[str | None, ValueState]:
    """Value and state of a field before a correction; an entry is not void until that is said."""
    if field is None:
        return None, ValueState.BLANK
    if field.person_state is not None:
        return field.person_value, ValueState(field.person_state)
    return field.value, ValueState(field.state)


def _apply(
    connection: Connection,
    place: RowMapping,
    number: int,
    change: FieldChange,
    user: User,
    reason: str,
    act: str,
) -> None:
    detail: dict[str, object] = {"correction": number, "reason": reason}
    if act == "corrected":
        changes = make_room(connection, place, [change])
        told = set_fields(connection, place, changes, user.login, after_release=True)
        detail |= told[0]["change"]
    subject = f"{entry_subject(place)}/{change.field}"
    record_event(connection, user.login, f"release.{act}", subject, detail)


def _entry(connection: Connection, user: User, entry_id: int) -> RowMapping:
    try:
        place = lock_entry(connection, entry_id)
    except LookupError:
        raise OutOfReachError() from None
    _book(connection, user, place["book_id"])
    return place


def _book(connection: Connection, user: User, book_id: int) -> RowMapping:
    row = (
        connection.execute(
            select(Book.code, Book.released_at, Book.closing_entries, Book.closing_note,
                   Unit.four_eyes)
            .join(Unit, Unit.id == Book.unit_id)
            .where(Book.id == book_id, in_scope(user))
            .with_for_update(of=Book)
        )
        .mappings()
        .first()
    )  # fmt: skip
    if row is None or not user.supervises:
        raise OutOfReachError()
    return row


def _first_of_two(
    connection: Connection,
    table: type[Book] | type[Entry],
    key: int,
    four_eyes: bool,
    user: User,
) -> bool:
    """Note a first signature where two are needed and this is no second one."""
    if not four_eyes:
        return False
    before = connection.execute(select(table.signed_by).where(table.id == key)).scalar()
    if before is not None and before != user.login:
        return False
    connection.execute(
        update(table).where(table.id == key).values(signed_by=user.login, signed_at=Now())
    )
    return True


def _release(
    connection: Connection, user: User, book_id: int, ids: Sequence[int], *, whole: bool = False
) -> int:
    before = count_rows(connection, book_id=book_id).get(book_id, Counter())
    connection.execute(
        update(Entry)
        .where(Entry.book_id == book_id, Entry.released_at.is_(None))
        .where(Entry.id.in_(ids) if not whole else Entry.id > 0)
        .values(released_at=Now(), released_by=user.login, version=Entry.version + 1)
    )
    refresh_entries(connection, ids)
    after = count_rows(connection, book_id=book_id).get(book_id, Counter())
    change = difference(after, before)
    # The last entry signed by itself completes nothing: a book is signed as a book.
    if whole:
        connection.execute(
            update(Book).where(Book.id == book_id).values(released_at=Now(), released_by=user.login)
        )
        change["books_released"] = 1
    add_to_counters(connection, book_id, change)
    return len(ids)


def _need_none(found: Sequence[Blocker]) -> None:
    if found:
        raise NotReleasableError("; ".join(one.text() for one in found))


def count_corrections(connection: Connection, book_id: int) -> int:
    """Corrections after release in a book, those that wait for a second signature included."""
    query = (
        select(func.count())
        .select_from(ReleaseCorrection)
        .join(Entry, Entry.id == ReleaseCorrection.entry_id)
        .where(Entry.book_id == book_id)
    )
    return connection.execute(query).scalar_one()
