"""What a person set right about the places on a page, put to use.

Four corners say where the table (or the printed part) of one page lies; the fit then starts
there instead of searching. An edge says that a column, row or box begins or ends elsewhere than
the book was taken to teach. The learned geometry itself is never changed: a correction can be
taken back.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from pipeline.errors import InputError
from pipeline.form.regroup import check_regroup
from pipeline.form.warp import Floats, Warp, basis
from pipeline.page.points import as_matrix, map_polygon, to_page_polygon
from pipeline.texts import Text
from pipeline.types import BookForm, EditKind, LayoutEdit, PageImage, PageInfo, Polygon

MM_PER_INCH = 25.4
_BILINEAR = (0, 1, 2, 4)
"""Columns 1, x, y and xy of a basis of the second degree."""
_OF_ROWS = ("row", "top", "bottom")
_SIDES = {"left": 0, "top": 1, "right": 2, "bottom": 3}
_NO_EDGE = Text(
    "không có cạnh này: {what}; có: {known}", "no such edge: {what}; there are: {known}"
)
_CROSSED = Text("cạnh {what} sẽ vượt qua cạnh bên cạnh", "edge {what} would pass the one beside it")
_NO_FORM = Text("quyển này chưa có mẫu sổ", "the book has no form yet")
_TWISTED = Text(
    "bốn góc phải theo chiều kim đồng hồ, từ góc trên bên trái",
    "the four corners must run clockwise from the top left",
)
_OUTSIDE = Text("góc nằm ngoài trang", "a corner lies outside the page")
_NOWHERE = Text("ảnh không có trang {page}", "the scan has no page {page}")
_FURTHEST_MM = 1000.0
"""No register is larger."""
_SLACK = 0.02
"""Share of the page by which a corner may lie beside it: tables run off tight crops."""


def corners_of(edits: Sequence[LayoutEdit], number: int) -> dict[int, Polygon]:
    """Corners a person gave for the pages of a scan (scan pixels); the last word counts."""
    return {
        edit.page: edit.corners
        for edit in edits
        if edit.kind is EditKind.CORNERS and edit.covers(number)
    }


def rows_placed(edits: Sequence[LayoutEdit], number: int) -> bool:
    """Whether a person has said where the rows of a scan lie; an edge of a column does not."""
    return any(
        edit.covers(number) and (edit.kind is not EditKind.EDGE or edit.edge in _OF_ROWS)
        for edit in edits
    )


def with_edges(
    geometry: Mapping[str, Any], edits: Sequence[LayoutEdit], number: int
) -> dict[str, Any]:
    """A book's geometry with the edges that people moved for the scan of a number.

    Raises:
        InputError: an edit names an edge the geometry does not have, or moves it past another.
    """
    moved = [edit for edit in edits if edit.kind is EditKind.EDGE and edit.covers(number)]
    if not moved:
        return dict(geometry)
    changed = deepcopy(dict(geometry))
    for edit in moved:
        if "sides" in changed:
            _move_rule(changed["sides"], edit)
        else:
            _move_box(changed["fields"], edit)
    return changed


def check_edit(form: BookForm | None, edit: LayoutEdit, pages: Sequence[PageInfo] = ()) -> None:
    """Refuse a correction that could not be applied.

    Args:
        form: of the book, with the corrections before this one.
        edit: the correction.
        pages: of its first scan where that has been read: corners must lie on one of them.

    Raises:
        InputError: the book has no form, or not this edge, or edges would cross, or the corners
            make no page or lie beside it.
    """
    if form is None or not form.form_id:
        raise InputError(_NO_FORM.format())
    if edit.kind in (EditKind.SPLIT, EditKind.JOIN):
        check_regroup(edit)
        return
    if edit.kind is EditKind.EDGE:
        if not abs(edit.by_mm) <= _FURTHEST_MM:  # also refuses what is no number
            raise InputError(_CROSSED.format(what=f"{edit.field or edit.edge} {edit.index}"))
        with_edges(form.geometry, (*form.edits, edit), edit.first)
        return
    if not clockwise(edit.corners):
        raise InputError(_TWISTED.format())
    if pages:
        if not 0 <= edit.page < len(pages):
            raise InputError(_NOWHERE.format(page=edit.page))
        page = pages[edit.page]
        back = as_matrix(np.linalg.inv(np.asarray(page.to_scan)))
        for x, y in map_polygon(edit.corners, back):
            across, down = x / page.width, y / page.height
            if not (-_SLACK <= across <= 1 + _SLACK and -_SLACK <= down <= 1 + _SLACK):
                raise InputError(_OUTSIDE.format())


def clockwise(points: Polygon) -> bool:
    """Whether four corners turn to the right all the way round, as pixels have it."""
    turns = []
    for n in range(len(points)):
        (ax, ay), (bx, by), (cx, cy) = (points[(n + k) % len(points)] for k in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return len(points) == 4 and all(turn > 0 for turn in turns)


def _move_rule(sides: dict[str, Any], edit: LayoutEdit) -> None:
    side = edit.side or (next(iter(sides)) if len(sides) == 1 else "")
    places = {"column": "xs", "row": "ys"}.get(edit.edge, "")
    if side not in sides or not places:
        what = f"{edit.side} {edit.edge}".strip()
        raise InputError(_NO_EDGE.format(what=what, known=f"{', '.join(sides)} · column, row"))
    rules = list(sides[side]["grid"][places])
    if not 0 <= edit.index < len(rules):
        what = f"{edit.edge} {edit.index}"
        raise InputError(_NO_EDGE.format(what=what, known=f"0 … {len(rules) - 1}"))
    rules[edit.index] += edit.by_mm
    if any(after <= before for before, after in itertools.pairwise(rules)):
        raise InputError(_CROSSED.format(what=f"{edit.edge} {edit.index}"))
    sides[side]["grid"][places] = rules
    if edit.edge == "column":
        # No rule bears out what a person has placed where none is seen: it needs none.
        for column in sides[side].get("columns", [])[max(0, edit.index - 1) : edit.index + 1]:
            column["placed"] = True


def _move_box(fields: list[dict[str, Any]], edit: LayoutEdit) -> None:
    own = [f for f in fields if f["field"] == edit.field and f["entry"] == edit.index]
    if not own or edit.edge not in _SIDES:
        what = f"{edit.field} {edit.edge} {edit.index}"
        known = ", ".join(dict.fromkeys(f["field"] for f in fields))
        raise InputError(_NO_EDGE.format(what=what, known=f"{known} · {', '.join(_SIDES)}"))
    box = list(own[0]["box"])
    box[_SIDES[edit.edge]] += edit.by_mm
    if box[0] >= box[2] or box[1] >= box[3]:
        raise InputError(_CROSSED.format(what=f"{edit.field} {edit.edge}"))
    own[0] |= {"box": box, "trust": 1.0}  # what spoke against its place does so no more


def stretched(
    page: PageImage,
    corners: Polygon,
    frame: tuple[float, float, float, float],
    size: tuple[float, float],
    factor: float = 1.0,
) -> Warp:
    """The displacement that lays a rectangle of the frame on four corners, edges straight.

    Args:
        page: the page.
        corners: scan pixels, clockwise from the top left.
        frame: the rectangle whose corners they are: x0, y0, x1, y1 in millimetres.
        size: width and height of the frame, mm.
        factor: page pixels in a pixel of the picture that the warp is for.
    """
    x0, y0, x1, y1 = frame
    own: Floats = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    pixels = np.array(to_page_polygon(page, corners)) - (factor - 1) / 2
    moved = pixels / page.dpi * MM_PER_INCH - own
    powers = basis(own, *size, 2)[:, _BILINEAR]
    solved = np.linalg.solve(powers, moved)
    terms = np.zeros((6, 2))
    terms[list(_BILINEAR)] = solved
    return Warp(*size, tuple(terms[:, 0].tolist()), tuple(terms[:, 1].tolist()))


def apart(one: Warp, other: Warp, frame: tuple[float, float, float, float]) -> float:
    """How far (mm) two displacements take the corners of a rectangle apart, the worst of them."""
    x0, y0, x1, y1 = frame
    own = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return float(np.hypot(*(one.apply(own) - other.apply(own)).T).max())
