"""The supervisor's page: what waits, who is at what, second keyings and error rates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Supervisor, TheDesk
from desk.templating import render
from models.bare_pages import bare_total
from models.keyings import operator_rates, plan_keying
from models.overview import books_at_desk, live_holds, set_priority, waiting_entries
from models.reviewing import return_entry
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.fields import FIELDS

router = APIRouter()
_HIGHEST = 100
_SHOWN = 50
"""Books that wait for operators; others are found by their unit."""


@router.get("/overview")
def overview(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """All a supervisor has to look after, of their units."""
    books = books_at_desk(desk.database, user, unit=unit, limit=_SHOWN + 1)
    return render(
        request,
        "overview.html",
        books=books[:_SHOWN],
        more=len(books) > _SHOWN,
        unit=unit,
        waiting=waiting_entries(desk.database, user),
        bare=bare_total(desk.database, user),
        holds=live_holds(desk.database, user),
        rates=operator_rates(desk.database, user),
        fields=FIELDS,
    )


@router.post("/books/{book_id}/priority")
def priority(
    desk: TheDesk, user: Supervisor, book_id: int, priority: Annotated[int, Form()] = 0
) -> Response:
    """Earlier or later in the queue."""
    if not -_HIGHEST <= priority <= _HIGHEST:
        raise BadValueError(str(priority)[:20])
    set_priority(desk.database, user, _id(book_id), priority)
    return RedirectResponse("/overview", 303)


@router.post("/books/{book_id}/keying")
def keying(
    desk: TheDesk,
    user: Supervisor,
    book_id: int,
    fields: Annotated[list[str] | None, Form()] = None,
    all_fields: Annotated[bool, Form()] = False,
    stop: Annotated[bool, Form()] = False,
) -> Response:
    """Have fields of a book keyed twice, or stop that."""
    chosen = [] if all_fields else [name for name in fields or [] if name]
    unknown = [name for name in chosen if name not in FIELDS]
    if unknown or (not chosen and not all_fields and not stop):
        raise BadValueError(", ".join(unknown)[:100])
    plan_keying(desk.database, user, _id(book_id), None if stop else chosen)
    return RedirectResponse("/overview", 303)


@router.post("/entries/{entry_id}/return")
def back(desk: TheDesk, user: Supervisor, entry_id: int) -> Response:
    """Put an escalated entry back into the operators' queue."""
    if not return_entry(desk.database, user, _id(entry_id)):
        raise OutOfReachError()
    return RedirectResponse("/overview", 303)


def _id(number: int) -> int:
    """The number where a database key may have it."""
    if not 0 < number < 2**31:
        raise OutOfReachError()
    return number
