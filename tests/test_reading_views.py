"""Cells of worn pages read in several pictures, and ditto marks known by their likes."""

from __future__ import annotations

import numpy as np
import pytest
from reading_pictures import INK, Sheet, box, cell, px

from pipeline.errors import SettingsError
from pipeline.reading import crop
from pipeline.reading.calibrate import load_calibration
from pipeline.reading.faint import calmer, softer
from pipeline.reading.recognizer import TesseractRecognizer
from pipeline.reading.recurring import recurring_marks
from pipeline.reading.views import (
    ALONE,
    BOTH,
    HALF,
    MOST,
    SIGNS,
    Views,
    agreement,
    first_two,
    judged,
    load_views,
    most_agreed,
    save_views,
)
from pipeline.settings import PROJECT
from pipeline.tesseract import PrintedWord

CELL = box(5, 4, 95, 13)
DPI = 180.0
VIEWS = load_views(PROJECT / "ocr_config")


def words(text, confidence=0.9):
    return [PrintedWord(one, 9, 9, 30, 20, confidence, (1, 1, 1)) for one in text.split()]


def test_the_text_of_most_pictures_is_taken_from_the_surest_of_them():
    seen = [
        words("Hai Phong", 0.97),
        words("Hải Phòng", 0.6),
        words("Hải Phòng .", 0.8),
        words("Hà"),
    ]
    assert most_agreed(seen) == (2, HALF)
    assert most_agreed([*seen[:3], words("Hải Phòng", 0.7)]) == (2, MOST)


def test_pictures_that_all_differ_agree_on_nothing():
    best, how = most_agreed([words("Hai", 0.5), words("Hải", 0.9), words("Hả", 0.6), []])
    assert (best, how) == (1, ALONE)
    assert most_agreed([[], [], [], []])[1] == ALONE


def test_two_empty_pictures_are_no_agreement():
    assert not first_two([], [])
    assert first_two(words("Kinh ."), words("Kinh"))
    assert not first_two(words("Kinh"), words("Kính"))


@pytest.mark.parametrize("probability", [0.3, 0.8, 0.97])
def test_the_more_pictures_agree_the_surer(probability):
    sure = [judged(VIEWS, probability, how, "name") for how in (ALONE, HALF, MOST, BOTH)]
    assert sure == sorted(sure) and sure[0] < sure[-1]


def test_weights_are_kept_and_refused(tmp_path):
    folder = tmp_path / "calibration"
    folder.mkdir()
    assert load_views(tmp_path) is None
    load_views.cache_clear()
    save_views(VIEWS, folder / "views.json")
    assert load_views(tmp_path) == VIEWS
    load_views.cache_clear()
    save_views(Views("1", "", (1.0,)), folder / "views.json")
    with pytest.raises(SettingsError, match=str(len(SIGNS))):
        load_views(tmp_path)


def worn(text, tone, noise, at=10.5):
    sheet = Sheet(noise=noise)
    sheet.text(20, at, text, ink=tone)
    return crop.cut(sheet.page(), cell(CELL, field_name="residence"), DPI)


def test_a_clean_cell_has_no_second_picture():
    assert worn("Hải Phòng", 40, 2).faint is None


def test_the_second_picture_keeps_what_lies_around_the_writing_and_nothing_far_from_it():
    found = worn("Hải Phòng", 90, 16)
    assert found.faint is not None and found.faint.shape == found.image.shape
    ink, faint = found.image < 128, found.faint < 128
    assert (faint & ink).sum() > 0.8 * ink.sum()
    columns = np.flatnonzero(ink.any(axis=0))
    assert (found.faint[:, columns[-1] + 40 :] == 255).all()
    assert (calmer(found) < 128).sum() < (softer(found) < 200).sum()


def test_a_worn_cell_is_read_in_several_pictures_and_says_so():
    reader = TesseractRecognizer(
        "vie", load_calibration(PROJECT / "ocr_config", "tesseract"), VIEWS
    )
    clean, grainy = worn("Hải Phòng", 40, 2), worn("Hải Phòng", 90, 16)
    first, second = reader.read([clean, grainy])
    assert agreement(first) == "" and agreement(second) in (BOTH, MOST, HALF, ALONE)
    assert second.text == "Hải Phòng"


def blots(places, width=0.75, height=0.65):
    """Crops of one column, each with a blot of this size (mm) at its place; None: a word."""
    crops = []
    for at in places:
        sheet = Sheet()
        if at is None:
            sheet.text(20, 10.5, "Kinh")
        else:
            x, y = at
            sheet.draw.rectangle((px(x), px(y), px(x + width), px(y + height)), fill=INK)
        crops.append(crop.cut(sheet.page(), cell(CELL, field_name="ethnicity"), DPI))
    return crops


def found(crops, ditto=0.5, empty=0.2):
    return recurring_marks(crops, np.full(len(crops), ditto), np.full(len(crops), empty))


def test_small_marks_at_one_place_of_a_column_are_dittos():
    crops = blots([None, (30, 8), (30.3, 8.1), None, (29.8, 7.9)])
    assert found(crops) == {1, 2, 4}


def test_dirt_lies_here_and_there():
    assert found(blots([None, (30, 8), (55, 8), (70, 7), (20, 8)])) == frozenset()
    assert found(blots([(30, 8), (30, 8), None])) == frozenset()  # two may lie alike by chance


def test_what_the_router_takes_for_dirt_is_none():
    crops = blots([(30, 8), (30, 8), (30, 8)])
    assert found(crops, ditto=0.02) == found(crops, empty=0.8) == frozenset()


def test_a_dash_is_none_and_neither_is_a_figure():
    assert found(blots([(30, 8)] * 4, width=1.6, height=0.5)) == frozenset()
    assert found(blots([(30, 7)] * 4, width=0.4, height=2.4)) == frozenset()


def test_marks_of_other_sizes_are_left_to_a_person():
    crops = blots([(30, 8)] * 4)
    crops[3] = blots([(29.6, 7.7)], width=1.5, height=1.2)[0]
    assert found(crops) == {0, 1, 2}
