"""Rules of a ledger that wear or a dry pen left hardly anything of are told by the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ledger_drawing import Drawing, Drawn, draw, edges
from test_ledger_learn import LEFT, LEFT_FIELDS, ONE_PAGE, cells_found

from pipeline.form.grid_fit import fit_from
from pipeline.form.grid_learn import learn_grid
from pipeline.form.grid_prune import pruned, without_dotted
from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.grid_worn import with_faint_rules, without_shadows
from pipeline.form.ledger import lay_out_ledger, learn_ledger, learn_ruled
from pipeline.form.warp import Warp
from pipeline.page import prepare
from pipeline.page.rules import page_rules

SPEC = Drawing(LEFT, (15.0,) * 14, broken=0.15, seed=31)
PX = SPEC.dpi / 25.4
PAPER, PEN = 235.0, 60.0


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
    gone = (xs[0] - 0.8, ys[1] - 2, xs[0] + 0.8, ys[-1] + 2)
    pages = [paled(page, gone, 0.0) for page in flat()]
    assert min(learned(pages)) == 1.0


@pytest.mark.parametrize("seen", [True, False])
def test_a_worn_outer_rule_is_told_from_the_shadow_of_the_fold_beside_it(seen: bool) -> None:
    """The shadow is darker and more even, but no level rule reaches it, and it is no rule."""
    xs, ys = edges(SPEC)
    outer, fold = xs[-1], xs[-1] + 11
    pages = flat()
    learned_of = learn_grid([page_rules(page.scan.grey, SPEC.dpi) for page in pages])
    assert learned_of is not None
    grid, fits = learned_of
    worn = []
    for n, page in enumerate(pages):
        # Each page shows other pieces of the rule. Without any the edge is anybody's guess.
        gone = [k for k in range(len(SPEC.rows)) if (k + n) % 3]
        bands = [(ys[k] + 0.5, ys[k + 1] - 0.5) for k in gone] if seen else [(ys[0] - 20, ys[-1])]
        for top, bottom in bands:
            page = paled(page, (outer - 0.8, top, outer + 0.8, bottom), 0.0)
        shadow = slice(round(fold * PX) - 2, round(fold * PX) + 3)
        page.scan.grey[round(5 * PX) : -round(5 * PX), shadow] = 60
        worn.append(page_rules(page.scan.grey, SPEC.dpi))
    drawn_to_the_fold = replace(grid, xs=(*grid.xs[:-1], grid.xs[-1] + fold - outer))
    found = without_shadows(worn, drawn_to_the_fold, fits).xs[-1]
    # A rule seems to run on by as much as it is averaged over; the pages put the edge right.
    assert found == pytest.approx(grid.xs[-1] if seen else drawn_to_the_fold.xs[-1], abs=1.5)


def test_a_grid_drawn_to_the_shadow_of_the_fold_is_laid_anew() -> None:
    """Its outer rule on a dark line beside the table, it bends, but is as well supported."""
    widths = (43.0, 43.0, 35.0, 48.0, 19.0)
    names = ("Số\nTT", "Họ và tên", "Nơi sinh", "Ngày sinh", "Dân tộc")
    spec = Drawing(tuple(zip(names, widths, strict=True)), (16.0,) * 14, corner=(15.0, 40.0),
                   broken=0.3, seed=31)  # fmt: skip
    scans = [prepare(draw(replace(spec, seed=31 + n)).scan) for n in range(2)]
    geometry, _ = learn_ledger(scans, ONE_PAGE)
    xs, ys = edges(spec)
    gone = (xs[0] - 0.8, ys[0] - 17, xs[0] + 0.8, ys[-1] + 2)
    worn = paled(draw(replace(spec, seed=77, broken=0.4)), gone, 0.0)
    fold = round((xs[0] - 7.5) * PX)
    worn.scan.grey[round(5 * PX) : -round(5 * PX), fold - 2 : fold + 3] = 70
    layout = lay_out_ledger(prepare(worn.scan), geometry, ONE_PAGE)
    assert layout.confidence > 0.6
    assert min(x for cell in layout.cells for x, _ in cell.polygon) / PX == pytest.approx(15, abs=1)


def test_rows_that_hold_much_the_same_on_all_pages_are_no_part_of_the_head() -> None:
    """The first three rows are as alike as four further down, which are rows for sure."""
    _, ys = edges(SPEC)
    one, two = flat()
    first, second = (page.scan.grey.astype(np.float64) for page in (one, two))
    for row in (0, 1, 2, 7, 8, 9, 10):
        band = slice(round((ys[row] + 1) * PX), round((ys[row + 1] - 1) * PX))
        second[band] = np.minimum(second[band], PAPER - 0.8 * (PAPER - first[band]))
    two = replace(two, scan=replace(two.scan, grey=second.astype(np.uint8)))
    [side] = learn_ruled([prepare(page.scan) for page in (one, two)])
    assert (side.grid.first, side.grid.rows) == (1, 14)


def test_a_stroke_through_an_entry_makes_no_row_of_its_own() -> None:
    """Entries struck out at one height on all pages leave a line as plain as any rule."""
    rows = [16.0 * n for n in range(13)]
    ys = (*rows[:8], rows[7] + 3.5, *rows[8:])
    grid = Grid(210, 300, tuple(10.0 + 30 * n for n in range(7)), ys, 0, ((1.0,) * 6,) * len(ys),
                ((1.0,) * 7,) * (len(ys) - 1))  # fmt: skip
    clean = pruned(grid)
    assert clean is not None
    assert clean.ys == tuple(rows)


def test_a_rule_seen_beside_its_place_on_one_page_makes_no_rows_of_its_own() -> None:
    """Of two worn pages that are bent otherwise one shows pieces of a rule above and below it."""
    rows = 12
    ys = [16.0 * n for n in range(rows + 1)]
    strays = {7: (0.0, 0.0, 0.5, 0.5, 0.5, 0.0), 8: (0.0, 0.5, 0.5, 0.0, 0.0, 0.0)}
    level = [(0.5, 1.0, 0.5, 0.5, 1.0, 0.5)] * (rows + 1)
    for at, seen in strays.items():
        ys.insert(at, 16.0 * 6 + (3.0 if at == 7 else 13.5))
        level.insert(at, seen)
    upright = [(1.0,) * 7] * (len(ys) - 1)
    grid = Grid(210, 300, tuple(10.0 + 30 * n for n in range(7)), tuple(ys), 0, tuple(level),
                tuple(upright))  # fmt: skip
    clean = pruned(grid)
    assert clean is not None
    assert list(clean.ys) == [16.0 * n for n in range(rows + 1)]


def test_a_row_ruled_with_a_dry_pen_is_a_row() -> None:
    page = prepare(flat()[0].scan)[0]
    whole, (found,) = learn_grid([page_rules(page.grey, page.dpi)])
    at = len(whole.ys) // 2

    def rows(ink: float) -> int:
        """Rows told where a rule has only a share of its ink, and was not found therefore."""
        grey = page.grey.astype(np.float64)
        across = np.linspace(whole.xs[0] - 1, whole.xs[-1] + 1, 2000)
        for x, y in found.warp.apply([(x, whole.ys[at]) for x in across]) * page.dpi / 25.4:
            part = grey[round(y) - 6 : round(y) + 7, round(x) - 1 : round(x) + 2]
            part[:] = np.maximum(part, PAPER - ink * (PAPER - PEN))
        rules = page_rules(grey.astype(np.uint8), page.dpi)
        lost = replace(
            whole,
            ys=whole.ys[:at] + whole.ys[at + 1 :],
            level=whole.level[:at] + whole.level[at + 1 :],
            upright=whole.upright[:at] + whole.upright[at + 1 :],
        )
        fit = fit_from(rules, lost, found.warp)
        return with_faint_rules([rules], lost, [fit]).bands

    assert rows(0.4) == whole.bands
    assert rows(0.0) == whole.bands - 1


def lying(grid: Grid, strength: list[float]) -> list[GridFit]:
    """The grid on one page, its level rules so dark."""
    tables = np.array(grid.level), np.array(grid.upright)
    return [GridFit(Warp(grid.width, grid.height), *tables, 1.0, np.array(strength))]


def test_lines_of_writing_are_no_rules_though_a_rule_between_them_is_nearly_worn_away() -> None:
    """Rows of 18 mm with writing in their middle; of the rule at 102 mm hardly anything is left."""
    ys = tuple(30.0 + 9.0 * n for n in range(17))
    strength = [0.5 if n % 2 == 0 else 0.3 for n in range(17)]
    strength[8] = 0.24
    grid = Grid(200.0, 200.0, (10.0, 60.0, 110.0), ys, 0, ((0.6,) * 2,) * 17, ((1.0,) * 3,) * 16)
    assert without_dotted(grid, lying(grid, strength)).ys == ys[::2]
    # Where nothing at all is seen of it, two rows would become one: all stay, to be judged later.
    gone = replace(grid, ys=ys[:8] + ys[9:], level=grid.level[1:], upright=grid.upright[1:])
    assert without_dotted(gone, lying(gone, strength[:8] + strength[9:])).ys == gone.ys
