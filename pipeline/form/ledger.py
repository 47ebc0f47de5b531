"""Ruled ledgers: what a book's own pages teach of its columns, rows and headings.

Nothing about positions stands in the form file. ``learn_ruled`` finds the grid of each side
of an opening and reads its headings once; ``match_ledger`` lays them against any form, so
that choosing among several forms costs no second look at the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from pipeline.form.grid_learn import learn_grid
from pipeline.form.grid_support import explained
from pipeline.form.grid_types import Grid
from pipeline.form.impression import pack
from pipeline.form.known_headings import NOTHING_KNOWN, KnownHeadings, plainly
from pipeline.form.ledger_columns import Heading, Matched, match_columns, read_headings
from pipeline.form.ledger_edges import cut_apart, doubtful_columns, without_rules, without_strokes
from pipeline.form.ledger_fold import agreed, link, mated, together
from pipeline.form.ledger_head import head_ends, head_likeness, head_print
from pipeline.form.ledger_layout import lay_out_ledger
from pipeline.form.ledger_side import RuledSide
from pipeline.form.orders import orders
from pipeline.form.schema import Form
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules, page_rules
from pipeline.types import PageImage, Side

__all__ = ["RuledSide", "lay_out_ledger", "learn_ledger", "learn_ruled", "match_ledger"]

VERSION = "ledger/1"
_READ_PAGES = 5
"""Pages whose headings are averaged and read; the best fitting ones."""
UNREAD = "?"
"""Stands for the heading of an unknown column that nobody can read."""
_EXTRA_LINES = 2
"""Lines of writing that a column may hold which the form lacks and only its heading names."""
_LEAST_BANDS = 4
"""A head and a few rows; a table with fewer is none, or its rows are not ruled."""
_UNEVEN = 2.0
"""What it costs an opening that its sides have unequal rows, or that these do not meet, in
headings found."""


def learn_ledger(
    scans: Sequence[Sequence[PageImage]], form: Form, languages: str = "vie"
) -> tuple[dict[str, Any], float]:
    """Geometry of a ruled book, as plain data for ``lay_out_ledger``, and its score.

    Args:
        scans: pages of each scan learned from; covers and blank pages may be among them.
        form: form whose columns the headings are laid against.
        languages: Tesseract languages of the print.

    Returns:
        Geometry, and the score of ``BookForm.score``: share of the form's needed columns whose
        headings were found in order, 0 where there is no table.
    """
    geometry = match_ledger(learn_ruled(scans, languages), form)
    return geometry, float(geometry["score"])


def learn_ruled(
    scans: Sequence[Sequence[PageImage]], languages: str = "vie"
) -> tuple[RuledSide, ...]:
    """Grids and headings of a book's sides, from left to right; empty where it has no table."""
    sides = []
    for side in _usual_sides(scans):
        of = [(n, page) for n, pages in enumerate(scans) for page in pages if page.side is side]
        if not of:
            continue
        pages = tuple(page for _, page in of)
        rules = tuple(page_rules(page.grey, page.dpi) for page in pages)
        learned = learn_grid(rules)
        if learned is not None and learned[0].bands > _LEAST_BANDS:
            grid, fits = learned
            numbers = tuple(n for n, _ in of)
            sides.append(_shown(RuledSide(side, grid, pages, rules, tuple(fits), numbers)))
    whole = [
        now if now is before else _ended(now)
        for before, now in zip(sides, mated(sides), strict=True)
    ]
    return tuple(_with_head(side, languages) for side in agreed(whole))


def _usual_sides(scans: Sequence[Sequence[PageImage]]) -> tuple[Side, ...]:
    """How most scans of the book are cut; a fold found or missed once teaches nothing."""
    spreads = sum(len(pages) > 1 for pages in scans)
    return (Side.LEFT, Side.RIGHT) if 2 * spreads >= len(scans) else (Side.SINGLE,)


def match_ledger(
    book: Sequence[RuledSide], form: Form, known: KnownHeadings = NOTHING_KNOWN
) -> dict[str, Any]:
    """Geometry of a learned book under a form, with the score of their agreement.

    ``known`` are the headings of all forms of the kind: what names another field is not taken
    for a column of this form, and what names one that this form lacks is read as that. Two
    persons may be printed the other way round.
    """
    found = [_matched(book, order, known) for order in orders(form)]
    return max(found, key=lambda one: one[1])[0]  # the form's own order among equals


def _matched(
    book: Sequence[RuledSide], form: Form, known: KnownHeadings
) -> tuple[dict[str, Any], float]:
    """Geometry under an order of the form's columns, and how good the whole is."""
    geometry: dict[str, Any] = {"version": VERSION, "score": 0.0, "sides": {}, "link": None}
    spreads = form.opening and len(book) > 1
    # Without openings each side holds whole entries and is matched on its own.
    groups = [list(book)] if spreads else [[side] for side in book]
    scores, gain = [], 0.0
    for group in groups:
        sides, matched, headings = _whole_headings(*_best_match(group, form, known), form, known)
        scores.append(matched.score)
        gain += matched.gain
        at = 0
        for side in sides:
            geometry["sides"][side.side.value] = _side_data(
                side, matched, headings, at, form, known
            )
            at += side.grid.columns
        if spreads:
            geometry["link"] = link(sides)
    geometry["score"] = float(np.mean(scores)) if scores else 0.0
    return geometry, gain


def _best_match(
    group: list[RuledSide], form: Form, known: KnownHeadings
) -> tuple[list[RuledSide], Matched, list[Heading]]:
    """The ends of the heads under which headings and columns agree best, and those headings."""
    best: tuple[float, list[RuledSide], Matched, list[Heading]] | None = None
    for choice in product(*(range(len(side.ends)) for side in group)):
        sides = [
            replace(side, grid=replace(side.grid, first=side.ends[n][0]))
            for side, n in zip(group, choice, strict=True)
        ]
        headings = [h for side, n in zip(group, choice, strict=True) for h in side.headings[n]]
        matched = match_columns(headings, form.columns, known.contradicts)
        worth = matched.gain + sum(side.ends[n][1] for side, n in zip(group, choice, strict=True))
        if len(sides) > 1:
            worth -= _UNEVEN * together(sides[0], sides[-1])
        if best is None or worth > best[0]:
            best = (worth, sides, matched, headings)
    assert best is not None  # every side has an end
    return best[1:]


def _whole_headings(
    sides: list[RuledSide],
    matched: Matched,
    headings: list[Heading],
    form: Form,
    known: KnownHeadings,
) -> tuple[list[RuledSide], Matched, list[Heading]]:
    """The match without rules that part one heading in two."""
    clean, at = [], 0
    for side in sides:
        strays = cut_apart(side.grid, headings, matched, at, form.columns)
        clean.append(without_rules(side, strays))
        at += side.grid.columns
    same = all(a is b for a, b in zip(sides, clean, strict=True))
    return (sides, matched, headings) if same else _best_match(clean, form, known)


def _side_data(
    side: RuledSide,
    matched: Matched,
    headings: Sequence[Heading],
    at: int,
    form: Form,
    known: KnownHeadings,
) -> dict[str, Any]:
    doubts = doubtful_columns(side.grid, headings, matched, at, form.columns)
    columns: list[dict[str, Any]] = []
    taken = {form.columns[n].field for n in matched.columns if n is not None}
    for n in range(at, at + side.grid.columns):
        index = matched.columns[n]
        if index is not None:
            column, likeness = form.columns[index], matched.likeness[n]
            data = {"field": column.field, "lines": column.lines}
        else:
            name, likeness = known.named(headings[n], taken)
            taken.add(name)
            data = {"field": name, "lines": _EXTRA_LINES if name else 1}
            if not name:
                data["heading"] = plainly(headings[n]) or UNREAD
        columns.append(data | {"likeness": round(likeness, 3), "doubtful": doubts[n - at]})
    template = head_print(side.rules, side.grid, side.fits) if side.grid.first else None
    return {
        "grid": side.grid.data(),
        "columns": columns,
        "support": round(side.usual_support, 4),
        "explained": round(_usual(explained, side), 4),
        "head": pack(template) if template is not None else "",
        "head_like": round(_usual(partial(head_likeness, template=template), side), 4)
        if template is not None
        else 0.0,
    }


def _usual(measured: Callable[[Rules, Grid, Warp], float], side: RuledSide) -> float:
    """What a measure of the fit gives on the book's own pages."""
    pairs = zip(side.rules, side.fits, strict=True)
    return float(np.median([measured(rules, side.grid, found.warp) for rules, found in pairs]))


# --- head and rows --------------------------------------------------------------------------------


def _with_head(side: RuledSide, languages: str) -> RuledSide:
    """The side with its headings read, once for each end the head may have."""
    best = np.argsort([-found.support for found in side.fits])[:_READ_PAGES]
    pages, fits = [side.pages[n] for n in best], [side.fits[n] for n in best]
    headings = tuple(
        tuple(read_headings(pages, replace(side.grid, first=end), fits, side.side.value, languages))
        for end, _ in side.ends
    )
    return replace(side, headings=headings)


def _shown(side: RuledSide) -> RuledSide:
    """The side with the pages only that show its grid, and the head told from the rows."""
    supports = np.array([found.support for found in side.fits])
    keep = [int(n) for n in np.flatnonzero(supports > 0.5 * supports.max())]
    side = replace(
        side,
        pages=tuple(side.pages[n] for n in keep),
        rules=tuple(side.rules[n] for n in keep),
        fits=tuple(side.fits[n] for n in keep),
        scans=tuple(side.scans[n] for n in keep),
    )
    side = _ended(side)
    clean = without_strokes(side)
    return side if clean is side else _ended(clean)


def _ended(side: RuledSide) -> RuledSide:
    ends = head_ends(side.rules, side.grid, side.fits)
    first = max(ends, key=lambda end: ends[end])
    return replace(side, ends=tuple(ends.items()), grid=replace(side.grid, first=first))
