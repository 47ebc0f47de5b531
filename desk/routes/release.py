"""An entry as a supervisor sees it, and the signatures under entries and books."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.board.picture import figures
from desk.guard import Supervisor, TheDesk
from desk.here import HereNow
from desk.review.shown import STATES, in_language, label_of
from desk.review.view import context_of, explained, is_void, meaning_of, text_of
from desk.review.words import kinds_of
from desk.routes.links import entry_links
from desk.templating import render
from models.check_lists import open_round
from models.correcting import FieldChange
from models.releasing import (
    approve_correction,
    correct_released,
    release_book,
    release_entry,
    set_four_eyes,
)
from models.targets import decision_in_force
from models.viewing import view_entry
from pipeline.checks.voids import VOID, VOIDED
from pipeline.errors import BadValueError, InputError, OutOfReachError
from pipeline.types import ValueState
from pipeline.values.persons import persons_value

router = APIRouter(prefix="/progress")


@router.get("/entries/{entry_id}")
def entry(
    request: Request,
    at: HereNow,
    user: Supervisor,
    entry_id: int,
    whole: bool = False,
    moved: bool = False,
) -> Response:
    """The page's picture with the entry marked, and beside it all that stands."""
    seen = view_entry(at.db, user, entry_id)
    context = context_of(seen.entry, at.today)
    fields = [
        {
            "field": field,
            "label": label_of(field.field, at.language),
            "text": text_of(field)[0],
            "state": in_language(STATES[text_of(field)[1]], at.language),
            "written": text_of(field)[1] in (ValueState.WRITTEN, ValueState.DITTO),
            "meaning": meaning_of(field.field, field.shown[0], context, at.gazetteer, at.language),
        }
        for field in seen.entry.fields
    ]
    return render(
        request, "record.html", check=open_round(at.db, user, entry_id),
        seen=seen, entry=seen.entry, fields=fields, whole=whole, void=is_void(seen.entry),
        figures=figures(seen.entry, at.address, whole=whole),
        findings=[explained(one, at.language) for one in seen.entry.findings],
        links=entry_links(at, entry_id), moved=moved, kinds=kinds_of(at.language),
        label_of=lambda name: label_of(name, at.language),
        states=[(str(kind), in_language(text, at.language)) for kind, text in STATES.items()],
    )  # fmt: skip


@router.post("/entries/{entry_id}/release")
def sign_entry(
    desk: TheDesk,
    user: Supervisor,
    entry_id: int,
    as_written: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """A signature under an entry; with a reason also where the paper itself breaks a rule."""
    release_entry(desk.database, user, _key(entry_id), as_written=as_written)
    return RedirectResponse(f"/progress/entries/{entry_id}", 303)


@router.post("/entries/{entry_id}/correct")
def correct(
    at: HereNow,
    user: Supervisor,
    entry_id: int,
    field: Annotated[str, Form(max_length=40)],
    text: Annotated[str, Form(max_length=4000)] = "",
    state: Annotated[str, Form(max_length=20)] = "written",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """A recorded correction of a released value."""
    if state not in list(ValueState):
        raise BadValueError(state)
    seen = view_entry(at.db, user, _key(entry_id))
    value: str | None = None
    kind = ValueState(state)
    if kind in (ValueState.WRITTEN, ValueState.DITTO):
        text = text.strip() or (VOID if field == VOIDED else "")
        try:
            value, kind = persons_value(field, text, "", context_of(seen.entry, at.today))
        except InputError as error:
            raise BadValueError(error.what()) from error
    correct_released(at.db, user, entry_id, FieldChange(field, kind, value), reason)
    return RedirectResponse(f"/progress/entries/{entry_id}", 303)


@router.post("/corrections/{correction_id}/approve")
def approve(
    desk: TheDesk, user: Supervisor, correction_id: int, entry: Annotated[int, Form()] = 0
) -> Response:
    """The second signature under a correction."""
    approve_correction(desk.database, user, _key(correction_id))
    return RedirectResponse(f"/progress/entries/{_key(entry)}", 303)


@router.post("/books/{book_id}/release")
def sign_book(
    desk: TheDesk,
    user: Supervisor,
    book_id: int,
    closing: Annotated[str, Form(max_length=10)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """A signature under a book."""
    closing = closing.strip()
    if closing and not (closing.isascii() and closing.isdecimal()):
        raise BadValueError(closing)
    if not 0 < book_id < 2**31:
        raise OutOfReachError()
    thresholds = decision_in_force(desk.database, desk.settings.config)
    release_book(
        desk.database, user, book_id, thresholds,
        closing=int(closing) if closing else None, note=note,
    )  # fmt: skip
    return RedirectResponse(f"/progress/books/{book_id}", 303)


@router.post("/units/{unit_id}/four-eyes")
def four_eyes(
    desk: TheDesk, user: Supervisor, unit_id: str, on: Annotated[bool, Form()] = False
) -> Response:
    """Whether two people sign in a unit."""
    set_four_eyes(desk.database, user, unit_id, on)
    return RedirectResponse(f"/progress/units/{unit_id}?view=then", 303)


def _key(number: int) -> int:
    if not 0 < number < 2**63:
        raise OutOfReachError()
    return number
