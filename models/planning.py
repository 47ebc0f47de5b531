"""The plan: which books exist, who scans them and until when, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, true, update

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.expected import count_expected
from models.naming import volume_key
from models.states import BookState, Role
from models.tables import Book, Contractor, PlannedBook, Unit
from models.units import unit_ids
from models.users import User
from pipeline.errors import DuplicateBookError, ForeignBookError, IntakeError
from pipeline.scan.inventory import Expected
from pipeline.texts import Text
from pipeline.types import Kind


@dataclass(frozen=True)
class Planned:
    """An expected book; ``book`` and ``state`` are set where it has come in."""

    id: int
    unit_id: str
    unit: str
    district: str
    kind: Kind
    year: int
    volume: str
    pages: int | None
    due: date | None
    contractor: str
    note: str
    source: str
    book: str
    state: BookState | None
    overdue: bool


@dataclass(frozen=True)
class Gap:
    """What a series lacks: years without a book between its first and last, numbers skipped."""

    unit_id: str
    unit: str
    district: str
    kind: Kind
    first: int
    last: int
    books: int
    years: tuple[int, ...]
    volumes: tuple[tuple[int, tuple[int, ...]], ...]
    """Year and the numbers that are missing in it."""

    @property
    def year_runs(self) -> list[str]:
        """The years as people write them: ``1991, 1994–2009``."""
        runs: list[list[int]] = []
        for year in self.years:
            if runs and year == runs[-1][-1] + 1:
                runs[-1].append(year)
            else:
                runs.append([year])
        return [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


@dataclass(frozen=True)
class PlanTotals:
    """How many books are expected, came in, are due and late."""

    expected: int
    arrived: int
    overdue: int
    unplanned: int
    """Books that are here and stand in no plan."""


def put_plan(
    db: Database, books: Iterable[Expected], *, source: str, user: User
) -> tuple[int, int, list[tuple[int, str]]]:
    """Write expected books; one already there is brought up to date.

    Returns:
        How many are new, how many changed, and rows whose contractor or unit is not known, with
        what was written.

    Raises:
        IntakeError: the person may not plan for these units.
    """
    added = changed = 0
    unknown: list[tuple[int, str]] = []
    with db.write() as connection:
        firms = dict(connection.execute(select(Contractor.name, Contractor.id)).all())
        units = set(connection.execute(select(Unit.id)).scalars())
        for book in books:
            if not user.sees_all and book.unit_id not in user.units:
                raise IntakeError(
                    Text("dòng {row}: đơn vị ngoài phạm vi", "row {row}: not a unit of yours")
                    .format(row=book.row)
                )  # fmt: skip
            if book.unit_id not in units:
                unknown.append((book.row, book.unit_id))
                continue
            if book.contractor and book.contractor not in firms:
                unknown.append((book.row, book.contractor))
                continue
            new, differs = _put_one(connection, book, firms.get(book.contractor), source)
            added, changed = added + new, changed + differs
        count_expected(connection)
        detail = {"added": added, "changed": changed, "source": source, "wrong": len(unknown)}
        record_event(connection, user.login, "plan.changed", "plan", detail)
    return added, changed, unknown


def _put_one(
    connection: Connection, book: Expected, contractor_id: int | None, source: str
) -> tuple[int, int]:
    key = (
        (PlannedBook.unit_id == book.unit_id)
        & (PlannedBook.kind == book.kind)
        & (PlannedBook.year == book.year)
        & (PlannedBook.volume == volume_key(book.volume))
    )
    values = {
        "pages": book.pages, "due": book.due, "contractor_id": contractor_id, "note": book.note,
    }  # fmt: skip
    there = connection.execute(
        select(
            PlannedBook.pages, PlannedBook.due, PlannedBook.contractor_id, PlannedBook.note
        ).where(key)
    ).first()
    source = f"{source}, {book.row}"
    if there is None:
        connection.execute(
            insert(PlannedBook).values(
                unit_id=book.unit_id, kind=book.kind, year=book.year,
                volume=volume_key(book.volume), source=source, added_at=Now(), **values,
            )
        )  # fmt: skip
        return 1, 0
    if tuple(there) == tuple(values.values()):
        return 0, 0
    connection.execute(update(PlannedBook).where(key).values(source=source, **values))
    return 0, 1


def remove_planned(db: Database, user: User, planned_id: int) -> bool:
    """Take a book out of the plan; False where it is not there or not theirs."""
    with db.write() as connection:
        row = connection.execute(
            delete(PlannedBook)
            .where(PlannedBook.id == planned_id, _in_plan(user))
            .returning(PlannedBook.unit_id, PlannedBook.kind, PlannedBook.year, PlannedBook.volume)
        ).first()
        if row is None:
            return False
        count_expected(connection)
        detail = {"unit": row.unit_id, "kind": str(row.kind), "year": row.year, "vol": row.volume}
        record_event(connection, user.login, "plan.removed", "plan", detail)
    return True


def planned_books(
    db: Database, user: User, *, unit: str = "", missing_only: bool = False, limit: int = 500
) -> list[Planned]:
    """Expected books that this person may see, unit by unit, with what became of them.

    Args:
        db: the database.
        user: whose units, or whose firm's books.
        unit: id or name of units, as people type it; empty: all.
        missing_only: leave out what has come in.
        limit: rows at the most.
    """
    late = and_(PlannedBook.due.is_not(None), PlannedBook.due < func.current_date())
    query = (
        select(
            PlannedBook.id, PlannedBook.unit_id, Unit.name, Unit.type, Unit.district,
            PlannedBook.kind, PlannedBook.year, PlannedBook.volume, PlannedBook.pages,
            PlannedBook.due, Contractor.name.label("contractor"), PlannedBook.note,
            PlannedBook.source, Book.code, Book.state, late.label("late"),
        )
        .join(Unit, Unit.id == PlannedBook.unit_id)
        .outerjoin(Contractor, Contractor.id == PlannedBook.contractor_id)
        .outerjoin(Book, _SAME)
        .where(_in_plan(user))
        .order_by(Unit.name_key, PlannedBook.kind, PlannedBook.year, PlannedBook.volume)
        .limit(limit)
    )  # fmt: skip
    if missing_only:
        query = query.where(Book.id.is_(None))
    with db.read() as connection:
        if unit:
            query = query.where(PlannedBook.unit_id.in_(unit_ids(connection, unit)))
        return [
            Planned(
                row.id, row.unit_id, f"{row.type} {row.name}".strip(), row.district,
                Kind(row.kind), row.year, row.volume, row.pages, row.due, row.contractor or "",
                row.note, row.source, row.code or "",
                BookState(row.state) if row.state else None, bool(row.late) and row.code is None,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def plan_totals(db: Database, user: User) -> PlanTotals:
    """The plan in four numbers."""
    late = and_(PlannedBook.due < func.current_date(), Book.id.is_(None))
    with db.read() as connection:
        row = connection.execute(
            select(
                func.count(), func.count(Book.id), func.count().filter(late)
            )
            .select_from(PlannedBook)
            .outerjoin(Book, _SAME)
            .where(_in_plan(user))
        ).one()  # fmt: skip
        unplanned = 0
        if user.sees_all:
            unplanned = connection.execute(
                select(func.count())
                .select_from(Book)
                .outerjoin(PlannedBook, _SAME)
                .where(PlannedBook.id.is_(None))
            ).scalar_one()
    return PlanTotals(row[0], row[1], row[2], unplanned)


def plan_gaps(db: Database, user: User) -> list[Gap]:
    """Series with holes, over what is planned and what is here."""
    planned = select(
        PlannedBook.unit_id, PlannedBook.kind, PlannedBook.year, PlannedBook.volume
    ).where(_in_plan(user))
    here = select(Book.unit_id, Book.kind, Book.year, Book.volume)
    if not user.sees_all:
        here = here.where(Book.unit_id.in_(sorted(user.units)))
    if user.role is Role.CONTRACTOR:
        here = here.where(Book.id.is_(None))
    with db.read() as connection:
        names = {
            row.id: (f"{row.type} {row.name}".strip(), row.district)
            for row in connection.execute(select(Unit.id, Unit.type, Unit.name, Unit.district))
        }
        rows = [*connection.execute(planned), *connection.execute(here)]
    series: dict[tuple[str, Kind], dict[int, set[str]]] = {}
    for unit_id, kind, year, volume in rows:
        series.setdefault((unit_id, Kind(kind)), {}).setdefault(year, set()).add(volume)
    gaps = [
        _gap(unit_id, names.get(unit_id, (unit_id, "")), kind, years)
        for (unit_id, kind), years in series.items()
    ]
    return sorted(
        (gap for gap in gaps if gap.years or gap.volumes),
        key=lambda gap: (gap.unit, gap.district, gap.kind),
    )


def _gap(unit_id: str, name: tuple[str, str], kind: Kind, years: dict[int, set[str]]) -> Gap:
    first, last = min(years), max(years)
    skipped = tuple(year for year in range(first, last) if year not in years)
    holes = []
    for year, volumes in sorted(years.items()):
        numbers = {int(volume) for volume in volumes if volume.isdecimal()} - {0}
        missing = tuple(n for n in range(1, max(numbers, default=0)) if n not in numbers)
        if missing:
            holes.append((year, missing))
    books = sum(len(volumes) for volumes in years.values())
    return Gap(unit_id, name[0], name[1], kind, first, last, books, skipped, tuple(holes))


def refuse_foreign(
    db: Database,
    contractor_id: int,
    unit_id: str,
    kind: Kind,
    year: int,
    volume: str,
    *,
    duplicates: bool,
) -> None:
    """Refuse a book that another firm is to scan, or that is already here.

    Raises:
        ForeignBookError: the plan gives it to somebody else.
        DuplicateBookError: (``duplicates``) a book of this unit, kind, year and volume is here.
    """
    key = volume_key(volume)
    with db.read() as connection:
        owner = connection.execute(
            select(PlannedBook.contractor_id).where(
                PlannedBook.unit_id == unit_id, PlannedBook.kind == kind,
                PlannedBook.year == year, PlannedBook.volume == key,
            )
        ).scalar()  # fmt: skip
        there = connection.execute(
            select(Book.code).where(
                Book.unit_id == unit_id, Book.kind == kind, Book.year == year, Book.volume == key
            )
        ).scalar()
    if owner is not None and owner != contractor_id:
        raise ForeignBookError(
            Text("theo kế hoạch, đơn vị khác quét quyển này", "by the plan another firm scans it")
            .format()
        )  # fmt: skip
    if duplicates and there is not None:
        raise DuplicateBookError(there)


_SAME = and_(
    Book.unit_id == PlannedBook.unit_id,
    Book.kind == PlannedBook.kind,
    Book.year == PlannedBook.year,
    Book.volume == PlannedBook.volume,
)


def _in_plan(user: User) -> ColumnElement[bool]:
    if user.role is Role.CONTRACTOR:
        return PlannedBook.contractor_id == (user.contractor_id or 0)
    return true() if user.sees_all else PlannedBook.unit_id.in_(sorted(user.units))


def contractor_names(db: Database) -> Sequence[str]:
    """Firms by name."""
    with db.read() as connection:
        return list(connection.execute(select(Contractor.name).order_by(Contractor.name)).scalars())
