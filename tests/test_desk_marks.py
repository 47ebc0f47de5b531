"""Marks at the desk: boxes to tick under number keys, and why a mark asks for a person."""

from __future__ import annotations

from datetime import date

import pytest

from desk.review.choices import choices
from desk.review.marks import boxes_of, told
from pipeline.checks.decide import MARGIN_NOTE
from pipeline.checks.voids import VOID, VOIDED
from pipeline.places import load_gazetteer
from pipeline.reading.ticks import NONE_TICKED, SEVERAL_TICKED
from pipeline.settings import PROJECT
from pipeline.types import Kind
from pipeline.values.context import Context

CONFIG = PROJECT / "ocr_config"
BOOK = Context(kind=Kind.BIRTH, year=2015, unit="Xã An Thái", as_of=date(2026, 1, 1))


def offered(field, shown, *, boxes=()):
    return [
        one.text
        for one in choices(field, shown, [], BOOK, load_gazetteer(), "vi", boxes)
    ]  # fmt: skip


def test_the_boxes_of_a_form_are_offered_in_printed_order_without_the_one_that_stands():
    boxes = boxes_of(CONFIG, "birth-15")["registration_kind"]
    assert boxes[:3] == ("Đúng hạn", "Quá hạn", "Đăng ký lại")
    assert offered("registration_kind", "", boxes=boxes) == list(boxes)
    assert offered("registration_kind", "Quá hạn", boxes=boxes)[:2] == ["Đúng hạn", "Đăng ký lại"]


def test_a_form_without_boxes_or_without_a_file_offers_none():
    assert boxes_of(CONFIG, "birth-76-ledger") == {}
    assert boxes_of(CONFIG, "no-such-form") == {}


def test_an_entry_that_may_be_void_is_made_so_by_a_candidate():
    assert offered(VOIDED, "") == [VOID]
    assert offered(VOIDED, VOID) == []


@pytest.mark.parametrize("reason", [NONE_TICKED, SEVERAL_TICKED, MARGIN_NOTE])
def test_why_a_mark_asks_is_said_in_the_language_of_the_page(reason):
    (vietnamese,), (english,) = told([reason], "vi"), told([reason, "low"], "en")
    assert vietnamese != english
    assert told(["low"], "vi") == ()
