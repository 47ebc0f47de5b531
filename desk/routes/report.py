"""The weekly report as a workbook, made when it is asked for."""

from __future__ import annotations

from datetime import timedelta, timezone

from fastapi import APIRouter
from starlette.responses import Response

from desk.board.report import weekly_report
from desk.board.units import groups
from desk.guard import Supervisor, TheDesk
from models.board import books_of, days, now_of, unit_rows_of
from pipeline.places import load_gazetteer

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STUCK = 50


@router.get("/report.xlsx")
def report(desk: TheDesk, user: Supervisor) -> Response:
    """City, units, the last weeks, and books that lie still."""
    now = now_of(desk.database).astimezone(timezone(timedelta(hours=7)))
    today = now.date()
    found = groups(unit_rows_of(desk.database, user), "plan", load_gazetteer(desk.settings.config))
    data = weekly_report(
        found,
        days(desk.database, user, today - timedelta(weeks=12)),
        books_of(desk.database, user, stuck=True, limit=_STUCK),
        now,
        by=user.name,
    )
    name = f"bao-cao-tuan-{today:%Y-%m-%d}.xlsx"
    return Response(
        data, media_type=_XLSX, headers={"content-disposition": f'attachment; filename="{name}"'}
    )
