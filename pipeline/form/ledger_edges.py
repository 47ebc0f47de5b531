"""What speaks against the edge of a ledger's column: its own rule, other rules, the headings.

A clerk who writes "the same" as a stroke down the column leaves upright lines that are straight
and as dark as rules. They begin under the head and come and go from row to row; a rule runs
from the head to the foot. A column that is cut by such a stroke, or that has swallowed its
neighbour, is a box in the wrong place: where it cannot be set right it must not pass for sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from pipeline.form.grid_fit import fit_from
from pipeline.form.grid_prune import floats, table
from pipeline.form.grid_types import Floats, Grid, GridFit
from pipeline.form.ledger_columns import Heading, Matched, heading_score
from pipeline.form.ledger_head import drawn
from pipeline.form.ledger_side import RuledSide
from pipeline.form.schema import Column
from pipeline.page.rules import Rules

_THROUGHOUT = 0.6
"""Share of the rows in which the book's usual rule is seen, that a sure rule is seen in."""
_COMING = 0.55
"""The same below which a line comes and goes."""
_LIKELY = 0.35
"""An end of the head this much worse than the best may still be the right one."""
_IN_HEAD = 0.3
"""The same for the head: one band, which wear may take on a page or two."""
_ON_EACH = 0.2
"""The same for the rows of a single page."""
_HERE = 0.3
"""Share of what a rule is seen on the book's pages that a page must show of it."""
_LEFT_OVER = 0.65
"""Share of the bands in which a line inside a column must run to be a rule that was lost."""
_LINE = 0.5
"""Share of a usual rule's darkness that such a line must have."""
_CLEAR = 90.0
"""Of 255: darkness of a usual rule below which a page is too faint to tell by: half of it is what
typing and dirt come to on such a page, column after column."""
_BESIDE_MM = 2.5
"""From here on a line is not the rule at the column's edge, bent or drawn twice."""
_SEEN_DPI = 60.0
_UNREAD = 0.5
"""Likeness below which a heading may be any."""
_READ = 0.7
"""Likeness from which a heading is read: what is left of a worn one is as like any two labels."""
_LIKER = 0.1
"""By how much two headings together must be liker a label than one alone, or two labels liker
one heading, for a column to be cut in two or two to be one."""


def without_strokes(side: RuledSide) -> RuledSide:
    """The side without upright lines that come and go in the rows and do not reach the head."""
    upright = np.array(side.grid.upright)
    best = max(worth for _, worth in side.ends)
    ends = [end for end, worth in side.ends if worth > best - _LIKELY]
    rows = np.min([_shares(upright, end)[0] for end in ends], axis=0)
    heads = np.array([_shares(upright, end)[1] for end in ends])
    # A stroke is drawn on one page, elsewhere on the next.
    each = np.min([_shares(found.upright, max(ends))[0] for found in side.fits], axis=0)
    stray = (rows < _COMING) & (heads.min(axis=0) < _IN_HEAD)
    stray |= (each < _ON_EACH) & (heads.max(axis=0) < _IN_HEAD)
    return without_rules(side, [n for n in range(1, side.grid.columns) if stray[n]])


def without_rules(side: RuledSide, strays: Sequence[int]) -> RuledSide:
    """The side without some of its upright rules, the columns beside each made one."""
    if not strays:
        return side
    grid, headings = side.grid, side.headings
    level, upright = np.array(grid.level), np.array(grid.upright)
    xs = list(grid.xs)
    for n in sorted(strays, reverse=True):
        level[:, n - 1] = level[:, n - 1 : n + 1].mean(axis=1)
        level = np.delete(level, n, axis=1)
        upright = np.delete(upright, n, axis=1)
        del xs[n]
        headings = tuple(
            (*read[: n - 1], _both(read[n - 1], read[n]), *read[n + 1 :]) for read in headings
        )
    clean = replace(grid, xs=floats(xs), level=table(level), upright=table(upright))
    fits = tuple(
        fit_from(rules, clean, found.warp)
        for rules, found in zip(side.rules, side.fits, strict=True)
    )
    return replace(side, grid=clean, fits=fits, headings=headings)


def cut_apart(
    grid: Grid, headings: Sequence[Heading], matched: Matched, at: int, columns: Sequence[Column]
) -> list[int]:
    """Upright rules of a side that part one heading in two and are not seen between its words.

    Arguments as for ``doubtful_columns``.
    """
    head = _shares(np.array(grid.upright), grid.first)[1]
    return [
        n
        for n in range(1, grid.columns)
        if head[n] < _IN_HEAD and _parts_heading(at + n, headings, matched, columns)
    ]


def _shares(upright: Floats, first: int) -> tuple[Floats, Floats]:
    """How often each upright rule is seen in the rows and over them, shares of the usual."""
    rows, head = upright[first:].mean(axis=0), upright[max(0, first - 1)]
    return (
        np.asarray(rows / max(1e-6, float(np.median(rows))), np.float64),
        np.asarray(head / max(1e-6, float(np.median(head))), np.float64),
    )


def doubtful_columns(
    grid: Grid, headings: Sequence[Heading], matched: Matched, at: int, columns: Sequence[Column]
) -> list[bool]:
    """For each column of a side whether the book itself speaks against one of its edges.

    Args:
        grid: of the side.
        headings: of all columns of the book.
        matched: which columns of the form they are.
        at: the side's first column among them.
        columns: of the form.
    """
    # Wear alone takes a rule out of the head, not out of the rows.
    weak = _shares(np.array(grid.upright), grid.first)[0] < _THROUGHOUT
    weak[[0, -1]] = False
    for n in range(1, grid.columns):
        weak[n] |= _parts_heading(at + n, headings, matched, columns)
    return [
        bool(weak[n] or weak[n + 1]) or _holds_two(at + n, headings, matched, columns)
        for n in range(grid.columns)
    ]


def _parts_heading(
    n: int, headings: Sequence[Heading], matched: Matched, columns: Sequence[Column]
) -> bool:
    """Whether columns ``n - 1`` and ``n`` of the book share one heading: one alone is known."""
    for known, other in ((n - 1, n), (n, n - 1)):
        index = matched.columns[known]
        alone = matched.columns[other] is None or matched.likeness[other] < _UNREAD
        if index is not None and alone:
            whole = heading_score(_both(headings[n - 1], headings[n]), columns[index])
            if whole > matched.likeness[known] + _LIKER:
                return True
    return False


def _holds_two(
    n: int, headings: Sequence[Heading], matched: Matched, columns: Sequence[Column]
) -> bool:
    """Whether column ``n`` of the book bears the heading of a column beside its own too."""
    index = matched.columns[n]
    if index is None:
        return False
    lost = (c for c in (index - 1, index + 1) if 0 <= c < len(columns))
    least = max(_READ, matched.likeness[n] + _LIKER)
    return any(
        heading_score(headings[n], _joined(columns[min(c, index)], columns[max(c, index)])) > least
        for c in lost
        if c not in matched.columns
    )


def _both(left: Heading, right: Heading) -> Heading:
    """Two headings read as one, group and all."""
    labels = tuple(f"{a} {b}" for a, b in zip(left.labels, right.labels, strict=True))
    return Heading(left.side, labels, left.groups or right.groups)


def _joined(left: Column, right: Column) -> Column:
    labels = [f"{a} {b}" for a in left.labels for b in right.labels]
    return left.model_copy(update={"labels": tuple(labels)})


def sure_columns(rules: Rules, grid: Grid, found: GridFit) -> list[bool]:
    """For each column whether the rules of a page bear out its edges, and leave none inside it."""
    usual = np.array(grid.upright).mean(axis=0)
    shown = found.upright.mean(axis=0) / np.maximum(usual, 1e-6)
    # A faint page shows little of every rule.
    borne = shown >= _HERE * min(1.0, float(np.median(shown)))
    inner = _inner_lines(rules, grid, found)
    return [bool(borne[n] and borne[n + 1] and not inner[n]) for n in range(grid.columns)]


def _inner_lines(rules: Rules, grid: Grid, found: GridFit) -> list[bool]:
    """For each column whether a line runs through it from the head to the foot."""
    top = max(0, grid.first - 1)
    box = (grid.xs[0], grid.ys[top], grid.xs[-1], grid.ys[-1])
    picture = drawn(rules.vertical, rules.dpi, found.warp, box, _SEEN_DPI)
    # A line leans a little from band to band.
    wide = cv2.dilate(picture, np.ones((1, 3), np.uint8)).astype(np.float64)
    px = _SEEN_DPI / 25.4
    cuts = [round((y - grid.ys[top]) * px) for y in grid.ys[top:]]
    bands = np.array([wide[a:b].mean(axis=0) for a, b in pairwise(cuts) if b > a])
    at = [min(bands.shape[1] - 1, round((x - grid.xs[0]) * px)) for x in grid.xs]
    usual = float(np.median(bands[:, at]))
    dark = bands >= _LINE * max(_CLEAR, usual)
    # What begins under the head is a stroke of the pen.
    through = np.where(dark[0], dark.mean(axis=0), 0.0)
    beside = round(_BESIDE_MM * px)
    pieces = [through[a + beside : b - beside] for a, b in pairwise(at)]
    return [bool(len(piece) and piece.max() >= _LEFT_OVER) for piece in pieces]
