"""A column's edge that rules or headings contradict is set right, or its boxes go to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from ledger_drawing import Drawing, Drawn, book, draw
from test_ledger_learn import LEFT, LEFT_FIELDS, ONE_PAGE, cells_found

from pipeline.form.grid_types import Grid
from pipeline.form.ledger import lay_out_ledger, learn_ledger
from pipeline.form.ledger_columns import Heading, match_columns
from pipeline.form.ledger_edges import cut_apart, doubtful_columns
from pipeline.form.schema import load_forms
from pipeline.page import prepare
from pipeline.settings import PROJECT, LayoutThresholds
from pipeline.types import Layout

pytestmark = pytest.mark.slow

LEAST = LayoutThresholds().min_cell_confidence
SPEC = Drawing(LEFT, (15.0,) * 14, broken=0.1, seed=31)
ETHNICITY = LEFT_FIELDS.index("ethnicity")


def struck(drawn: Drawn, column: int, share: float, rows: range) -> Drawn:
    """The page with a stroke for "the same" in each of some cells, in one line down the column."""
    grey = drawn.scan.grey.copy()
    for row in rows:
        quad = drawn.cells[row, column]
        top, bottom = (a + share * (b - a) for a, b in ((quad[0], quad[1]), (quad[3], quad[2])))
        ends = [tuple(int(v) for v in np.round(top + s * (bottom - top))) for s in (0.06, 0.94)]
        cv2.line(grey, ends[0], ends[1], 70, 3)
    return replace(drawn, scan=replace(drawn.scan, grey=grey))


def sure_fields(layout: Layout) -> set[str]:
    """Fields whose boxes are all read."""
    least: dict[str, float] = {}
    for cell in layout.cells:
        least[cell.field] = min(cell.confidence, least.get(cell.field, 1.0))
    return {field for field, confidence in least.items() if confidence >= LEAST}


@pytest.mark.parametrize("rows", [range(2, 9), range(14)])
def test_strokes_for_the_same_are_no_rule(rows: range) -> None:
    clean = book(SPEC, 2)
    # In the second case one page has them in every row, the other has none.
    both = len(rows) < 14
    drawn = [struck(clean[0], ETHNICITY, 0.5, rows)]
    drawn.append(struck(clean[1], ETHNICITY, 0.5, range(1, 5)) if both else clean[1])
    scans = [prepare(page.scan) for page in drawn]
    geometry, score = learn_ledger(scans, ONE_PAGE)
    assert score >= 0.8
    assert len(geometry["sides"]["single"]["columns"]) == len(LEFT)
    for page, pages in zip(drawn, scans, strict=True):
        layout = lay_out_ledger(pages, geometry, ONE_PAGE)
        assert cells_found(page, pages, layout, LEFT_FIELDS) == 1.0
        assert sure_fields(layout) == set(LEFT_FIELDS)


@pytest.fixture(scope="module")
def geometry() -> dict[str, Any]:
    return learn_ledger([prepare(page.scan) for page in book(SPEC, 3)], ONE_PAGE)[0]


def test_a_rule_inside_a_column_sends_its_boxes_to_a_person(geometry: dict[str, Any]) -> None:
    place = LEFT_FIELDS.index("birth_place")
    halved = (*LEFT[:place], ("Nơi", 23.0), ("sinh", 23.0), *LEFT[place + 1 :])
    page = draw(replace(SPEC, columns=halved, seed=77))
    layout = lay_out_ledger(prepare(page.scan), geometry, ONE_PAGE)
    assert sure_fields(layout) == set(LEFT_FIELDS) - {"birth_place"}


def test_an_edge_without_its_rule_sends_both_columns_to_a_person(geometry: dict[str, Any]) -> None:
    one = (*LEFT[:4], ("Ngày và nơi sinh", 70.0), LEFT[6])
    page = draw(replace(SPEC, columns=one, seed=78))
    layout = lay_out_ledger(prepare(page.scan), geometry, ONE_PAGE)
    assert sure_fields(layout) == set(LEFT_FIELDS) - {"birth_date", "birth_place"}


def test_a_stroke_down_the_whole_column_of_a_page_raises_no_doubt(geometry: dict[str, Any]) -> None:
    page = struck(draw(replace(SPEC, seed=79)), ETHNICITY, 0.5, range(14))
    pages = prepare(page.scan)
    layout = lay_out_ledger(pages, geometry, ONE_PAGE)
    assert cells_found(page, pages, layout, LEFT_FIELDS) == 1.0
    assert sure_fields(layout) == set(LEFT_FIELDS)


def _grid(columns: int, head: list[float]) -> Grid:
    rows = [[1.0] * (columns + 1)] * 6
    return Grid(
        width=200.0,
        height=290.0,
        xs=tuple(10.0 + 20.0 * n for n in range(columns + 1)),
        ys=tuple(30.0 + 15.0 * n for n in range(8)),
        first=1,
        level=((1.0,) * columns,) * 8,
        upright=(tuple(head), *(tuple(row) for row in rows)),
    )


def test_a_heading_read_in_two_parts_gives_the_rule_between_them_away() -> None:
    read = ["Số TT", "Ngày đăng ký", "Họ và tên", "Nam nữ", "Ngày sinh", "Nơi sinh", "Dân", "tộc"]
    headings = [Heading("single", (text,), ()) for text in read]
    matched = match_columns(headings, ONE_PAGE.columns)
    seen, unseen = [1.0] * 9, [1.0] * 7 + [0.0, 1.0]
    args = (headings, matched, 0, ONE_PAGE.columns)
    # Not printed in the head it is no rule; printed there it is one, but nobody believes it.
    assert cut_apart(_grid(8, unseen), *args) == [7]
    assert cut_apart(_grid(8, seen), *args) == []
    assert doubtful_columns(_grid(8, seen), *args) == [False] * 6 + [True] * 2


def test_two_headings_read_over_one_column_make_it_doubtful() -> None:
    read = ["Số TT", "Ngày đăng ký", "Họ và tên", "Nam nữ", "Ngày sinh Nơi sinh", "Dân tộc"]
    headings = [Heading("single", (text,), ()) for text in read]
    matched = match_columns(headings, ONE_PAGE.columns)
    doubts = doubtful_columns(_grid(6, [1.0] * 7), headings, matched, 0, ONE_PAGE.columns)
    assert doubts == [False] * 4 + [True, False]


def test_a_column_nobody_can_read_is_named_after_its_twin() -> None:
    form = load_forms(PROJECT / "ocr_config")["marriage-76-ledger"]
    fields = ("full_name", "birth_date", "occupation", "residence", "marriage_order")
    wanted = [f"{person}_{field}" for person in ("husband", "wife") for field in fields]
    by = {column.field: column for column in form.columns}
    headings = [
        Heading(by[field].page, (by[field].labels[0],), (by[field].group[0],)) for field in wanted
    ]
    lost = wanted.index("wife_occupation")
    headings[lost] = Heading("right", ("~",), ("~",))
    matched = match_columns(headings, form.columns)
    found = [form.columns[at].field if at is not None else "" for at in matched.columns]
    assert found == wanted
    assert matched.likeness[lost] < 0.3
