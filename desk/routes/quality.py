"""How good it is: error rates with their intervals, and books that stopped accepting."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.board.control import Week, chart
from desk.guard import Desk, Supervisor, TheDesk
from desk.review.shown import label_of, type_of
from desk.templating import render
from models.board import now_of
from models.error_rates import Rate, keying_rates, sample_rates, weekly_rates
from models.targets import decision_in_force
from models.users import User
from pipeline.checks.sampling import load_stops, stops_file
from pipeline.texts import language

router = APIRouter()
_KEEP_SECONDS = 300.0
_SHOWN = 30
_ENOUGH = 20
_WEEKS = 26


@dataclass
class _Kept:
    """Rates of a moment: the sample is counted anew every few minutes, not at every look."""

    of: dict[tuple[int, int], tuple[float, list[Rate]]] = field(default_factory=dict)


_kept = _Kept()


@router.get("/quality")
def quality(request: Request, desk: TheDesk, user: Supervisor, fresh: bool = False) -> Response:
    """Rates by field, contractor, reader, person and book."""
    thresholds = decision_in_force(desk.database, desk.settings.config)
    rates, at = _rates(desk, user, thresholds.sample_level, fresh=fresh)
    targets = {
        rate.key: thresholds.target(type_of(rate.key).value)
        for rate in rates if rate.what == "field"
    }  # fmt: skip
    usual = thresholds.target("default")
    tables: list[dict[str, Any]] = []
    for what in ("field", "contractor", "reader", "operator", "book"):
        own = [rate for rate in rates if rate.what == what]
        own.sort(key=lambda rate: (-rate.low, -rate.share, rate.name))
        rows: list[dict[str, Any]] = [
            {
                "rate": rate,
                "name": label_of(rate.key, language()) if what == "field" else rate.name,
                "target": targets.get(rate.key, usual),
            }
            for rate in own[:_SHOWN]
        ]
        # Rates of a handful of fields would press all others into a corner.
        highs = [row["rate"].high for row in rows if row["rate"].seen >= _ENOUGH]
        top = max(highs or [row["rate"].high for row in rows] or [0.05])
        tables.append({"what": what, "rows": rows, "all": len(own), "top": min(1.0, top * 1.05)})
    return render(
        request, "quality.html", tables=tables, level=thresholds.sample_level, at=at,
        sample_rate=thresholds.sample_rate,
        stops=load_stops(stops_file(desk.settings.resolved_home)),
    )  # fmt: skip


@router.get("/quality/charts")
def charts(request: Request, desk: TheDesk, user: Supervisor) -> Response:
    """Control charts over the last half year, those with weeks outside first."""
    today = now_of(desk.database).date()
    weeks: dict[tuple[str, str], list[Week]] = {}
    for one in weekly_rates(desk.database, user, today - timedelta(weeks=_WEEKS)):
        weeks.setdefault((one.what, one.name), []).append(Week(one.monday, one.seen, one.wrong))
    groups = []
    for what in ("contractor", "reader", "operator"):
        drawn = [chart(name, own) for (of, name), own in weeks.items() if of == what]
        known = [one for one in drawn if one is not None]
        known.sort(key=lambda one: (-len(one.outside), -one.rate, one.name))
        groups.append({"what": what, "charts": known[:_SHOWN]})
    return render(request, "charts.html", groups=groups)


def _rates(desk: Desk, user: User, level: float, *, fresh: bool) -> tuple[list[Rate], float]:
    key = (id(desk.database), user.id)
    kept = _kept.of.get(key)
    if kept is None or fresh or time.time() - kept[0] > _KEEP_SECONDS:
        rates = sample_rates(desk.database, user, level) + keying_rates(desk.database, user, level)
        kept = (time.time(), rates)
        if len(_kept.of) > 50:
            _kept.of.clear()
        _kept.of[key] = kept
    return kept[1], kept[0]
