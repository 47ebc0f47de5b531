"""The boxes of a page set right: corners and edges dragged, what follows told before it is kept."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from desk.here import HereNow
from desk.review.boxes import Moves, boxes_view, edits_of
from desk.review.words import boxes_texts, kinds_of
from desk.templating import render
from models.fixing import boxes_to_fix, fix_boxes

router = APIRouter(prefix="/boxes")


@router.get("/{entry_id}")
def show(entry_id: int, at: HereNow, request: Request, field: str = "") -> Response:
    """The page of an entry with all that can be moved on it."""
    found = boxes_to_fix(at.db, at.user, entry_id)
    return render(
        request, "boxes.html", found=found, kinds=kinds_of(at.language),
        data=boxes_view(found, at.address, field[:40], at.language),
        texts=boxes_texts(at.language),
    )  # fmt: skip


@router.post("/{entry_id}/save")
def save(entry_id: int, moves: Moves, at: HereNow) -> Response:
    """Keep the corrections, all or nothing; the scans they hold for are read again."""
    found = boxes_to_fix(at.db, at.user, entry_id)
    edits = edits_of(moves, found, at.user.login)
    scans = fix_boxes(at.db, at.user, entry_id, moves.stamp, edits)
    return JSONResponse({"scans": scans})
