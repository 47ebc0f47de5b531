"""Setting boxes right from an entry: who may, what they see, what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.audit import record_event
from models.books import load_book_form
from models.database import Database
from models.holding import find_held
from models.layout import (
    LayoutEffect,
    add_layout_edits,
    form_stamp,
    layout_effect,
    regroup,
    undo_regroup,
)
from models.regroup_rows import last_regrouping
from models.review_entry import ReviewEntry, load_entry
from models.scan_boxes import scan_boxes
from models.states import EntryState
from models.tables import Book, Entry
from models.users import User, in_scope
from pipeline.errors import InputError, OutOfReachError, ReleasedError
from pipeline.form.handles import StoredBox
from pipeline.texts import Text
from pipeline.types import BookForm, EditKind, LayoutEdit

_KEYS = 2**63
_NO_FORM = Text(
    "quyển này chưa có mẫu sổ, hoặc trang này theo mẫu khác với cả quyển",
    "the book has no form yet, or this page is on another form than the book",
)


@dataclass(frozen=True)
class BoxesToFix:
    """An entry's scan with all that tells where its fields were taken to lie."""

    entry: ReviewEntry
    form: BookForm
    stamp: str
    """Of the form; corrections are kept only while it is still in force."""
    boxes: tuple[StoredBox, ...]
    page: LayoutEffect
    """Of a correction of this scan."""
    rest: LayoutEffect
    """Of one from this scan to the end of the book."""
    entries: tuple[tuple[int, str], ...] = ()
    """Position and number of all entries of the scan."""
    last: tuple[EditKind, int] | None = None
    """The split or join of this scan that can be taken back, and its entry."""


def boxes_to_fix(db: Database, user: User, entry_id: int) -> BoxesToFix:
    """The boxes of an entry's scan, for whoever holds it and for supervisors.

    Raises:
        OutOfReachError: neither, or of a foreign unit, or held for a blind keying.
        ReleasedError: the entry or its book is signed off.
        InputError: no geometry is known that could be corrected.
    """
    entry = _entry(db, user, entry_id)
    form = _form(db, entry)
    number = entry.scan_number
    with db.read() as connection:
        there = select(Entry.position, Entry.number).where(Entry.scan_id == entry.scan_id)
        entries = tuple(
            (row[0], row[1]) for row in connection.execute(there.order_by(Entry.position))
        )
        last = last_regrouping(connection, entry.scan_id)
    return BoxesToFix(
        entry, form, form_stamp(form), tuple(scan_boxes(db, entry.scan_id)),
        layout_effect(db, entry.book_id, number, number),
        layout_effect(db, entry.book_id, number, 0),
        entries, last,
    )  # fmt: skip


def fix_boxes(
    db: Database, user: User, entry_id: int, stamp: str, edits: Sequence[LayoutEdit]
) -> int:
    """Keep a person's corrections; returns how many scans are read again.

    Raises:
        OutOfReachError, ReleasedError, InputError: as :func:`boxes_to_fix`; InputError also
            where a correction cannot be applied.
        StaleEntryError: the book's layout has been corrected since ``stamp``.
    """
    entry = _entry(db, user, entry_id)
    _form(db, entry)
    return add_layout_edits(db, entry.book_id, edits, actor=user.login, stamp=stamp)


def regroup_entries(
    db: Database,
    user: User,
    entry_id: int,
    stamp: str,
    edit: LayoutEdit,
    choices: Mapping[str, str],
) -> int:
    """Split or join entries of the scan of an entry; returns how many scans are read again.

    Raises:
        OutOfReachError, ReleasedError, InputError, StaleEntryError: as :func:`fix_boxes`.
        WordsDifferError, DeskError: as ``models.regroup_rows.join_rows``.
    """
    entry = _entry(db, user, entry_id)
    _form(db, entry)
    return regroup(db, entry.book_id, edit, actor=user.login, stamp=stamp, choices=choices)


def undo_regrouping(
    db: Database, user: User, entry_id: int, stamp: str, choices: Mapping[str, str]
) -> int:
    """Take the last split or join of an entry's scan back; as :func:`regroup_entries`."""
    entry = _entry(db, user, entry_id)
    undone = undo_regroup(
        db, entry.book_id, entry.scan_number, actor=user.login, stamp=stamp, choices=choices
    )
    return undone or 0


def _entry(db: Database, user: User, entry_id: int) -> ReviewEntry:
    if not 0 < entry_id < _KEYS or not user.reviews:
        raise OutOfReachError()
    with db.write() as connection:
        row = connection.execute(
            select(Entry.state, Book.released_at)
            .join(Book, Book.id == Entry.book_id)
            .where(Entry.id == entry_id, in_scope(user))
        ).first()
        hold = find_held(connection, user.id, entry_id)
        if row is None or not (user.supervises or (hold is not None and not hold.blind)):
            raise OutOfReachError()
        entry = load_entry(connection, entry_id)
        subject = f"{entry.book_code}#{entry.scan_number}/{entry.position}"
        if row.released_at is not None or row.state == EntryState.RELEASED:
            raise ReleasedError(subject)
        if hold is None:  # a look without a hold: nothing else has written it down
            record_event(connection, user.login, "entry.viewed", subject, {"boxes": True})
    return entry


def _form(db: Database, entry: ReviewEntry) -> BookForm:
    form = load_book_form(db, entry.book_id)
    if form is None or not form.form_id or entry.form_id not in ("", form.form_id):
        raise InputError(_NO_FORM.format(), where=f"{entry.book_code}#{entry.scan_number}")
    return form
