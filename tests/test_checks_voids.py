"""Entries crossed out: asked about, never taken unseen, never dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.checks.acceptance import Bars
from pipeline.checks.closing import Closing, check_closing
from pipeline.checks.decide import MARGIN_NOTE, decided
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.voids import VOID, VOIDED, is_void, may_be_void, with_void
from pipeline.evaluation.truth import TruthScan, _scan
from pipeline.reading.ticks import NONE_TICKED, SEVERAL_TICKED
from pipeline.types import Decision, EntryResult, FieldResult, Kind, ValueState
from pipeline.values import Context

CONTEXT = Context(Kind.BIRTH, 2008, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))
BOX = ((10.0, 10.0), (110.0, 10.0), (110.0, 30.0), (10.0, 30.0))
BARS = Bars({"default": 0.9})


def field(name, literal, state=ValueState.WRITTEN, reasons=()):
    value = literal if state is ValueState.WRITTEN else None
    return FieldResult(
        name, literal, value, state, 0.99, 0.99, Decision.REVIEW, "test", 0, BOX, reasons
    )


def entry(notes="", *, struck=0):
    names = ("child_full_name", "father_full_name", "mother_full_name", "birth_place")
    states = [ValueState.STRUCK if n < struck else ValueState.WRITTEN for n in range(len(names))]
    texts = ("Nguyễn Văn An", "Nguyễn Văn Bình", "Trần Thị Đào", "Hải Phòng")
    fields = [field(*one) for one in zip(names, texts, states, strict=True)]
    state = ValueState.WRITTEN if notes else ValueState.BLANK
    return EntryResult(0, "7", (*fields, field("notes", notes, state)))


def decided_entry(found):
    return decided(found, check_entry(found, CONTEXT), BARS)


def test_a_struck_entry_is_void_and_nothing_of_it_is_accepted_unseen():
    done = decided_entry(with_void(entry(), 0.99, 0, BOX))
    assert is_void(done)
    assert not [one.field for one in done.fields if one.decision is Decision.ACCEPTED]
    assert [one.rule for one in done.findings if VOIDED in one.fields] == ["V34"]


def test_the_same_entry_without_a_stroke_is_accepted_and_asks_nothing():
    done = decided_entry(with_void(entry(), 0.01, 0, BOX))
    assert not may_be_void(done)
    assert all(
        one.decision is Decision.ACCEPTED for one in done.fields if one.state is ValueState.WRITTEN
    )


def test_a_doubtful_stroke_leaves_the_entry_live_but_asks():
    done = decided_entry(with_void(entry(), 0.3, 0, BOX))
    assert may_be_void(done)
    assert not is_void(done)
    assert next(one for one in done.fields if one.field == VOIDED).decision in (
        Decision.REVIEW, Decision.UNREADABLE,
    )  # fmt: skip


@pytest.mark.parametrize("word", ["Hủy", "HUỶ BỎ", "(xóa)", "Đã hủy."])
def test_words_beside_an_entry_say_that_it_is_void(word):
    assert is_void(with_void(entry(word)))


@pytest.mark.parametrize("word", ["Đã cấp bản sao", "Huy", "Bỏ chữ đệm Văn"])
def test_other_notes_do_not(word):
    assert is_void(with_void(entry(word))) is (word == "Huy")


def test_neither_a_name_nor_an_alias_is_taken_for_the_word():
    for said in ("Bố", "Bộ"):
        assert not may_be_void(with_void(entry(said)))
    alias = EntryResult(0, "7", (field("alias", "Huy"), field("notes", "Bố")))
    assert not may_be_void(with_void(alias))


def test_a_ditto_below_the_word_says_it_too():
    above = replace(field("notes", '"', ValueState.DITTO), value="Hủy")
    assert is_void(with_void(EntryResult(0, "7", (*entry().fields[:-1], above))))


def test_most_fields_struck_one_by_one_make_the_entry_void():
    assert is_void(with_void(entry(struck=3)))
    assert not may_be_void(with_void(entry(struck=1)))


def test_a_person_lifts_it_by_leaving_the_field_blank():
    marked = with_void(entry(), 0.99, 0, BOX)
    lifted = replace(
        marked,
        fields=tuple(
            replace(one, value=None, state=ValueState.BLANK, decision=Decision.PERSON)
            if one.field == VOIDED
            else one
            for one in marked.fields
        ),
    )
    assert not may_be_void(lifted)
    assert not [one for one in check_entry(lifted, CONTEXT) if one.rule == "V34"]


def test_a_total_may_count_void_entries_or_leave_them_out():
    closing = Closing(entries=40, has_cover=True)
    assert not list(check_closing(40, closing, voided=2))
    assert not list(check_closing(42, closing, voided=2))
    assert [one.rule for one in check_closing(43, closing, voided=2)] == ["V18"]
    assert [one.rule for one in check_closing(41, closing, voided=2)] == ["V18"]


def test_boxes_with_no_tick_or_two_are_never_settled_unseen():
    none = field("registration_kind", "", ValueState.BLANK, (NONE_TICKED,))
    several = field("registration_kind", "Quá hạn", reasons=(SEVERAL_TICKED,))
    for one in (none, several):
        done = decided(EntryResult(0, "1", (one,)), (), BARS)
        assert done.fields[0].decision is Decision.REVIEW


def truth(**more) -> TruthScan:
    box = [[0, 0], [10, 0], [10, 5], [0, 5]]
    one = {
        "field": "sex", "literal": "Nam", "value": "Nam", "state": "written", "polygon": box,
    }  # fmt: skip
    return _scan({"name": "1.jpg", "entries": [{"number": "1", "fields": [one], **more}]}, "print")


def test_truth_of_ticks_and_of_void_entries_is_compared_like_fields():
    box = [[20, 0], [24, 0], [24, 4], [20, 4]]
    ticks = [
        {"field": "registration_kind", "choice": c, "label": c, "ticked": n == 1, "polygon": box}
        for n, c in enumerate(("Đúng hạn", "Quá hạn"))
    ]
    fields = {one.field: one for one in truth(ticks=ticks, voided=True).entries[0].fields}
    assert fields["registration_kind"].value == "Quá hạn"
    assert fields[VOIDED].value == VOID
    assert VOIDED not in {one.field for one in truth().entries[0].fields}


def test_a_void_truth_entry_without_fields_is_read():
    scan = _scan({"name": "1", "entries": [{"number": "", "fields": [], "voided": True}]}, "print")
    assert [one.field for one in scan.entries[0].fields] == [VOIDED]


def test_a_note_in_the_margin_is_never_accepted_unseen():
    seen = field("notes", "Cải chính tên đệm", reasons=(MARGIN_NOTE,))
    plain = field("notes", "Cải chính tên đệm")
    first, second = decided(EntryResult(0, "1", (seen, plain)), (), BARS).fields
    assert first.decision is Decision.REVIEW
    assert second.decision is Decision.ACCEPTED
