"""The plan: books that exist, from a sheet or typed; what is missing, due and late."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.guard import Desk, Supervisor, TheDesk, allow
from desk.templating import render
from models.planning import (
    contractor_names,
    plan_gaps,
    plan_totals,
    planned_books,
    put_plan,
    remove_planned,
)
from models.states import Role
from models.users import User
from pipeline.errors import InputError, IntakeError
from pipeline.places import load_gazetteer, registering_unit
from pipeline.scan.inventory import INVENTORY_COLUMNS, Inventory, inventory_of, read_inventory
from pipeline.scan.names import nfc
from pipeline.texts import Text

router = APIRouter(prefix="/plan")
Reader = Annotated[User, Depends(allow(Role.CONTRACTOR, Role.SUPERVISOR, Role.ADMIN))]
_MOST_BOOKS, _MOST_GAPS = 500, 200
"""Rows of a page; more are found by the unit's name."""
_SHEETS = (".xlsx", ".csv", ".json")


@router.get("")
def plan(
    request: Request, desk: TheDesk, user: Reader, unit: str = "", missing: bool = False
) -> Response:
    """The plan of this person's units, or what a contractor is to scan."""
    return _page(request, desk, user, unit=unit[:64], missing=missing)


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
def remove(desk: TheDesk, user: Supervisor, planned_id: int) -> Response:
    """Take a book out of the plan."""
    if 0 < planned_id < 2**31:
        remove_planned(desk.database, user, planned_id)
    return RedirectResponse("/plan", 303)


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
    added, changed, unknown = put_plan(desk.database, found.books, source=name, user=user)
    wrong: list[tuple[int, str, str]] = [
        (one.row, one.error.what(), one.error.what_to_do()) for one in found.wrong
    ]
    wrong += [
        (row, str(Text(f"không có “{what}” trong hệ thống", f"“{what}” is not known here")), "")
        for row, what in unknown
    ]
    told = {"name": name, "added": added, "changed": changed, "wrong": sorted(wrong)}
    return _page(request, desk, user, 422 if wrong and not added + changed else 200, told=told)


def _finder(desk: Desk) -> Any:
    gazetteer = load_gazetteer(desk.settings.config)

    def find_unit(unit: str, district: str, year: int) -> str:
        return registering_unit(unit, district, year, gazetteer).id

    return find_unit


def _page(
    request: Request,
    desk: Desk,
    user: User,
    status: int = 200,
    *,
    unit: str = "",
    missing: bool = False,
    told: dict[str, Any] | None = None,
) -> Response:
    gaps = plan_gaps(desk.database, user)
    books = planned_books(
        desk.database, user, unit=unit, missing_only=missing, limit=_MOST_BOOKS + 1
    )
    return render(
        request,
        "plan.html",
        status,
        totals=plan_totals(desk.database, user),
        gaps=gaps[:_MOST_GAPS],
        all_gaps=len(gaps),
        books=books[:_MOST_BOOKS],
        more=len(books) > _MOST_BOOKS,
        unit=unit,
        firms=contractor_names(desk.database) if user.supervises else [],
        missing=missing,
        told=told,
        typed=dict.fromkeys(INVENTORY_COLUMNS, ""),
    )
