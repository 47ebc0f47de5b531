"""Scans become upright, straight pages that know where they were cut."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_drawing import Drawing, as_scan, draw, draw_opening

from pipeline.page import prepare, to_page_polygon, to_scan_polygon
from pipeline.page.light import PAPER
from pipeline.page.points import as_matrix, rotation_about, through, turn_back, turned
from pipeline.page.skew import skew_angle
from pipeline.types import Scan, Side
from samples.batch import ledger_books, write_batches

COLUMNS = (("Số", 12.0), ("Họ và tên", 50.0), ("Ngày sinh", 26.0), ("Nơi sinh", 50.0))
SHEET = Drawing(COLUMNS, (15.0,) * 12, corner=(20.0, 34.0), bend=0.4)


def _turn(scan: Scan, degrees: int) -> Scan:
    return replace(scan, grey=np.ascontiguousarray(turned(scan.grey, degrees)))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_is_turned_upright(degrees: int) -> None:
    drawn = draw(replace(SHEET, angle=0.6))
    (page,) = prepare(_turn(drawn.scan, degrees))
    assert page.rotation == (360 - degrees) % 360
    assert page.side is Side.SINGLE
    # Whatever was turned, the page's upper left corner comes from the same place of the sheet.
    truth = drawn.cells[0, 0]
    back = turn_back(drawn.scan.grey.shape[1], drawn.scan.grey.shape[0], degrees)
    in_turned = through(truth, as_matrix(np.linalg.inv(back)))
    on_page = np.array(to_page_polygon(page, tuple(map(tuple, in_turned))))
    assert on_page[0, 0] < on_page[1, 0]
    assert on_page[0, 1] < on_page[3, 1]


@pytest.mark.parametrize(
    "dpi",
    [150.0, 200.0, *(pytest.param(dpi, marks=pytest.mark.slow) for dpi in (240.0, 300.0, 400.0))],
)
@pytest.mark.parametrize("angle", [-3.0, 0.0, 1.7])
def test_skew_is_undone_to_a_tenth_of_a_degree(dpi: float, angle: float) -> None:
    drawn = draw(replace(SHEET, dpi=dpi, angle=angle, bend=0.0, rows=(15.0,) * 6))
    (page,) = prepare(drawn.scan)
    assert page.skew == pytest.approx(angle, abs=0.1)
    row = np.array(to_page_polygon(page, tuple(map(tuple, drawn.cells[3, 1]))))
    assert abs(row[0, 1] - row[1, 1]) < 0.1 / 57 * (row[1, 0] - row[0, 0]) + 0.5


def test_page_pixels_are_the_scan_pixels_they_claim_to_be() -> None:
    drawn = draw(replace(SHEET, angle=1.3, noise=0.0))
    (page,) = prepare(drawn.scan)
    smooth = cv2.GaussianBlur(drawn.scan.grey, (0, 0), 2.0).astype(float)
    on_page = cv2.GaussianBlur(page.grey, (0, 0), 2.0).astype(float)
    rng = np.random.default_rng(1)
    height, width = page.grey.shape
    points = rng.uniform((60, 60), (width - 60, height - 60), (400, 2))
    scan = np.array(to_scan_polygon(page, tuple(map(tuple, points))))
    seen = [on_page[round(y), round(x)] for x, y in points]
    at = [smooth[round(y), round(x)] for x, y in scan]
    assert np.corrcoef(seen, at)[0, 1] > 0.95


def test_an_opening_is_cut_at_its_fold_and_each_page_deskewed() -> None:
    flat = replace(SHEET, bend=0.0)
    drawn, fold = draw_opening(replace(flat, angle=1.2), replace(flat, angle=-0.8, seed=3))
    left, right = prepare(drawn.scan)
    assert (left.side, right.side) == (Side.LEFT, Side.RIGHT)
    assert left.skew == pytest.approx(1.2, abs=0.15)
    assert right.skew == pytest.approx(-0.8, abs=0.15)
    inner = np.array(to_page_polygon(left, tuple(map(tuple, drawn.cells[2, 3]))))
    assert inner[1, 0] < left.grey.shape[1]
    edge = np.array(to_scan_polygon(right, ((0.0, right.grey.shape[0] / 2),)))
    assert abs(edge[0, 0] - fold) < 4 / 25.4 * drawn.scan.dpi


def test_rules_across_the_middle_mean_one_page() -> None:
    wide = Drawing(
        (("Số", 12.0), *((f"Cột {n}", 36.0) for n in range(10))),
        (15.0,) * 14,
        size=(420.0, 297.0),
        dpi=150.0,
    )
    assert [page.side for page in prepare(draw(wide).scan)] == [Side.SINGLE]


def test_a_shade_over_worn_rules_across_the_middle_is_no_fold(tmp_path: Path) -> None:
    # One rule in ten is lost on these, and their light falls off a little at a column's edge.
    for _ in write_batches(ledger_books(2, "bench", "mild"), tmp_path):
        pass
    scans = sorted(tmp_path.rglob("*.jpg"))
    assert len(scans) == 2
    for path in scans:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert len(prepare(as_scan(grey, 300))) == 1, path.name


def test_an_opening_is_cut_in_any_case_where_it_is_known_to_be_one() -> None:
    blank = np.full((1240, 1754), 230, np.uint8)
    pages = prepare(as_scan(blank, 150.0), opening=True)
    assert [page.side for page in pages] == [Side.LEFT, Side.RIGHT]
    assert prepare(as_scan(blank, 150.0), opening=False)[0].side is Side.SINGLE


def test_a_blank_page_stays_as_it_lies() -> None:
    blank = np.full((1754, 1240), 220, np.uint8)
    (page,) = prepare(as_scan(blank, 150.0))
    assert (page.rotation, page.skew) == (0, 0.0)
    assert page.grey.shape == blank.shape


def test_light_is_made_even_and_grey_is_kept() -> None:
    drawn = draw(SHEET)
    ramp = np.linspace(0.45, 1.0, drawn.scan.grey.shape[1])[None]
    dim = (drawn.scan.grey * ramp).astype(np.uint8)
    (page,) = prepare(replace(drawn.scan, grey=dim))
    width = page.grey.shape[1]
    dark, light = (np.median(page.grey[:, a:b]) for a, b in ((30, 130), (width - 130, width - 30)))
    assert abs(dark - PAPER) < 8
    assert abs(light - PAPER) < 8
    assert len(np.unique(page.grey)) > 40


def test_a_dark_bed_is_no_part_of_the_page() -> None:
    drawn = draw(replace(SHEET, angle=0.0))
    grey = cv2.copyMakeBorder(drawn.scan.grey, 80, 80, 80, 80, cv2.BORDER_CONSTANT, value=25)
    (page,) = prepare(as_scan(np.asarray(grey), drawn.scan.dpi))
    assert page.grey[:20].min() > 150
    assert abs(page.grey.shape[1] - drawn.scan.grey.shape[1]) < 40


def test_pages_are_plain_enough_for_the_database() -> None:
    (page,) = prepare(draw(SHEET).scan)
    assert json.loads(json.dumps(page.to_scan)) == [list(row) for row in page.to_scan]


@given(
    st.floats(-8, 8),
    st.tuples(st.floats(0, 3000), st.floats(0, 3000)),
    st.sampled_from([0, 90, 180, 270]),
)
def test_there_and_back_is_the_same_place(
    angle: float, centre: tuple[float, float], rotation: int
) -> None:
    matrix = turn_back(2480, 3508, rotation) @ rotation_about(angle, centre)
    points = np.array([(0.0, 0.0), (1000.0, 20.0), (5.0, 2400.0)])
    there = through(points, as_matrix(matrix))
    assert np.allclose(through(there, as_matrix(np.linalg.inv(matrix))), points, atol=1e-6)


def test_skew_of_nothing_is_nothing() -> None:
    assert skew_angle(np.zeros((400, 300), np.uint8), 100.0) == 0.0
