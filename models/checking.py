"""The second loop: a sample of a finished book is looked at again and decides about it.

A book that fails goes back: its wrong entries stand in the operators' queue again with what was
found, and it cannot be released before another sample, of another seed, has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import refresh_entries
from models.office import office_setting, set_office
from models.tables import Book, BookCounter, CheckEntry, CheckRound, Entry, Scan
from models.users import User, in_scope
from pipeline.checks.lot_plan import LotPlan, PlanChoice, draw, plan_for
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.texts import Text

PLAN = "check_plan"
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Drawn:
    """An entry of a round. ``wrong`` is None until somebody has looked."""

    entry_id: int
    position: int
    stage: int
    number: str
    scan: int
    wrong: bool | None
    fields: tuple[str, ...]
    note: str
    by: str | None
    released: bool
    """Signed off already: a mistake in it is mended by a correction on record."""


@dataclass(frozen=True)
class Round:
    """A sample of a book and how far it is. ``verdict``: passed, failed, or None while open."""

    id: int
    book_id: int
    choice: PlanChoice
    plan: LotPlan
    seed: str
    lot: int
    drawn_by: str
    drawn_at: datetime
    verdict: str | None
    decided_by: str | None
    decided_at: datetime | None
    entries: tuple[Drawn, ...]

    @property
    def wrong(self) -> tuple[int, int]:
        """Wrong entries of the first and the second sample."""
        return self._count(lambda one: bool(one.wrong))

    @property
    def seen(self) -> tuple[int, int]:
        """Looked at, of each."""
        return self._count(lambda one: one.wrong is not None)

    @property
    def missing(self) -> tuple[int, int]:
        """Entries of each sample that have left the book since they were drawn."""
        first, second = self._count(lambda _: True)
        return self.plan.first - first, self.plan.second - second if second else 0

    @property
    def short(self) -> bool:
        """It is open and can be decided only after others were drawn for those that left."""
        return self.verdict is None and any(self.missing)

    def _count(self, holds: Any) -> tuple[int, int]:
        first, second = (
            sum(holds(one) for one in self.entries if one.stage == stage) for stage in (1, 2)
        )
        return first, second


def plan_choice(db: Database) -> PlanChoice:
    """What supervisors have chosen."""
    with db.read() as connection:
        return PlanChoice(**office_setting(connection, PLAN))


def choose_plan(db: Database, user: User, choice: PlanChoice) -> None:
    """Have books checked this way from now on; open rounds keep the plan they were drawn by.

    Raises:
        OutOfReachError: not a supervisor of all units.
        BadValueError: shares that make no plan.
    """
    shares = (choice.share, choice.allowed, choice.limit, choice.producer, choice.consumer)
    if not all(0 <= one <= 1 for one in shares) or not choice.share:
        raise BadValueError(Text("tỷ lệ từ 0 đến 100 %", "shares from 0 to 100 %").format())
    if choice.mode in ("single", "double") and choice.limit <= choice.allowed:
        raise BadValueError(
            Text("giới hạn phải lớn hơn mức cho phép", "the limit must lie above what is allowed")
            .format()
        )  # fmt: skip
    set_office(db, user, PLAN, asdict(choice))


def rounds_of(db: Database, user: User, book_id: int) -> list[Round]:
    """All rounds of a book of this supervisor, the newest first.

    Raises:
        OutOfReachError: not theirs.
    """
    with db.read() as connection:
        _code(connection, user, book_id)
        ids = connection.execute(
            select(CheckRound.id)
            .where(CheckRound.book_id == book_id)
            .order_by(CheckRound.id.desc())
        ).scalars()
        return [_round(connection, one) for one in ids]


def draw_round(db: Database, user: User, book_id: int, seed: str = "") -> int:
    """Draw the sample of a book in which nothing is open; returns the round's id.

    In the place of entries of an open round that have left the book (read again, they were on
    the page no more) others are drawn, by the round's own plan and seed.

    Args:
        db: the database.
        user: a supervisor of its unit.
        book_id: the book.
        seed: what the draw follows from; by default the day and the number of the round, both
            noted, so that anybody can draw the same again.

    Raises:
        OutOfReachError: not theirs.
        BadValueError: no plan was chosen, entries are open, or a round is open or has passed.
    """
    _think_ahead(db, book_id)
    with db.write() as connection:
        lock_scans(connection, Scan.book_id == book_id)
        code = _code(connection, user, book_id)
        choice = PlanChoice(**office_setting(connection, PLAN))
        if choice.mode == "off":
            _refuse("chưa chọn cách lấy mẫu", "no sampling plan was chosen")
        newest = _newest(connection, book_id)
        if newest is not None and newest.verdict != "failed" and not newest.short:
            _refuse("sổ đã có mẫu kiểm tra", "the book has a sample already")
        lot = _lot(connection, book_id)
        if not lot:
            _refuse("sổ còn trường hợp hoặc ảnh chưa xong", "entries or scans are still open")
        if newest is not None and newest.short:
            _fill_up(connection, user, newest, code)
            return newest.id
        number = connection.execute(
            select(func.count()).select_from(CheckRound).where(CheckRound.book_id == book_id)
        ).scalar_one()
        if not seed:
            day = connection.execute(select(Now())).scalar_one()
            seed = f"{day:%Y-%m-%d}/{number + 1}"
        plan = plan_for(choice, lot)
        round_id: int = connection.execute(
            insert(CheckRound)
            .values(
                book_id=book_id, plan={"choice": asdict(choice), "plan": asdict(plan)},
                seed=seed[:100], lot=lot, drawn_by=user.login, drawn_at=Now(),
            )
            .returning(CheckRound.id)
        ).scalar_one()  # fmt: skip
        _draw(connection, round_id, book_id, seed[:100], plan.first, 1)
        detail = {"round": round_id, "seed": seed[:100], "lot": lot, "plan": asdict(plan)}
        record_event(connection, user.login, "check.drawn", code, detail)
    return round_id


def note_check(
    db: Database,
    user: User,
    round_id: int,
    entry_id: int,
    *,
    wrong: bool,
    fields: Sequence[str] = (),
    note: str = "",
) -> str | None:
    """Note what the second look at a drawn entry found; returns the verdict where that decides.

    Raises:
        OutOfReachError: no such entry in a round of theirs, or the round is decided.
        BadValueError: wrong, but not in what.
    """
    note = " ".join(note.split())[:LONGEST_NOTE]
    if wrong and not fields and not note:
        _refuse("ghi ô sai hoặc ghi chú", "say which field is wrong, or what")
    with db.write() as connection:
        is_open = select(CheckRound.book_id).where(
            CheckRound.id == round_id, CheckRound.verdict.is_(None)
        )
        book_id = connection.execute(is_open).scalar()
        if book_id is None:
            raise OutOfReachError()
        code = _code(connection, user, book_id)
        # Scans before the round, as whoever draws; by then another may have decided it.
        lock_scans(connection, Scan.book_id == book_id)
        if connection.execute(is_open.with_for_update()).scalar() is None:
            raise OutOfReachError()
        done = connection.execute(
            update(CheckEntry)
            .where(CheckEntry.round_id == round_id, CheckEntry.entry_id == entry_id)
            .values(
                wrong=wrong, fields=list(fields) if wrong else [], note=note if wrong else "",
                by=user.login, at=Now(),
            )
        )  # fmt: skip
        if done.rowcount != 1:
            raise OutOfReachError()
        found = _round(connection, round_id)
        plan = found.plan
        second = any(one.stage == 2 for one in found.entries)
        if plan.needs_second(found.wrong[0], found.seen[0]) and not second:
            _draw(connection, round_id, book_id, found.seed, plan.second, 2)
        detail: dict[str, Any] = {"round": round_id, "entry": entry_id, "wrong": wrong}
        record_event(connection, user.login, "check.noted", code, {**detail, "fields": [*fields]})
        verdict = _decide(connection, user, found, code)
    return verdict


def send_all_back(db: Database, user: User, round_id: int) -> int:
    """Let people look at every unreleased entry of a book that failed; returns how many.

    Raises:
        OutOfReachError: no failed round of theirs.
    """
    with db.write() as connection:
        book_id = connection.execute(
            select(CheckRound.book_id).where(
                CheckRound.id == round_id, CheckRound.verdict == "failed"
            )
        ).scalar()
        if book_id is None:
            raise OutOfReachError()
        code = _code(connection, user, book_id)
        lock_scans(connection, Scan.book_id == book_id)
        of_book = select(Entry.id).where(Entry.book_id == book_id, Entry.released_at.is_(None))
        ids = list(connection.execute(of_book).scalars())
        send_back(connection, book_id, ids)
        record_event(connection, user.login, "check.all_back", code, {"entries": len(ids)})
    return len(ids)


def send_back(connection: Connection, book_id: int, ids: Sequence[int]) -> None:
    """Put unreleased entries into the operators' queue again; scans of the book are locked."""
    before = count_rows(connection, book_id=book_id)[book_id]
    connection.execute(
        update(Entry)
        .where(Entry.id.in_(ids), Entry.released_at.is_(None))
        .values(sent_back=True, version=Entry.version + 1)
    )
    refresh_entries(connection, ids)
    after = count_rows(connection, book_id=book_id)[book_id]
    add_to_counters(connection, book_id, difference(after, before))


def _decide(connection: Connection, user: User, one: Round, code: str) -> str | None:
    """Close a round where what was found so far decides it; wrong entries of a failed go back."""
    verdict = one.plan.verdict(one.wrong, one.seen)
    if verdict is None:
        return None
    connection.execute(
        update(CheckRound)
        .where(CheckRound.id == one.id)
        .values(verdict=verdict, decided_by=user.login, decided_at=Now())
    )
    if verdict == "failed":
        send_back(connection, one.book_id, [entry.entry_id for entry in one.entries if entry.wrong])
    detail = {"round": one.id, "wrong": list(one.wrong), "seen": list(one.seen)}
    record_event(connection, user.login, f"check.{verdict}", code, detail)
    return verdict


def _think_ahead(db: Database, book_id: int) -> None:
    """Reckon the plan of a book before it is locked: that takes seconds, and then it is known."""
    with db.read() as connection:
        choice = PlanChoice(**office_setting(connection, PLAN))
        lot = _lot(connection, book_id)
    if lot and choice.mode != "off":
        plan_for(choice, lot)


def _lot(connection: Connection, book_id: int) -> int:
    """Entries of a book; 0 where any of them, or a scan, is still open."""
    counts = connection.execute(
        select(
            BookCounter.entries_review, BookCounter.entries_settled,
            BookCounter.entries_released, BookCounter.scans_waiting,
        ).where(BookCounter.book_id == book_id)
    ).first()  # fmt: skip
    if counts is None or counts.entries_review or counts.scans_waiting:
        return 0
    return int(counts.entries_settled + counts.entries_released)


def _newest(connection: Connection, book_id: int) -> Round | None:
    ids = select(func.max(CheckRound.id)).where(CheckRound.book_id == book_id)
    newest = connection.execute(ids).scalar()
    return None if newest is None else _round(connection, newest)


def _fill_up(connection: Connection, user: User, one: Round, code: str) -> None:
    """Draw others for entries that left; a book with too few others is looked at as a whole."""
    for stage, missing in enumerate(one.missing, 1):
        _draw(connection, one.id, one.book_id, one.seed, missing, stage)
    filled = _round(connection, one.id)
    left, left_again = filled.missing
    # Where nothing is left to draw, the first sample is the book: no second one is needed.
    plan = replace(
        one.plan, first=one.plan.first - left, second=0 if left else one.plan.second - left_again
    )
    kept = {"choice": asdict(one.choice), "plan": asdict(plan)}
    connection.execute(update(CheckRound).where(CheckRound.id == one.id).values(plan=kept))
    detail = {"round": one.id, "missing": list(one.missing), "plan": asdict(plan)}
    record_event(connection, user.login, "check.filled_up", code, detail)
    _decide(connection, user, replace(filled, plan=plan), code)


def _draw(
    connection: Connection, round_id: int, book_id: int, seed: str, size: int, stage: int
) -> None:
    keys = {
        f"{row.number}/{row.position}": row.id
        for row in connection.execute(
            select(Entry.id, Entry.position, Scan.number)
            .join(Scan, Scan.id == Entry.scan_id)
            .where(Entry.book_id == book_id)
        )
    }
    # Entries may have come, gone and moved since the first sample: none is drawn twice.
    there = select(CheckEntry.entry_id, CheckEntry.position).where(CheckEntry.round_id == round_id)
    before = dict(connection.execute(there).all())
    skip = max(before.values(), default=-1) + 1
    drawn = [key for key in draw(seed, keys, len(keys)) if keys[key] not in before][:size]
    rows = [
        {
            "round_id": round_id, "position": skip + at, "entry_id": keys[key],
            "stage": stage, "fields": [], "note": "",
        }
        for at, key in enumerate(drawn)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(CheckEntry), rows)


def _round(connection: Connection, round_id: int) -> Round:
    row = connection.execute(select(CheckRound.__table__).where(CheckRound.id == round_id)).one()
    entries = connection.execute(
        select(
            CheckEntry.__table__, Entry.number, Scan.number.label("scan"),
            Entry.released_at.is_not(None).label("released"),
        )
        .join(Entry, Entry.id == CheckEntry.entry_id)
        .join(Scan, Scan.id == Entry.scan_id)
        .where(CheckEntry.round_id == round_id)
        .order_by(CheckEntry.position)
    )  # fmt: skip
    return Round(
        row.id, row.book_id, PlanChoice(**row.plan["choice"]), LotPlan(**row.plan["plan"]),
        row.seed, row.lot, row.drawn_by, row.drawn_at, row.verdict, row.decided_by,
        row.decided_at, tuple(_drawn(one) for one in entries),
    )  # fmt: skip


def _drawn(row: Row[*tuple[Any, ...]]) -> Drawn:
    return Drawn(
        row.entry_id, row.position, row.stage, row.number, row.scan, row.wrong,
        tuple(row.fields), row.note, row.by, bool(row.released),
    )  # fmt: skip


def _code(connection: Connection, user: User, book_id: int) -> str:
    code = connection.execute(select(Book.code).where(Book.id == book_id, in_scope(user))).scalar()
    if code is None or not user.supervises:
        raise OutOfReachError()
    return code


def _refuse(vi: str, en: str) -> None:
    raise BadValueError(Text(vi, en).format())
