"""Uploads that survive a broken line: tus 1.0 with creation, checksum and termination.

https://tus.io/protocols/resumable-upload; where it leaves a choice, what we do stands in
docs/contractors.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk.guard import Contractor, Desk, TheDesk
from desk.i18n import _
from desk.intake.receiving import (
    ALGORITHMS,
    BadSumError,
    BusyError,
    NoRoomError,
    Part,
    Sum,
    WrongSumError,
    parse_sum,
    receive,
)
from desk.intake.room import IntakeRoom, safe_path
from models.deliveries import find_delivery, note_wrong_sum
from models.delivery_files import (
    IncomingFile,
    announce_file,
    find_file,
    note_received,
    received_of,
    remove_file,
)
from models.users import User
from pipeline.errors import IntakeError, OutOfReachError

router = APIRouter(prefix="/uploads")
VERSION = "1.0.0"
_BODY = "application/offset+octet-stream"
_LARGEST = 1 << 43
"""Bytes of one file: 8 TB, what a number in JSON and a disk can hold."""
_PATIENCE_SECONDS = 5.0
_writing: dict[str, asyncio.Task[object]] = {}
"""Who writes which file in this process: a browser whose line broke comes back sooner than the
server notices, and takes its own upload over."""


@router.options("")
def abilities(desk: TheDesk, user: Contractor) -> Response:
    """What this server can do."""
    return _reply(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,creation-with-upload,checksum,termination",
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Tus-Max-Size": str(min(_LARGEST, int(desk.options.upload_gigabytes * 1e9))),
        },
    )


@router.post("")
async def create(request: Request, desk: TheDesk, user: Contractor) -> Response:
    """A place for a file of a delivery; the same file announced again is the same place."""
    if refusal := _wrong_version(request):
        return refusal
    size = _number(request.headers.get("upload-length", ""))
    said = parse_metadata(request.headers.get("upload-metadata", ""))
    delivery, modified = _number(said.get("delivery", "")), _number(said.get("modified", "0"))
    if size is None or delivery is None or modified is None or size > _LARGEST:
        return _reply(400, text=_("The announcement of a file cannot be understood."))
    try:
        path = safe_path(said.get("path", ""))
        expected = parse_sum(request.headers.get("upload-checksum", ""))
        await run_in_threadpool(find_delivery, desk.database, user, delivery)
    except (IntakeError, BadSumError) as error:
        return _reply(400, text=str(error))
    except OutOfReachError:
        return _reply(404)
    if refusal := await run_in_threadpool(_no_room, desk, user, size):
        return refusal
    placed = await run_in_threadpool(
        announce_file, desk.database, delivery, path, size, min(modified, 2**53)
    )
    if placed is None:
        return _reply(409, text=_("This delivery takes no more files."))
    file, old = placed
    room = IntakeRoom.of(desk.settings)
    if old:
        before = IncomingFile(old, delivery, path, 0, 0, 0)
        await run_in_threadpool(room.part(before).unlink, missing_ok=True)
    headers = {"Location": f"/uploads/{file.token}"}
    if file.received or request.headers.get("content-type") != _BODY:
        if size == 0:
            await _take(request, desk, user, file, None)
        return _reply(201, {**headers, "Upload-Offset": str(file.received)})
    reply = await _take(request, desk, user, file, expected)
    reply.headers["Location"] = headers["Location"]
    reply.status_code = 201 if reply.status_code == 204 else reply.status_code
    return reply


@router.head("/{token}")
def where(token: str, desk: TheDesk, user: Contractor) -> Response:
    """How much of a file is safe."""
    file = find_file(desk.database, user, token)
    if file is None:
        return _reply(404)
    offset = {"Upload-Offset": str(file.received), "Upload-Length": str(file.size)}
    return _reply(200, {**offset, "Cache-Control": "no-store"})


@router.patch("/{token}")
async def add(token: str, request: Request, desk: TheDesk, user: Contractor) -> Response:
    """The next piece of a file."""
    if refusal := _wrong_version(request):
        return refusal
    if request.headers.get("content-type") != _BODY:
        return _reply(415)
    offset = _number(request.headers.get("upload-offset", ""))
    try:
        expected = parse_sum(request.headers.get("upload-checksum", ""))
    except BadSumError:
        return _reply(400, text=_("The checksum cannot be understood."))
    file = await run_in_threadpool(find_file, desk.database, user, token)
    if file is None:
        return _reply(404)
    if offset is None:
        return _reply(400)
    if offset != file.received:
        return _reply(409, {"Upload-Offset": str(file.received)})
    return await _take(request, desk, user, file, expected)


@router.delete("/{token}")
async def end(token: str, request: Request, desk: TheDesk, user: Contractor) -> Response:
    """Take a file back."""
    if refusal := _wrong_version(request):
        return refusal
    file = await run_in_threadpool(find_file, desk.database, user, token)
    if file is None:
        return _reply(404)
    await run_in_threadpool(remove_file, desk.database, token)
    await run_in_threadpool(IntakeRoom.of(desk.settings).part(file).unlink, missing_ok=True)
    return _reply(204)


async def _take(
    request: Request, desk: Desk, user: User, file: IncomingFile, expected: Sum | None
) -> Response:
    """Receive a piece under the file's lock and note what is safe now."""
    earlier = _writing.get(file.token)
    if earlier is not None:
        earlier.cancel()
        await asyncio.wait({earlier}, timeout=_PATIENCE_SECONDS)
    this = asyncio.current_task()
    assert this is not None
    path = IntakeRoom.of(desk.settings).part(file)
    _writing[file.token] = this
    part: Part | None = None
    try:
        part = await run_in_threadpool(Part, path)
        # Only under the lock is it sure that nobody else has moved it since we looked.
        now = await run_in_threadpool(received_of, desk.database, file.token)
        if now != file.received:
            return _reply(409, {"Upload-Offset": str(now)})
        await run_in_threadpool(part.start, now)
        safe, _broken = await receive(part, request.stream(), expected, file.size - now)
        if not await run_in_threadpool(note_received, desk.database, file.token, now, safe):
            return _reply(409)
        return _reply(204, {"Upload-Offset": str(safe)})
    except BusyError:
        return _reply(423)
    except WrongSumError:
        await run_in_threadpool(note_wrong_sum, desk.database, user, file.delivery_id, file.path)
        text = _("The digest of this piece differs: it is not kept, send it again.")
        return _reply(460, {"Upload-Offset": str(file.received)}, text)
    except NoRoomError:
        return _reply(507, text=_("The disk of the office is full; the upload waits."))
    except ValueError:
        return _reply(413, text=_("More came than was announced."))
    except asyncio.CancelledError:
        if this.uncancel() > 0:
            raise  # somebody else ends this task, not the browser that came back
        return _reply(423)
    finally:
        if part is not None:
            part.close()
        if _writing.get(file.token) is this:
            del _writing[file.token]


def _no_room(desk: Desk, user: User, size: int) -> Response | None:
    """The refusal of a file for which there is no room; None where there is."""
    room = IntakeRoom.of(desk.settings)
    lacking = room.lacks(desk.database, user.contractor_id or 0, size, desk.options)
    if lacking == "quota":
        limit = f"{desk.options.upload_gigabytes:g}"
        text = _("Your open deliveries would pass %(limit)s GB; queue or withdraw some first.")
        return _reply(413, text=text % {"limit": limit})
    if lacking:
        return _reply(507, text=_("The disk of the office is full; the upload waits."))
    return None


def parse_metadata(header: str) -> dict[str, str]:
    """``key base64, key base64`` of ``Upload-Metadata``; what is no base64 is left out."""
    said = {}
    for pair in header[:8000].split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            said[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            continue
    return said


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else None


def _wrong_version(request: Request) -> Response | None:
    if request.headers.get("tus-resumable") == VERSION:
        return None
    return _reply(412, {"Tus-Version": VERSION})


def _reply(status: int, headers: dict[str, str] | None = None, text: str = "") -> Response:
    return Response(
        text,
        status,
        {"Tus-Resumable": VERSION, **(headers or {})},
        media_type="text/plain; charset=utf-8" if text else None,
    )
