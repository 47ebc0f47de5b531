"""The engine room: what runs, waits and fails; health and figures for monitoring."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from desk.guard import (
    Admin,
    Desk,
    NotAllowedError,
    NotLoggedInError,
    Supervisor,
    TheDesk,
    current_session,
)
from desk.intake.room import IntakeRoom
from desk.intake.watch_state import last_look
from desk.templating import render
from models.backup import last_backups
from models.board import books_of
from models.engine_room import EngineRoom, engine_room, stuck_books
from models.queueing import requeue_scans
from models.states import ScanState
from pipeline.errors import OutOfReachError, StorageError

router = APIRouter()


@router.get("/operations")
def operations(
    request: Request, desk: TheDesk, user: Supervisor, code: Annotated[str, "reason"] = ""
) -> Response:
    """What a supervisor or admin looks at when nothing seems to move."""
    room = engine_room(desk.database)
    return render(
        request, "operations.html", room=room, disks=_disks(desk), code=code[:60],
        backups=last_backups(desk.settings.resolved_home),
        watched=last_look(IntakeRoom.of(desk.settings).root) if desk.options.watch else None,
        watching=bool(desk.options.watch), late=10 * desk.options.watch_seconds,
        books=stuck_books(desk.database, code[:60]) if code and user.sees_all else [],
    )  # fmt: skip


@router.post("/operations/books/{book_id}/retry")
def retry(desk: TheDesk, user: Admin, book_id: int, code: Annotated[str, Form()] = "") -> Response:
    """Quarantined scans of a book get another chance."""
    if not (0 < book_id < 2**31 and books_of(desk.database, user, book_id=book_id)):
        raise OutOfReachError()
    requeue_scans(desk.database, book_id, (ScanState.QUARANTINED,), actor=user.login)
    return RedirectResponse("/operations", 303)


@router.get("/healthz", include_in_schema=False)
def healthz(desk: TheDesk) -> Response:
    """Whether desk and database answer; says nothing else."""
    try:
        with desk.database.read():
            return JSONResponse({"ok": True})
    except StorageError:
        return JSONResponse({"ok": False}, 503)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, desk: TheDesk) -> Response:
    """Figures in Prometheus' text format: for a scraper with the token, or a supervisor."""
    token = desk.options.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not (token and hmac.compare_digest(given.encode(), token.encode())):
        try:
            session = await current_session(request)
        except NotLoggedInError:
            return PlainTextResponse("token\n", 401, {"www-authenticate": "Bearer"})
        if not session.user.supervises:
            raise NotAllowedError()
    from starlette.concurrency import run_in_threadpool

    room = await run_in_threadpool(engine_room, desk.database)
    lines = [*_figures(room), *_disk_figures(desk), *_backup_figures(desk)]
    return PlainTextResponse(
        "\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _figures(room: EngineRoom) -> Iterator[str]:
    yield from _gauge("hotich_jobs", "Open scan jobs by state.", "state", room.jobs)
    yield from _gauge("hotich_books", "Books by state.", "state", room.books)
    for what in ("scans", "entries"):
        values = {
            name.removeprefix(f"{what}_"): number
            for name, number in room.totals.items() if name.startswith(f"{what}_")
        }  # fmt: skip
        yield from _gauge(f"hotich_{what}", f"{what.title()} by state.", "state", values)
    single = {
        "hotich_books_released": ("Books signed off.", room.totals["books_released"]),
        "hotich_books_expected": ("Books expected by the plan.", room.totals["books_expected"]),
        "hotich_engine_runs": ("Runs of the engine that say they live.", room.runs),
        "hotich_engine_runs_silent": ("Of these without a heartbeat.", room.silent_runs),
        "hotich_workers": ("Workers that hold leases.", sum(w.alive for w in room.workers)),
        "hotich_entries_queued": ("Entries that wait for operators.", room.entries_queued),
        "hotich_entries_escalated": ("Entries that wait for supervisors.", room.entries_waiting),
        "hotich_people_at_work": ("People with an entry in hand.", room.people),
    }
    for name, (text, number) in single.items():
        yield from (f"# HELP {name} {text}", f"# TYPE {name} gauge", f"{name} {number}")
    for what, done in (("hour", room.hour), ("day", room.day)):
        values = {"read": done.read, "failed": done.failed, "saved": done.saved}
        text = f"Scans read and failed, entries saved in the last {what}."
        yield from _gauge(f"hotich_last_{what}", text, "what", values)
    name = "hotich_scans_failed"
    yield from (f"# HELP {name} Scans that failed, by reason.", f"# TYPE {name} gauge")
    for one in room.failures:
        yield f'{name}{{reason="{_label(one.code)}",state="{_label(one.state)}"}} {one.scans}'


def _disk_figures(desk: Desk) -> Iterator[str]:
    for name, at in (("hotich_disk_free_bytes", 2), ("hotich_disk_total_bytes", 0)):
        yield from (f"# HELP {name} Of the disk of the home.", f"# TYPE {name} gauge")
        for what, usage in _disks(desk).items():
            yield f'{name}{{of="{what}"}} {usage[at]}'


def _backup_figures(desk: Desk) -> Iterator[str]:
    """When the last good backup was made: an old one is an alarm."""
    known = last_backups(desk.settings.resolved_home)
    name = "hotich_last_backup_seconds"
    yield from (f"# HELP {name} Unix time of the last good backup.", f"# TYPE {name} gauge")
    yield f"{name} {known[1].at.timestamp():.0f}" if known and known[1] else f"{name} 0"


def _gauge(name: str, text: str, label: str, values: object) -> Iterator[str]:
    assert hasattr(values, "items")
    yield from (f"# HELP {name} {text}", f"# TYPE {name} gauge")
    for key, number in values.items():
        yield f'{name}{{{label}="{_label(key)}"}} {number}'


def _label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _disks(desk: Desk) -> dict[str, tuple[int, int, int]]:
    """Bytes in all, used, free."""
    found = {}
    for name, path in (
        ("home", desk.settings.resolved_home), ("scans", desk.settings.scan_store),
    ):  # fmt: skip
        try:
            found[name] = tuple(shutil.disk_usage(str(path)))
        except OSError:
            continue
    return found  # type: ignore[return-value]
