"""A book as a whole: what it is, its scans and its form."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, false, or_, select, update

from models.audit import record_event
from models.database import Database
from models.rows import form_column, form_from
from models.states import BookState, Stage
from models.tables import Batch, Book, Contractor, Scan, Unit
from models.units import UnitName
from pipeline.types import BookForm, Kind, ScanRef


@dataclass(frozen=True)
class BookRecord:
    """A book as the database knows it."""

    id: int
    code: str
    batch_id: int
    contractor: str
    unit: UnitName
    kind: Kind
    year: int
    volume: str
    digest: str
    path: str
    note: str
    stage: Stage
    state: BookState
    form_id: str | None


_BOOKS = (
    select(
        Book.id, Book.code, Book.batch_id, Book.unit_id, Book.kind, Book.year, Book.volume,
        Book.digest, Book.path, Book.note, Book.stage, Book.state, Book.form_id,
        Contractor.name.label("contractor"),
        Unit.name.label("unit_name"), Unit.type.label("unit_type"), Unit.district,
    )
    .join(Batch, Batch.id == Book.batch_id)
    .join(Contractor, Contractor.id == Batch.contractor_id)
    .join(Unit, Unit.id == Book.unit_id)
)  # fmt: skip


def _book(row: RowMapping) -> BookRecord:
    columns = dict(row)
    unit = UnitName(
        id=columns.pop("unit_id"),
        name=columns.pop("unit_name"),
        type=columns.pop("unit_type"),
        district=columns.pop("district"),
    )
    return BookRecord(unit=unit, **columns)


def load_book(db: Database, book_id: int) -> BookRecord:
    """One book.

    Raises:
        LookupError: no book has this id.
    """
    with db.read() as connection:
        row = connection.execute(_BOOKS.where(Book.id == book_id)).mappings().first()
    if row is None:
        raise LookupError(f"book {book_id}")
    return _book(row)


def find_books(db: Database, wanted: str) -> list[BookRecord]:
    """The book of this id or code; otherwise all whose code begins so."""
    match = or_(
        Book.code.startswith(wanted, autoescape=True),
        Book.id == int(wanted) if wanted.isdecimal() else false(),
    )
    with db.read() as connection:
        rows = connection.execute(_BOOKS.where(match).order_by(Book.code)).mappings().all()
    books = [_book(row) for row in rows]
    return [book for book in books if wanted in (book.code, str(book.id))] or books


def book_scans(db: Database, book_id: int) -> list[ScanRef]:
    """All scans of a book in reading order."""
    query = select(Scan.path, Scan.position, Scan.number, Scan.digest, Scan.name)
    with db.read() as connection:
        rows = connection.execute(query.where(Scan.book_id == book_id).order_by(Scan.number))
        return [ScanRef(*row) for row in rows]


def save_book_form(
    db: Database, book_id: int, form: BookForm, *, replace: bool = False, run_ref: str = ""
) -> BookForm:
    """Keep the form of a book; returns the form in force.

    The first one stays unless ``replace``: scans already read with it must not get another.
    """
    with db.write() as connection:
        there, code = connection.execute(
            select(Book.form, Book.code).where(Book.id == book_id).with_for_update()
        ).one()
        if there is not None and not replace:
            return form_from(there)
        connection.execute(
            update(Book)
            .where(Book.id == book_id)
            .values(form_id=form.form_id or None, form=form_column(form))
        )
        detail = {"form": form.form_id, "version": form.version, "score": form.score}
        record_event(connection, run_ref, "book.form", code, detail)
    return form


def load_book_form(db: Database, book_id: int) -> BookForm | None:
    """The form of a book, None where it is not yet known."""
    with db.read() as connection:
        column = connection.execute(select(Book.form).where(Book.id == book_id)).scalar_one()
    return None if column is None else form_from(column)
