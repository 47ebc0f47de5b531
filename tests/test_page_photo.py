"""Photographs of pages are put straight; what a scanner gave stays as it is."""

from __future__ import annotations

import random
from functools import cache

import cv2
import numpy as np
import pytest
from ledger_drawing import Drawing, as_scan, draw

from pipeline.page import prepare, to_page_polygon
from pipeline.page.photo import page_corners, rectified
from pipeline.types import IDENTITY

SHEET = Drawing((("Số", 12.0), ("Họ và tên", 60.0), ("Nơi sinh", 60.0)), (15.0,) * 12, noise=2.0)


@cache
def photograph(seed: int, desk: int) -> tuple[np.ndarray, np.ndarray]:
    """A page on a desk, seen aslant under a lamp; and where its corners are."""
    rng = random.Random(seed)
    page = draw(SHEET).scan.grey
    height, width = page.shape
    size = (round(width * 1.25), round(height * 1.2))
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inward = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    pull = np.array([[rng.uniform(20, 90), rng.uniform(20, 60)] for _ in range(4)])
    pull[:2, 0] += 70  # the far edge is the shorter one
    corners = (source + inward * pull + (0.12 * width, 0.1 * height)).astype(np.float32)
    move = cv2.getPerspectiveTransform(source, corners)
    laid = cv2.warpPerspective(page, move, size).astype(np.float32)
    share = cv2.warpPerspective(np.full_like(page, 255), move, size).astype(np.float32) / 255
    picture = laid * share + desk * (1 - share)
    lamp = np.linspace(1.0, 0.6, size[0])[None] * np.linspace(0.9, 1.0, size[1])[:, None]
    grain = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture * lamp + grain, 0, 255).astype(np.uint8), corners


@pytest.mark.parametrize("desk", [30, 90])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_corners_of_a_photographed_page_are_found(seed: int, desk: int) -> None:
    picture, corners = photograph(seed, desk)
    found = page_corners(picture)
    assert found is not None
    # A rim of eight in a thousand is left around the page.
    assert np.abs(found - corners).max() < 0.012 * max(picture.shape)


def test_a_photographed_page_is_straight_and_knows_where_its_pixels_come_from() -> None:
    picture, corners = photograph(1, 60)
    scan = rectified(as_scan(picture, 72.0))
    assert scan.to_file != IDENTITY
    height, width = scan.grey.shape
    assert height / width == pytest.approx(2**0.5, rel=0.01)
    assert scan.dpi == pytest.approx(height / 297 * 25.4, rel=0.01)
    (page,) = prepare(scan)
    on_page = np.array(to_page_polygon(page, tuple(map(tuple, corners.tolist()))))
    tall, wide = page.grey.shape
    away = on_page - np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)])
    assert np.abs(away).max() < 0.02 * tall


@pytest.mark.parametrize("bed", [30, 120, 245])
def test_a_page_on_a_scanner_stays_as_it_is(bed: int) -> None:
    grey = draw(Drawing(SHEET.columns, SHEET.rows, angle=1.5)).scan.grey
    framed = cv2.copyMakeBorder(grey, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=bed)
    turn = cv2.getRotationMatrix2D((framed.shape[1] / 2, framed.shape[0] / 2), 2.0, 0.95)
    size = (framed.shape[1], framed.shape[0])
    framed = cv2.warpAffine(framed, turn, size, borderValue=bed)
    for picture in (grey, framed):
        scan = as_scan(np.asarray(picture, np.uint8), 200.0)
        assert rectified(scan) is scan
