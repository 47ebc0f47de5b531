"""What rules say over all books of a unit: gaps, doubles, persons twice, second copies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.board.units import VIEWS, groups, members
from desk.guard import Desk, Supervisor, TheDesk
from desk.review.shown import in_language
from desk.routes.progress import Text
from desk.templating import render
from models.board import UnitRow
from models.board import unit_rows_of as unit_rows
from models.unit_rules import (
    COPIES,
    MOST_KEPT,
    check_unit_books,
    unit_finding_counts,
    unit_findings,
    units_checked,
)
from models.users import User
from pipeline.checks.rules import RULES
from pipeline.errors import OutOfReachError
from pipeline.places import load_gazetteer
from pipeline.texts import Text as Told
from pipeline.texts import language
from pipeline.types import Kind

router = APIRouter(prefix="/progress/units/{key}/rules")
_SHOWN = 50
_COPIES = Told("Hai quyển là hai bản của một sổ.", "Two books are two copies of one.")


@router.get("")
def rules(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    key: str,
    view: Text = "plan",
    kind: Text = "",
    rule: Text = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The findings kept of a unit, page by page, with links to their entries."""
    view = view if view in VIEWS else "plan"
    rows = reached(desk, user, key, view)
    ids = [row.id for row in rows]
    chosen = Kind(kind) if kind in list(Kind) else None
    counts = unit_finding_counts(desk.database, ids)
    rule = rule if rule in {of for _, of in counts} else ""
    many = sum(
        number for (of, said), number in counts.items()
        if chosen in (None, of) and rule in ("", said)
    )  # fmt: skip
    found = unit_findings(
        desk.database, ids, kind=chosen, rule=rule, start=(page - 1) * _SHOWN, most=_SHOWN
    )
    checked = units_checked(desk.database, ids)
    [group] = groups(rows, view, load_gazetteer(desk.settings.config))
    return render(
        request, "unit_rules.html", tile=group.tiles[0], view=view, kind=chosen, rule=rule,
        kinds=list(Kind), counts=counts, found=found, many=many, page=page,
        pages=max(1, -(-many // _SHOWN)), checked=checked, texts=_texts(counts),
        left=sum(max(0, one.found - MOST_KEPT) for one in checked),
    )  # fmt: skip


@router.post("")
def again(desk: TheDesk, user: Supervisor, key: str, view: Text = "plan") -> Response:
    """Compare the books of the unit now."""
    view = view if view in VIEWS else "plan"
    for row in reached(desk, user, key, view):
        for kind in Kind:
            check_unit_books(desk.database, row.id, kind)
    return RedirectResponse(f"/progress/units/{key}/rules?view={view}", 303)


def reached(desk: Desk, user: User, key: str, view: str) -> list[UnitRow]:
    """Units behind a tile, as far as this person's.

    Raises:
        OutOfReachError: none.
    """
    gazetteer = load_gazetteer(desk.settings.config)
    rows = members(unit_rows(desk.database, user), key, view, gazetteer)
    if not rows:
        raise OutOfReachError()
    return rows


def _texts(counts: dict[tuple[Kind, str], int]) -> dict[str, Any]:
    """What each rule says, in the language of the page."""
    told = {rule: RULES[rule].text for _, rule in counts if rule in RULES}
    texts = {rule: in_language(text, language()) for rule, text in told.items()}
    return {**{rule: rule for _, rule in counts}, **texts, COPIES: in_language(_COPIES, language())}
