"""One field over many rows: the page's column under one pair of eyes, what agrees in one go."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from desk.here import Here, HereNow
from desk.review.marks import boxes_of
from desk.review.saying import Said, changes_of, conflicts_of
from desk.review.shown import label_of
from desk.review.view import FieldView, PageView, context_of, entry_view, text_of
from desk.review.words import key_table, kinds_of, page_texts, sources_of
from desk.templating import render
from models.columns import take_column, waiting_columns
from models.laid_down import laid_down
from models.reviewing import ReviewEntry, StaleEntry, held_entry, save_review
from pipeline.errors import BadValueError, LostHoldError
from pipeline.fields import FIELDS

router = APIRouter(prefix="/column")
_AGREES = 85
"""Per cent from which a row without findings is ticked; eyes still pass over it."""


class Row(BaseModel):
    """One row as the operator leaves it."""

    model_config = ConfigDict(extra="forbid")

    entry: int = Field(ge=0, le=2**62)
    version: int = Field(ge=0, le=2**31)
    token: str = Field(max_length=64)
    said: Said


class Rows(BaseModel):
    """The rows that are saved."""

    model_config = ConfigDict(extra="forbid")

    rows: list[Row] = Field(max_length=100)


@router.get("/{entry_id}/{field}")
def show(entry_id: int, field: str, at: HereNow, request: Request, book: bool = False) -> Response:
    """The rows of a column that wait, on the page of an entry or on through its book."""
    if field not in FIELDS:
        return render(request, "entry_empty.html", 404)
    taken = take_column(at.db, at.user, entry_id, field, seconds=at.hold_seconds, whole_book=book)
    rows: list[dict[str, Any]] = []
    pages: list[PageView] = []
    first: ReviewEntry | None = None
    for hold, entry in taken:
        first = first or entry
        view = entry_view(
            entry, hold, context=context_of(entry, at.today), gazetteer=at.gazetteer,
            address=at.address, first_rows=[None] * len(entry.pages), language=at.language,
            boxes=boxes_of(at.settings.config, entry.form_id),
        )  # fmt: skip
        own = next(one for one in view.fields if one.name == field)
        page = view.pages[own.page]
        if page not in pages:
            pages.append(page)
        shown = _row(own, entry, pages.index(page))
        rows.append(
            {
                **asdict(shown), "entry": entry.id, "version": entry.version,
                "token": hold.token, "field": field, "agrees": _agrees(own),
            }
        )  # fmt: skip
    return render(
        request, "column.html", entry_id=entry_id, field=field, book=book,
        label=label_of(field, at.language), first=first, rows=rows,
        kinds=kinds_of(at.language), sources=sources_of(at.language),
        columns=[
            (name, label_of(name, at.language), count)
            for name, count in waiting_columns(at.db, entry_id).items()
        ],
        texts=page_texts(at.language), key_table=key_table(at.language),
        data={"fields": rows, "pages": [asdict(page) for page in pages], "user": at.user.id},
    )  # fmt: skip


@router.post("/save")
def save(rows: Rows, at: HereNow) -> Response:
    """Save each row by itself: what is refused or in conflict keeps no other row back."""
    told = [{"entry": row.entry, **_save(row, at)} for row in rows.rows]
    return JSONResponse({"rows": told})


def _save(row: Row, at: Here) -> dict[str, Any]:
    try:
        hold, entry = held_entry(at.db, at.user, row.entry, row.token)
        if entry.version != row.version and conflicts_of([row.said], entry, at.language):
            text, state = text_of(entry.field(row.said.field))
            stands = {"text": text, "state": str(state)}
            return {"state": "conflict", "version": entry.version, "stands": stands}
        context = context_of(entry, at.today)
        changes, refused = changes_of([row.said], entry, context, at.language)
        if refused:
            return {"state": "refused", "message": refused[0].message}
        save_review(at.db, hold, entry.version, changes, user=at.user)
    except LostHoldError:
        # Asked once more, because the answer was lost on the way: it is saved.
        before = laid_down(at.db, at.user, row.entry, row.token)
        return {"state": "conflict" if before is None else "saved"}
    except (StaleEntry, KeyError):
        return {"state": "conflict"}
    except BadValueError as error:
        return {"state": "refused", "message": str(error)}
    return {"state": "saved"}


def _row(field: FieldView, entry: ReviewEntry, page: int) -> FieldView:
    """The field as a row: named and labelled after its entry."""
    return replace(field, name=f"e{entry.id}", label=entry.number or "–", page=page)


def _agrees(field: FieldView) -> bool:
    return bool(field.text) and not field.findings and field.confidence >= _AGREES
