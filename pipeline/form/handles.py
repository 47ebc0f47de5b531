"""What a person may take hold of on a scan: corners and edges, drawn from the boxes on record.

Nothing of the page itself is looked at. The boxes that the record keeps are points of the book's
geometry whose places on the scan are known; through them the whole grid is laid on the scan. An
edge is moved in millimetres of the book's geometry, as ``LayoutEdit`` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from pipeline.form.edits import corners_of, with_edges
from pipeline.form.regroup import own_rows
from pipeline.page.points import as_matrix, map_polygon
from pipeline.types import BookForm, Matrix, PageInfo, Point, Polygon

_OFF_MM = 2.0
"""Boxes farther from where the geometry has them say nothing: people move single edges."""
_ENOUGH = 0.5
"""Share of the boxes that must agree; with fewer the scan is of another part of the book."""
_WIDE = 0.5
"""Share of the frame that boxes must span to tell more than place, turn and scale."""
_INSET = 0.06
"""Where corners stand on a page of which nothing is known, as a share of it."""

_Frame = tuple[float, float, float, float]


@dataclass(frozen=True)
class StoredBox:
    """A field of an entry as the record has it; ``polygon`` in scan pixels."""

    page: int
    entry: int
    field: str
    polygon: Polygon


@dataclass(frozen=True)
class Edge:
    """An edge that can be moved: the words of a ``LayoutEdit``, and where it lies."""

    side: str
    edge: str
    index: int
    field: str
    line: tuple[Point, Point]
    """From left to right or from top to bottom, scan pixels."""
    along: Point
    """Scan pixels by which one millimetre to the right, or down, moves it."""
    between: tuple[str, str] = ("", "")
    """Fields on its two sides; empty where there is none."""


@dataclass(frozen=True)
class PageHandles:
    """What can be moved on one page. Edges are missing where no box tells where they lie."""

    corners: Polygon
    edges: tuple[Edge, ...]
    known: bool
    """Whether the corners lie where the boxes (or a person) put them; else they are a proposal."""


def handles_of(
    form: BookForm, number: int, pages: Sequence[PageInfo], boxes: Sequence[StoredBox]
) -> tuple[PageHandles, ...]:
    """Corners and edges of each page of a scan.

    Args:
        form: of the book, with what people set right.
        number: of the scan in its book.
        pages: of the scan.
        boxes: of its entries.

    Returns:
        One for each page.
    """
    geometry = with_edges(form.geometry, form.edits, number)
    given = corners_of(form.edits, number)
    counted = 1 + max((box.entry for box in boxes), default=0) + len(form.edits)
    rows = own_rows(form.edits, number, counted)
    # Entries that a person split or joined lie elsewhere than the geometry has them.
    boxes = [
        replace(box, entry=row)
        for box in boxes
        if box.entry < len(rows) and (row := rows[box.entry]) is not None
    ]
    found = []
    seen = 0
    for at, page in enumerate(pages):
        own = [box for box in boxes if box.page == at]
        made = _ledger if "sides" in geometry else _labelled
        handles = made(geometry, page, own, seen)
        seen += bool(own)
        corners = given.get(at) or (handles.corners if handles else _proposal(page))
        edges = handles.edges if handles else ()
        found.append(PageHandles(corners, edges, at in given or handles is not None))
    return tuple(found)


def _ledger(
    geometry: Mapping[str, Any], page: PageInfo, boxes: Sequence[StoredBox], seen: int
) -> PageHandles | None:
    sides: Mapping[str, Any] = geometry["sides"]
    names = [page.side.value] if page.side.value in sides else list(sides)
    fields = {box.field for box in boxes}
    if not names or not boxes:
        return None
    side = max(names, key=lambda one: len(fields & {c["field"] for c in sides[one]["columns"]}))
    grid, columns = sides[side]["grid"], [c["field"] for c in sides[side]["columns"]]
    xs, ys, first = grid["xs"], grid["ys"], int(grid["first"])
    # Rows of a second page go on counting where pages are no openings.
    start = seen * (len(ys) - 1 - first) if "single" in sides else 0
    frame: list[Point] = []
    scan: list[Point] = []
    for box in boxes:
        j = box.entry - start + first
        if box.field not in columns or not first <= j < len(ys) - 1 or len(box.polygon) != 4:
            continue
        i = columns.index(box.field)
        frame += [(xs[i], ys[j]), (xs[i + 1], ys[j]), (xs[i + 1], ys[j + 1]), (xs[i], ys[j + 1])]
        scan += box.polygon
    whole = (xs[0], ys[0], xs[-1], ys[-1])
    way = _way(frame, scan, whole, page.dpi)
    if way is None:
        return None
    named = ["", *columns, ""]
    edges = [
        Edge(
            side, "column", i, "", *_drawn(way, ((x, ys[0]), (x, ys[-1])), (1.0, 0.0)),
            (named[i], named[i + 1]),
        )
        for i, x in enumerate(xs)
    ] + [
        Edge(side, "row", j, "", *_drawn(way, ((xs[0], y), (xs[-1], y)), (0.0, 1.0)))
        for j, y in enumerate(ys)
    ]  # fmt: skip
    return PageHandles(map_polygon(_rectangle(whole), way), tuple(edges), True)


def _labelled(
    geometry: Mapping[str, Any], page: PageInfo, boxes: Sequence[StoredBox], seen: int
) -> PageHandles | None:
    fields = {(int(one["entry"]), str(one["field"])): one for one in geometry.get("fields", ())}
    if not fields or not boxes:
        return None
    a_page = 1 + max(entry for entry, _ in fields)
    frame: list[Point] = []
    scan: list[Point] = []
    for box in boxes:
        own = fields.get((box.entry - seen * a_page, box.field))
        half = len(box.polygon) // 2
        if own is None or half < 2:
            continue
        frame += _rectangle(own["box"])
        scan += [box.polygon[n] for n in (0, half - 1, half, 2 * half - 1)]
    around = np.array([one[key] for one in fields.values() for key in ("box", "label")])
    low, high = around[:, :2].min(axis=0).tolist(), around[:, 2:].max(axis=0).tolist()
    whole = (low[0], low[1], high[0], high[1])
    way = _way(frame, scan, whole, page.dpi)
    if way is None:
        return None
    edges = []
    for (entry, field), one in fields.items():
        x0, y0, x1, y1 = one["box"]
        for name, line, along in (
            ("left", ((x0, y0), (x0, y1)), (1.0, 0.0)),
            ("top", ((x0, y0), (x1, y0)), (0.0, 1.0)),
            ("right", ((x1, y0), (x1, y1)), (1.0, 0.0)),
            ("bottom", ((x0, y1), (x1, y1)), (0.0, 1.0)),
        ):
            edges.append(Edge("", name, entry, field, *_drawn(way, line, along)))
    return PageHandles(map_polygon(_rectangle(whole), way), tuple(edges), True)


def _way(frame: list[Point], scan: list[Point], whole: _Frame, dpi: float) -> Matrix | None:
    """From millimetres of the frame to scan pixels, through what most boxes agree on."""
    if len(frame) < 4:
        return None
    own, there = np.array(frame, np.float64), np.array(scan, np.float64)
    off = _OFF_MM * dpi / 25.4
    spans = np.ptp(own, axis=0) / ((whole[2] - whole[0]) or 1, (whole[3] - whole[1]) or 1)
    if spans.min() >= _WIDE:
        found, agree = cv2.findHomography(own, there, cv2.RANSAC, off)
    else:
        # A single row tells where, how large and how turned; more would be made up.
        found, agree = cv2.estimateAffinePartial2D(
            own, there, method=cv2.RANSAC, ransacReprojThreshold=off
        )
        found = None if found is None else np.vstack([found, (0.0, 0.0, 1.0)])
    if found is None or agree is None or float(np.mean(agree)) < _ENOUGH:
        return None
    return as_matrix(np.asarray(found, np.float64))


def _drawn(
    way: Matrix, line: tuple[Point, Point], millimetre: Point
) -> tuple[tuple[Point, Point], Point]:
    """A line of the frame on the scan, and by how much a millimetre moves it there."""
    (ax, ay), (bx, by) = line
    middle = ((ax + bx) / 2, (ay + by) / 2)
    moved = (middle[0] + millimetre[0], middle[1] + millimetre[1])
    a, b, here, after = map_polygon((line[0], line[1], middle, moved), way)
    return (a, b), (after[0] - here[0], after[1] - here[1])


def _rectangle(box: Sequence[float]) -> tuple[Point, Point, Point, Point]:
    x0, y0, x1, y1 = (float(value) for value in box)
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _proposal(page: PageInfo) -> Polygon:
    """Corners a little inside the page."""
    w, h = page.width, page.height
    box = (_INSET * w, _INSET * h, (1 - _INSET) * w, (1 - _INSET) * h)
    return map_polygon(_rectangle(box), page.to_scan)
