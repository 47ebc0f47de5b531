"""The weekly report as a workbook and as a paper, made when asked for; what work costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from desk.board.cost import Cost, Rates, cost
from desk.board.paper import certificate_paper, weekly_paper
from desk.board.report import WeekFigures, weekly_report
from desk.board.stages import expected_entries
from desk.board.units import groups, total
from desk.guard import Desk, Supervisor, TheDesk
from models.board import Counts, Day, books_of, days, now_of, unit_rows_of
from models.certificate import certificate
from models.clock import HERE
from models.office import office_setting, set_office
from models.users import User
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.places import load_gazetteer

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STUCK = 50
_RATES = "cost_rates"
_MOST = 1e9


@router.get("/report.xlsx")
def workbook(desk: TheDesk, user: Supervisor) -> Response:
    """City, units, the last weeks, and books that lie still."""
    told = _figures(desk, user)
    return _file(weekly_report(told), _XLSX, f"bao-cao-tuan-{told.now:%Y-%m-%d}.xlsx")


@router.get("/report.pdf")
def paper(desk: TheDesk, user: Supervisor) -> Response:
    """The same to be printed and signed."""
    told = _figures(desk, user)
    return _file(weekly_paper(told), "application/pdf", f"bao-cao-tuan-{told.now:%Y-%m-%d}.pdf")


@router.get("/progress/books/{book_id}/certificate.pdf")
def book_certificate(desk: TheDesk, user: Supervisor, book_id: int) -> Response:
    """The certificate of a released book."""
    if not 0 < book_id < 2**31:
        raise OutOfReachError()
    one = certificate(desk.database, user, book_id)
    now = now_of(desk.database).astimezone(HERE)
    return _file(certificate_paper(one, now), "application/pdf", f"xac-nhan-{one.code}.pdf")


@router.post("/progress/rates")
def rates(
    desk: TheDesk,
    user: Supervisor,
    hour: Annotated[str, Form(max_length=15)] = "",
    scan: Annotated[str, Form(max_length=15)] = "",
) -> Response:
    """What an hour of an operator and a scan cost."""
    values = {"hour": _money(hour), "scan": _money(scan)}
    set_office(desk.database, user, _RATES, values)
    return RedirectResponse("/progress", 303)


def rates_of(desk: Desk) -> Rates:
    """The rates in force."""
    with desk.database.read() as connection:
        return Rates(**office_setting(connection, _RATES))


def cost_of(desk: Desk, known: list[Day], city: Counts) -> Cost | None:
    """What an entry costs by these days."""
    return cost(known, city, expected_entries(city), rates_of(desk))


def _figures(desk: Desk, user: User) -> WeekFigures:
    now = now_of(desk.database).astimezone(HERE)
    found = groups(unit_rows_of(desk.database, user), "plan", load_gazetteer(desk.settings.config))
    known = days(desk.database, user, now.date() - timedelta(weeks=12))
    stuck = books_of(desk.database, user, stuck=True, limit=_STUCK)
    spent = cost_of(desk, known, total(group.counts for group in found))
    return WeekFigures(found, known, stuck, now, spent, user.name)


def _money(text: str) -> float:
    """``45.000`` đồng.

    Raises:
        BadValueError: no number.
    """
    digits = text.replace(".", "").replace(",", "").replace(" ", "")
    if digits and not (digits.isascii() and digits.isdecimal() and float(digits) <= _MOST):
        raise BadValueError(text)
    return float(digits or 0)


def _file(data: bytes, type_: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=type_, headers=headers)
