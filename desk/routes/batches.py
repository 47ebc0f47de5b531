"""Batches in the queue: where each stands, what must be scanned again, and the receipt."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Desk, TheDesk, allow
from desk.intake.pages import keep_page, preview
from desk.intake.words import reason_of
from desk.templating import render
from models.audit import verify_audit
from models.board import now_of
from models.deliveries import deliveries_of
from models.own_batches import (
    find_own_batch,
    note_viewed,
    own_batches,
    own_books,
    own_scan,
    own_scans,
    queue_length,
)
from models.own_figures import own_figures
from models.replacing import replace_scan
from models.states import DeliveryState, Role
from models.steering import move_batch, pause_batch, withdraw_batch
from models.users import User
from pipeline.errors import HotichError, IntakeError, OutOfReachError
from pipeline.texts import Text

router = APIRouter(prefix="/batches")
Reader = Annotated[User, Depends(allow(Role.CONTRACTOR, Role.SUPERVISOR, Role.ADMIN))]
_ACTS = ("pause", "resume", "first", "last", "withdraw")
_SHOWN = 50
"""Batches of a page."""


@router.get("")
def batches(
    request: Request,
    desk: TheDesk,
    user: Reader,
    before: Annotated[int | None, Query(gt=0, lt=2**31)] = None,
) -> Response:
    """Deliveries under way and batches in the queue, the newest first."""
    found = own_batches(desk.database, user, before=before, limit=_SHOWN + 1)
    under_way = [
        one
        for one in deliveries_of(desk.database, user)
        if one.state not in (DeliveryState.QUEUED, DeliveryState.WITHDRAWN)
    ]
    return render(
        request,
        "batches.html",
        deliveries=under_way,
        batches=found[:_SHOWN],
        before=before,
        older=found[_SHOWN - 1].id if len(found) > _SHOWN else None,
        queue=queue_length(desk.database),
    )


@router.get("/figures")
def figures(request: Request, desk: TheDesk, user: Reader) -> Response:
    """A firm's own statistics."""
    found = own_figures(desk.database, user)
    return render(request, "figures.html", figures=found, reason_of=reason_of)


@router.get("/{batch_id}")
def batch(request: Request, desk: TheDesk, user: Reader, batch_id: int, part: str = "") -> Response:
    """One batch with its books; ``part=books`` is what refreshes itself."""
    found = find_own_batch(desk.database, user, _id(batch_id))
    return render(
        request,
        "batch_books.html" if part == "books" else "batch.html",
        batch=found,
        books=own_books(desk.database, found.id),
        queue=queue_length(desk.database),
    )


@router.get("/{batch_id}/books/{book_id}")
def book(request: Request, desk: TheDesk, user: Reader, batch_id: int, book_id: int) -> Response:
    """The pages of a book, each with what came of it."""
    found = find_own_batch(desk.database, user, _id(batch_id))
    mine = [one for one in own_books(desk.database, found.id) if one.id == book_id]
    if not mine:
        raise OutOfReachError()
    return render(
        request, "batch_pages.html", batch=found, book=mine[0],
        scans=own_scans(desk.database, found.id, book_id=book_id), reason_of=reason_of,
    )  # fmt: skip


@router.get("/{batch_id}/rescan")
def rescan(
    request: Request, desk: TheDesk, user: Reader, batch_id: int, done: str = ""
) -> Response:
    """Pages to be scanned again, with picture and reason."""
    found = find_own_batch(desk.database, user, _id(batch_id))
    scans = [one for one in own_scans(desk.database, found.id, stuck=True) if one.replaceable]
    note_viewed(desk.database, user, f"batch:{found.id}", len(scans))
    return render(
        request, "rescan.html", batch=found, scans=scans, reason_of=reason_of, done=done[:80]
    )


@router.get("/{batch_id}/scans/{scan_id}/picture")
def picture(desk: TheDesk, user: Reader, batch_id: int, scan_id: int) -> Response:
    """A small picture of a page of their own batch."""
    ref = own_scan(desk.database, user, _id(batch_id), _id(scan_id))
    try:
        data = preview(ref, desk.settings)
    except HotichError as error:
        raise HTTPException(404) from error
    keep = {"cache-control": "private, max-age=3600"}
    return Response(data, media_type="image/jpeg", headers=keep)


@router.post("/{batch_id}/scans/{scan_id}")
async def replace(
    request: Request, desk: TheDesk, user: Reader, batch_id: int, scan_id: int
) -> Response:
    """Another picture for one page."""
    # The body is read only now: nobody who may not send a page fills the disk with one.
    await run_in_threadpool(own_scan, desk.database, user, _id(batch_id), _id(scan_id))
    form = await request.form(max_files=1, max_fields=5)
    file = form.get("page")
    if not isinstance(file, UploadFile) or not file.filename:
        raise IntakeError(Text("chưa chọn tệp", "no file was chosen").format())
    new = await asyncio.to_thread(keep_page, file.file, Path(file.filename).name, desk.settings)
    subject = await run_in_threadpool(replace_scan, desk.database, user, batch_id, scan_id, new)
    return RedirectResponse(f"/batches/{batch_id}/rescan?done={subject.replace('#', '%23')}", 303)


@router.post("/{batch_id}/{act}")
def steer(desk: TheDesk, user: Reader, batch_id: int, act: str) -> Response:
    """Pause, go on, move to the front or back, take back."""
    if act not in _ACTS:
        raise OutOfReachError()
    number = _id(batch_id)
    if act in ("pause", "resume"):
        pause_batch(desk.database, user, number, paused=act == "pause")
    elif act == "withdraw":
        withdraw_batch(desk.database, user, number)
    else:
        move_batch(desk.database, user, number, first=act == "first")
    return RedirectResponse(f"/batches/{number}", 303)


@router.get("/{batch_id}/receipt")
def receipt(request: Request, desk: TheDesk, user: Reader, batch_id: int) -> Response:
    """The hand-over record, to be printed and signed."""
    found = find_own_batch(desk.database, user, _id(batch_id))
    return render(
        request, "receipt.html", batch=found, books=own_books(desk.database, found.id),
        head=_head(desk),
    )  # fmt: skip


@router.get("/{batch_id}/receipt.pdf")
def receipt_paper(desk: TheDesk, user: Reader, batch_id: int) -> Response:
    """The same as a PDF in Vietnamese."""
    from desk.intake.receipt import receipt_pdf  # what draws it need not load with the desk

    found = find_own_batch(desk.database, user, _id(batch_id))
    head = _head(desk)
    data = receipt_pdf(
        found, own_books(desk.database, found.id), events=head["events"], head=head["hash"],
        now=now_of(desk.database),
    )  # fmt: skip
    name = f"bien-ban-giao-nhan-lo-{found.id}.pdf"
    return Response(
        data,
        media_type="application/pdf",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _head(desk: Desk) -> dict[str, Any]:
    """The end of the audit log as it is now: a receipt fixes it on paper."""
    state = verify_audit(desk.database, last=1)
    return {"events": state.events, "hash": state.head}


def _id(number: int) -> int:
    if not 0 < number < 2**31:
        raise OutOfReachError()
    return number
