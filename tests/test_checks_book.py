"""What only the whole book can tell: numbers, dates in order, dittos over page turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import check_book, finish_book
from pipeline.checks.ditto import with_doubt_from_above
from pipeline.checks.sequence import in_order
from pipeline.types import Decision, EntryResult, FieldResult, Kind, ValueState
from pipeline.values import Context

CONTEXT = Context(Kind.BIRTH, 1974, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))


def field(name, value, *, literal=None, state=ValueState.WRITTEN, confidence=0.95):
    return FieldResult(
        field=name,
        literal=literal or value or "",
        value=value,
        state=state,
        confidence=confidence,
        raw_confidence=confidence,
        decision=Decision.REVIEW,
        reader="test",
        page=0,
        polygon=(),
    )


def row(number, day="1974-05-01", **more):
    fields = [field("entry_number", number), field("registration_date", day)]
    fields += [field(name, value) for name, value in more.items()]
    fields.append(field("child_full_name", "Nguyễn Văn An"))
    return EntryResult(0, number or "", tuple(fields))


def rules(entries):
    per_entry, of_book = check_book(entries, CONTEXT)
    return [[finding.rule for finding in found] for found in per_entry], of_book


def numbered(*numbers):
    return [row(number) for number in numbers]


def test_numbers_in_a_row_are_no_matter():
    assert rules(numbered("1", "2", "3", "4")) == ([[], [], [], []], ())


def test_one_misread_number_does_not_accuse_its_neighbours():
    found, of_book = rules(numbered("5", "6", "17", "8", "9"))
    assert found == [[], [], ["V03"], [], []]
    assert of_book == ()


def test_missing_numbers_are_told_of_the_book_and_of_the_row_behind():
    found, of_book = rules(numbered("1", "2", "5", "6"))
    assert found == [[], [], ["V03"], []]
    assert [finding.detail for finding in of_book] == ["3–4"]


def test_an_unread_number_in_between_is_no_gap():
    assert rules(numbered("1", None, "3", "4"))[0] == [[], [], [], []]


def test_doubles_are_told_of_both():
    found, _ = rules(numbered("1", "2", "2", "3"))
    assert found == [[], ["V02"], ["V02"], []]


def test_a_suffix_is_no_double_and_no_slip():
    assert rules(numbered("1", "2", "2b", "3"))[0] == [[], [], [], []]


def test_numbering_begins_anew_with_the_year():
    entries = [row("1", "1974-03-01"), row("2", "1974-04-01"), row("1", "1975-01-05")]
    assert rules(entries)[0] == [[], [], []]


def test_dates_that_go_back_are_told():
    days = ["1974-03-01", "1974-04-01", "1973-04-02", "1974-04-03"]
    found, _ = rules([row(str(at + 1), day) for at, day in enumerate(days)])
    assert found == [[], [], ["V04"], []]


def test_neighbours_bear_witness_for_a_running_number():
    finished, _ = finish_book(numbered("1", "2", "3"), CONTEXT)
    confidence = [entry.fields[0].confidence for entry in finished]
    assert all(one > 0.99 for one in confidence)
    assert confidence[1] > confidence[0]
    assert finished[1].fields[0].decision is Decision.ACCEPTED


def test_a_number_out_of_line_is_doubted_and_goes_to_a_person():
    finished, _ = finish_book(numbered("1", "2", "7", "4", "5"), CONTEXT)
    confidence = [entry.fields[0].confidence for entry in finished]
    assert confidence[2] < 0.5
    assert finished[2].fields[0].decision is Decision.REVIEW
    assert all(one > 0.99 for one in (*confidence[:2], *confidence[3:]))


def test_a_gap_in_the_paper_leaves_both_its_sides_believed():
    finished, _ = finish_book(numbered("1", "2", "5", "6"), CONTEXT)
    assert all(entry.fields[0].confidence > 0.95 for entry in finished)


def test_a_date_between_its_neighbours_is_surer_and_one_out_of_order_less_sure():
    days = ["1974-03-01", "1974-03-04", "1974-03-09", "1974-08-10", "1974-03-12", "1974-03-12"]
    finished, _ = finish_book([row(str(at + 1), day) for at, day in enumerate(days)], CONTEXT)
    confidence = [entry.fields[1].confidence for entry in finished]
    assert confidence[1] > 0.95 > confidence[3]
    assert "sign=date_in_order" in finished[1].fields[1].reasons


def ditto(name, mark="nt"):
    return field(name, None, literal=mark, state=ValueState.DITTO)


def test_dittos_reach_over_the_page_turn():
    first = row("1", ethnicity="Kinh")
    second = row("2")
    second = replace(second, fields=(*second.fields, ditto("ethnicity")))
    third = row("3")
    third = replace(third, fields=(*third.fields, ditto("ethnicity", '"')))
    finished, _ = finish_book([first, second, third], CONTEXT)
    for entry in finished[1:]:
        last = entry.fields[-1]
        assert (last.value, last.state) == ("Kinh", ValueState.DITTO)
        assert last.literal in ("nt", '"')
        assert "ditto" in last.reasons
        assert last.confidence < 0.95
        assert entry.findings == ()


def below(number, name, mark='"', confidence=0.99):
    entry = row(number)
    repeated = replace(ditto(name, mark), confidence=confidence, raw_confidence=confidence)
    return replace(entry, fields=(*entry.fields, repeated))


def test_a_ditto_after_a_scan_that_was_not_read_takes_nothing_and_asks():
    entries = [row("1", ethnicity="Kinh"), below("8", "ethnicity"), below("9", "ethnicity")]
    finished, _ = finish_book(entries, CONTEXT, breaks=frozenset({1}))
    for entry in finished[1:]:
        assert entry.fields[-1].value is None
        assert entry.fields[-1].decision is Decision.REVIEW
        assert "V17" in {finding.rule for finding in entry.findings}


@pytest.mark.parametrize(
    ("value", "decision", "reasons", "expected"),
    [
        ("Kinh", Decision.ACCEPTED, ("ditto",), Decision.ACCEPTED),
        ("Kinh", Decision.PERSON, ("ditto",), Decision.ACCEPTED),
        ("Kinh", Decision.REVIEW, ("ditto",), Decision.REVIEW),
        ("Tày", Decision.PERSON, ("ditto",), Decision.REVIEW),
        ("Tày", Decision.REVIEW, ("ditto", "ditto_in_entry"), Decision.ACCEPTED),
    ],
)
def test_a_ditto_is_accepted_unseen_only_below_what_is_believed(value, decision, reasons, expected):
    above = EntryResult(0, "1", (replace(field("ethnicity", value), decision=decision),))
    mark = replace(
        field("ethnicity", "Kinh", literal='"', state=ValueState.DITTO),
        decision=Decision.ACCEPTED,
        reasons=reasons,
    )
    _, after = with_doubt_from_above([above, EntryResult(1, "2", (mark,))])
    assert after.fields[0].decision is expected


def test_a_ditto_in_the_first_row_stays_open_and_blocks():
    first = row("1")
    first = replace(first, fields=(*first.fields, ditto("ethnicity")))
    finished, _ = finish_book([first], CONTEXT)
    assert finished[0].fields[-1].value is None
    assert [finding.rule for finding in finished[0].findings] == ["V17"]
    assert finished[0].fields[-1].decision is Decision.REVIEW


def test_what_a_person_set_stays_and_bears_witness():
    keyed = row("7")
    keyed = replace(
        keyed,
        fields=(
            replace(keyed.fields[0], decision=Decision.PERSON, confidence=1.0),
            *keyed.fields[1:],
        ),
    )
    finished, _ = finish_book([keyed, *numbered("8", "9")], CONTEXT)
    assert finished[0].fields[0] == keyed.fields[0]
    assert "agrees_with=number_before" in finished[1].fields[0].reasons


ROWS = st.lists(
    st.builds(
        row,
        st.one_of(st.none(), st.integers(1, 30).map(str), st.just("3b")),
        st.sampled_from(["1974-01-02", "1974-05", "1974", "1975-01-03", ""]),
    ),
    max_size=12,
)


@given(ROWS)
def test_finishing_twice_changes_nothing(entries):
    finished, of_book = finish_book(entries, CONTEXT)
    assert finish_book(finished, CONTEXT) == (finished, of_book)
    assert [entry.index for entry in finished] == [entry.index for entry in entries]


@given(st.lists(st.one_of(st.none(), st.integers(0, 20)), max_size=30), st.booleans())
def test_the_run_kept_is_in_order_and_no_row_could_be_added(values, strictly):
    kept = sorted(in_order(values, strictly=strictly))
    run = [values[at] for at in kept]
    assert None not in run
    pairs = list(pairwise(run))
    assert all(one < other if strictly else one <= other for one, other in pairs)
    for at, value in enumerate(values):
        if at in kept or value is None:
            continue
        before = [values[k] for k in kept if k < at][-1:]
        after = [values[k] for k in kept if k > at][:1]
        fits = all(b < value if strictly else b <= value for b in before) and all(
            value < a if strictly else value <= a for a in after
        )
        assert not fits


@pytest.mark.parametrize("entries", [[], numbered("1")])
def test_small_books_are_books(entries):
    finished, of_book = finish_book(entries, CONTEXT)
    assert len(finished) == len(entries)
    assert of_book == ()
