"""One entry at a time: take, show, save, give back, keep what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from desk.here import Here, HereNow
from desk.pictures.sheet import box_of
from desk.review.marks import boxes_of
from desk.review.saying import (
    LONGEST,
    Conflict,
    Review,
    changes_of,
    conflicts_of,
    not_understood,
    odd_name,
)
from desk.review.view import context_of, entry_view, meaning_of, sheets_of, text_of
from desk.review.words import key_table, kinds_of, page_texts, sources_of
from desk.templating import render
from models.drafts import load_draft, save_draft
from models.laid_down import laid_down
from models.linked import count_links
from models.page_rows import first_row
from models.reviewing import (
    Hold,
    ReviewEntry,
    StaleEntry,
    ask_rescan,
    escalate_entry,
    held_entry,
    hold_entry,
    living_hold,
    may_reach,
    renew_hold,
    save_review,
    skip_entry,
    take_next,
    with_void_field,
)
from pipeline.errors import InputError, LostHoldError
from pipeline.values.persons import persons_value

router = APIRouter(prefix="/entry")


class Token(BaseModel):
    """The proof that an entry is in these hands."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=64)


class Given(Token):
    """Why an entry is given back."""

    reason: str = Field(max_length=500)


class Kept(BaseModel):
    """A draft; what is in it is the page's own."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=0, le=2**31)
    fields: dict[str, Any]


class Asked(BaseModel):
    """A text whose meaning is wanted."""

    model_config = ConfigDict(extra="forbid")
    field: str = Field(max_length=40)
    text: str = Field(max_length=LONGEST)
    state: str = Field(max_length=20)


@router.get("")
def take(at: HereNow, request: Request) -> Response:
    """The next entry of this operator."""
    hold = take_next(at.db, at.user, seconds=at.hold_seconds, test_share=at.test_share)
    if hold is None:
        return render(request, "entry_empty.html")
    return RedirectResponse(f"/entry/{hold.entry_id}", 303)


@router.get("/ahead")
def ahead(at: HereNow, request: Request, now: int) -> Response:
    """The body of the entry after the one in hand; nothing (204) where none waits."""
    hold = take_next(at.db, at.user, seconds=at.hold_seconds, but=now, test_share=at.test_share)
    if hold is None or hold.entry_id == now:
        return Response(status_code=204)
    hold, entry = held_entry(at.db, at.user, hold.entry_id)
    return render(request, "entry_body.html", **_page(at, hold, entry))


@router.get("/{entry_id}")
def show(entry_id: int, at: HereNow, request: Request) -> Response:
    """The page of an entry in hand, or taken up again."""
    hold_entry(at.db, at.user, entry_id, seconds=at.hold_seconds)
    hold, entry = held_entry(at.db, at.user, entry_id)
    return render(
        request, "entry.html", **_page(at, hold, entry),
        texts=page_texts(at.language), key_table=key_table(at.language),
    )  # fmt: skip


@router.post("/{entry_id}/save")
def save(entry_id: int, review: Review, at: HereNow) -> Response:
    """Write what the operator says, all or nothing; a conflict tells both values."""
    try:
        hold, entry = held_entry(at.db, at.user, entry_id, review.token)
        entry = _offered(hold, entry)
        clashes = conflicts_of(review.fields, entry, at.language)
        if entry.version != review.version and clashes:
            return _conflict(clashes, entry)
        context = context_of(entry, at.today)
        changes, refused = changes_of(review.fields, entry, context, at.language)
        if refused:
            return JSONResponse({"refused": [asdict(one) for one in refused]}, 422)
        saved = save_review(at.db, hold, entry.version, changes, user=at.user)
    except StaleEntry as stale:
        # Somebody was faster between look and write: the page compares, and saves again.
        current = _offered(hold, stale.current)
        return _conflict(conflicts_of(review.fields, current, at.language), current)
    except KeyError:
        return JSONResponse({"message": "?"}, 404)
    except LostHoldError:
        # Asked once more, because the answer was lost on the way: it is saved.
        before = laid_down(at.db, at.user, entry_id, review.token)
        if before is None:
            raise
        saved = before
    return JSONResponse(asdict(saved))


@router.put("/{entry_id}/draft")
def draft(entry_id: int, kept: Kept, at: HereNow) -> Response:
    """Keep what is typed so far."""
    if not may_reach(at.db, at.user, entry_id):
        return Response(status_code=404)
    save_draft(at.db, at.user.id, entry_id, kept.version, kept.fields)
    return Response(status_code=204)


@router.post("/{entry_id}/alive")
def alive(entry_id: int, token: Token, at: HereNow) -> Response:
    """A sign of life: the entry stays in these hands."""
    hold = living_hold(at.db, at.user, entry_id, token.token)
    lives = renew_hold(at.db, hold, at.hold_seconds)
    return Response(status_code=204 if lives else 409)


@router.post("/{entry_id}/meaning")
def meaning(entry_id: int, asked: Asked, at: HereNow) -> Response:
    """What a typed text means, or that it means nothing."""
    _, entry = held_entry(at.db, at.user, entry_id)
    context = context_of(entry, at.today)
    try:
        value, _ = persons_value(asked.field, asked.text, "", context)
    except InputError:
        return JSONResponse({"ok": False, "message": not_understood(asked.text, at.language)})
    said = meaning_of(asked.field, value, context, at.gazetteer, at.language)
    return JSONResponse({"ok": True, "meaning": said or odd_name(asked.field, value, at.language)})


@router.post("/{entry_id}/{kind}")
def give(entry_id: int, kind: str, given: Given, at: HereNow) -> Response:
    """Skip, escalate, ask for another scan: with a reason."""
    acts = {"skip": skip_entry, "escalate": escalate_entry, "rescan": ask_rescan}
    if kind not in acts:
        return Response(status_code=404)
    try:
        hold, _ = held_entry(at.db, at.user, entry_id, given.token)
        acts[kind](at.db, hold, given.reason, at.user)
    except LostHoldError:
        if laid_down(at.db, at.user, entry_id, given.token, saved=False) is None:
            raise  # else: asked once more
    return JSONResponse({})


def _page(at: Here, hold: Hold, entry: ReviewEntry) -> dict[str, Any]:
    """What the templates of an entry take."""
    entry = _offered(hold, entry)
    rows = first_row(at.db, entry.scan_id)
    tops = [
        min((box_of(sheet.from_scan(one))[0][1] for one in rows.get(n, ())), default=None)
        for n, sheet in enumerate(sheets_of(entry))
    ]
    view = entry_view(
        entry, hold, context=context_of(entry, at.today), gazetteer=at.gazetteer,
        address=at.address, first_rows=tops, language=at.language,
        boxes=boxes_of(at.settings.config, entry.form_id),
    )  # fmt: skip
    kept = load_draft(at.db, at.user.id, entry.id)
    data = view.data()
    data["user"] = at.user.id
    data["doubtful"] = view.doubtful
    data["draft"] = None if kept is None else {**kept.fields, "version": kept.version}
    return {
        "view": view, "data": data, "kinds": kinds_of(at.language),
        "sources": sources_of(at.language),
        "links": 0 if hold.blind else count_links(at.db, at.user, entry.id),
    }  # fmt: skip


def _offered(hold: Hold, entry: ReviewEntry) -> ReviewEntry:
    """With the field that says whether it is crossed out; blind, only what is planned is said."""
    return entry if hold.blind else with_void_field(entry)


def _conflict(clashes: Sequence[Conflict], entry: ReviewEntry) -> Response:
    standing = {}
    for field in entry.fields:
        text, state = text_of(field)
        standing[field.field] = {"text": text, "state": str(state)}
    told = {
        "conflicts": [asdict(one) for one in clashes], "version": entry.version,
        "standing": standing,
    }  # fmt: skip
    return JSONResponse(told, 409)
