from dataclasses import replace

import cv2
import numpy as np
import pytest
from reading_pictures import Sheet, box, cell, px

from pipeline.reading import crop
from pipeline.reading.blank import without_shine, without_specks

CELL = box(5, 4, 95, 13)
READING_DPI = 180.0


def cut(page, place):
    return crop.cut(page, place, READING_DPI)


def ink(found):
    return found.image < 128


def alike(one, other):
    """Share of ink that two crops of one size have in common."""
    a, b = ink(one), ink(other)
    return (a & b).sum() / (a | b).sum()


def framed(sheet, x0=5.0, y0=4.0, x1=95.0, y1=13.0):
    for ends in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
        sheet.line(*ends)


@pytest.mark.parametrize("noise", [0, 6, 12])
@pytest.mark.parametrize("written", ['"', "1", "nt", "-nt-", "Nữ", "7"])
def test_the_smallest_mark_is_not_called_blank(written, noise):
    sheet = Sheet(noise=noise)
    framed(sheet)
    sheet.text(20, 10.5, written)
    assert not cut(sheet.page(), cell(CELL)).blank


@pytest.mark.parametrize("noise", [0, 6, 12])
@pytest.mark.parametrize("seed", range(5))
def test_a_framed_cell_with_nothing_in_it_is_blank(noise, seed):
    sheet = Sheet(noise=noise, seed=seed)
    framed(sheet)
    assert cut(sheet.page(), cell(CELL)).blank


@pytest.mark.parametrize("noise", [0, 6])
def test_a_dotted_line_alone_is_blank(noise):
    sheet = Sheet(noise=noise)
    sheet.leader(5, 95, 11)
    assert cut(sheet.page(), cell(CELL)).blank


def test_a_broken_dotted_line_alone_is_blank():
    sheet = Sheet(noise=5)
    for start, end in ((5, 17), (30, 41), (66, 94)):
        sheet.leader(start, end, 11)
    assert cut(sheet.page(), cell(CELL)).blank


@pytest.mark.parametrize("drop", [0.3, 0.5, 0.8])
def test_leaders_go_and_dots_below_letters_stay(drop):
    plain, dotted = Sheet(noise=3), Sheet(noise=3)
    for sheet in (plain, dotted):
        sheet.text(10, 10, "Đặng Thị Mộng Việt, Lạc")
    dotted.leader(5, 95, 10 + drop)
    assert alike(cut(plain.page(), cell(CELL)), cut(dotted.page(), cell(CELL))) > 0.85


@pytest.mark.parametrize("drop", [0.5, 0.8])
def test_a_ruled_line_goes_and_descenders_stay(drop):
    plain, ruled = Sheet(noise=3), Sheet(noise=3)
    for sheet in (plain, ruled):
        sheet.text(10, 10, "Nguyễn Quang Huy, Thủy Nguyên")
    ruled.line(5, 10 + drop, 95, 10 + drop, 0.15)
    assert alike(cut(plain.page(), cell(CELL)), cut(ruled.page(), cell(CELL))) > 0.8


def test_a_line_through_writing_is_a_deletion_and_stays():
    sheet = Sheet()
    sheet.text(10, 10, "Nguyễn Văn An")
    whole = cut(sheet.page(), cell(CELL))
    sheet.line(9, 8.9, 40, 8.9)
    struck = cut(sheet.page(), cell(CELL))
    assert ink(struck).sum() > 1.15 * ink(whole).sum()
    assert struck.struck and not whole.struck


def test_a_line_through_one_of_many_words_strikes_out_no_cell():
    sheet = Sheet()
    sheet.text(10, 10, "Nguyễn Văn An, sửa thành Nguyễn Văn Ân")
    sheet.line(9, 8.9, 20, 8.9)
    assert not cut(sheet.page(), cell(CELL)).struck


def test_a_rule_below_writing_does_not_strike_it_out():
    sheet = Sheet()
    sheet.text(10, 10, "Nguyễn Quang Huy")
    sheet.line(5, 10.3, 95, 10.3)
    assert not cut(sheet.page(), cell(CELL)).struck


def test_a_printed_label_is_painted_out_with_its_descenders_and_colon():
    sheet = Sheet(noise=3)
    sheet.text(6, 10, "Ghi chú những thay đổi:")
    label = box(6, 6.2, 55, 10.4)
    assert cut(sheet.page(), cell(CELL, printed=(label,))).blank
    assert not cut(sheet.page(), cell(CELL)).blank


def test_the_colon_of_a_label_left_of_the_cell_is_not_the_cells():
    sheet = Sheet()
    sheet.text(3.9, 10, ":")
    assert cut(sheet.page(), cell(CELL)).blank


def test_what_hangs_down_from_the_line_above_is_not_the_cells():
    sheet = Sheet(noise=3)
    sheet.text(10, 4.2, "gygy", size=6)
    assert cut(sheet.page(), cell(CELL)).blank


def test_writing_that_shines_through_the_leaf_is_told_by_the_other_cells():
    sheet = Sheet(height=90, noise=2)
    rows = [box(5, 4 + 10 * n, 95, 13 + 10 * n) for n in range(8)]
    for n in range(7):
        sheet.text(10, 10 + 10 * n, "Nguyễn Văn An")
    sheet.text(30, 80, "nÂ nằV", ink=202)
    page = sheet.page()
    crops = without_shine([cut(page, cell(row)) for row in rows])
    assert [crop.blank for crop in crops] == [False] * 7 + [True]


def speckled(*names):
    """Crops of eight boxes of one page, each with two worn dots grown together, some written."""
    sheet = Sheet(height=90, noise=2)
    for n in range(8):
        sheet.line(30, 9.7 + 10 * n, 31.2, 9.7 + 10 * n, width=0.5)
        if n < len(names):
            sheet.text(40, 10 + 10 * n, names[n])
    page = sheet.page()
    crops = [cut(page, cell(box(5, 4 + 10 * n, 95, 13 + 10 * n))) for n in range(8)]
    assert not any(crop.blank for crop in crops)
    return crops


def test_specks_of_worn_leaders_in_box_after_box_are_no_writing():
    assert all(crop.blank for crop in without_specks(speckled(), [0] * 8))


def test_a_letter_on_a_page_of_specks_is_kept():
    crops = without_specks(speckled("Nguyễn"), [0] * 8)
    assert [crop.blank for crop in crops] == [False] + [True] * 7


def test_on_a_page_that_somebody_wrote_on_small_marks_are_kept():
    crops = without_specks(speckled("Nguyễn", "Nam", "Kinh"), [0] * 8)
    assert not any(crop.blank for crop in crops)


def test_a_column_of_ditto_marks_under_one_word_is_kept():
    sheet = Sheet(height=90, noise=2)
    sheet.text(40, 10, "Nguyễn")
    for n in range(1, 8):
        for x in (44.0, 45.2):
            sheet.line(x, 6.6 + 10 * n, x - 0.1, 8.4 + 10 * n, width=0.3)
    page = sheet.page()
    crops = [cut(page, cell(box(5, 4 + 10 * n, 95, 13 + 10 * n))) for n in range(8)]
    assert not any(crop.blank for crop in without_specks(crops, [0] * 8))


def test_each_page_of_an_opening_is_judged_by_its_own_boxes():
    written = speckled(*["Nguyễn"] * 8)
    crops = without_specks([*written, *speckled()], [0] * 8 + [1] * 8)
    assert [crop.blank for crop in crops] == [False] * 8 + [True] * 8


def test_a_stain_is_no_writing():
    sheet = Sheet(noise=4)
    page = sheet.page()
    spot = np.zeros(page.grey.shape, np.float32)
    cv2.circle(spot, (600, 100), 90, 40.0, -1)
    grey = np.clip(page.grey - cv2.GaussianBlur(spot, (0, 0), 18), 0, 255).astype(np.uint8)
    assert cut(replace(page, grey=grey), cell(CELL)).blank


def test_a_bent_cell_is_pulled_straight():
    sheet = Sheet(height=40)
    for n in range(6):
        sheet.text(10 + 13 * n, 10 + 0.5 * n, "Nam")
    bent = tuple((px(5 + 15 * n), px(4 + 0.577 * n - 0.2)) for n in range(7))
    below = tuple((x, y + px(9)) for x, y in reversed(bent))
    found = cut(sheet.page(), cell(bent + below))
    rows = np.flatnonzero(ink(found).any(axis=1))
    assert np.ptp(rows) * 25.4 / found.dpi < 3.6  # the slope is 3 mm more


def test_a_crop_is_grey_black_on_white_and_at_reading_resolution():
    sheet = Sheet(noise=4)
    sheet.text(10, 10, "Hải Phòng", ink=150)
    found = cut(sheet.page(), cell(CELL))
    assert found.dpi == READING_DPI
    assert found.image.dtype == np.uint8 and found.image.max() == 255 and found.image.min() < 30
    assert len(np.unique(found.image)) > 20


def test_a_page_below_reading_resolution_is_not_enlarged():
    sheet = Sheet()
    sheet.text(10, 10, "Hải Phòng")
    page = replace(sheet.page(), dpi=120.0)
    assert cut(page, cell(CELL)).dpi == 120


@pytest.mark.parametrize(
    "polygon",
    [box(-5, -3, 40, 6), box(80, 20, 130, 45), box(60, 10, 60.05, 10.05), box(99, 29, 140, 60)],
)
def test_cells_over_the_edge_of_the_page_are_cut_all_the_same(polygon):
    found = cut(Sheet().page(), cell(polygon))
    assert found.image.size and found.blank


def test_an_odd_polygon_hides_what_lies_outside_of_it():
    sheet = Sheet(height=30)
    sheet.text(10, 10, "Nhãn")
    sheet.text(60, 10, "Nam")
    corner = ((40.0, 4.0), (95.0, 4.0), (95.0, 22.0), (5.0, 22.0), (5.0, 14.0), (40.0, 14.0))
    found = cut(sheet.page(), cell(tuple((px(x), px(y)) for x, y in corner), lines=2))
    columns = np.flatnonzero(ink(found).any(axis=0)) * 25.4 / found.dpi
    assert columns.min() > 50
