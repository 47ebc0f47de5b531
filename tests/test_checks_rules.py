"""Every rule fires on its fault, and keeps still beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.checks import RULES, check_book, check_entry, explain, finish_book
from pipeline.checks.closing import Closing, check_closing
from pipeline.checks.delivered import DeliveredFile, check_delivery, check_scans_seen
from pipeline.checks.rules import Scope
from pipeline.checks.unit import Row, check_unit
from pipeline.fields import FIELDS, FieldType
from pipeline.types import (
    Decision,
    EntryResult,
    FieldResult,
    Finding,
    Kind,
    PlaceAnswer,
    PlaceStatus,
    ValueState,
)
from pipeline.values import Context

BOOK = Context(
    Kind.BIRTH, 2008, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29), volume="01"
)
UNREAD, BLANK, DITTO, UNKNOWN = "?unread", "", "?ditto", "?unknown place"


def field(name, value):
    state, literal, meant, place = ValueState.WRITTEN, value, value, None
    if value == BLANK:
        state, meant = ValueState.BLANK, None
    elif value == UNREAD:
        meant = None
    elif value == DITTO:
        state, literal, meant = ValueState.DITTO, "nt", None
    elif value == UNKNOWN:
        place = PlaceAnswer(PlaceStatus.UNKNOWN, (), "2022-12-29")
    return FieldResult(
        name, literal, meant, state, 0.95, 0.95, Decision.REVIEW, "test", 0, (), (), place
    )


def entry(**values):
    fields = tuple(field(name, value) for name, value in values.items())
    return EntryResult(0, values.get("entry_number", ""), fields)


BIRTH = {
    "entry_number": "12",
    "registration_date": "2008-05-10",
    "child_full_name": "NGUYỄN VĂN AN",
    "sex": "Nam",
    "birth_date": "2008-05-02",
    "birth_date_words": "2008-05-02",
    "father_full_name": "Nguyễn Văn Bình",
    "mother_full_name": "Lê Thị Hoa",
}
DEATH = {
    "entry_number": "1",
    "registration_date": "2008-05-10",
    "deceased_full_name": "Trần Thị Hoa",
    "birth_date": "1930",
    "death_date": "2008-05-08",
}
MARRIAGE = {
    "entry_number": "1",
    "registration_date": "2008-05-10",
    "husband_full_name": "Trần Văn Hòa",
    "wife_full_name": "Lê Thị Mai",
}
BASE = {Kind.BIRTH: BIRTH, Kind.DEATH: DEATH, Kind.MARRIAGE: MARRIAGE}

KS, KT, KH = Kind.BIRTH, Kind.DEATH, Kind.MARRIAGE
ENTRY_CASES = (
    ("V01", KS, {"child_full_name": BLANK}, {"child_full_name": BLANK, "notes": "Bỏ trống"}),
    ("V05", KS, {"registration_date": "2005-05-10"}, {"registration_date": "2009-01-03"}),
    ("V06", KS, {"book_number": "02/2008"}, {"book_number": "01/2008"}),
    ("V06", KS, {"book_number": "01/2003"}, {"book_number": "Quyển 1"}),
    ("V07", KS, {"birth_date_words": "2008-05-12"}, {"birth_date_words": "2008-05"}),
    ("V08", KS, {"birth_date": "2008-05-11"}, {"birth_date": "2008-05-10"}),
    ("V09", KS, {"mother_birth_date": "1996"}, {"mother_birth_date": "1994"}),
    ("V10", KT, {"death_date": "2008-05-11"}, {"death_date": "2008-05-10"}),
    ("V10", KT, {"birth_date": "1890"}, {"birth_date": "1899"}),
    ("V11", KH, {"wife_birth_date": "1992-01-01"}, {"wife_birth_date": "1990-01-01"}),
    ("V11", KH, {"wife_full_name": "TRẦN VĂN HOÀ"}, {"wife_full_name": "Trần Văn Hoàng"}),
    (
        "V12",
        KS,
        {"father_full_name": BLANK, "father_birth_date": "1980"},
        {"father_full_name": BLANK, "father_birth_date": BLANK},
    ),
    ("V13", KS, {"sex": "Nữ"}, {"sex": "Nữ", "child_full_name": "NGUYỄN AN"}),
    ("V14", KS, {"ethnicity": UNREAD}, {"ethnicity": "Kinh"}),
    ("V15", KT, {"id_number": "031088001234"}, {"id_number": "031088001"}),
    ("V16", KT, {"residence": UNKNOWN}, {"residence": "xã An Thái"}),
    ("V17", KS, {"ethnicity": DITTO}, {"ethnicity": BLANK}),
    ("V19", KS, {"father_full_name": "Nguyễn V®n Bình"}, {"father_full_name": "Nguyễn-Văn Bình"}),
    (
        "V22",
        KS,
        {"father_birth_date": "1980", "father_age": "38"},
        {"father_birth_date": "1980", "father_age": "29"},
    ),
    (
        "V23",
        KS,
        {"birth_date": "2006-05-02", "birth_date_words": "2006-05-02"},
        {"birth_date": "2007-09-02", "birth_date_words": "2007-09-02"},
    ),
    (
        "V23",
        KS,
        {"birth_date": "1980-05-02", "birth_date_words": BLANK},
        {"birth_date": "1980-05-02", "birth_date_words": BLANK, "notes": "Đăng ký lại"},
    ),
    ("V24", KS, {"father_full_name": "Nguyễn Văn An"}, {"father_full_name": "Nguyễn Văn Ân"}),
    (
        "V24",
        KH,
        {"husband_id_number": "031088001", "wife_id_number": "031088001"},
        {"husband_id_number": "031088001", "wife_id_number": "031088007"},
    ),
    ("V25", KS, {"child_full_name": "TRẦN VĂN AN"}, {"child_full_name": "LÊ VĂN AN"}),
    (
        "V26",
        KS,
        {"declarant_relation": "cha", "declarant_full_name": "Nguyễn Văn Minh"},
        {"declarant_relation": "ông nội", "declarant_full_name": "Nguyễn Văn Minh"},
    ),
    ("V27", KT, {"death_notice_date": "2008-05-01"}, {"death_notice_date": "2008-05-08"}),
    ("V27", KT, {"death_notice_date": "2008-05-11"}, {"death_notice_date": "2008-05-10"}),
    (
        "V28",
        KS,
        {"registration_place": "UBND xã An Tiến"},
        {"registration_place": "UBND xã An Thái, huyện An Lão"},
    ),
    (
        "V30",
        KS,
        {"ethnicity": "Tày", "father_ethnicity": "Kinh", "mother_ethnicity": "Kinh"},
        {"ethnicity": "Tày", "father_ethnicity": "Kinh", "mother_ethnicity": "Tày"},
    ),
    ("V32", KS, {"birth_place": "xa An Hồng"}, {"birth_place": "phường Xa La"}),
    ("V34", KS, {"voided": "Hủy"}, {"voided": BLANK}),
)


def fired(kind, change):
    found = check_entry(entry(**(BASE[kind] | change)), replace(BOOK, kind=kind))
    return {finding.rule: finding for finding in found}


@pytest.mark.parametrize(
    ("rule", "kind", "fault", "near"), ENTRY_CASES, ids=[case[0] for case in ENTRY_CASES]
)
def test_a_rule_of_an_entry_fires_on_its_fault_and_not_beside_it(rule, kind, fault, near):
    found = fired(kind, fault)
    assert rule in found
    assert set(found[rule].fields) <= FIELDS.keys()
    assert explain(found[rule])
    assert rule not in fired(kind, near)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_sound_entry_is_left_alone(kind):
    assert fired(kind, {}) == {}


def row(number, day="2008-05-01", child="Nguyễn Văn An", born="", **more):
    return entry(
        entry_number=number, registration_date=day, child_full_name=child, birth_date=born, **more
    )


def of_book(entries):
    of_entries, of_whole = check_book(entries, BOOK)
    return {finding.rule for found in (*of_entries, of_whole) for finding in found}


BOOK_CASES = (
    ("V02", [row("1"), row("2"), row("2")], [row("1"), row("2"), row("2b")]),
    ("V03", [row("1"), row("2"), row("5")], [row("1"), row("2"), row(UNREAD), row("4")]),
    (
        "V04",
        [row("1", "2008-05-01"), row("2", "2008-03-01"), row("3", "2008-05-02")],
        [row("1", "2008-05-01"), row("2", "2008-05-01"), row("3", "2008-05-02")],
    ),
    (
        "V29",
        [row("1", born="2008-04-01"), row("2", born="2008-04-01")],
        [row("1", born="2008-04-01"), row("2", born="2008-04-01", child="Nguyễn Văn Bình")],
    ),
)


@pytest.mark.parametrize(
    ("rule", "fault", "near"), BOOK_CASES, ids=[case[0] for case in BOOK_CASES]
)
def test_a_rule_of_a_book_fires_on_its_fault_and_not_beside_it(rule, fault, near):
    assert rule in of_book(fault)
    assert rule not in of_book(near)


@pytest.mark.parametrize(
    ("fault", "near"),
    [(Closing(entries=11), Closing(entries=12)), (Closing(has_cover=False), Closing())],
)
def test_the_closing_statement_counts_the_entries(fault, near):
    assert [finding.rule for finding in check_closing(12, fault)] == ["V18"]
    assert list(check_closing(12, near)) == []
    assert list(check_closing(12, None)) == []


def test_columns_that_the_form_lacks_are_told_of_the_whole_book():
    def of_columns(*unknown):
        _, found = finish_book([row("1"), row("2")], BOOK, unknown=unknown)
        return [one.detail for one in found if one.rule == "V35"]

    assert of_columns("Ghi chú riêng", "Dấu tay") == ["Ghi chú riêng · Dấu tay"]
    assert of_columns() == []


def registered(book, number, day="2008-05-01", name="Nguyễn Văn An", beside="", year=2008):
    return Row(book, number, year, number, day, (name,), beside)


def test_numbers_run_on_over_the_books_of_a_year():
    first = [registered("a", n, name=f"A {n}") for n in (1, 2, 3)]
    second = [registered("b", n, name=f"B {n}") for n in (4, 5)]
    assert check_unit([*first, *second]) == ((), ())
    found, _ = check_unit([*first, *(row._replace(number=row.number + 2) for row in second)])
    assert [(one.finding.rule, one.finding.detail) for one in found] == [("V03", "4–5")]


def test_one_number_for_two_entries_of_two_books_is_told_with_both():
    first = [registered("a", n, f"2008-05-0{n}", f"A {n}") for n in (1, 2, 3)]
    double = registered("b", 3, "2008-06-09", "Trần Văn Ba")
    found, links = check_unit([*first, double, registered("b", 4, "2008-07-01", "Lê An")])
    assert [one.finding.rule for one in found] == ["V02"]
    assert found[0].rows == (first[2], double)
    assert links == ()


def test_two_copies_of_a_book_are_linked_and_only_their_differences_told():
    first = [registered("a", n, f"2008-05-0{n}", f"A {n}") for n in (1, 2, 3)]
    second = [row._replace(book="b") for row in first]
    found, links = check_unit([*first, *second])
    assert found == ()
    assert len(links) == 3
    second[1] = second[1]._replace(day="2008-05-22")
    found, links = check_unit([*first, *second])
    assert [one.finding.rule for one in found] == ["V31"]
    assert found[0].rows == (first[1], second[1])
    assert len(links) == 3


def test_a_person_in_two_books_is_told_and_a_namesake_is_not():
    one = registered("a", 1, beside="2008-04-01 le thi hoa")
    again = registered("b", 1, "2010-03-02", beside="2008-04-01 le thi hoa", year=2010)
    found, _ = check_unit([one, again])
    assert [finding.finding.rule for finding in found] == ["V29"]
    assert check_unit([one, again._replace(beside="2008-04-02 le thi hoa")])[0] == ()


def test_rows_and_files_of_a_delivery_match_one_to_one():
    files = [DeliveredFile("KS.1", 1, 90_000), DeliveredFile("KS.2", 2, 180_000)]
    assert list(check_delivery(["KS.1", "KS.2"], files)) == []
    faults: list[tuple[list[str], list[DeliveredFile]]] = [
        (["KS.1"], files),
        (["KS.1", "KS.2", "KS.3"], files),
        (["KS.1", "KS.2"], [*files, files[0]]),
        (["KS.1", "KS.2"], [replace(files[0], pages=0), files[1]]),
        (["KS.1", "KS.2"], [replace(files[0], size=900_000), files[1]]),
    ]
    for rows, delivered in faults:
        assert [finding.rule for finding in check_delivery(rows, delivered)] == ["V20"]


def test_scans_are_checked_all_once_and_a_third_twice():
    assert list(check_scans_seen(100, 100, 30)) == []
    assert [finding.rule for finding in check_scans_seen(100, 99, 30)] == ["V21"]
    assert [finding.rule for finding in check_scans_seen(100, 100, 29)] == ["V21"]


ELSEWHERE = {"V18", "V20", "V21", "V31", "V33", "V35", "V40"}
"""Tested by themselves: above, and in test_checks_row_numbers and test_models_checking."""


def test_each_rule_says_what_it_is():
    tested = {case[0] for case in (*ENTRY_CASES, *BOOK_CASES)} | ELSEWHERE
    assert tested == RULES.keys()
    types = {f"type:{type_.value}" for type_ in FieldType}
    for rule in RULES.values():
        assert rule.text.vi and rule.text.en and rule.text.vi != rule.text.en
        assert bool(rule.evidence.vi) == bool(rule.evidence.en)
        if Scope.ENTRY in rule.scopes:
            assert rule.fields
        for name in rule.fields:
            known = name in FIELDS or name in types
            prefix, star, suffix = name.partition("*")
            starred = star and any(
                one.startswith(prefix) and one.endswith(suffix) for one in FIELDS
            )
            assert known or starred, name


def test_a_finding_of_an_unknown_rule_still_says_something():
    assert explain(Finding("V99", RULES["V01"].severity, (), "x")) == "V99 (x)"
