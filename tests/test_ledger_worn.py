"""Rules of a ledger that wear or a dry pen left hardly anything of are told by the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ledger_drawing import Drawing, Drawn, draw, edges
from test_ledger_learn import LEFT, LEFT_FIELDS, ONE_PAGE, cells_found

from pipeline.form.ledger import lay_out_ledger, learn_ledger
from pipeline.page import prepare

SPEC = Drawing(LEFT, (15.0,) * 14, broken=0.15, seed=31)
PX = SPEC.dpi / 25.4
PAPER = 235.0


def paled(page: Drawn, box: tuple[float, float, float, float], left: float) -> Drawn:
    """A page on which a stretch (mm) has lost all its ink but a share."""
    grey = page.scan.grey.astype(np.float64)
    x0, y0, x1, y1 = (round(v * PX) for v in box)
    part = grey[y0:y1, x0:x1]
    grey[y0:y1, x0:x1] = PAPER - left * (PAPER - np.minimum(part, PAPER))
    return replace(page, scan=replace(page.scan, grey=grey.astype(np.uint8)))


def flat() -> list[Drawn]:
    """Two pages of one book that lie straight, so that a rule is where the drawing has it."""
    return [draw(replace(SPEC, seed=31 + n, first_number=1 + 14 * n)) for n in range(2)]


def learned(pages: list[Drawn]) -> list[float]:
    """Shares of the cells of each page found, all fields counted."""
    scans = [prepare(page.scan) for page in pages]
    geometry, _ = learn_ledger(scans, ONE_PAGE)
    return [
        cells_found(page, scan, lay_out_ledger(scan, geometry, ONE_PAGE), LEFT_FIELDS)
        for page, scan in zip(pages, scans, strict=True)
    ]


def test_a_column_whose_outer_rule_is_gone_is_found_where_the_level_rules_end() -> None:
    xs, ys = edges(SPEC)
    gone = (xs[0] - 0.8, SPEC.corner[1] - 2, xs[0] + 0.8, ys[-1] + 2)
    pages = [paled(page, gone, 0.0) for page in flat()]
    assert min(learned(pages)) == 1.0


def test_a_row_ruled_with_a_dry_pen_is_a_row() -> None:
    xs, ys = edges(SPEC)
    faint = (xs[0] - 1, ys[6] - 0.7, xs[-1] + 1, ys[6] + 0.7)
    pages = [paled(page, faint, 0.3) for page in flat()]
    assert min(learned(pages)) == 1.0
