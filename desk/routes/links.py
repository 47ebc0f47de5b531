"""Suggested links: beside the entry in hand, on a supervisor's entry, and all of a unit."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.board.units import VIEWS, groups
from desk.guard import Desk, Supervisor, TheDesk
from desk.here import Here, HereNow
from desk.review.links import LinkView, link_view
from desk.review.words import kinds_of
from desk.routes.entry import Token
from desk.routes.progress import Text
from desk.routes.unit_rules import reached
from desk.templating import render
from models.holding import living_hold, may_reach
from models.link_runs import ask_for_links, last_asked_search, last_link_search
from models.linked import (
    COUNTED,
    Ruling,
    count_unit_links,
    links_of_entry,
    links_of_units,
    rule_on_link,
)
from models.states import LinkState
from pipeline.checks.linking.blocks import Relation
from pipeline.errors import OutOfReachError
from pipeline.places import load_gazetteer
from pipeline.texts import language

in_hand = APIRouter(prefix="/entry/{entry_id}/links")
router = APIRouter(prefix="/progress")
_SHOWN = 20
_ENOUGH = 286
"""By which htmx knows that it need not ask again."""
Said = Literal["suggested", "confirmed", "refused"]


class Word(Token):
    """What an operator says of a link, and what they saw of it."""

    says: Said
    was: Said


@in_hand.get("")
def beside(entry_id: int, at: HereNow, request: Request) -> Response:
    """Links of the entry in hand; nothing (204) where there are none, or it is keyed blindly."""
    hold = living_hold(at.db, at.user, entry_id, "")
    links = [] if hold.blind else entry_links(at, entry_id)
    if not links:
        return Response(status_code=204)
    return _panel(request, at, links)


@in_hand.post("/{link_id}")
def say(entry_id: int, link_id: int, word: Word, at: HereNow, request: Request) -> Response:
    """Same, not the same, or neither after all; answers with the links as they stand then."""
    if living_hold(at.db, at.user, entry_id, word.token).blind:
        raise OutOfReachError()
    faster: Ruling | None = None
    gone = False
    try:
        ruling = rule_on_link(
            at.db, at.user, link_id, LinkState(word.says), was=LinkState(word.was),
            entry_id=entry_id,
        )  # fmt: skip
        faster = None if ruling.kept else ruling
    except OutOfReachError:
        gone = True  # looked for anew meanwhile, and not suggested any more
    links = entry_links(at, entry_id, again=True)
    return _panel(request, at, links, gone=gone, faster=faster)


def entry_links(at: Here, entry_id: int, *, again: bool = False) -> list[LinkView]:
    """Links of an entry as this person sees them."""
    views = []
    for pair in links_of_entry(at.db, at.user, entry_id, again=again):
        other = pair.second if pair.first.entry_id == entry_id else pair.first
        open_ = ""
        if at.user.supervises:
            open_ = f"/progress/entries/{other.entry_id}"
        elif may_reach(at.db, at.user, other.entry_id):
            open_ = f"/entry/{other.entry_id}"
        views.append(link_view(pair, entry_id, open_))
    return views


def _panel(
    request: Request,
    at: Here,
    links: list[LinkView],
    *,
    gone: bool = False,
    faster: Ruling | None = None,
) -> Response:
    return render(
        request, "entry_links.html", links=links, gone=gone, faster=faster,
        kinds=kinds_of(at.language),
    )  # fmt: skip


# --- supervisors --------------------------------------------------------------------------------


@router.post("/entries/{entry_id}/links/{link_id}")
def rule(
    desk: TheDesk,
    user: Supervisor,
    entry_id: int,
    link_id: int,
    says: Annotated[Said, Form()],
    was: Annotated[Said, Form()],
) -> Response:
    """A word on a link of an entry that is looked at."""
    ruling = rule_on_link(
        desk.database, user, link_id, LinkState(says), was=LinkState(was), entry_id=entry_id
    )
    told = "" if ruling.kept else "?moved=true"
    return RedirectResponse(f"/progress/entries/{entry_id}{told}#links", 303)


@router.get("/units/{key}/links")
def listed(
    request: Request,
    desk: TheDesk,
    user: Supervisor,
    key: str,
    view: Text = "plan",
    kind: Text = "",
    state: Text = "",
    moved: bool = False,
    page: Annotated[int, Query(ge=1, le=200)] = 1,
) -> Response:
    """Links of a unit, the strongest first."""
    view = view if view in VIEWS else "plan"
    rows = reached(desk, user, key, view)
    ids = [row.id for row in rows]
    relation = Relation(kind) if kind in list(Relation) else None
    chosen = LinkState(state) if state in list(LinkState) else LinkState.SUGGESTED
    pairs = links_of_units(
        desk.database, user, ids, state=chosen, relation=relation,
        start=(page - 1) * _SHOWN, most=_SHOWN,
    )  # fmt: skip
    [group] = groups(rows, view, load_gazetteer(desk.settings.config))
    return render(
        request, "unit_links.html", tile=group.tiles[0], relation=relation,
        state=chosen, page=page, more=len(pairs) > _SHOWN, moved=moved,
        links=[link_view(pair) for pair in pairs[:_SHOWN]],
        counts=count_unit_links(desk.database, user, ids), counted=COUNTED,
        kinds=kinds_of(language()), **_searches(desk, key, view), awaited=False,
    )  # fmt: skip


@router.get("/units/{key}/links/search")
def searched(
    request: Request, desk: TheDesk, user: Supervisor, key: str, view: Text = "plan"
) -> Response:
    """How far the search for links is, for a page that waits for it."""
    view = view if view in VIEWS else "plan"
    reached(desk, user, key, view)
    told = _searches(desk, key, view)
    page = render(request, "link_search.html", **told, awaited=True)
    if told["asked"] is None or not told["asked"].waits:
        page.status_code = _ENOUGH
    return page


@router.post("/units/{key}/links/search")
def search(desk: TheDesk, user: Supervisor, key: str, view: Text = "plan") -> Response:
    """Have links looked for now, among all books; the engine does it."""
    view = view if view in VIEWS else "plan"
    reached(desk, user, key, view)
    ask_for_links(desk.database, user)
    return RedirectResponse(f"{_list_of(key)}?view={view}", 303)


def _searches(desk: Desk, key: str, view: str) -> dict[str, Any]:
    """What the page says of the searches: the last one, and the one that was asked for."""
    return {
        "last": last_link_search(desk.database),
        "asked": last_asked_search(desk.database),
        "list_of": _list_of(key),
        "view": view,
    }


def _list_of(key: str) -> str:
    return f"/progress/units/{quote(key, safe='')}/links"


@router.post("/units/{key}/links/{link_id}")
def rule_listed(
    desk: TheDesk,
    user: Supervisor,
    key: str,
    link_id: int,
    says: Annotated[Said, Form()],
    was: Annotated[Said, Form()],
    view: Text = "plan",
    kind: Text = "",
    state: Text = "",
    page: Annotated[int, Query(ge=1, le=200)] = 1,
    after: Annotated[int, Form(ge=0, le=2**62)] = 0,
) -> Response:
    """A word on a link of the list; back to the list, at the link that came after it."""
    ruling = rule_on_link(desk.database, user, link_id, LinkState(says), was=LinkState(was))
    view = view if view in VIEWS else "plan"
    kind = kind if kind in list(Relation) else ""
    state = state if state in list(LinkState) else ""
    told = "" if ruling.kept else "&moved=true"
    at = f"#l-{after}" if after else ""
    query = f"view={view}&kind={kind}&state={state}&page={page}{told}"
    return RedirectResponse(f"{_list_of(key)}?{query}{at}", 303)
