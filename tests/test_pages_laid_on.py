"""A paper that lies on a page shows by its edges, whatever is written on it."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from ledger_drawing import as_scan
from numpy.typing import NDArray

from flows.page import load_tools
from flows.sorting import Known, Sorted, sort_scan
from pipeline.form.pagesort import sort_pages
from pipeline.form.tokens import Token
from pipeline.page import prepare
from pipeline.page.laid_on import Laid, laid_papers, papers_on
from pipeline.settings import load_settings
from pipeline.types import Cell, Grey, Layout, PageClass, PageSort
from samples.eras.camera import slipped

DPI = 200.0
SIZE = (2339, 1654)
MM = DPI / 25.4


def page(tone: float = 215.0, seed: int = 1) -> Grey:
    """A ruled page of grainy paper, with words in its rows."""
    noise = np.random.default_rng(seed).normal(0, 2.5, SIZE)
    grey = np.clip(tone + noise, 0, 255).astype(np.uint8)
    for y in range(200, 2200, 80):
        cv2.line(grey, (120, y), (1540, y), 90, 2)
        for x in range(150, 1450, 260):
            cv2.putText(grey, "Nguyen", (x, y - 20), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 70, 3)
    for x in (120, 400, 660, 920, 1180, 1540):
        cv2.line(grey, (x, 200), (x, 2120), 90, 2)
    return grey


def paper(width_mm: float, height_mm: float, tone: float = 215.0) -> Grey:
    size = (round(height_mm * MM), round(width_mm * MM))
    noise = np.random.default_rng(7).normal(0, 2.5, size)
    grey = np.clip(tone + noise, 0, 255).astype(np.uint8)
    for y in range(160, size[0] - 100, 70):
        cv2.putText(grey, "Kinh gui Uy ban", (90, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 80, 2)
    return grey


def shared(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Area common to two outlines, of what both take."""
    a, b = (cv2.convexHull(np.asarray(p, np.float32)).reshape(-1, 2) for p in (one, other))
    common, _ = cv2.intersectConvexConvex(a, b)
    return common / (cv2.contourArea(a) + cv2.contourArea(b) - common)


@pytest.mark.parametrize("seed", range(6))
def test_a_paper_is_found_where_it_lies(seed: int) -> None:
    picture, outline = slipped(page(), paper(130, 100, 195.0), random.Random(seed), DPI)
    found = laid_papers(picture, DPI)
    assert found
    assert shared(found[0].corners, np.array(outline)) > 0.85


def test_a_paper_without_any_shadow_shows_by_its_tone() -> None:
    picture = page(215.0)
    picture[700:1500, 300:1200] = paper(115, 102, 200.0)[:800, :900]
    found = laid_papers(picture, DPI)
    assert found
    assert (
        shared(found[0].corners, np.array([(300, 700), (1200, 700), (1200, 1500), (300, 1500)]))
        > 0.85
    )


def test_rules_frames_and_tape_are_no_paper() -> None:
    plain = page()
    assert laid_papers(plain, DPI) == ()
    framed = plain.copy()
    cv2.rectangle(framed, (250, 420), (1300, 1500), 60, 6)
    assert laid_papers(framed, DPI) == ()
    taped = plain.astype(np.float32)
    taped[900:1040, 300:1300] *= 0.86
    assert laid_papers(np.asarray(taped, np.uint8), DPI) == ()


def test_a_page_on_a_bed_of_another_tone_is_not_a_paper_on_itself() -> None:
    for bed in (250, 30):
        scan = np.full((SIZE[0] + 160, SIZE[1] + 160), bed, np.uint8)
        scan[80:-80, 80:-80] = page()
        assert laid_papers(scan, DPI) == ()


def test_either_page_of_an_opening_is_not_a_paper_on_the_other() -> None:
    opening = np.hstack([page(), page(seed=2)]).astype(np.float32)
    x = np.arange(opening.shape[1])
    fold = 1 - 0.45 * np.exp(-(((x - SIZE[1]) / (4 * MM)) ** 2))
    scan = np.full((SIZE[0] + 200, opening.shape[1] + 200), 245, np.uint8)
    scan[100:-100, 100:-100] = np.asarray(opening * fold, np.uint8)
    made = as_scan(scan, DPI)
    pages = prepare(made, opening=True)
    assert len(pages) == 2
    assert papers_on(made, pages) == ((), ())


def test_a_paper_on_one_page_of_an_opening_does_not_lie_on_the_other() -> None:
    right, _ = slipped(page(seed=2), paper(110, 90, 195.0), random.Random(4), DPI)
    made = as_scan(np.hstack([page(), right]), DPI)
    left, other = papers_on(made, prepare(made, opening=True))
    assert left == ()
    assert other


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (40, 40)])
def test_pictures_with_nothing_on_them_give_nothing(size: tuple[int, int]) -> None:
    for tone in (0, 128, 255):
        assert laid_papers(np.full(size, tone, np.uint8), DPI) == ()


def test_the_corners_follow_onto_the_upright_page() -> None:
    picture, outline = slipped(page(), paper(130, 100, 195.0), random.Random(3), DPI)
    made = as_scan(np.ascontiguousarray(np.rot90(picture, 2)), DPI)
    pages = prepare(made)
    ((found, *_),) = papers_on(made, pages)
    height, width = picture.shape
    turned = np.array([(width - x, height - y) for x, y in outline])
    back = np.linalg.inv(np.asarray(pages[0].to_scan))
    ends = np.column_stack([turned, np.ones(4)]) @ back.T
    assert shared(found.corners, ends[:, :2] / ends[:, 2:]) > 0.85


def known() -> Known:
    own = load_tools(load_settings().model_copy(update={"recognizer": "tesseract"}))
    return Known(
        own.forms, own.forms["birth-83"], own.thresholds, own.recognizer, own.settings.config
    )


def box(x: float, y: float, confidence: float = 1.0) -> Cell:
    corners = ((x, y), (x + 200, y), (x + 200, y + 60), (x, y + 60))
    return Cell(0, 0, "child_full_name", corners, confidence)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Laid:
    return Laid(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float), 300.0)


def test_boxes_under_a_paper_are_not_read_however_well_the_form_fits() -> None:
    own = known()
    pages = prepare(as_scan(page(), DPI))

    def found(paper: Laid, under: float) -> Sorted:
        boxes = (box(200, 300), box(200, 800, under), box(200, 1800))
        return sort_scan(pages, Layout("birth-83", boxes, 1.0, 1), own, ((paper,),))

    hidden = found(rectangle(100, 700, 1200, 1500), 0.7)
    assert (hidden.pages[0].page_class, hidden.pages[0].reasons) == (PageClass.SLIP, ("slip",))
    assert hidden.layout is None
    for paper, under in (
        (rectangle(900, 900, 1600, 1500), 0.7),  # beside the boxes
        (rectangle(50, 50, 1600, 2200), 0.7),  # around them: the page itself
        (rectangle(100, 700, 1200, 1500), 1.0),  # between tapes: the form is there
    ):
        left = found(paper, under)
        assert left.pages[0].page_class is PageClass.ENTRIES
        assert left.layout is not None


@pytest.mark.parametrize(
    ("picture", "paper", "page_class"),
    [
        (page(), rectangle(100, 700, 1200, 1500), PageClass.SLIP),
        (page(), rectangle(100, 150, 1600, 2200), PageClass.OTHER),  # the page itself, on a bed
        (np.full(SIZE, 235, np.uint8), rectangle(100, 700, 1200, 1500), PageClass.BLANK),
    ],
)
def test_a_paper_with_words_that_say_nothing_is_a_slip_but_the_page_itself_is_not(
    picture: Grey, paper: Laid, page_class: PageClass
) -> None:
    own = known()
    pages = prepare(as_scan(picture, DPI))
    ((sort, _),) = sort_pages(
        pages, None, own.forms, own.form, own.thresholds.pages, trusted=False, laid=((paper,),)
    )
    assert sort.page_class is page_class
    assert (sort.reasons == ("slip",)) == (page_class is PageClass.SLIP)


def test_words_of_a_slip_hold_against_the_print_of_the_form_around_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = known()
    labels = [label for part in own.forms["birth-83"].parts for label in part.labels[:1]]
    lines = [*labels, "Kính gửi: Ủy ban nhân dân xã", "Giấy xác nhận", "Tên tôi là"]
    words = tuple(
        Token(word, 20.0 + 15 * n, 10.0 + 9 * row, 33.0 + 15 * n, 13.0 + 9 * row, 0.95)
        for row, line in enumerate(lines)
        for n, word in enumerate(line.split())
    )
    monkeypatch.setattr(
        "pipeline.form.pagesort.sort_page",
        lambda page, crossed: (PageSort(PageClass.SLIP, 0.988), words),
    )
    pages = prepare(as_scan(page(), DPI))
    ((sort, _),) = sort_pages(pages, None, own.forms, own.form, own.thresholds.pages, trusted=False)
    assert (sort.page_class, sort.reasons) == (PageClass.SLIP, ("slip",))
