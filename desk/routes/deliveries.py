"""A delivery: files in, checked, confirmed, queued. Each answer is a change of state, no work."""

from __future__ import annotations

import mimetypes
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from desk.guard import Contractor, Desk, TheDesk
from desk.intake.room import IntakeRoom
from desk.templating import render
from models.deliveries import (
    AT_WORK,
    OPEN_STATES,
    DeliveryView,
    drop_files,
    find_delivery,
    move_delivery,
    open_delivery,
    set_books,
)
from models.delivery_files import files_of
from models.states import DeliveryState
from models.users import User
from pipeline.errors import IntakeError, OutOfReachError
from pipeline.places import load_gazetteer, registering_units
from pipeline.scan.manifest import COLUMNS
from pipeline.texts import Text, language

router = APIRouter(prefix="/deliveries")
_LONGEST = 200
_EDITED = tuple(column for column in COLUMNS if column != "path")
mimetypes.add_type("text/javascript", ".js")


@router.post("")
def begin(desk: TheDesk, user: Contractor, name: Annotated[str, Form()] = "") -> Response:
    """A new delivery."""
    return _to(open_delivery(desk.database, user, name))


@router.get("/{delivery_id}")
def show(request: Request, desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """The delivery's page."""
    delivery = _found(desk, user, delivery_id)
    return render(
        request,
        "delivery.html",
        delivery=delivery,
        said=_said(delivery),
        units=_unit_names(desk) if delivery.books else [],
        limit=desk.options.upload_gigabytes,
        ready=len(_good(delivery)),
    )


@router.get("/{delivery_id}/state")
def state(request: Request, desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """How far it is; asks the browser to load the page anew when that is over."""
    delivery = _found(desk, user, delivery_id)
    reply = render(request, "delivery_state.html", delivery=delivery)
    if not delivery.at_work:
        reply.headers["HX-Refresh"] = "true"
    return reply


@router.get("/{delivery_id}/files")
def files(desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """What is here already, so that a browser goes on where any browser stopped."""
    delivery = _found(desk, user, delivery_id)
    return JSONResponse(
        [
            {
                "path": file.path, "size": file.size, "modified": file.modified,
                "received": file.received, "url": f"/uploads/{file.token}",
            }
            for file in files_of(desk.database, delivery.id)
        ]
    )  # fmt: skip


@router.post("/{delivery_id}/check")
def check(desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """Have it checked; the answer does not wait for that."""
    delivery = _found(desk, user, delivery_id)
    if not delivery.files_whole or delivery.files_whole < delivery.files:
        raise IntakeError(
            Text("còn tệp chưa tải xong", "some files are not here whole yet").format()
        )
    _move(desk, user, delivery, DeliveryState.CHECKING, OPEN_STATES)
    return _to(delivery.id)


@router.post("/{delivery_id}/books")
async def books(request: Request, desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """Keep what the contractor says of the books, and check again."""
    form = await request.form(max_fields=20_000, max_files=0)
    delivery = _found(desk, user, delivery_id)
    if delivery.state is not DeliveryState.CHECKED:
        raise IntakeError(Text("lô đã thay đổi", "the delivery has changed").format())
    rows = []
    for number, book in enumerate(delivery.books):
        given = {name: str(form.get(f"{name}-{number}", book[name])) for name in _EDITED}
        clean = {name: _clean(text) for name, text in given.items()}
        rows.append({**book, **clean, "confirmed": True})
    set_books(desk.database, delivery.id, rows)
    _move(desk, user, delivery, DeliveryState.CHECKING, (DeliveryState.CHECKED,))
    return _to(delivery.id)


@router.post("/{delivery_id}/queue")
def queue(desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """Put the good books into the queue; the answer does not wait for that."""
    delivery = _found(desk, user, delivery_id)
    if not _good(delivery):
        raise IntakeError(Text("không có quyển nào dùng được", "no book can be used").format())
    _move(desk, user, delivery, DeliveryState.QUEUEING, (DeliveryState.CHECKED,))
    return _to(delivery.id)


@router.post("/{delivery_id}/withdraw")
def withdraw(desk: TheDesk, user: Contractor, delivery_id: int) -> Response:
    """Throw a delivery away before it is a batch."""
    delivery = _found(desk, user, delivery_id)
    _move(
        desk, user, delivery, DeliveryState.WITHDRAWN,
        (*OPEN_STATES, DeliveryState.CHECKING),
    )  # fmt: skip
    with desk.database.write() as connection:
        drop_files(connection, delivery.id)
    IntakeRoom.of(desk.settings).throw_away(delivery.id)
    return RedirectResponse("/batches", 303)


def _found(desk: Desk, user: User, delivery_id: int) -> DeliveryView:
    if not 0 < delivery_id < 2**31:
        raise OutOfReachError()
    return find_delivery(desk.database, user, delivery_id)


def _move(
    desk: Desk,
    user: User,
    delivery: DeliveryView,
    state: DeliveryState,
    of: tuple[DeliveryState, ...],
) -> None:
    moved = move_delivery(desk.database, delivery.id, state, actor=user.login, of=of)
    if not moved and delivery.state not in AT_WORK:
        raise IntakeError(Text("lô đã thay đổi", "the delivery has changed").format())


def _good(delivery: DeliveryView) -> list[dict[str, Any]]:
    if delivery.state is not DeliveryState.CHECKED:
        return []
    return [book for book in delivery.books if book.get("scans") and not book.get("error")]


def _said(delivery: DeliveryView) -> dict[str, list[dict[str, Any]]]:
    """Refusals and notices in the reader's language."""
    report = delivery.report
    told: dict[str, list[dict[str, Any]]] = {}
    for part in ("refused", "notices"):
        told[part] = [
            {"code": one["code"], "where": one["where"], **one[language()]}
            for one in report.get(part, ())
        ]
    return told


def _unit_names(desk: Desk) -> list[str]:
    """Names of units for the editor's suggestions."""
    units = registering_units(load_gazetteer(desk.settings.config))
    return sorted({unit.full_name for unit in units})


def _clean(text: str) -> str:
    return " ".join("".join(one for one in text if one.isprintable()).split())[:_LONGEST]


def _to(delivery_id: int) -> Response:
    return RedirectResponse(f"/deliveries/{delivery_id}", 303)
