"""Finding an entry: by a person's name, a day, a place of then or now."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.board.picture import figures
from desk.board.units import known
from desk.guard import Supervisor
from desk.here import Here, HereNow
from desk.i18n import _
from desk.templating import render
from models.board import unit_rows_of
from models.looking_up import Asked, look_up
from models.review_entry import entry_for_review
from models.search import search_key
from pipeline.errors import UnknownUnitError
from pipeline.places.registering import registering_unit
from pipeline.types import Kind

router = APIRouter()
_PICTURES = 12
"""Results with their own picture at once: each costs a page to be decoded."""
_DATE = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})")
Text = Annotated[str, Query(max_length=200)]


@router.get("/search")
def search(
    request: Request,
    at: HereNow,
    user: Supervisor,
    name: Text = "",
    day: Text = "",
    place: Text = "",
    kind: Text = "",
    number: Text = "",
    released: bool = False,
) -> Response:
    """The form, and what was found."""
    given = {
        "name": name, "day": day, "place": place, "kind": kind, "number": number,
        "released": released,
    }  # fmt: skip
    wrong = ""
    days = _days(day)
    if day.strip() and days is None:
        wrong = _("This is no date: write 1974, 12/1974 or 5/12/1974.")
    units = _units(at, place)
    if place.strip() and not units:
        wrong = _("No unit of this name, then or now.")
    if number.strip() and not number.strip().isdecimal():
        wrong = _("A number has digits only.")
    asked = Asked(
        name=name.strip(),
        days=days,
        kind=Kind(kind) if kind in list(Kind) else None,
        units=units,
        number=int(number) if number.strip().isdecimal() and len(number) < 9 else None,
        released=released,
    )
    anything = any((name.strip(), day.strip(), place.strip(), number.strip()))
    found = [] if wrong or not anything else look_up(at.db, user, asked)
    if anything and not wrong and asked.empty:
        wrong = _("Say a name, a date, or a number with its place.")
    bands = {}
    for one in found[:_PICTURES]:
        made = figures(entry_for_review(at.db, one.entry_id), at.address, whole=False)
        if made:
            bands[one.entry_id] = made[0]
    return render(
        request, "search.html", given=given, found=found, wrong=wrong, kinds=list(Kind),
        asked=anything, bands=bands,
    )  # fmt: skip


def _days(text: str) -> tuple[date, date] | None:
    """First and last day of ``1974``, ``12/1974`` or ``5/12/1974``."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year = (int(part) if part else None for part in match.groups())
    try:
        if year is None or month is None:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def _units(at: Here, text: str) -> frozenset[str] | None:
    """Units of then that a place names, by its name then or by that of today on its ground."""
    words = search_key(text).split()
    if not words:
        return None
    found = set()
    for row in unit_rows_of(at.db, at.user):
        unit = known(row.id, at.gazetteer)
        names = [f"{row.type} {row.name} {row.district}", *(unit.current if unit else ())]
        if any(_says(words, search_key(one).split()) for one in names):
            found.add(row.id)
    if not found:
        try:
            found = {registering_unit(text.strip(), "", 2010, at.gazetteer).holder}
        except UnknownUnitError:
            return frozenset()
    return frozenset(found)


def _says(words: list[str], name: list[str]) -> bool:
    """The words stand in the name one after the other."""
    size = len(words)
    return any(name[n : n + size] == words for n in range(len(name) - size + 1))
