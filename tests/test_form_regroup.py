"""Entries of a scan split and joined in its layout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.form.regroup import check_regroup, own_rows, regrouped
from pipeline.types import Cell, EditKind, Layout, LayoutEdit, PageImage, Side, TickBox

PAGE = PageImage(
    side=Side.SINGLE, grey=np.full((800, 600), 255, np.uint8), dpi=254.0,
    to_scan=((1, 0, 0), (0, 1, 0), (0, 0, 1)), rotation=0, skew=0.0,
)  # fmt: skip
"""Ten pixels a millimetre."""
FIELDS = ("entry_number", "child_full_name")


def box(x0, y0, x1, y1):
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def ledger(rows=3):
    cells = tuple(
        Cell(0, row, name, box(100 * n, 100 * row, 100 * n + 100, 100 * row + 100), 0.6, lines=2)
        for row in range(rows)
        for n, name in enumerate(FIELDS)
    )
    return Layout("form", cells, 0.6, rows)


def split(at, **more):
    return LayoutEdit(EditKind.SPLIT, 4, 4, "lan", index=at, **more)


def join(at):
    return LayoutEdit(EditKind.JOIN, 4, 4, "lan", index=at)


def rows_of(layout):
    return {
        (cell.entry, cell.field): (cell.polygon[0][1], cell.polygon[2][1]) for cell in layout.cells
    }


def test_a_row_is_cut_at_the_same_share_of_every_box_and_the_rest_moves_on():
    done = regrouped(ledger(), (PAGE,), (split(1, share=0.4),), 4)
    places = rows_of(done)
    assert done.entries == 4 and len(done.cells) == 8
    for name in FIELDS:
        assert [places[n, name] for n in range(4)] == [(0, 100), (100, 140), (140, 200), (200, 300)]
    assert {cell.confidence for cell in done.cells if cell.entry in (1, 2)} == {1.0}
    assert {cell.confidence for cell in done.cells if cell.entry in (0, 3)} == {0.6}


def test_a_second_form_gets_the_boxes_of_the_first_where_it_lies():
    done = regrouped(ledger(1), (PAGE,), (split(0, across_mm=2.0, by_mm=30.0),), 4)
    places = {(cell.entry, cell.field): cell.polygon for cell in done.cells}
    assert places[0, "entry_number"] == box(0, 0, 100, 100)
    assert places[1, "entry_number"] == box(20, 300, 120, 400)


def test_two_rows_become_one_box_around_both():
    done = regrouped(ledger(), (PAGE,), (join(0),), 4)
    assert done.entries == 2
    assert rows_of(done)[0, "child_full_name"] == (0, 200)
    assert rows_of(done)[1, "child_full_name"] == (200, 300)
    assert {cell.lines for cell in done.cells if cell.entry == 0} == {4}


def test_fields_on_another_page_join_without_losing_their_boxes():
    cells = (
        Cell(0, 0, "child_full_name", box(0, 0, 100, 100), 0.6),
        Cell(1, 1, "child_full_name", box(0, 0, 100, 100), 0.6),
        Cell(1, 1, "notes", box(200, 0, 300, 100), 0.6),
    )
    done = regrouped(Layout("form", cells, 0.6, 2), (PAGE, PAGE), (join(0),), 4)
    assert [(cell.page, cell.entry, cell.field) for cell in done.cells] == [
        (0, 0, "child_full_name"), (1, 0, "notes"),
    ]  # fmt: skip


def test_edits_follow_each_other_and_a_join_takes_a_split_back():
    edits = (split(1, share=0.5), join(1))
    assert rows_of(regrouped(ledger(), (PAGE,), edits, 4)) == rows_of(ledger())
    assert regrouped(ledger(), (PAGE,), edits, 5) == ledger()
    assert own_rows(edits, 4, 4) == [0, None, 2, 3]
    assert own_rows((split(1, by_mm=50.0),), 4, 3) == [0, 1, None, 2]


@pytest.mark.parametrize(
    "edit",
    [
        split(0),
        split(0, share=0.01),
        split(0, share=1.0),
        split(0, by_mm=float("nan")),
        split(-1, share=0.5),
        replace(split(0, share=0.5), last=0),
        join(4000),
    ],
)
def test_what_cannot_be_is_refused(edit):
    with pytest.raises(InputError):
        check_regroup(edit)


def test_an_entry_that_is_not_there_sends_the_page_to_a_person():
    for edit in (split(7, share=0.5), join(2)):
        with pytest.raises(InputError):
            regrouped(ledger(), (PAGE,), (edit,), 4)


def ticks_of(layout):
    return [(tick.entry, tick.polygon[0][1]) for tick in layout.ticks]


def test_squares_to_tick_stay_with_their_entry():
    ticks = tuple(
        TickBox(0, entry, "registration_kind", "x", box(10, top, 20, top + 10), 1.0)
        for entry, top in ((0, 20), (1, 110), (1, 180), (2, 220))
    )
    marked = replace(ledger(), ticks=ticks)
    cut = regrouped(marked, (PAGE,), (split(1, share=0.5),), 4)
    assert ticks_of(cut) == [(0, 20), (1, 110), (2, 180), (3, 220)]
    copied = regrouped(marked, (PAGE,), (split(1, by_mm=50.0),), 4)
    assert sorted(ticks_of(copied)) == [
        (0, 20), (1, 110), (1, 180), (2, 610), (2, 680), (3, 220),
    ]  # fmt: skip
    assert ticks_of(regrouped(marked, (PAGE,), (join(0),), 4)) == [
        (0, 20), (0, 110), (0, 180), (1, 220),
    ]  # fmt: skip
