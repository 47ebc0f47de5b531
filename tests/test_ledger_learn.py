"""A ruled book's own pages teach its columns, rows and headings, whatever its style of rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_drawing import Drawing, Drawn, book, draw, draw_opening

from pipeline.form.grid_strips import follow
from pipeline.form.ledger import lay_out_ledger, learn_ledger, learn_ruled, match_ledger
from pipeline.form.ledger_columns import Heading, match_columns
from pipeline.form.overlay import draw_layout
from pipeline.form.schema import Form, load_forms
from pipeline.page import prepare, to_scan_polygon
from pipeline.settings import PROJECT
from pipeline.types import Layout, PageImage

pytestmark = pytest.mark.slow

LEFT = (
    ("Số\nTT", 11.0),
    ("Ngày\nđăng ký", 22.0),
    ("Họ và tên", 44.0),
    ("Nam\nnữ", 12.0),
    ("Ngày sinh", 24.0),
    ("Nơi sinh", 46.0),
    ("Dân tộc", 17.0),
)
LEFT_FIELDS = (
    "entry_number",
    "registration_date",
    "child_full_name",
    "sex",
    "birth_date",
    "birth_place",
    "ethnicity",
)
RIGHT = (
    ("Họ và tên cha", 46.0),
    ("Họ và tên mẹ", 46.0),
    ("Người đứng khai", 44.0),
    ("Ghi chú", 40.0),
)
RIGHT_FIELDS = ("father_full_name", "mother_full_name", "declarant_full_name", "notes")
BROAD = load_forms(PROJECT / "ocr_config")["birth-76-ledger"]
ONE_PAGE = BROAD.model_copy(
    update={"opening": False, "columns": tuple(c for c in BROAD.columns if c.page == "left")}
)
STYLES = {
    "plain": (15.0,) * 14,
    "double": (15.0,) * 14,
    "dotted": (15.0,) * 14,
    "notebook": (8.0,) * 26,
    "writing_lines": (17.0,) * 12,
    "uneven": (14.0, 18.5, 12.5, 16.0, 19.0, 13.0, 15.5, 17.0, 12.0, 18.0, 14.5, 16.5),
}


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    a, b = (np.asarray(quad, np.float32) for quad in (one, other))
    common, _ = cv2.intersectConvexConvex(a, b)
    return float(common / (cv2.contourArea(a) + cv2.contourArea(b) - common))


def cells_found(
    drawn: Drawn, pages: Sequence[PageImage], layout: Layout, fields: Sequence[str]
) -> float:
    """Share of true cells overlapped by 0.8 or more by the cell of that row and field."""
    by = {
        (cell.entry, cell.field): np.array(to_scan_polygon(pages[cell.page], cell.polygon))
        for cell in layout.cells
    }
    hits = [
        (row, fields[column]) in by and overlap(by[row, fields[column]], quad) >= 0.8
        for (row, column), quad in drawn.cells.items()
    ]
    return float(np.mean(hits))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [1, 3])
def test_rows_and_columns_are_learned_from_any_style_of_rules(style: str, count: int) -> None:
    spec = Drawing(
        LEFT,
        STYLES[style],
        style="plain" if style == "uneven" else style,
        broken=0.1,
        seed=5,
        numbers=style in ("double", "uneven"),
    )
    drawn = book(spec, count)
    scans = [prepare(page.scan) for page in drawn]
    geometry, score = learn_ledger(scans, ONE_PAGE)
    assert score >= 0.8
    geometry = json.loads(json.dumps(geometry))
    for page, pages in zip(drawn, scans, strict=True):
        layout = lay_out_ledger(pages, geometry, ONE_PAGE)
        assert layout.entries == len(spec.rows)
        assert cells_found(page, pages, layout, LEFT_FIELDS) == 1.0
        assert layout.confidence > 0.8


def test_rows_run_on_over_the_fold_of_an_opening() -> None:
    drawn = [_opening(n) for n in range(3)]
    scans = [prepare(page.scan) for page in drawn]
    assert all(len(pages) == 2 for pages in scans)
    geometry, score = learn_ledger(scans, BROAD)
    assert score >= 0.8
    layout = lay_out_ledger(scans[1], geometry, BROAD)
    assert cells_found(drawn[1], scans[1], layout, (*LEFT_FIELDS, *RIGHT_FIELDS)) == 1.0
    assert {cell.page for cell in layout.cells if cell.entry == 3} == {0, 1}


def _opening(n: int) -> Drawn:
    left = Drawing(LEFT, (15.0,) * 13, broken=0.1, seed=40 + n, angle=0.5 * n - 0.4, bend=0.6)
    right = Drawing(
        RIGHT, (15.0,) * 13, broken=0.1, seed=60 + n, angle=0.3 - 0.4 * n, bend=-0.5, title=""
    )
    return draw_opening(left, right)[0]


def test_a_rule_lost_on_every_page_is_bridged_by_the_step_of_the_rows() -> None:
    drawn = book(Drawing(LEFT, (15.0,) * 14, broken=0.45, noise=8.0, seed=8), 4)
    scans = [prepare(page.scan) for page in drawn]
    geometry, _ = learn_ledger(scans, ONE_PAGE)
    for page, pages in zip(drawn, scans, strict=True):
        layout = lay_out_ledger(pages, geometry, ONE_PAGE)
        assert cells_found(page, pages, layout, LEFT_FIELDS) >= 0.9


def test_covers_and_blank_pages_teach_nothing() -> None:
    drawn = book(Drawing(LEFT, (15.0,) * 14, seed=9), 2)
    blank = draw(Drawing((), (), seed=3, title="SỔ KHAI SINH")).scan
    scans = [prepare(scan) for scan in (blank, *(page.scan for page in drawn), blank)]
    geometry, score = learn_ledger(scans, ONE_PAGE)
    assert score >= 0.8
    assert lay_out_ledger(scans[0], geometry, ONE_PAGE).confidence < 0.3
    layout = lay_out_ledger(scans[1], geometry, ONE_PAGE)
    assert cells_found(drawn[0], scans[1], layout, LEFT_FIELDS) == 1.0


def test_a_book_without_a_table_scores_nothing() -> None:
    blank = prepare(draw(Drawing((), (), seed=3, title="SỔ KHAI SINH")).scan)
    geometry, score = learn_ledger([blank, blank], ONE_PAGE)
    assert score == 0.0
    layout = lay_out_ledger(blank, geometry, ONE_PAGE)
    assert (layout.cells, layout.confidence) == ((), 0.0)


def test_one_look_at_a_book_serves_every_form() -> None:
    drawn = book(Drawing(LEFT, (15.0,) * 14, seed=11), 2)
    learned = learn_ruled([prepare(page.scan) for page in drawn])
    deaths = Form.model_validate(
        {
            **ONE_PAGE.model_dump(),
            "form": "deaths",
            "kind": "KT",
            "columns": [
                {"labels": [label], "field": field}
                for label, field in (
                    ("Số giấy báo tử", "entry_number"),
                    ("Họ tên người chết", "deceased_full_name"),
                    ("Nguyên nhân chết", "death_cause"),
                    ("Chết ngày", "death_date"),
                )
            ],
        }
    )
    assert match_ledger(learned, ONE_PAGE)["score"] > 0.8
    assert match_ledger(learned, deaths)["score"] < 0.5


# --- headings -------------------------------------------------------------------------------------


def _headings(*labels: str) -> list[Heading]:
    return [Heading("left", (label,), ()) for label in labels]


def test_optional_columns_may_be_absent() -> None:
    read = _headings("Số TT", "Ngày khai", "Họ và tên", "Nam nữ", "Sinh ngày", "Nơi sinh")
    matched = match_columns(read, ONE_PAGE.columns)
    assert [ONE_PAGE.columns[c].field for c in matched.columns if c is not None] == [
        *LEFT_FIELDS[:6]
    ]
    assert matched.score == 1.0


def test_a_column_nobody_knows_has_no_field() -> None:
    read = _headings("Số TT", "Ngày khai", "Tờ khai số", "Họ và tên", "Nam nữ", "Ngày sinh")
    matched = match_columns(read, ONE_PAGE.columns)
    assert matched.columns[2] is None
    assert ONE_PAGE.columns[matched.columns[3] or 0].field == "child_full_name"


def test_a_heading_worn_away_is_known_by_its_place() -> None:
    read = _headings("Số TT", "Ngày khai", "~ .:", "Nam nữ", "Ngày sinh", "Nơi sinh")
    matched = match_columns(read, ONE_PAGE.columns)
    assert ONE_PAGE.columns[matched.columns[2] or 0].field == "child_full_name"
    assert matched.score < 1.0


def test_father_and_mother_are_told_apart_by_the_heading_above() -> None:
    read = [
        Heading("right", (label,), (group,))
        for group in ("Cha", "Mẹ")
        for label in ("Họ và tên", "Tuổi")
    ]
    matched = match_columns(read, BROAD.columns)
    assert [BROAD.columns[c].field for c in matched.columns if c is not None] == [
        "father_full_name",
        "father_age",
        "mother_full_name",
        "mother_age",
    ]


# --- parts ----------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(-10, 10))
def test_strips_that_wander_are_followed(seed: int, start: int) -> None:
    rng = np.random.default_rng(seed)
    reference = np.zeros(500)
    reference[rng.choice(np.arange(40, 460), 9, replace=False)] = 1.0
    reference = np.convolve(reference, (0.25, 0.5, 1.0, 0.5, 0.25), mode="same")
    true = np.clip(start + np.cumsum(rng.integers(-2, 3, 20)), -18, 18)
    strips = np.stack([np.roll(reference, shift) for shift in true])
    shift, _, score = follow(strips, reference, 20, 0.0)
    assert np.abs(shift - true).max() <= 1
    assert score > 0.8


def test_the_picture_of_a_layout_shows_every_page() -> None:
    drawn = _opening(0)
    pages = prepare(drawn.scan)
    geometry, _ = learn_ledger([pages], BROAD)
    picture = draw_layout(pages, lay_out_ledger(pages, geometry, BROAD))
    assert picture.ndim == 3
    assert picture.shape[1] > 1.5 * picture.shape[0] * 0.8
    green = (picture[:, :, 1] > 120) & (picture[:, :, 2] < 60)
    assert green.sum() > 2000


def test_the_same_book_teaches_the_same_twice() -> None:
    drawn = book(replace(Drawing(LEFT, (15.0,) * 10), seed=21), 2)
    scans = [prepare(page.scan) for page in drawn]
    assert learn_ledger(scans, ONE_PAGE) == learn_ledger(scans, ONE_PAGE)
