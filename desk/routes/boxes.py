"""The boxes of a page set right: corners, edges, entries split and joined; told, then kept."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from desk.here import Here, HereNow
from desk.review.boxes import Moves, Regroup, boxes_view, edits_of
from desk.review.shown import label_of
from desk.review.words import boxes_texts, kinds_of
from desk.templating import render
from models.fixing import boxes_to_fix, fix_boxes, regroup_entries, undo_regrouping
from models.regroup_rows import WordsDifferError
from pipeline.types import EditKind

router = APIRouter(prefix="/boxes")


@router.get("/{entry_id}")
def show(entry_id: int, at: HereNow, request: Request, field: str = "") -> Response:
    """The page of an entry with all that can be moved on it."""
    found = boxes_to_fix(at.db, at.user, entry_id)
    return render(
        request, "boxes.html", found=found, kinds=kinds_of(at.language), bare=None,
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


@router.post("/{entry_id}/split")
def split(entry_id: int, wanted: Regroup, at: HereNow) -> Response:
    """What was taken for one entry is two."""
    return _regroup(entry_id, wanted, at, EditKind.SPLIT)


@router.post("/{entry_id}/join")
def join(entry_id: int, wanted: Regroup, at: HereNow) -> Response:
    """What was taken for two entries is one."""
    return _regroup(entry_id, wanted, at, EditKind.JOIN)


@router.post("/{entry_id}/regroup-undo")
def undo(entry_id: int, wanted: Regroup, at: HereNow) -> Response:
    """The last split or join of the page is taken back."""
    return _regroup(entry_id, wanted, at, None)


def _regroup(entry_id: int, wanted: Regroup, at: Here, kind: EditKind | None) -> Response:
    found = boxes_to_fix(at.db, at.user, entry_id)
    try:
        if kind is None:
            scans = undo_regrouping(at.db, at.user, entry_id, wanted.stamp, wanted.choices)
        else:
            edit = wanted.as_edit(kind, found.entry.scan_number, at.user.login)
            scans = regroup_entries(at.db, at.user, entry_id, wanted.stamp, edit, wanted.choices)
    except WordsDifferError as error:
        words = [
            {"field": field, "label": label_of(field, at.language), "first": first,
             "second": second, "both": both}
            for field, (first, second, both) in error.words.items()
        ]  # fmt: skip
        told = {"error": error.code, "what": error.what(), "words": words}
        return JSONResponse(told, 409)
    return JSONResponse({"scans": scans})
