import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.reading.hand.level import levelled


def line(degrees, text="Nguyễn Thị Hồng, Hải Phòng", width=800, height=110):
    image = Image.new("L", (width, height), 225)
    font = ImageFont.truetype(FONT, 44)
    ImageDraw.Draw(image).text((60, 75), text, font=font, fill=40, anchor="ls")
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(np.asarray(image), turn, (width, height), borderValue=(225,))


def spread(picture):
    """Rows that hold ink."""
    return int((picture < 120).any(axis=1).sum())


@pytest.mark.parametrize("degrees", [-4, -2, -1.2, 1.2, 2, 4])
def test_a_slanting_line_is_brought_to_the_level(degrees):
    assert abs(spread(levelled(line(degrees))) - spread(line(0))) <= 8


@pytest.mark.parametrize("degrees", [0, 0.4, -0.4])
def test_a_level_line_stays_as_it_is(degrees):
    picture = line(degrees)
    assert levelled(picture) is picture


def test_a_short_word_is_left_alone():
    picture = line(0, "Nữ", 120, 110)
    assert levelled(picture) is picture


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (40, 20000), (9, 30)])
@pytest.mark.parametrize("tone", [0, 255])
def test_odd_pictures_are_no_error(shape, tone):
    picture = np.full(shape, tone, np.uint8)
    assert levelled(picture).shape == shape
