"""A person's correction of a layout: checked against the book's geometry, then kept."""

from __future__ import annotations

from models import Database, add_layout_edit, load_book_form
from pipeline.errors import InputError
from pipeline.form.edits import with_edges
from pipeline.texts import Text
from pipeline.types import EditKind, LayoutEdit

_NO_FORM = Text("quyển này chưa có mẫu sổ", "the book has no form yet")
_TWISTED = Text(
    "bốn góc phải theo chiều kim đồng hồ, từ góc trên bên trái",
    "the four corners must run clockwise from the top left",
)


def add_edit(database: Database, book_id: int, edit: LayoutEdit, where: str = "") -> int:
    """Keep a correction and put the scans it holds for back into the queue; returns how many.

    Raises:
        InputError: the book has no form, or not this edge, or the corners make no page.
    """
    form = load_book_form(database, book_id)
    if form is None or not form.form_id:
        raise InputError(_NO_FORM.format(), where=where)
    if edit.kind is EditKind.CORNERS:
        if not clockwise(edit):
            raise InputError(_TWISTED.format(), where=where)
    else:
        with_edges(form.geometry, (*form.edits, edit), edit.first)
    return add_layout_edit(database, book_id, edit, actor=edit.person)


def clockwise(edit: LayoutEdit) -> bool:
    """Whether four corners turn to the right all the way round, as pixels have it."""
    points = edit.corners
    turns = []
    for n in range(len(points)):
        (ax, ay), (bx, by), (cx, cy) = (points[(n + k) % len(points)] for k in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return len(points) == 4 and all(turn > 0 for turn in turns)
