"""Reads a batch as a contractor hands it over: a folder or zip of books."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import (
    ArchiveError,
    DuplicateBookError,
    InputError,
    MissingFileError,
    UnreadableFileError,
)  # fmt: skip
from pipeline.scan.archive import unpack
from pipeline.scan.book import book_digest, keep, look_at_files
from pipeline.scan.cover import parse_kind, parse_year, volume_key
from pipeline.scan.listing import Listed, Listing, list_books
from pipeline.scan.names import nfc
from pipeline.scan.report import BatchSource, FindUnit, Notice, Progress, Refusal
from pipeline.scan.store import ScanStore
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import BookSource, Kind, ScanRef

MayTake = Callable[[str, Kind, int, str], None]
"""Unit id, kind, year and volume (``volume_key``) of a book; raises where it is not welcome."""


def read_batch(
    path: Path,
    *,
    find_unit: FindUnit,
    store: ScanStore,
    settings: Settings,
    progress: Progress | None = None,
) -> BatchSource:
    """Reads a batch: finds its books, checks them, and keeps their files in the store.

    Only headers and digests are read, no pixels. A bad book is refused and the others go on; a
    bad page keeps its place in its book and is reported.

    Args:
        path: folder or zip.
        find_unit: unit and district as written and the year to a unit id.
        store: where originals are kept; refused books are not.
        settings: limits on pixels and on what an archive unpacks to.
        progress: called for each file; from 1 to all of them, first while a zip is unpacked,
            then again while books are read.

    Raises:
        MissingFileError: there is nothing at ``path``.
        ArchiveError: the zip is broken or not safe.
        ManifestError: nobody can tell what the books are.
        DiskFullError: nothing half-written stays; what was kept is found again on the next try.
    """
    name = nfc(path.resolve().name)
    store.sweep()
    if path.is_dir():
        return _read_folder(path, name, (), find_unit, store, settings, progress, move=False)
    if not path.is_file():
        raise MissingFileError(str(path))
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise ArchiveError(
                Text("không phải thư mục hay tệp zip", "neither a folder nor a zip").format(),
                where=name,
            )
    with store.incoming() as folder:
        refused = unpack(path, folder, store, settings, progress)
        return _read_folder(
            folder, nfc(path.stem), refused, find_unit, store, settings, progress, move=True
        )


def _read_folder(
    root: Path,
    name: str,
    already_refused: Sequence[Refusal],
    find_unit: FindUnit,
    store: ScanStore,
    settings: Settings,
    progress: Progress | None,
    *,
    move: bool,
) -> BatchSource:
    try:
        listing = list_books(root, name)
    except OSError as error:
        raise UnreadableFileError(error.strerror or str(error), where=name) from error
    listing = replace(listing, refused=(*already_refused, *listing.refused))
    return read_listing(
        listing, name, find_unit=find_unit, store=store, settings=settings, progress=progress,
        move=move,
    )  # fmt: skip


def read_listing(
    listing: Listing,
    name: str,
    *,
    find_unit: FindUnit,
    store: ScanStore | None,
    settings: Settings,
    progress: Progress | None = None,
    may_take: MayTake | None = None,
    move: bool = False,
) -> BatchSource:
    """Reads the books of a listing as :func:`read_batch` does.

    Args:
        listing: which files make which book.
        name: of the batch.
        find_unit: unit and district as written and the year to a unit id.
        store: where originals are kept; None: nothing is kept, the books are only looked at.
        settings: limits.
        progress: called for each file.
        may_take: asked for each book; raises an ``InputError`` that refuses it.
        move: take the files away from where they are.
    """
    refused = list(listing.refused)
    warnings = list(listing.warnings)
    total = sum(len(listed.files) for listed in listing.books)
    done = 0

    def seen(path: Path) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total, nfc(path.name))

    owners: dict[object, str] = {}
    books: list[BookSource] = []
    for listed in listing.books:
        try:
            book, notices = _read_book(
                listed, find_unit, may_take, store, settings, owners, seen, move=move
            )
        except InputError as error:
            error.where = _join(listed.row.where, error.where)
            refused.append(Refusal(listed.row.where, error))
        else:
            books.append(book)
            warnings += notices
    return BatchSource(name, _digest(books), tuple(books), tuple(refused), tuple(warnings))


def _read_book(
    listed: Listed,
    find_unit: FindUnit,
    may_take: MayTake | None,
    store: ScanStore | None,
    settings: Settings,
    owners: dict[object, str],
    seen: Callable[[Path], None],
    *,
    move: bool,
) -> tuple[BookSource, list[Notice]]:
    """One book, or the error that refuses it. ``owners`` tells what earlier rows have taken."""
    row = listed.row
    kind, year = parse_kind(row.kind), parse_year(row.year)
    unit_id = find_unit(row.unit, row.district, year)
    identity = unit_id, kind, year, volume_key(row.volume)
    if may_take:
        may_take(*identity)
    _refuse_taken(owners, [identity, *listed.files])
    leaves, notices = look_at_files(listed.files, listed.base, settings, seen)
    digest = book_digest(leaf.digest for leaf in leaves)
    _refuse_taken(owners, [digest])
    if store is None:
        scans = tuple(
            ScanRef("", leaf.index, number, leaf.digest, leaf.name)
            for number, leaf in enumerate(leaves, 1)
        )
    else:
        scans = keep(leaves, store, move=move)
    owners.update(dict.fromkeys([identity, digest, *listed.files], row.where))
    book = BookSource(
        path=row.path,
        unit=row.unit,
        district=row.district,
        kind=kind,
        year=year,
        volume=row.volume,
        note=row.note,
        scans=scans,
        digest=digest,
        unit_id=unit_id,
    )
    return book, [replace(said, where=_join(row.path, said.where)) for said in notices]


def _refuse_taken(owners: dict[object, str], keys: Sequence[object]) -> None:
    for key in keys:
        if key in owners:
            raise DuplicateBookError(
                Text("cùng một quyển với {other}", "the same book as {other}").format(
                    other=owners[key]
                )
            )


def _join(where: str, inside: str) -> str:
    return f"{where}: {inside}" if inside and inside != where else where


def _digest(books: Sequence[BookSource]) -> str:
    lines = (
        f"{book.unit_id} {Kind(book.kind)} {book.year} {volume_key(book.volume)} {book.digest}"
        for book in books
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
