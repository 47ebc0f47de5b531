"""Lay the learned grid of a ledger on a scan: cells, and how far they can be trusted.

A wrong grid is worse than none, and a grid one row off is the worst of all. Three things
guard against it: rules that only the head and the last row have, the print of the head, and
the rows of both pages of an opening, which must meet at the fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.edits import apart, stretched
from pipeline.form.grid_comb import comb_starts
from pipeline.form.grid_fit import fit_from
from pipeline.form.grid_straight import straight_start
from pipeline.form.grid_support import bent, explained, level_support, measure
from pipeline.form.grid_types import Grid, GridFit, grid_from
from pipeline.form.impression import unpack
from pipeline.form.ledger_edges import sure_columns
from pipeline.form.ledger_head import head_likeness
from pipeline.form.ledger_notes import (
    APART,
    HALF,
    MOVED,
    NO_TABLE,
    OFF_PAGE,
    UNLIKE,
    WRONG_ROW,
)
from pipeline.form.ledger_place import frame_to_page, frame_to_scan
from pipeline.form.schema import Form
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules, page_rules
from pipeline.types import Cell, Grey, Layout, PageClass, PageImage, Polygon, Side

Floats = NDArray[np.float64]

_GOOD = 0.8
"""Share of the usual support from which a first fit needs no second."""
_STARTS = 5
_FULL = 0.8
"""Share of the usual support that counts as full agreement: pages are worn unequally."""
_SUPPORT = (0.2, 0.75)
"""Share of the book's usual support: of a grid laid anywhere, and of one in its place."""
_EXPLAINED = (0.6, 0.92)
"""The same for the share of the page's rules that lie on the grid."""
_HEAD = (0.4, 0.75)
"""The same for the likeness of the head."""
_BENT_MM = (1.0, 3.0)
"""Columns bend by less near the fold, and by more when a grid is stretched over another."""
_HEAD_MARGIN = 0.12
"""By how much the head must be more like the book's here than a row aside."""
_RULE_MARGIN = 0.6
"""Or by how many whole rules the grid must be better supported here than a row aside."""
_MEET = 0.4
"""Share of a row by which rows may miss each other at the fold."""
_MEET_IN_BOOK = 0.5
"""The same for the rows as the book taught them."""
_TALL, _LOW = 1.6, 0.6
"""Shares of the usual height from which a row hides a rule, and below which it is half a row."""
_HELD_MM = 3.0
"""How far the fit may draw the corners that a person gave."""
_NOT_IT = 0.15
"""Confidence below which a page does not bear the grid at all: no cells."""
_OFF_MM = 1.0
"""By how much a cell may reach over the edge of the page."""
_SLIPPED = 0.3
"""What is left of the confidence where the rows may be counted wrongly."""


@dataclass(frozen=True)
class _Placed:
    """A page with its grid on it."""

    page: PageImage
    index: int
    side: str
    grid: Grid
    columns: list[dict[str, Any]]
    found: GridFit
    factor: float
    confidence: float
    signs: tuple[float, ...]
    """Of the page, as ``pipeline.form.confidence`` names them."""
    notes: tuple[str, ...]
    sure: tuple[bool, ...]
    """For each column whether nothing speaks against its edges."""


def lay_out_ledger(
    pages: Sequence[PageImage],
    geometry: dict[str, Any],
    form: Form,
    corners: Mapping[int, Polygon] = MappingProxyType({}),
) -> Layout:
    """Cells of a scan of a ledger whose book was learned by ``learn_ledger``.

    Every row is an entry, also one without ink. The entry index is the row's; on a form
    without openings the rows of a second page go on counting.
    """
    placed = [
        found
        for index, page in enumerate(pages)
        if (found := _place(page, index, geometry, corners.get(index))) is not None
    ]
    notes = [note for found in placed for note in found.notes]
    if not placed:
        return Layout(form.form, (), 0.0, 0, PageClass.OTHER, (NO_TABLE.format(),))
    confidence = min(found.confidence for found in placed)
    missed = _strange(geometry)
    if missed:
        confidence *= _SLIPPED
        notes.append(UNLIKE.format())
    if geometry["link"] is not None and len(placed) == 2:
        here = _apart(placed[0], placed[1], float(geometry["link"]))
        missed = max(missed, here)
        if here > _MEET:
            confidence *= _SLIPPED
            notes.append(APART.format(rows=f"{here:.2f}"))
    if geometry["link"] is not None and len(placed) < len(geometry["sides"]):
        notes.append(HALF.format())
    cells: list[Cell] = []
    rows = 0
    for found in placed:
        start = 0 if form.opening else rows
        if confidence > _NOT_IT:
            cells += _cells(found, start, (missed, float(geometry["score"])))
        rows = max(rows, start + found.grid.rows)
    if any(cell.confidence == 0.0 for cell in cells):
        notes.append(OFF_PAGE.format())
    return Layout(
        form_id=form.form,
        cells=tuple(cells),
        confidence=confidence,
        entries=rows if cells else 0,
        page_class=PageClass.ENTRIES if cells else PageClass.OTHER,
        notes=tuple(notes),
    )


def _place(
    page: PageImage, index: int, geometry: dict[str, Any], corners: Polygon | None
) -> _Placed | None:
    sides: dict[str, Any] = geometry["sides"]
    # A page scanned alone may be either side of a book of openings.
    names: list[str] = [page.side.value] if page.side.value in sides else []
    if not names and (page.side is Side.SINGLE or Side.SINGLE.value in sides):
        names = list(sides)
    if not names:
        return None
    rules = page_rules(page.grey, page.dpi)
    if corners:
        return _held(page, index, names[0], sides[names[0]], rules, corners)
    found = [_fitted(page, index, name, sides[name], rules) for name in names]
    return max(found, key=lambda one: one.confidence)


def _fitted(page: PageImage, index: int, side: str, data: dict[str, Any], rules: Rules) -> _Placed:
    grid = grid_from(data["grid"])
    usual = float(data["support"])
    head = unpack(data["head"]) if data["head"] else None
    fit = _best_fit(rules, grid, usual)
    fit, lead, notes = _row_checked(rules, grid, fit, head)
    seen = _page_signs(rules, grid, fit, data, head)
    confidence = _likely(*seen) * (1.0 if lead >= 1.0 else _SLIPPED)
    signs = (*seen, lead)
    sure = tuple(
        column.get("placed", False) or (here and not column.get("doubtful", False))
        for here, column in zip(sure_columns(rules, grid, fit), data["columns"], strict=True)
    )
    return _Placed(
        page, index, side, grid, data["columns"], fit, rules.factor, confidence, signs, notes, sure
    )


def _held(
    page: PageImage, index: int, side: str, data: dict[str, Any], rules: Rules, corners: Polygon
) -> _Placed:
    """The grid on the corners a person gave, snapped to the rules where they are near."""
    grid = grid_from(data["grid"])
    frame = (grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1])
    given = stretched(page, corners, frame, (grid.width, grid.height), rules.factor)
    plain, fit = measure(rules, grid, given), fit_from(rules, grid, given)
    if fit.support <= plain.support or apart(fit.warp, given, frame) > _HELD_MM:
        fit = plain
    head = unpack(data["head"]) if data["head"] else None
    signs = (*_page_signs(rules, grid, fit, data, head), 1.0)
    sure = (True,) * grid.columns
    return _Placed(
        page, index, side, grid, data["columns"], fit, rules.factor, 1.0, signs, (), sure
    )


def _page_signs(
    rules: Rules, grid: Grid, fit: GridFit, data: dict[str, Any], head: Grey | None
) -> tuple[float, float, float, float]:
    """Rules under the grid, rules it leaves over, bend of the columns (mm), print of the head.

    All but the bend are measured against the book's own pages.
    """
    like = 1.0
    if head is not None:
        like = head_likeness(rules, grid, fit.warp, head) / max(1e-6, float(data["head_like"]))
    return (
        fit.support / max(1e-6, float(data["support"])),
        explained(rules, grid, fit.warp) / max(1e-6, float(data["explained"])),
        bent(grid, fit.warp),
        like,
    )


def _likely(support: float, left_over: float, bent: float, like: float) -> float:
    """How likely it is that the grid is this page's, 0..1, and not stretched over another."""
    likely = _rise(support, *_SUPPORT) * _rise(left_over, *_EXPLAINED)
    # Without its head a page may be counted from any row that runs off the scan.
    return likely * (1.0 - _rise(bent, *_BENT_MM)) * _rise(like, *_HEAD)


def _rise(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``."""
    return float(np.clip((value - low) / (high - low), 0, 1))


def _best_fit(rules: Rules, grid: Grid, usual: float) -> GridFit:
    """The first fit where it is good, else the best of several starts.

    Good is one that is well supported and does not bend: with its outer rule on the shadow of the
    fold a grid is as well supported as in its place.
    """
    first, *others = comb_starts(rules, grid, _STARTS)
    best = fit_from(rules, grid, first)
    most = best.support * _straight(grid, best)
    if most >= _GOOD * usual:
        return best
    for warp in (straight_start(rules, grid), *others):
        found = fit_from(rules, grid, warp)
        worth = found.support * _straight(grid, found)
        if worth > most:
            best, most = found, worth
        if most >= _GOOD * usual:
            break
    return best


def _straight(grid: Grid, fit: GridFit) -> float:
    """1 for a grid that keeps its shape on the page, 0 for one that bends too much."""
    return 1.0 - _rise(bent(grid, fit.warp), *_BENT_MM)


# --- one row up or down ---------------------------------------------------------------------------


def _row_checked(
    rules: Rules, grid: Grid, fit: GridFit, head: Grey | None
) -> tuple[GridFit, float, tuple[str, ...]]:
    """The fit on the right row, its lead over rows aside (enough from 1 on), what was noticed."""
    notes: tuple[str, ...] = ()
    leads = _leads(rules, grid, fit, head)
    steps, by_rules, by_head = min(leads, key=lambda lead: lead[2])
    if by_head < -_HEAD_MARGIN and by_rules < _RULE_MARGIN:
        # The head is printed a row or two aside: begin again from there.
        moved = fit_from(rules, grid, _lowered(fit.warp, steps * grid.pitch))
        if moved.support > 0.9 * fit.support:
            fit, notes = moved, (MOVED.format(rows=steps),)
            leads = _leads(rules, grid, fit, head)
    # Each sign in units of what is enough alone; they may make up for each other.
    lead = min(by_rules / _RULE_MARGIN + by_head / _HEAD_MARGIN for _, by_rules, by_head in leads)
    return fit, lead, notes if lead >= 1 else (*notes, WRONG_ROW.format())


def _leads(
    rules: Rules, grid: Grid, fit: GridFit, head: Grey | None
) -> list[tuple[int, float, float]]:
    """By how much this fit is better than one counted some rows aside.

    Returns:
        For each number of rows: the number, the lead in whole level rules, and the lead in
        likeness of the head.
    """
    usual = float(np.median(fit.strength[fit.strength > 0])) if fit.strength.any() else 1.0
    own = _signs(rules, grid, fit.warp, head, usual)
    leads = []
    for steps in (-2, -1, 1, 2):
        theirs = _signs(rules, grid, _lowered(fit.warp, steps * grid.pitch), head, usual)
        leads.append((steps, own[0] - theirs[0], own[1] - theirs[1]))
    return leads


def _signs(
    rules: Rules, grid: Grid, warp: Warp, head: Grey | None, usual: float
) -> tuple[float, float]:
    """Support in whole level rules, and likeness of the head."""
    support = level_support(rules, grid, warp, usual) / grid.columns
    like = head_likeness(rules, grid, warp, head) if head is not None else 0.0
    return support, like


def _lowered(warp: Warp, by: float) -> Warp:
    return Warp(warp.width, warp.height, warp.x, (warp.y[0] + by, *warp.y[1:]))


def _strange(geometry: dict[str, Any]) -> float:
    """By how many rows the sides of the book itself differ: in number, or where the first is.

    0 where they belong together. Then one side was learned wrongly, and nothing on a page can
    tell which: its rows meet just as they did while learning.
    """
    sides = [grid_from(side["grid"]) for side in geometry["sides"].values()]
    if geometry["link"] is None or len(sides) < 2:
        return 0.0
    left, right = sides[0], sides[-1]
    step = abs(float(geometry["link"])) / left.pitch
    unequal = abs(left.rows - right.rows)
    return max(float(unequal), step) if unequal or step > _MEET_IN_BOOK else 0.0


def _apart(left: _Placed, right: _Placed, link: float) -> float:
    """By how many rows the rows of both pages miss each other at the fold."""
    heights = []
    for one, edge in ((left, left.grid.xs[-1]), (right, right.grid.xs[0])):
        count = min(left.grid.rows, right.grid.rows)
        body = one.grid.ys[one.grid.first : one.grid.first + count + 1]
        frame = np.array([(edge, y) for y in body])
        heights.append(frame_to_scan(one.page, one.found.warp, frame)[:, 1])
    miss = float(np.median(heights[1] - heights[0])) - link
    return abs(miss) / left.grid.pitch


# --- cells ----------------------------------------------------------------------------------------


def _cells(placed: _Placed, start: int, of_scan: tuple[float, float]) -> list[Cell]:
    grid = placed.grid
    mesh = np.array([(x, y) for y in grid.ys for x in grid.xs])
    corners = frame_to_page(placed.page, placed.found.warp, mesh, placed.factor)
    corners = corners.reshape(len(grid.ys), len(grid.xs), 2)
    own, near = _local_support(placed)
    local = 0.5 + 0.5 * np.clip(near / _FULL, 0, 1)
    height, width = placed.page.grey.shape
    off = _OFF_MM * placed.page.dpi / 25.4
    heights = np.diff(grid.ys) / grid.pitch
    cells = []
    for row in range(grid.rows):
        j = grid.first + row
        # Two people in one box, or one in two.
        whole = 1.0 if _LOW < heights[j] < _TALL else _SLIPPED
        for i, column in enumerate(placed.columns):
            if not column["field"]:
                continue
            quad = (corners[j, i], corners[j, i + 1], corners[j + 1, i + 1], corners[j + 1, i])
            doubt = whole * (1.0 if placed.sure[i] else _SLIPPED)
            # What the scan does not show is not blank, it is unknown.
            shown = all(-off <= x <= width + off and -off <= y <= height + off for x, y in quad)
            cells.append(
                Cell(
                    page=placed.index,
                    entry=start + row,
                    field=column["field"],
                    polygon=tuple((float(x), float(y)) for x, y in quad),
                    confidence=float(placed.confidence * doubt * local[j, i]) if shown else 0.0,
                    lines=int(column["lines"]),
                    signs=(
                        *placed.signs,
                        *of_scan,
                        float(near[j, i]),
                        float(own[j, i]),
                        float(column["likeness"]),
                    ),
                    doubt=doubt,
                )
            )
    return cells


def _local_support(placed: _Placed) -> tuple[Floats, Floats]:
    """Rules seen at each cell and around it, as shares of the usual; shapes (bands, columns)."""
    found, grid = placed.found, placed.grid
    level, upright = np.array(grid.level), np.array(grid.upright)
    seen = found.level[:-1] + found.level[1:] + found.upright[:, :-1] + found.upright[:, 1:]
    usual = level[:-1] + level[1:] + upright[:, :-1] + upright[:, 1:]
    # A few cells around speak for each: one broken edge says nothing.
    wide = (5, 5)
    near = np.asarray(cv2.blur(seen, wide, borderType=cv2.BORDER_REPLICATE), np.float64)
    expected = np.asarray(cv2.blur(usual, wide, borderType=cv2.BORDER_REPLICATE), np.float64)
    own = np.asarray(seen / np.maximum(usual, 1e-6), np.float64)
    return own, np.asarray(near / np.maximum(expected, 1e-6), np.float64)
