"""What must be settled before an entry or a book may be signed off."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from models.clock import Now
from models.counters import DECIDED
from models.entries import OPEN_DECISIONS
from models.office import office_setting
from models.quality import sample_of
from models.states import BookState, DeskState
from models.tables import (
    Book,
    BookCounter,
    CheckRound,
    Entry,
    FieldValue,
    FindingRow,
    ReviewHold,
)
from pipeline.checks.sampling import verdicts
from pipeline.settings import DecisionThresholds
from pipeline.texts import Text
from pipeline.types import Severity

_TEXTS = {
    "fields": Text("{n} ô chưa xử lý", "{n} open fields"),
    "errors": Text("{n} lỗi theo quy tắc", "{n} error findings"),
    "keying": Text("{n} trường hợp chờ nhập lần hai hoặc phân xử",
                   "{n} entries await a second keying or an arbiter"),
    "waiting": Text("{n} trường hợp chuyển người phụ trách hoặc chờ quét lại",
                    "{n} entries escalated or to be scanned again"),
    "held": Text("{n} trường hợp đang có người làm", "{n} entries in somebody's hands"),
    "scans": Text("{n} ảnh chưa đọc xong", "{n} scans not read"),
    "stuck": Text("{n} ảnh phải quét lại, bị treo hoặc cần xem",
                  "{n} scans to rescan, quarantined or without trusted boxes"),
    "book": Text("sổ còn đang số hóa", "the book is still being digitized"),
    "empty": Text("sổ không có trường hợp nào", "the book has no entry"),
    "sent_back": Text("{n} trường hợp bị trả lại ở vòng 2",
                      "{n} entries sent back by the second loop"),
    "closing": Text("tờ khóa sổ ghi {detail} trường hợp, tìm thấy {n}",
                    "the closing statement says {detail} entries, {n} were found"),
    "check_missing": Text("chưa kiểm tra vòng 2", "the second loop is missing"),
    "check_open": Text("kiểm tra vòng 2 chưa xong", "the second loop is not finished"),
    "check_failed": Text("không đạt kiểm tra vòng 2: sửa rồi lấy mẫu lại",
                         "the second loop failed: mend, then draw again"),
    "quality": Text("tỷ lệ sai vượt mức cho phép: {detail}", "too many errors: {detail}"),
}  # fmt: skip


@dataclass(frozen=True)
class Blocker:
    """Something that is open, how often, and what about it."""

    code: str
    count: int
    detail: str = ""

    def text(self) -> str:
        """In the language of the moment."""
        return _TEXTS[self.code].format(n=self.count, detail=self.detail)


def blockers_of_entry(connection: Connection, entry_id: int) -> list[Blocker]:
    """What is open in one entry; its book's second loop too, or it could be passed by."""
    found = _of_entries(connection, Entry.id == entry_id)
    book_id = connection.execute(select(Entry.book_id).where(Entry.id == entry_id)).scalar()
    verdict = None if book_id is None else _second_loop(connection, book_id)
    return found if verdict is None else [*found, Blocker(verdict, 1)]


def error_rules(connection: Connection, entry_id: int) -> list[str]:
    """The rules that find errors in an entry."""
    query = select(FindingRow.rule).where(
        FindingRow.entry_id == entry_id, FindingRow.severity == Severity.ERROR
    )
    return sorted(set(connection.execute(query).scalars()))


def blockers_of_book(
    connection: Connection, book_id: int, thresholds: DecisionThresholds
) -> list[Blocker]:
    """What is open in a book: scans, entries, findings of the book, totals, quality."""
    book = connection.execute(
        select(
            Book.state, Book.unit_id, Book.closing_entries, Book.closing_note,
            BookCounter.__table__,
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(Book.id == book_id)
    ).one()  # fmt: skip
    found = []
    if book.scans_waiting:
        found.append(Blocker("scans", book.scans_waiting))
    stuck = book.scans_attention + book.scans_rescan + book.scans_quarantined
    if stuck:
        found.append(Blocker("stuck", stuck))
    if not found and book.state not in (BookState.DONE, BookState.ATTENTION):
        found.append(Blocker("book", 1))
    entries = book.entries_review + book.entries_settled + book.entries_released
    if not entries:
        found.append(Blocker("empty", 1))
    found += _of_entries(connection, Entry.book_id == book_id)
    of_book = connection.execute(
        select(func.count())
        .select_from(FindingRow)
        .where(
            FindingRow.book_id == book_id, FindingRow.entry_id.is_(None),
            FindingRow.severity == Severity.ERROR,
        )
    ).scalar_one()  # fmt: skip
    if of_book:
        found.append(Blocker("errors", of_book))
    differs = book.closing_entries is not None and book.closing_entries != entries
    if differs and not book.closing_note:
        found.append(Blocker("closing", entries, str(book.closing_entries)))
    verdict = _second_loop(connection, book_id)
    if verdict is not None:
        found.append(Blocker(verdict, 1))
    if book.fields_person:
        failing = [
            f"{one.field_type} {one.low:.1%}–{one.high:.1%} > {one.target:.1%}"
            for one in verdicts(sample_of(connection, Book.id == book_id), thresholds)
            if one.what == "book" and one.stopped
        ]
        if failing:
            found.append(Blocker("quality", len(failing), ", ".join(failing)))
    return found


def _second_loop(connection: Connection, book_id: int) -> str | None:
    if office_setting(connection, "check_plan").get("mode", "off") == "off":
        return None
    row = connection.execute(
        select(CheckRound.verdict)
        .where(CheckRound.book_id == book_id)
        .order_by(CheckRound.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return "check_missing"
    return {None: "check_open", "failed": "check_failed"}.get(row.verdict)


def _of_entries(connection: Connection, which: object) -> list[Blocker]:
    entries = select(Entry.id).where(which, Entry.released_at.is_(None))  # type: ignore[arg-type]
    counts = {
        "fields": select(func.count())
        .select_from(FieldValue)
        .where(FieldValue.entry_id.in_(entries), DECIDED.in_([str(one) for one in OPEN_DECISIONS])),
        "errors": select(func.count())
        .select_from(FindingRow)
        .where(FindingRow.entry_id.in_(entries), FindingRow.severity == Severity.ERROR),
        "keying": entries.where(Entry.keying > 0).with_only_columns(func.count()),
        "waiting": entries.where(
            Entry.desk.in_((DeskState.ESCALATED, DeskState.RESCAN))
        ).with_only_columns(func.count()),
        "sent_back": entries.where(Entry.sent_back).with_only_columns(func.count()),
        "held": select(func.count())
        .select_from(ReviewHold)
        .where(ReviewHold.entry_id.in_(entries), ReviewHold.until >= Now()),
    }
    found = []
    for code, query in counts.items():
        number = connection.execute(query).scalar_one()
        if number:
            found.append(Blocker(code, number))
    return found
