"""The text that stands in a cell is found among those that may; the absurd is left out."""

from __future__ import annotations

import numpy as np
import pytest
from hand_ink import LETTERS, ink_of

from pipeline.reading.hand.inks import CellInk, inks_path, packed, read_inks, unpacked, write_inks
from pipeline.reading.hand.known import absurd_from, best_match
from pipeline.types import Kind
from pipeline.values import Context
from pipeline.values.known import texts_for

BOOK = Context(Kind.BIRTH, 2008)


def test_the_ink_says_how_a_date_was_written():
    ways = texts_for("birth_date", "1974-12-05", (), BOOK)
    found = best_match([ink_of("05-12-74")], LETTERS, ways)
    assert (found.lines, found.deficit) == (("05-12-74",), pytest.approx(0, abs=0.01))


def test_a_misread_name_is_found_by_what_the_person_says():
    ink = ink_of("Nguyên Văn Hòa", (4, "ễ", 0.2))
    found = best_match(
        [ink], LETTERS, texts_for("child_full_name", "Nguyễn Văn Hòa", ("Nguyên Văn Hòa",), BOOK)
    )
    assert found.lines == ("Nguyễn Văn Hòa",)
    assert 0 < found.deficit < absurd_from([])


def test_words_are_laid_out_on_the_rows_where_they_stand():
    rows = [ink_of("Trạm y tế xã"), ink_of("Tân Dân,"), ink_of("An Lão")]
    found = best_match(rows, LETTERS, ["Trạm y tế xã Tân Dân, An Lão"])
    assert found.lines == ("Trạm y tế xã", "Tân Dân,", "An Lão")


def test_a_text_of_fewer_words_than_rows_cannot_stand_there():
    assert best_match([ink_of("Kinh"), ink_of("Tày")], LETTERS, ["Kinh"]) is None


def test_letters_that_the_net_does_not_know_are_passed_over():
    assert best_match([ink_of("Kinh")], LETTERS, ["漢", ""]) is None
    assert best_match([ink_of("Kinh")], LETTERS, ["漢", "Kinh"]).lines == ("Kinh",)


def test_another_value_altogether_is_absurd_in_a_hand_that_is_read_well():
    found = best_match([ink_of("Bệnh viện Kiến An")], LETTERS, ["Trạm y tế Tân Dân"])
    assert found.deficit > absurd_from([0.0, 0.1, 0.2])


def test_a_hand_that_is_read_badly_is_given_more_room():
    assert absurd_from([0.0]) < absurd_from([0.4, 0.5, 0.6]) <= absurd_from([9.0])


def test_a_reading_that_means_the_value_is_what_stands_there():
    assert texts_for("birth_date", "2008-03-05", ("5/3/2008", "7/3/2008"), BOOK) == ("5/3/2008",)
    # bent to a name of the list: not what the ink says
    assert "Kimh" not in texts_for("ethnicity", "Kinh", ("Kimh",), BOOK)
    assert texts_for("child_full_name", "NGUYỄN VĂN HÒA", ("Nguyễn Văn Hoà",), BOOK) == (
        "Nguyễn Văn Hoà",
    )


@pytest.fixture
def inks():
    dice = np.random.default_rng(1)
    rows = tuple(packed(dice.random((48, width), np.float32)) for width in (90, 40))
    return {
        (0, "child_full_name"): CellInk(rows, 0.98, (100.0, 200.5), 40.0),
        (3, "notes"): CellInk((), 0.4, (1.0, 2.0), 30.0),
    }


def test_ink_maps_come_back_as_they_were_kept(tmp_path, inks):
    path = inks_path(tmp_path, "ab" * 32)
    write_inks(path, inks, "1")
    found = read_inks(path, "1")
    assert found.keys() == inks.keys()
    cell = found[0, "child_full_name"]
    assert (cell.chance, cell.centre, cell.height) == (0.98, (100.0, 200.5), 40.0)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(cell.rows, inks[0, "child_full_name"].rows, strict=True)
    )
    assert unpacked(cell.rows[0]).max() <= 1.0


def test_ink_maps_of_another_version_or_damaged_are_made_anew(tmp_path, inks):
    path = inks_path(tmp_path, "ab" * 32)
    write_inks(path, inks, "1")
    assert read_inks(path, "2") is None
    path.write_bytes(path.read_bytes()[:200])
    assert read_inks(path, "1") is None
    assert read_inks(tmp_path / "none.npz", "1") is None


def test_a_reading_that_mixes_capitals_is_not_taken_for_what_stands_there():
    texts = texts_for("child_full_name", "TRẦN THANH HẢO", ("TRẦN THANH Hảo",), BOOK)
    assert "TRẦN THANH Hảo" not in texts
    assert {"TRẦN THANH HẢO", "Trần Thanh Hảo"} <= set(texts)
