"""The second loop: its plan, the books in it, and what was found in a drawn entry."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Supervisor, TheDesk
from desk.review.shown import label_of
from desk.templating import render
from models.board import books_of
from models.check_lists import books_in_check, books_to_check
from models.checking import (
    choose_plan,
    draw_round,
    note_check,
    plan_choice,
    rounds_of,
    send_all_back,
)
from pipeline.checks.lot_plan import Mode, PlanChoice, looked_at, passes, plan_for
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.texts import language

router = APIRouter(prefix="/checks")
_LOTS = (20, 50, 100, 200, 400)
"""Sizes of books for which a plan is shown."""
_SHARES = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Error rates of a book for which the chance to pass is shown."""
Percent = Annotated[str, Form(max_length=12)]


@router.get("")
def checks(request: Request, desk: TheDesk, user: Supervisor) -> Response:
    """The plan with what it means, and the books in the second loop."""
    choice = plan_choice(desk.database)
    return render(
        request, "checks.html", choice=choice, modes=get_args(Mode), sizes=_sizes(choice),
        shares=_SHARES, books=books_in_check(desk.database, user),
        ready=books_to_check(desk.database, user),
    )  # fmt: skip


@router.post("/plan")
def plan(
    desk: TheDesk,
    user: Supervisor,
    mode: Annotated[str, Form(max_length=10)] = "off",
    share: Percent = "30",
    allowed: Percent = "1",
    limit: Percent = "10",
) -> Response:
    """Another plan from now on."""
    if mode not in get_args(Mode):
        raise BadValueError(mode)
    choice = PlanChoice(
        mode,  # type: ignore[arg-type]
        share=_share(share), allowed=_share(allowed), limit=_share(limit),
    )  # fmt: skip
    choose_plan(desk.database, user, choice)
    return RedirectResponse("/checks", 303)


@router.get("/books/{book_id}")
def book(request: Request, desk: TheDesk, user: Supervisor, book_id: int) -> Response:
    """The rounds of a book, and its findings."""
    found = books_of(desk.database, user, book_id=_key(book_id))
    if not found:
        raise OutOfReachError()
    return render(
        request, "check_book.html", book=found[0], rounds=rounds_of(desk.database, user, book_id),
        choice=plan_choice(desk.database), label_of=lambda name: label_of(name, language()),
    )  # fmt: skip


@router.post("/books/{book_id}/draw")
def drawn(
    desk: TheDesk, user: Supervisor, book_id: int, seed: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """A sample of the book."""
    draw_round(desk.database, user, _key(book_id), " ".join(seed.split()))
    return RedirectResponse(f"/checks/books/{book_id}", 303)


@router.post("/rounds/{round_id}/entries/{entry_id}")
def note(
    desk: TheDesk,
    user: Supervisor,
    round_id: int,
    entry_id: int,
    wrong: Annotated[bool, Form()] = False,
    field: Annotated[list[str] | None, Form()] = None,
    note: Annotated[str, Form(max_length=500)] = "",
    book: Annotated[int, Form()] = 0,
) -> Response:
    """What was found; then to the next entry nobody has looked at, or back to the book."""
    fields = [one[:40] for one in field or [] if one][:60]
    if entry_id >= 2**63:
        raise OutOfReachError()
    # The next entry is one of the same round, whatever book the form names.
    same = [one for one in rounds_of(desk.database, user, _key(book)) if one.id == round_id]
    if not same:
        raise OutOfReachError()
    verdict = note_check(
        desk.database, user, _key(round_id), entry_id, wrong=wrong, fields=fields, note=note
    )
    newest = rounds_of(desk.database, user, book)[0]
    left = [one.entry_id for one in newest.entries if one.wrong is None]
    if verdict is None and left:
        return RedirectResponse(f"/progress/entries/{left[0]}", 303)
    return RedirectResponse(f"/checks/books/{book}", 303)


@router.post("/rounds/{round_id}/all-back")
def all_back(
    desk: TheDesk, user: Supervisor, round_id: int, book: Annotated[int, Form()] = 0
) -> Response:
    """Every entry of a failed book is looked at again."""
    send_all_back(desk.database, user, _key(round_id))
    return RedirectResponse(f"/checks/books/{_key(book)}", 303)


def _sizes(choice: PlanChoice) -> list[dict[str, Any]]:
    if choice.mode == "off":
        return []
    rows = []
    for lot in _LOTS:
        made = plan_for(choice, lot)
        chances = [passes(made, lot, round(share * lot)) for share in _SHARES]
        good = looked_at(made, lot, round(choice.allowed * lot))
        rows.append({"lot": lot, "plan": made, "chances": chances, "average": good})
    return rows


def _share(text: str) -> float:
    """``2,5`` per cent as a share.

    Raises:
        BadValueError: no number.
    """
    try:
        return round(float(text.replace(",", ".").replace("%", "")) / 100, 6)
    except ValueError:
        raise BadValueError(text) from None


def _key(number: int) -> int:
    if not 0 < number < 2**31:
        raise OutOfReachError()
    return number
