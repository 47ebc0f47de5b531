"""Scans without entries: listed per book, looked at, their table shown, set aside with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from desk.guard import Supervisor, TheDesk
from desk.here import HereNow
from desk.review.boxes import Moves, boxes_view, edits_of
from desk.review.words import boxes_texts, kinds_of
from desk.templating import render
from models.bare_pages import (
    bare_boxes,
    bare_scan,
    bare_scans,
    books_with_bare,
    fix_bare,
    nothing_here,
    read_again,
    scan_again,
)
from models.board import books_of
from pipeline.errors import OutOfReachError

router = APIRouter(prefix="/pages")
_SHOWN = 100
"""Books of a page."""
Reason = Annotated[str, Form(max_length=1000)]


@router.get("")
def books(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    book: int = 0,
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Books with scans of which nothing came; of one book all scans without entries."""
    found = books_with_bare(desk.database, user, after=after, limit=_SHOWN + 1)
    scans = bare_scans(desk.database, user, _id(book)) if book else []
    if book and not scans and not books_of(desk.database, user, book_id=book):
        raise OutOfReachError()
    return render(
        request, "bare.html", books=found[:_SHOWN], scans=scans, chosen=book, after=after,
        behind=found[_SHOWN - 1].code if len(found) > _SHOWN else "",
    )  # fmt: skip


@router.get("/{scan_id}")
def show(scan_id: int, at: HereNow, user: Supervisor, request: Request) -> Response:
    """One scan, with corners to be laid on its table."""
    scan = bare_scan(at.db, user, scan_id)
    found = bare_boxes(at.db, user, scan_id)
    data = {**boxes_view(found, at.address, "", at.language), "base": f"/pages/{scan_id}"}
    return render(
        request, "boxes.html", found=found, kinds=kinds_of(at.language), bare=scan, data=data,
        texts=boxes_texts(at.language),
    )  # fmt: skip


@router.post("/{scan_id}/save")
def save(scan_id: int, moves: Moves, at: HereNow, user: Supervisor) -> Response:
    """Keep the corners; the scan is read again."""
    found = bare_boxes(at.db, user, scan_id)
    edits = edits_of(moves, found, user.login)
    return JSONResponse({"scans": fix_bare(at.db, user, scan_id, moves.stamp, edits)})


@router.post("/{scan_id}/nothing")
def nothing(desk: TheDesk, user: Supervisor, scan_id: int, reason: Reason = "") -> Response:
    """There is nothing to read on it."""
    scan = bare_scan(desk.database, user, scan_id)
    nothing_here(desk.database, user, scan_id, reason)
    return _back(scan.book_id)


@router.post("/{scan_id}/rescan")
def rescan(desk: TheDesk, user: Supervisor, scan_id: int, reason: Reason = "") -> Response:
    """The contractor must scan it again."""
    scan = bare_scan(desk.database, user, scan_id)
    scan_again(desk.database, user, scan_id, reason)
    return _back(scan.book_id)


@router.post("/{scan_id}/again")
def again(desk: TheDesk, user: Supervisor, scan_id: int) -> Response:
    """What was said of it is taken back; it is read once more."""
    scan = bare_scan(desk.database, user, scan_id)
    read_again(desk.database, user, scan_id)
    return _back(scan.book_id)


def _back(book_id: int) -> Response:
    return RedirectResponse(f"/pages?book={book_id}", 303)


def _id(number: int) -> int:
    if not 0 < number < 2**31:
        raise OutOfReachError()
    return number
