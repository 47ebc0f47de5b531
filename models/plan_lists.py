"""The plan as people read it: a page of its books, its totals, what its series lack.

A city plans 150,000 books; no question here may read them all. Lists go unit by unit in the order
of their names, which the key of the tables (unit, kind, year, volume) gives without sorting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    tuple_,
    union,
)

from models.clock import Today
from models.counters import BOOKS
from models.database import Database
from models.states import BookState, Role
from models.tables import Book, Contractor, DecadeCounter, PlannedBook, Unit
from models.units import UnitName, unit_ids
from models.users import User
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

    @property
    def place(self) -> Place:
        """Where it stands in the list; the next page begins behind it."""
        return self.unit_id, self.kind, self.year, self.volume


Place = tuple[str, Kind, int, str]
"""Unit, kind, year and volume of a planned book."""


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
class GapPage:
    """Holes of the units ``first`` to ``last``, counted from 1, of ``units``."""

    gaps: list[Gap]
    first: int
    last: int
    units: int


@dataclass(frozen=True)
class PlanTotals:
    """How many books are expected, came in, are due and late."""

    expected: int
    arrived: int
    overdue: int
    unplanned: int
    """Books that are here and stand in no plan."""


def planned_books(
    db: Database,
    user: User,
    *,
    unit: str = "",
    missing_only: bool = False,
    after: Place | None = None,
    limit: int = 100,
) -> list[Planned]:
    """Expected books that this person may see, unit by unit, with what became of them.

    Args:
        db: the database.
        user: whose units, or whose firm's books.
        unit: id or name of units, as people type it; empty: all.
        missing_only: leave out what has come in.
        after: only what stands behind this place.
        limit: rows at the most.
    """
    found: list[Planned] = []
    with db.read() as connection:
        units = [one.id for one in _units(connection, user, unit)]
        if after is not None:
            units = units[units.index(after[0]) :] if after[0] in units else []
        for one in units:
            query = _books_of_unit(user, one, missing_only).limit(limit - len(found))
            if after is not None and one == after[0]:
                columns = tuple_(PlannedBook.kind, PlannedBook.year, PlannedBook.volume)
                query = query.where(columns > after[1:])
            found += [_planned(row) for row in connection.execute(query)]
            if len(found) == limit:
                break
    return found


def _books_of_unit(user: User, unit: str, missing_only: bool) -> Select[*tuple[Any, ...]]:
    late = and_(PlannedBook.due.is_not(None), PlannedBook.due < Today())
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
        .where(in_plan(user), PlannedBook.unit_id == unit)
        .order_by(PlannedBook.kind, PlannedBook.year, PlannedBook.volume)
    )  # fmt: skip
    return query.where(Book.id.is_(None)) if missing_only else query


def _planned(row: Any) -> Planned:
    return Planned(
        row.id, row.unit_id, f"{row.type} {row.name}".strip(), row.district,
        Kind(row.kind), row.year, row.volume, row.pages, row.due, row.contractor or "",
        row.note, row.source, row.code or "",
        BookState(row.state) if row.state else None, bool(row.late) and row.code is None,
    )  # fmt: skip


def plan_totals(db: Database, user: User) -> PlanTotals:
    """The plan in four numbers."""
    late = and_(PlannedBook.due < Today(), Book.id.is_(None))
    with db.read() as connection:
        row = connection.execute(
            select(func.count(), func.count(Book.id), func.count().filter(late))
            .select_from(PlannedBook)
            .outerjoin(Book, _SAME)
            .where(in_plan(user))
        ).one()
        unplanned = 0
        if user.sees_all:
            # Each planned book has at most one that came in: the others stand in no plan.
            here = connection.execute(select(func.count()).select_from(Book)).scalar_one()
            unplanned = here - row[1]
    return PlanTotals(row[0], row[1], row[2], unplanned)


def plan_gaps(
    db: Database, user: User, *, unit: str = "", first: int = 1, units: int = 12
) -> GapPage:
    """Series with holes, over what is planned and what is here, some units at a time.

    Args:
        db: the database.
        user: whose units, or whose firm's books.
        unit: id or name of units, as people type it; empty: all.
        first: the first unit to look at, by name, from 1.
        units: how many to look at.
    """
    with db.read() as connection:
        all_units = _units(connection, user, unit)
        first = min(max(first, 1), max(len(all_units), 1))
        chosen = {one.id: one for one in all_units[first - 1 : first - 1 + units]}
        series: dict[tuple[str, Kind], dict[int, set[str]]] = {}
        for unit_id, kind, year, volume in _volumes(connection, user, list(chosen)):
            series.setdefault((unit_id, Kind(kind)), {}).setdefault(year, set()).add(volume)
    gaps = [
        _gap(chosen[unit_id], kind, years)
        for unit_id in chosen
        for kind in Kind
        if (years := series.get((unit_id, kind)))
    ]
    holes = [gap for gap in gaps if gap.years or gap.volumes]
    return GapPage(holes, first, first - 1 + len(chosen), len(all_units))


def _units(connection: Connection, user: User, text: str) -> list[UnitName]:
    """Units of this person of which anything is planned or here, by name."""
    if user.role is Role.CONTRACTOR:
        known = select(PlannedBook.unit_id).where(in_plan(user)).distinct()
    else:
        counted = DecadeCounter.__table__.c
        books = (counted[name] for name in ("books_expected", *BOOKS))
        known = select(counted.unit_id).where(or_(*(one > 0 for one in books))).distinct()
    query = select(Unit.id, Unit.name, Unit.type, Unit.district).where(Unit.id.in_(known))
    if user.role is not Role.CONTRACTOR and not user.sees_all:
        query = query.where(Unit.id.in_(sorted(user.units)))
    if text:
        query = query.where(Unit.id.in_(unit_ids(connection, text)))
    rows = connection.execute(query.order_by(Unit.name_key, Unit.id))
    return [UnitName(row.id, row.name, row.type, row.district) for row in rows]


def _volumes(
    connection: Connection, user: User, units: list[str]
) -> Iterator[tuple[str, str, int, str]]:
    planned = select(
        PlannedBook.unit_id, PlannedBook.kind, PlannedBook.year, PlannedBook.volume
    ).where(in_plan(user), PlannedBook.unit_id.in_(units))
    here = select(Book.unit_id, Book.kind, Book.year, Book.volume).where(Book.unit_id.in_(units))
    # A firm is told of its own part of the plan alone.
    both = planned if user.role is Role.CONTRACTOR else union(planned, here)
    for row in connection.execute(both):
        yield row[0], row[1], row[2], row[3]


def _gap(unit: UnitName, kind: Kind, years: dict[int, set[str]]) -> Gap:
    first, last = min(years), max(years)
    skipped = tuple(year for year in range(first, last) if year not in years)
    holes = []
    for year, volumes in sorted(years.items()):
        numbers = {int(volume) for volume in volumes if volume.isdecimal()} - {0}
        missing = tuple(n for n in range(1, max(numbers, default=0)) if n not in numbers)
        if missing:
            holes.append((year, missing))
    books = sum(len(volumes) for volumes in years.values())
    return Gap(
        unit.id, f"{unit.type} {unit.name}".strip(), unit.district, kind, first, last, books,
        skipped, tuple(holes),
    )  # fmt: skip


def in_plan(user: User) -> ColumnElement[bool]:
    """Planned books that this person may see."""
    if user.role is Role.CONTRACTOR:
        return PlannedBook.contractor_id == (user.contractor_id or 0)
    return true() if user.sees_all else PlannedBook.unit_id.in_(sorted(user.units))


_SAME = and_(
    Book.unit_id == PlannedBook.unit_id,
    Book.kind == PlannedBook.kind,
    Book.year == PlannedBook.year,
    Book.volume == PlannedBook.volume,
)
