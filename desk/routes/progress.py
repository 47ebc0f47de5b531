"""Where every unit stands: the board, the wall, and the way down to a book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.board.charts import burn_up
from desk.board.forecast import Forecast, forecast, weekly
from desk.board.stages import STAGES, expected_entries, shares
from desk.board.tiles import at_once
from desk.board.units import VIEWS, Group, groups, members, total
from desk.guard import Desk, Supervisor, TheDesk
from desk.routes.report import cost_of, rates_of
from desk.templating import render
from models.board import (
    Counts,
    Day,
    UnitRow,
    ages,
    bare_units,
    books_of,
    days,
    now_of,
    scans_of,
    unit_years,
)
from models.board import unit_rows_of as unit_rows
from models.clock import HERE
from models.linked import count_unit_links
from models.targets import decision_in_force
from models.unit_rules import unit_finding_counts, units_checked
from models.users import User
from models.viewing import book_signature
from pipeline.checks.rules import explain
from pipeline.errors import OutOfReachError
from pipeline.places import load_gazetteer
from pipeline.texts import language
from pipeline.types import Kind

router = APIRouter(prefix="/progress")
DECADES = tuple(range(1920, 2030, 10))
SHOWN_DAYS = 63
"""Of the burn-up."""
_SHOWN_BOOKS = 100
_COUNTED_LINKS = 99
"""Open links of each kind beyond which a unit's page only says that there are more."""


@dataclass(frozen=True)
class Filter:
    """What of the books is counted, and by which units."""

    view: str = "plan"
    kind: Kind | None = None
    decade: int | None = None

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year of the decade."""
        return None if self.decade is None else (self.decade, self.decade + 9)

    @property
    def query(self) -> str:
        """For addresses that keep it."""
        parts = [f"view={self.view}"]
        if self.kind is not None:
            parts.append(f"kind={self.kind}")
        if self.decade is not None:
            parts.append(f"decade={self.decade}")
        return "&".join(parts)


Text = Annotated[str, Query(max_length=40)]


def asked_filter(view: Text = "plan", kind: Text = "", decade: Text = "") -> Filter:
    """The filter of an address; what is no choice counts as none."""
    return Filter(
        view if view in VIEWS else "plan",
        Kind(kind) if kind in list(Kind) else None,
        int(decade) if decade in {str(one) for one in DECADES} else None,
    )


Asked = Annotated[Filter, Depends(asked_filter)]


@router.get("")
def board(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    chosen: Asked,
) -> Response:
    """All units with their shares by stage, and where it leads."""
    return render(request, "progress.html", **_board(desk, user, chosen))


@router.get("/wall")
def wall(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    chosen: Asked,
) -> Response:
    """The board for a screen on the wall; loads itself again."""
    return render(request, "wall.html", **_board(desk, user, chosen))


@router.get("/stuck")
def stuck(request: Request, desk: TheDesk, user: Supervisor) -> Response:
    """Books that lie still, the oldest first."""
    now = now_of(desk.database)
    books = books_of(desk.database, user, stuck=True, limit=100)
    return render(
        request, "stuck.html", books=books, ages=ages(desk.database, user, now), now=now,
        shares={book.id: shares(book.counts) for book in books}, stages=STAGES,
    )  # fmt: skip


@router.get("/units/{key}")
def unit(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    key: str,
    chosen: Asked,
    year: Text = "",
) -> Response:
    """One unit: its years and kinds, its books."""
    gazetteer = load_gazetteer(desk.settings.config)
    ids = [row.id for row in members(bare_units(desk.database, user), key, chosen.view, gazetteer)]
    if not ids:
        raise OutOfReachError()
    rows = unit_rows(desk.database, user, units=ids)
    by_year = unit_years(desk.database, user, ids)
    years = (int(year), int(year)) if year.isdecimal() and len(year) == 4 else chosen.years
    books = books_of(
        desk.database, user, units=ids, kind=chosen.kind, years=years, limit=_SHOWN_BOOKS
    )
    counts = total(row.counts for row in rows)
    [group] = groups(rows, chosen.view, gazetteer)
    return render(
        request, "unit.html", tile=group.tiles[0], rows=rows, counts=counts, chosen=chosen,
        shares=shares(counts), stages=STAGES, by_year=by_year, kinds=list(Kind),
        books=books, book_shares={book.id: shares(book.counts) for book in books},
        year=year if year.isdecimal() else "", most=_SHOWN_BOOKS, decades=DECADES,
        said=sum(unit_finding_counts(desk.database, ids).values()),
        compared=bool(units_checked(desk.database, ids)),
        links=sum(count_unit_links(desk.database, user, ids, most=_COUNTED_LINKS).values()),
        counted_links=_COUNTED_LINKS,
    )  # fmt: skip


@router.get("/books/{book_id}")
def book(request: Request, desk: TheDesk, user: Supervisor, book_id: int) -> Response:
    """One book: scans, entries, and what is open before it may be signed."""
    found = books_of(desk.database, user, book_id=book_id) if 0 < book_id < 2**31 else []
    if not found:
        raise OutOfReachError()
    thresholds = decision_in_force(desk.database, desk.settings.config)
    return render(
        request, "book.html", book=found[0], shares=shares(found[0].counts), stages=STAGES,
        scans=scans_of(desk.database, user, book_id),
        sign=book_signature(desk.database, user, book_id, thresholds), explain=explain,
    )  # fmt: skip


# --- inside -------------------------------------------------------------------------------------


def _board(desk: Desk, user: User, chosen: Filter) -> dict[str, Any]:
    rows = unit_rows(desk.database, user, kind=chosen.kind, years=chosen.years)
    city = total(row.counts for row in rows)
    gazetteer = load_gazetteer(desk.settings.config)
    found = groups(_shown(rows, chosen), chosen.view, gazetteer)
    now = now_of(desk.database)
    context: dict[str, Any] = {
        "groups": found, "city": city, "shares": shares(city), "stages": STAGES,
        "chosen": chosen, "kinds": list(Kind), "decades": DECADES, "views": VIEWS, "now": now,
        "tiles": sum(len(group.tiles) for group in found), "empty": _empty(found),
        "at_once": at_once(found),
        "chart": None, "ahead": None, "dates": None, "goal": 0.0, "spent": None,
        "rates": rates_of(desk), "today": None,
    }  # fmt: skip
    # Days are counted by unit: of one kind or decade alone no burn-up can be drawn.
    if chosen.kind is None and chosen.decade is None:
        context |= _burn_up(desk, user, city, now)
    return context


def _burn_up(desk: Desk, user: User, city: Counts, now: datetime) -> dict[str, Any]:
    today = now.astimezone(HERE).date()
    since = today - timedelta(days=SHOWN_DAYS)
    # The forecast looks back further than the picture.
    known = _days(desk, user, today - timedelta(weeks=12), today)
    goal = expected_entries(city)
    ahead = forecast(weekly(known, today), goal - city.entries_released)
    return {
        "goal": goal,
        "ahead": ahead,
        "dates": _dates(ahead, today),
        "spent": cost_of(desk, known, city),
        "chart": burn_up(known, city, today, since, goal, ahead, language()),
        "today": next((one for one in known if one.day == today), None),
    }


def _days(desk: Desk, user: User, since: date, today: date) -> list[Day]:
    """What the days since brought: only the last two can still change, the others are kept."""
    fresh = today - timedelta(days=1)
    key = (today, None if user.sees_all else frozenset(user.units))
    if key not in desk.past:
        for old in [one for one in desk.past if one[0] != today]:
            desk.past.pop(old, None)
        read = days(desk.database, user, since)
        desk.past[key] = [one for one in read if one.day < fresh]
        return read
    return desk.past[key] + days(desk.database, user, fresh)


def _dates(ahead: Forecast | None, today: date) -> tuple[date, date, date | None] | None:
    if ahead is None or not ahead.left or ahead.middle > 52 * 40:
        return None

    def after(weeks: float) -> date:
        return today + timedelta(days=round(7 * weeks))

    late = ahead.high is not None and ahead.high < 52 * 40
    return after(ahead.low), after(ahead.middle), after(ahead.high or 0) if late else None


def _shown(rows: list[UnitRow], chosen: Filter) -> list[UnitRow]:
    """All units of the plan; as then, only those that books name besides."""
    return rows if chosen.view != "then" else [row for row in rows if row.district or row.type]


def _empty(found: list[Group]) -> int:
    return sum(tile.empty for group in found for tile in group.tiles)
