"""What people set right about a layout: corners hold a page, edges move, geometry itself stays."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from ledger_drawing import Drawing, book
from test_ledger_learn import LEFT, LEFT_FIELDS, ONE_PAGE, cells_found

from pipeline.errors import InputError
from pipeline.form import lay_out
from pipeline.form.confidence import LayoutCalibration, SignScore, calibrated
from pipeline.form.edits import rows_placed, stretched, with_edges
from pipeline.form.ledger import learn_ledger
from pipeline.form.overlay import draw_overlay, overlay_of
from pipeline.form.place import place_scan
from pipeline.page import prepare
from pipeline.types import (
    BookForm,
    Cell,
    Decision,
    EditKind,
    EntryResult,
    FieldResult,
    Layout,
    LayoutEdit,
    ValueState,
)


@pytest.fixture(scope="module")
def learned():
    drawn = book(Drawing(LEFT, (15.0,) * 14, seed=31), 2)
    scans = [prepare(page.scan) for page in drawn]
    geometry, score = learn_ledger(scans, ONE_PAGE)
    return drawn, scans, BookForm(ONE_PAGE.form, score, geometry, "form-2")


def edge(**changes) -> LayoutEdit:
    return replace(LayoutEdit(EditKind.EDGE, 1, 0, "Lan"), **changes)


def test_a_moved_column_edge_moves_it_for_the_scans_it_holds_for(learned):
    _, scans, form = learned
    before = deepcopy(form.geometry)
    moved = replace(form, edits=(edge(first=2, edge="column", index=2, by_mm=3.0),))
    shift = []
    for number in (1, 2):
        own = lay_out(scans[0], moved, ONE_PAGE, number)
        plain = lay_out(scans[0], form, ONE_PAGE, number)
        (a,), (b,) = (
            [c for c in one.cells if (c.entry, c.field) == (3, "child_full_name")]
            for one in (own, plain)
        )
        shift.append((a.polygon[0][0] - b.polygon[0][0]) / scans[0][0].dpi * 25.4)
    assert shift[0] == pytest.approx(0.0, abs=0.01)
    assert shift[1] == pytest.approx(3.0, abs=0.8)
    assert form.geometry == before


@pytest.mark.parametrize("by_mm", [0.0, 3.0])
def test_columns_whose_edge_a_person_placed_are_read_whatever_speaks_against_it(learned, by_mm):
    _, scans, form = learned
    doubted = deepcopy(form.geometry)
    for column in doubted["sides"]["single"]["columns"][1:3]:
        column["doubtful"] = True
    fields = set(LEFT_FIELDS[1:3])
    book = replace(form, geometry=doubted)
    moved = replace(book, edits=(edge(first=2, edge="column", index=2, by_mm=by_mm),))
    unread = [
        {cell.field for cell in lay_out(scans[0], one, ONE_PAGE, 2).cells if cell.confidence < 0.35}
        for one in (book, moved)
    ]
    assert unread == [fields, set()]


def test_a_box_of_a_labelled_form_is_widened():
    box = {"entry": 0, "field": "notes", "box": [10.0, 20.0, 60.0, 30.0], "trust": 0.3}
    geometry = {"fields": [box]}
    wide = with_edges(geometry, (edge(field="notes", edge="right", by_mm=15.0),), 4)
    assert wide["fields"] == [{**box, "box": [10.0, 20.0, 75.0, 30.0], "trust": 1.0}]
    assert geometry["fields"][0]["box"][2] == 60.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"edge": "column", "index": 99},
        {"edge": "diagonal"},
        {"edge": "column", "side": "left"},
        {"edge": "row", "index": 3, "by_mm": 40.0},
    ],
)
def test_an_edge_that_is_not_there_or_would_cross_is_refused(learned, wrong):
    with pytest.raises(InputError):
        with_edges(learned[2].geometry, (edge(**wrong),), 1)


def test_corners_hold_a_page_that_the_fit_did_not_find(learned):
    drawn, scans, form = learned
    rows = drawn[0].cells
    left = min(quad[0][0] for quad in rows.values())
    right = max(quad[1][0] for quad in rows.values())
    # The head belongs to the table: its top lies where the frame says.
    grid = form.geometry["sides"]["single"]["grid"]
    scale = scans[0][0].dpi / 25.4
    top = min(quad[0][1] for quad in rows.values()) - scale * (
        grid["ys"][grid["first"]] - grid["ys"][0]
    )
    bottom = max(quad[2][1] for quad in rows.values())
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    told = LayoutEdit(EditKind.CORNERS, 1, 1, "Lan", corners=corners)
    placed = place_scan(
        drawn[0].scan, scans[0], replace(form, edits=(told,)), {ONE_PAGE.form: ONE_PAGE}, None
    )
    assert placed.layout.confidence == 1.0
    assert cells_found(drawn[0], placed.pages, placed.layout, LEFT_FIELDS) == 1.0


def test_four_corners_are_met_exactly(learned):
    page = learned[1][0][0]
    corners = ((50.0, 60.0), (900.0, 40.0), (930.0, 700.0), (40.0, 720.0))
    warp = stretched(page, corners, (10.0, 10.0, 200.0, 150.0), (210.0, 160.0))
    met = warp.apply([(10, 10), (200, 10), (200, 150), (10, 150)]) / 25.4 * page.dpi
    inverse = np.linalg.inv(np.asarray(page.to_scan))
    wanted = np.c_[np.array(corners), np.ones(4)] @ inverse.T
    assert np.allclose(met, wanted[:, :2] / wanted[:, 2:], atol=1e-6)


def test_a_scan_belongs_to_the_part_of_its_book_that_fits(learned):
    drawn, scans, form = learned
    other = book(Drawing(LEFT, (22.0,) * 9, seed=32), 1)
    geometry, score = learn_ledger([prepare(other[0].scan)], ONE_PAGE)
    whole = BookForm(
        ONE_PAGE.form, score, geometry, "form-2", others=(replace(form, form_id=ONE_PAGE.form),)
    )
    placed = place_scan(drawn[0].scan, scans[0], whole, {ONE_PAGE.form: ONE_PAGE}, None)
    assert cells_found(drawn[0], placed.pages, placed.layout, LEFT_FIELDS) == 1.0


def test_joins_and_splits_that_another_picture_does_not_have_are_left_out_and_told(learned):
    drawn, scans, form = learned
    plain = place_scan(drawn[0].scan, scans[0], form, {ONE_PAGE.form: ONE_PAGE}, None)
    edits = (
        LayoutEdit(EditKind.JOIN, 1, 1, "Lan", index=plain.layout.entries - 1),
        LayoutEdit(EditKind.JOIN, 1, 1, "Lan", index=0),
    )
    whole = replace(form, edits=edits)
    placed = place_scan(drawn[0].scan, scans[0], whole, {ONE_PAGE.form: ONE_PAGE}, None)
    assert placed.unfit and not plain.unfit
    assert placed.layout.entries == plain.layout.entries - 1  # the one that fits is kept
    [told] = set(placed.layout.notes) - set(plain.layout.notes)
    assert str(plain.layout.entries + 1) in told


def test_signs_of_a_place_become_its_probability(learned):
    drawn, scans, form = learned
    signs = 10
    curve = SignScore(
        (0.0,) * signs, (1.0,) * signs, (1.0,) * signs, (0.0, 10.0), (0.1, 0.9), boxes=100
    )
    calibration = LayoutCalibration("1", "a test", {"ledger": curve})
    placed = place_scan(drawn[0].scan, scans[0], form, {ONE_PAGE.form: ONE_PAGE}, calibration)
    chances = [cell.confidence for cell in placed.layout.cells]
    assert all(0.1 <= chance <= 0.9 for chance in chances)
    assert placed.layout.confidence == pytest.approx(np.mean(chances))


def test_what_speaks_against_an_edge_outlives_a_calibration():
    box = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    sure = Cell(0, 0, "sex", box, 0.9, signs=(1.0,) * 10)
    cells = (sure, replace(sure, field="notes", confidence=0.27, doubt=0.3))
    curve = SignScore((0.0,) * 10, (1.0,) * 10, (1.0,) * 10, (0.0, 10.0), (0.1, 0.96), boxes=100)
    layout = calibrated(
        Layout("f", cells, 0.9, 1), "ledger", LayoutCalibration("1", "a test", {"ledger": curve})
    )
    assert [cell.confidence for cell in layout.cells] == pytest.approx([0.96, 0.288])
    # The page is as sure as before: its other columns may be read.
    assert layout.confidence == pytest.approx(0.96)


# --- the overlay ----------------------------------------------------------------------------------


def test_the_overlay_shows_every_box_with_its_place_and_decision(learned):
    drawn, scans, form = learned
    layout = lay_out(scans[0], form, ONE_PAGE)
    said = FieldResult(
        "child_full_name", "Lê Văn A", "Lê Văn A", ValueState.WRITTEN, 0.98, 0.9,
        Decision.ACCEPTED, "r", 0, layout.cells[0].polygon,
    )  # fmt: skip
    alone = replace(said, field="notes", decision=Decision.PERSON)
    shapes = overlay_of(scans[0], layout, (EntryResult(2, "17", (said, alone)),), "book 0001.jpg")
    boxes = {(box.entry, box.field): box for box in shapes.boxes}
    assert len(shapes.boxes) == len(layout.cells) + 1
    box = boxes[2, "child_full_name"]
    assert (box.number, box.decision, box.confidence) == ("17", "accepted", 0.98)
    assert box.place is not None
    assert boxes[2, "notes"].place is None
    assert len(shapes.grid) == layout.entries
    picture = draw_overlay(drawn[0].scan.grey, shapes)
    assert picture.shape == (*drawn[0].scan.grey.shape, 3)
    assert (picture != drawn[0].scan.grey[:, :, None]).any()
    assert shapes.data()["boxes"][0]["field"] == shapes.boxes[0].field


@pytest.mark.parametrize(
    ("told", "placed"),
    [
        (edge(edge="column", index=2, by_mm=1.0), False),
        (edge(edge="left", field="sex", by_mm=1.0), False),
        (edge(edge="row", index=2, by_mm=1.0), True),
        (edge(edge="bottom", field="sex", by_mm=1.0), True),
        (edge(kind=EditKind.CORNERS), True),
        (edge(kind=EditKind.SPLIT), True),
        (edge(kind=EditKind.JOIN), True),
    ],
)
def test_only_who_moves_rows_has_placed_them(told, placed):
    assert rows_placed((replace(told, first=2, last=3),), 2) is placed
    assert not rows_placed((replace(told, first=2, last=3),), 4)
