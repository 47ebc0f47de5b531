"""A grid one row off is the worst of all: it is set right or refused, never believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ledger_drawing import Drawing, Drawn, book, draw, draw_opening
from test_ledger_learn import (
    BROAD,
    LEFT,
    LEFT_FIELDS,
    ONE_PAGE,
    RIGHT,
    RIGHT_FIELDS,
    cells_found,
)

from pipeline.form.ledger import lay_out_ledger, learn_ledger, learn_ruled
from pipeline.form.ledger_fold import mated
from pipeline.form.ledger_head import band_oddness
from pipeline.form.ledger_notes import APART, OFF_PAGE, UNLIKE
from pipeline.page import prepare
from pipeline.settings import LayoutThresholds
from pipeline.types import PageImage

GATE = LayoutThresholds().min_page_confidence
LEAST = LayoutThresholds().min_cell_confidence
SPEC = Drawing(LEFT, (15.0,) * 14, broken=0.15, seed=31)
Taught = tuple[list[Drawn], list[tuple[PageImage, ...]], dict[str, Any]]


@pytest.fixture(scope="module")
def taught() -> Taught:
    drawn = book(SPEC, 3)
    scans = [prepare(page.scan) for page in drawn]
    return drawn, scans, learn_ledger(scans, ONE_PAGE)[0]


def painted(page: PageImage, top: float, bottom: float) -> PageImage:
    grey = page.grey.copy()
    grey[round(top * len(grey)) : round(bottom * len(grey))] = 235
    return replace(page, grey=grey)


def without_top(page: PageImage, share: float) -> PageImage:
    cut = round(share * len(page.grey))
    move = np.array([[1, 0, 0], [0, 1, cut], [0, 0, 1]], dtype=float)
    to_scan = np.array(page.to_scan) @ move
    rows = tuple(tuple(float(v) for v in row) for row in to_scan)
    return replace(page, grey=np.ascontiguousarray(page.grey[cut:]), to_scan=rows)


DAMAGE: dict[str, Callable[[PageImage], PageImage]] = {
    "the head is covered": lambda page: painted(page, 0.0, 0.15),
    "the head and a row are covered": lambda page: painted(page, 0.0, 0.2),
    "the head is cut off": lambda page: without_top(page, 0.15),
    "the head and two rows are cut off": lambda page: without_top(page, 0.25),
    "the foot is covered": lambda page: painted(page, 0.8, 1.0),
    "the middle is covered": lambda page: painted(page, 0.4, 0.6),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_page_is_laid_out_rightly_or_refused(taught: Taught, damage: str) -> None:
    drawn, scans, geometry = taught
    for truth, pages in zip(drawn, scans, strict=True):
        harmed = tuple(DAMAGE[damage](page) for page in pages)
        layout = lay_out_ledger(harmed, geometry, ONE_PAGE)
        right = cells_found(truth, harmed, layout, LEFT_FIELDS) >= 0.95
        assert right or layout.confidence < GATE


def test_rows_that_run_off_the_scan_are_unknown_not_blank(taught: Taught) -> None:
    _, scans, geometry = taught
    page = scans[0][0]
    short = replace(page, grey=np.ascontiguousarray(page.grey[: round(0.75 * len(page.grey))]))
    layout = lay_out_ledger((short,), geometry, ONE_PAGE)
    lost = [cell for cell in layout.cells if cell.polygon[2][1] > len(short.grey) + 20]
    assert lost
    assert all(cell.confidence == 0.0 for cell in lost)
    assert OFF_PAGE.format() in layout.notes


def test_a_page_of_another_print_is_refused(taught: Taught) -> None:
    _, _, geometry = taught
    widths = (14.0, 30.0, 34.0, 18.0, 30.0, 30.0, 24.0)
    columns = tuple((f"Mục {n}", width) for n, width in enumerate(widths))
    other = draw(Drawing(columns, (19.0,) * 11, seed=77))
    pages = prepare(other.scan)
    assert lay_out_ledger(pages, geometry, ONE_PAGE).confidence < GATE


def test_rows_that_do_not_meet_at_the_fold_are_refused() -> None:
    def opening(n: int, down: float = 0.0) -> Drawn:
        left = Drawing(LEFT, (15.0,) * 12, broken=0.1, seed=80 + n)
        # A leaf that slipped by a row when it was scanned.
        right = Drawing(
            RIGHT, (15.0,) * 12, broken=0.1, seed=90 + n, title="", corner=(14.0, 30.0 + down)
        )
        return draw_opening(left, right)[0]

    drawn = [opening(n) for n in range(3)]
    scans = [prepare(page.scan) for page in drawn]
    geometry, _ = learn_ledger(scans, BROAD)
    layout = lay_out_ledger(scans[0], geometry, BROAD)
    assert cells_found(drawn[0], scans[0], layout, (*LEFT_FIELDS, *RIGHT_FIELDS)) == 1.0
    assert layout.confidence > GATE
    slipped = lay_out_ledger(prepare(opening(5, 15.0).scan), geometry, BROAD)
    assert slipped.confidence < GATE
    assert any(note.startswith(APART.format(rows="").split("  ")[0]) for note in slipped.notes)
    # As if learning had counted two rows of the right side to its head: pages look as they did.
    right = geometry["sides"]["right"]
    right["grid"]["first"] += 2
    right["head"] = ""
    geometry["link"] += 30.0
    learned_wrongly = lay_out_ledger(scans[0], geometry, BROAD)
    assert learned_wrongly.confidence < GATE
    assert UNLIKE.format() in learned_wrongly.notes


def test_every_row_is_an_entry_also_without_ink(taught: Taught) -> None:
    _, _, geometry = taught
    partly = draw(replace(SPEC, filled=4, seed=99))
    pages = prepare(partly.scan)
    layout = lay_out_ledger(pages, geometry, ONE_PAGE)
    assert layout.entries == 14
    assert len(layout.cells) == 14 * len(LEFT_FIELDS)
    assert cells_found(partly, pages, layout, LEFT_FIELDS) == 1.0


@pytest.mark.parametrize("dpi", [150.0, 300.0])
def test_a_scan_of_another_resolution_fits_the_same_book(taught: Taught, dpi: float) -> None:
    _, _, geometry = taught
    other = draw(replace(SPEC, dpi=dpi, angle=0.9, seed=101))
    pages = prepare(other.scan)
    layout = lay_out_ledger(pages, geometry, ONE_PAGE)
    assert cells_found(other, pages, layout, LEFT_FIELDS) == 1.0


def test_a_row_higher_than_the_others_is_not_taken_for_the_head() -> None:
    # Rows ruled by hand: the third is a seventh higher.
    rows = (15.0, 15.0, 17.4, 15.0, 14.6, 15.3, 15.0, 14.8, 15.2, 15.0, 15.0, 15.0)
    drawn = draw(replace(SPEC, rows=rows, seed=140))
    pages = prepare(drawn.scan)
    geometry, score = learn_ledger([pages], ONE_PAGE)
    layout = lay_out_ledger(pages, geometry, ONE_PAGE)
    assert score > 0.8
    assert layout.entries == 12
    assert cells_found(drawn, pages, layout, LEFT_FIELDS) == 1.0


HEADS = {
    "one band": ((17.0, *[15.0] * 12), 1),
    "a band for the groups, and the columns' numbers": ((6.4, 10.6, 5.0, *[15.0] * 12), 3),
    "a first row a little higher": ((17.0, 17.2, *[15.0] * 11), 1),
    "a third row a little higher": ((6.4, 10.6, 15.0, 15.0, 17.4, *[15.0] * 9), 2),
    "a row that lost its rule": ((17.0, 15.0, 15.0, 30.0, *[15.0] * 9), 1),
}


@pytest.mark.parametrize("what", HEADS)
def test_heights_alone_never_count_a_row_to_the_head(what: str) -> None:
    gaps, bands = HEADS[what]
    _, least = band_oddness(np.array(gaps))
    assert least <= bands
    assert least >= bands - 1


def test_a_row_that_lost_its_rule_is_doubted_and_the_others_are_not(taught: Taught) -> None:
    _, scans, geometry = taught
    grid = geometry["sides"]["single"]["grid"]
    lost = grid["first"] + 6
    worn = {
        **grid,
        "ys": [y for n, y in enumerate(grid["ys"]) if n != lost],
        "level": [row for n, row in enumerate(grid["level"]) if n != lost],
        "upright": [row for n, row in enumerate(grid["upright"]) if n != lost],
    }
    side = {**geometry["sides"]["single"], "grid": worn}
    layout = lay_out_ledger(scans[0], {**geometry, "sides": {"single": side}}, ONE_PAGE)
    doubted = {cell.entry for cell in layout.cells if cell.confidence < LEAST}
    assert doubted == {5}


def test_a_rule_lost_on_one_side_is_taken_from_the_other_though_heads_hide_it() -> None:
    """As many rows left and right are chance where a row of one side was counted to its head."""
    pair = [Drawing(side, (15.0,) * 12, broken=0.1, seed=150) for side in (LEFT, RIGHT)]
    left, right = learn_ruled([prepare(draw_opening(*pair)[0].scan)])
    assert left.grid.rows == right.grid.rows == 12
    at = right.grid.first + 7
    worn = replace(
        right.grid,
        ys=right.grid.ys[:at] + right.grid.ys[at + 1 :],
        level=right.grid.level[:at] + right.grid.level[at + 1 :],
        upright=right.grid.upright[:at] + right.grid.upright[at + 1 :],
    )
    deeper = replace(left, grid=replace(left.grid, first=left.grid.first + 1))
    assert deeper.grid.rows == worn.rows == 11
    _, whole = mated([deeper, replace(right, grid=worn)])
    assert whole.grid.rows == 12
    assert whole.grid.ys[at] == pytest.approx(right.grid.ys[at], abs=1.0)
