import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.reading.hand.alone import alone


def page(*lines, pitch=64, rule=False):
    """Lines of writing one above the other; the picture ends in the middle of the outer ones."""
    image = Image.new("L", (760, pitch * len(lines)), 215)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, 40)
    for n, text in enumerate(lines):
        draw.text((20, pitch * n + 46), text, font=font, fill=50, anchor="ls")
        if rule:
            draw.line((0, pitch * n + 58, 760, pitch * n + 58), fill=90, width=2)
    return np.asarray(image)


def ink(picture):
    return int((picture < 130).sum())


LINES = ("Thôn Đông, xã An Sơn", "huyện Thủy Nguyên gy", "thành phố Hải Phòng")


@pytest.mark.parametrize("text", ["Nguyễn Thị Hồng", "Ậ Ễ Ộ g y", "7", "---", "12/5/1974"])
def test_a_line_alone_is_left_as_it_is(text):
    picture = page(text, pitch=76)
    assert alone(picture) is picture


@pytest.mark.parametrize("rule", [False, True])
def test_whole_neighbours_are_taken_out_and_the_line_in_the_middle_stays(rule):
    picture = page(*LINES, rule=rule)
    crowded = picture[30:-30]
    own = ink(page(LINES[1]))
    assert 0.9 * own <= ink(alone(crowded)) <= (1.6 if rule else 1.2) * own
    assert ink(crowded) > 2 * own


def test_a_neighbour_on_one_side_only_is_taken_out():
    picture = page(*LINES[1:])[: 64 + 36]
    assert 0.9 <= ink(alone(picture)) / ink(page(LINES[1])) <= 1.15


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (24, 24), (60, 10_000), (300, 300)])
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_odd_pictures_are_given_back(shape, tone):
    picture = np.full(shape, tone, np.uint8)
    assert alone(picture).shape == shape
