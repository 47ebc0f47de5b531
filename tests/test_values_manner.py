"""Capitals of a field are set in one manner, which the book tells where a line leaves doubt."""

from __future__ import annotations

import pytest
from hand_ink import LETTERS, ink_of
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.hand.known import agreed, best_match, best_matches
from pipeline.values.manner import Manner, in_all_manners, manner_of, style_of, with_manners

NAMES = ("Nguyễn Văn An", "Trần Thị Hoa", "Phạm Minh Đức", "Lê Thị Thu")


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("5.12.1974", Manner.NONE),
        ("NGUYỄN VĂN AN", Manner.CAPITALS),
        ("Nguyễn Văn An", Manner.TITLES),
        ("Nguyễn văn An", Manner.INNER),
        ("Nguyễn-văn-An", Manner.INNER),
        ("Ngày năm tháng tư", Manner.SENTENCE),
        ("nguyễn văn an", Manner.SMALL),
        ("Trạm y tế xã Tân Dân", Manner.MIXED),
        ("NGUYỄN Văn An", Manner.MIXED),
        ("Kinh", Manner.TITLES),
    ],
)
def test_the_manner_of_a_text_is_seen(text, manner):
    assert manner_of(text) is manner


@given(
    st.lists(
        st.sampled_from(["Nguyễn", "văn", "THỊ", "An", "đức", "y", "12", "-"]),
        min_size=1,
        max_size=5,
    )
)
def test_manners_change_capitals_and_nothing_else(words):
    text = " ".join(words)
    ways = in_all_manners(text)
    assert ways[0] == text
    assert len(set(ways)) == len(ways)
    assert {letters_of(way.lower()) for way in ways} == {letters_of(text.lower())}
    assert set(ways) <= set(with_manners((text,)))


def letters_of(text):
    return "".join(filter(str.isalnum, text))


def choices(text, *doubts):
    return best_matches([ink_of(text, *doubts)], LETTERS, with_manners((text,)), style_of)


def test_a_doubtful_capital_goes_with_the_manner_of_the_other_cells():
    doubtful = "Đỗ văn Nam"
    cells = [choices(name) for name in NAMES] + [choices(doubtful, (3, "V", 0.4))]
    texts = [one.lines[0] for one in agreed(cells) if one]
    assert texts == [*NAMES, "Đỗ Văn Nam"]
    assert best_match(
        [ink_of(doubtful, (3, "V", 0.4))], LETTERS, with_manners((doubtful,))
    ).lines == (doubtful,)


def test_a_plain_exception_stays_what_the_ink_says():
    cells = [choices(name) for name in NAMES] + [choices("ĐỖ VĂN NAM")]
    assert [one.lines[0] for one in agreed(cells) if one] == [*NAMES, "ĐỖ VĂN NAM"]


def test_a_cell_on_which_nothing_can_stand_has_no_text():
    assert agreed([{}, choices("Kinh")])[0] is None
    assert agreed([]) == []


def test_a_stroke_that_the_net_overlooks_is_seen_by_its_neighbours():
    cells = [choices(text) for text in ("21/01/2008", "5/2/2008", "30/11/2007")]
    cells.append(choices("24 03 2008", (2, "/", 0.2), (5, "/", 0.2)))
    assert [one.lines[0] for one in agreed(cells) if one][-1] == "24/03/2008"
