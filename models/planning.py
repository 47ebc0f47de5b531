"""The plan: which books exist, who scans them and until when; ``plan_lists`` shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.expected import count_expected
from models.naming import volume_key
from models.plan_lists import Place, in_plan
from models.tables import Book, Contractor, PlannedBook, Unit
from models.users import User
from pipeline.errors import DuplicateBookError, ForeignBookError, IntakeError
from pipeline.scan.inventory import Expected
from pipeline.texts import Text
from pipeline.types import Kind


def put_plan(
    db: Database, books: Iterable[Expected], *, source: str, user: User, refused: int = 0
) -> tuple[int, int, list[tuple[int, str]]]:
    """Write expected books; one already there is brought up to date.

    Args:
        db: the database.
        books: what a sheet or a person says.
        source: the sheet's name, or the person's.
        user: who puts them in.
        refused: rows of the sheet that could not be used, for the log.

    Returns:
        How many are new, how many changed, and rows whose contractor or unit is not known, with
        what was written.

    Raises:
        IntakeError: the person may not plan for these units.
    """
    unknown: list[tuple[int, str]] = []
    known: dict[Place, tuple[Expected, int | None]] = {}
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
            place = (book.unit_id, book.kind, book.year, volume_key(book.volume))
            known[place] = (book, firms.get(book.contractor))
        added, changed = _put(connection, known, source)
        count_expected(connection, {place[0] for place in known})
        detail = {
            "added": added,
            "changed": changed,
            "source": source,
            "wrong": len(unknown) + refused,
        }
        record_event(connection, user.login, "plan.changed", "plan", detail)
    return added, changed, unknown


def _put(
    connection: Connection, books: dict[Place, tuple[Expected, int | None]], source: str
) -> tuple[int, int]:
    """Insert what is new at once (a city's sheet has 150,000 rows), update what differs."""
    columns = PlannedBook.__table__.c
    there = {
        (row.unit_id, Kind(row.kind), row.year, row.volume): row
        for row in connection.execute(
            select(PlannedBook.__table__).where(columns.unit_id.in_({place[0] for place in books}))
        )
    }
    new, changed = [], 0
    for place, (book, contractor_id) in books.items():
        values = {
            "pages": book.pages, "due": book.due, "contractor_id": contractor_id,
            "note": book.note,
        }  # fmt: skip
        old = there.get(place)
        from_row = f"{source}, {book.row}"
        if old is None:
            names = dict(zip(("unit_id", "kind", "year", "volume"), place, strict=True))
            new.append({**names, **values, "source": from_row})
        elif any(getattr(old, name) != value for name, value in values.items()):
            changed += 1
            connection.execute(
                update(PlannedBook).where(columns.id == old.id).values(source=from_row, **values)
            )
    if new:
        connection.execute(insert(PlannedBook).values(added_at=Now()), new)
    return len(new), changed


def remove_planned(db: Database, user: User, planned_id: int) -> bool:
    """Take a book out of the plan; False where it is not there or not theirs."""
    with db.write() as connection:
        row = connection.execute(
            delete(PlannedBook)
            .where(PlannedBook.id == planned_id, in_plan(user))
            .returning(PlannedBook.unit_id, PlannedBook.kind, PlannedBook.year, PlannedBook.volume)
        ).first()
        if row is None:
            return False
        count_expected(connection, {row.unit_id})
        detail = {"unit": row.unit_id, "kind": str(row.kind), "year": row.year, "vol": row.volume}
        record_event(connection, user.login, "plan.removed", "plan", detail)
    return True


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


def contractor_names(db: Database) -> Sequence[str]:
    """Firms by name."""
    with db.read() as connection:
        return list(connection.execute(select(Contractor.name).order_by(Contractor.name)).scalars())
