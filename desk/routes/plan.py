"""The plan: books that exist, from a sheet or typed; what is missing, due and late."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Desk, Supervisor, TheDesk, allow
from desk.templating import render
from models.plan_lists import Place, PlanTotals, plan_gaps, plan_totals, planned_books
from models.planning import contractor_names, put_plan, remove_planned
from models.states import Role
from models.users import User
from pipeline.errors import InputError, IntakeError
from pipeline.places import load_gazetteer, registering_unit
from pipeline.scan.inventory import INVENTORY_COLUMNS, Inventory, inventory_of, read_inventory
from pipeline.scan.names import nfc
from pipeline.texts import Text
from pipeline.types import Kind

router = APIRouter(prefix="/plan")
Reader = Annotated[User, Depends(allow(Role.CONTRACTOR, Role.SUPERVISOR, Role.ADMIN))]
_ROWS = 100
"""Books of a page of the list."""
_KEEP_SECONDS, _MANY = 60.0, 20_000
_SHEETS = (".xlsx", ".csv", ".json")


@dataclass(frozen=True)
class Shown:
    """Which part of the plan a page shows."""

    unit: str = ""
    missing: bool = False
    after: str = ""
    """Place of the last book of the page before."""
    holes: int = 1
    """The first unit whose holes are shown."""

    def address(self, **other: str | int) -> str:
        """Of this page, or of one beside it."""
        said = {**vars(self), "missing": str(self.missing).lower(), **other}
        default = {**vars(Shown()), "missing": "false"}
        kept = {name: value for name, value in said.items() if value != default[name]}
        return f"/plan?{urlencode(kept)}" if kept else "/plan"


def _shown(
    unit: Annotated[str, Query(max_length=64)] = "",
    missing: bool = False,
    after: Annotated[str, Query(max_length=200)] = "",
    holes: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Shown:
    return Shown(unit, missing, after, holes)


@router.get("")
def plan(
    request: Request, desk: TheDesk, user: Reader, shown: Annotated[Shown, Depends(_shown)]
) -> Response:
    """The plan of this person's units, or what a contractor is to scan."""
    return _page(request, desk, user, shown)


@router.post("/sheet")
async def sheet(request: Request, desk: TheDesk, user: Supervisor) -> Response:
    """Take the books of a sheet in; rows that cannot be used are told with their numbers."""
    form = await request.form(max_files=1, max_fields=3)
    file = form.get("sheet")
    if not isinstance(file, UploadFile) or not file.filename:
        raise IntakeError(Text("chưa chọn tệp", "no file was chosen").format())
    name = nfc(Path(file.filename).name)[-120:]
    if Path(name).suffix.lower() not in _SHEETS:
        raise IntakeError(Text("cần tệp .xlsx hoặc .csv", "an .xlsx or .csv is needed").format())
    data = await file.read()
    return await asyncio.to_thread(_import, request, desk, user, name, data)


@router.post("/book")
async def typed(request: Request, desk: TheDesk, user: Supervisor) -> Response:
    """One book, or a run of volumes, typed in."""
    form = await request.form(max_files=0, max_fields=20)
    return await asyncio.to_thread(_typed, request, desk, user, form)


@router.post("/{planned_id}/remove")
def remove(
    desk: TheDesk, user: Supervisor, planned_id: int, shown: Annotated[Shown, Depends(_shown)]
) -> Response:
    """Take a book out of the plan."""
    if 0 < planned_id < 2**31:
        remove_planned(desk.database, user, planned_id)
        desk.totals.clear()
    return RedirectResponse(shown.address(), 303)


def _import(request: Request, desk: Desk, user: User, name: str, data: bytes) -> Response:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet{Path(name).suffix.lower()}"
        path.write_bytes(data)
        try:
            found = read_inventory(path, _finder(desk))
        except InputError as error:
            error.where = name
            raise
    return _put(request, desk, user, name, found)


def _typed(request: Request, desk: Desk, user: User, form: FormData) -> Response:
    cells = [" ".join(str(form.get(column, "")).split())[:500] for column in INVENTORY_COLUMNS]
    found = inventory_of([(0, INVENTORY_COLUMNS), (1, cells)], user.login, _finder(desk))
    return _put(request, desk, user, user.login, found)


def _put(request: Request, desk: Desk, user: User, name: str, found: Inventory) -> Response:
    added, changed, unknown = put_plan(
        desk.database, found.books, source=name, user=user, refused=len(found.wrong)
    )
    desk.totals.clear()
    wrong: list[tuple[int, str, str]] = [
        (one.row, one.error.what(), one.error.what_to_do()) for one in found.wrong
    ]
    wrong += [
        (row, str(Text(f"không có “{what}” trong hệ thống", f"“{what}” is not known here")), "")
        for row, what in unknown
    ]
    told = {"name": name, "added": added, "changed": changed, "wrong": sorted(wrong)}
    return _page(request, desk, user, Shown(), 422 if wrong and not added + changed else 200, told)


def _finder(desk: Desk) -> Any:
    gazetteer = load_gazetteer(desk.settings.config)

    def find_unit(unit: str, district: str, year: int) -> str:
        return registering_unit(unit, district, year, gazetteer).id

    return find_unit


def _page(
    request: Request,
    desk: Desk,
    user: User,
    shown: Shown,
    status: int = 200,
    told: dict[str, Any] | None = None,
) -> Response:
    books = planned_books(
        desk.database, user, unit=shown.unit, missing_only=shown.missing,
        after=_place(shown.after), limit=_ROWS + 1,
    )  # fmt: skip
    more = len(books) > _ROWS
    return render(
        request, "plan.html", status, totals=_totals(desk, user),
        holes=plan_gaps(desk.database, user, unit=shown.unit, first=shown.holes),
        books=books[:_ROWS], shown=shown,
        behind="/".join(map(str, books[_ROWS - 1].place)) if more else "",
        firms=contractor_names(desk.database) if user.supervises else [],
        told=told,
    )  # fmt: skip


def _totals(desk: Desk, user: User) -> PlanTotals:
    """Of a city's plan kept for a minute: every planned book is looked up for them."""
    key = (user.id, user.units)
    known = desk.totals.get(key)
    if known is None or time.monotonic() - known[0] > _KEEP_SECONDS:
        totals = plan_totals(desk.database, user)
        if totals.expected < _MANY:
            return totals
        known = desk.totals[key] = (time.monotonic(), totals)
    return known[1]


def _place(text: str) -> Place | None:
    """``unit/kind/year/volume``; what is no place counts as the list's beginning."""
    unit, kind, year, volume = (text.split("/", 3) + [""] * 4)[:4]
    if not text.isprintable() or kind not in list(Kind):
        return None
    if not (year.isascii() and year.isdecimal() and len(year) < 6):
        return None
    return unit, Kind(kind), int(year), volume
