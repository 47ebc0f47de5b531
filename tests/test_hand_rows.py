import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.reading.hand.rows import rows_of

DPI = 180.0


def drawn(*lines, pitch_mm=7.0, size_mm=4.0, height_mm=None, slope=0.0):
    scale = DPI / 25.4
    height = round((height_mm or pitch_mm * (len(lines) + 0.6)) * scale)
    image = Image.new("L", (700, height), 255)
    font = ImageFont.truetype(FONT, round(size_mm * scale))
    for n, text in enumerate(lines):
        y = (n + 1) * pitch_mm * scale
        ImageDraw.Draw(image).text((20, y), text, font=font, fill=20, anchor="ls")
    return np.asarray(image)


def ink(picture):
    return int((picture < 128).sum())


def test_one_line_stays_whole_in_a_cell_of_several():
    for text in ("Nguyễn Thị Hồng", "Ỷ Lẫy", "7", "ggg"):
        for height in (8.0, 16.0, 24.0):
            assert len(rows_of(drawn(text, height_mm=height), DPI, 3)) == 1


@pytest.mark.parametrize("pitch", [5.2, 6.0, 8.0, 10.0])
def test_lines_are_parted_at_any_distance_and_no_ink_is_lost(pitch):
    picture = drawn("Thôn Đông, xã An Sơn", "huyện Thủy Nguyên", pitch_mm=pitch)
    parts = rows_of(picture, DPI, 2)
    assert len(parts) == 2
    assert abs(sum(map(ink, parts)) - ink(picture)) <= 0.01 * ink(picture)


def test_marks_and_tails_stay_with_their_own_line():
    alone = [drawn("xã Quang Hưng gy"), drawn("ẤẬỄ Ộ Ữ thị trấn")]
    parts = rows_of(drawn("xã Quang Hưng gy", "ẤẬỄ Ộ Ữ thị trấn", pitch_mm=5.6), DPI, 2)
    for part, whole in zip(parts, alone, strict=True):
        assert abs(ink(part) - ink(whole)) <= 0.03 * ink(whole)


def test_three_lines_are_three():
    parts = rows_of(drawn("Bệnh viện", "Phụ sản", "Hải Phòng"), DPI, 3)
    assert len(parts) == 3


@pytest.mark.parametrize(
    "lines", [("Nguyễn Văn", "Tuấn"), ("Thôn Phong Cầu, xã", "Đại Đồng"), ("Đào Quang", "Hải")]
)
def test_a_short_line_close_below_a_long_one_is_its_own(lines):
    picture = drawn(*lines, pitch_mm=3.9, size_mm=3.6, height_mm=18.0)
    first, second = rows_of(picture, DPI, 3)
    alone = [ink(drawn(text, size_mm=3.6)) for text in lines]
    assert ink(first) == pytest.approx(alone[0], rel=0.1)
    assert ink(second) == pytest.approx(alone[1], rel=0.1)


def test_a_cell_for_one_line_is_not_parted():
    picture = drawn("Một", "Hai")
    (part,) = rows_of(picture, DPI, 1)
    assert part.shape == picture.shape


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (60, 3000)])
@pytest.mark.parametrize("tone", [0, 255])
def test_odd_pictures_are_no_error(shape, tone):
    assert rows_of(np.full(shape, tone, np.uint8), DPI, 3)
