"""Entries that teach most about a book's hand are shown first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.checks.order import STRETCHES, Candidate, Doubtful, candidate, first_to_review
from pipeline.types import Decision, EntryResult, FieldResult, ValueState
from samples import people
from samples.chance import stream


def entry(literal, probability=0.5, scan=0, field="child_full_name"):
    return Candidate(scan, (Doubtful(field, literal, probability),))


def book(count, name="order"):
    rng = stream(name)
    return [
        Candidate(
            n // 2,
            tuple(
                Doubtful(field, people.full_name(rng, "male", 1970), round(rng.random(), 3))
                for field in ("child_full_name", "father_full_name", "mother_full_name")
                if rng.random() < 0.7
            ),
        )
        for n in range(count)
    ]


def test_doubtful_entries_come_before_sure_ones():
    sure, doubtful = entry("Nguyễn Văn An", 0.99), entry("Phạm Đức Huy", 0.3)
    assert first_to_review([sure, doubtful]) == (1, 0)


def test_what_looks_like_the_chosen_waits_for_what_does_not():
    alike = [entry("Nguyễn Văn An")] * 3
    assert first_to_review([*alike, entry("Đỗ Quỳnh Phượng", 0.6)], most=2) == (0, 3)


def test_what_people_have_seen_already_is_worth_less():
    same, other = entry("Nguyễn Văn An", 0.4), entry("Đỗ Quỳnh Phượng")
    assert first_to_review([same, other], most=1) == (0,)
    assert first_to_review([same, other], known=[same] * 12, most=1) == (1,)


def test_the_choice_is_spread_over_the_book():
    rng = stream("spread")
    pages = [entry(people.full_name(rng, "male", 1970), 0.5, scan) for scan in range(240)]
    scans = [pages[n].scan for n in first_to_review(pages, most=STRETCHES)]
    assert len({scan * STRETCHES // 240 for scan in scans}) >= STRETCHES - 2


def test_rare_letters_and_digits_are_covered():
    usual = [entry("Nguyễn Văn An", 0.5, n) for n in range(60)]
    dates = [entry("05/12/1974", 0.5, 60, "birth_date"), entry("Quách Ngọc Xuyến", 0.5, 61)]
    assert {60, 61} <= set(first_to_review([*usual, *dates], most=8))


def test_the_same_entries_give_the_same_choice_and_none_twice():
    entries = book(300)
    chosen = first_to_review(entries, most=40)
    assert chosen == first_to_review(list(entries), most=40)
    assert len(set(chosen)) == 40
    assert chosen[:10] == first_to_review(entries, most=10)


def test_a_greedy_choice_is_that_of_counting_every_gain_anew():
    entries, chosen = book(40, "plain"), []
    for _ in range(8):
        known = [entries[n] for n in chosen]
        rest = [n for n in range(40) if n not in chosen]
        # An entry chosen becomes a known one: the worth of all features stays the same.
        (best,) = first_to_review([entries[n] for n in rest], known, most=1)
        chosen.append(rest[best])
    assert tuple(chosen) == first_to_review(entries, most=8)


def test_entries_without_doubt_are_never_chosen():
    assert first_to_review([Candidate(0, ()), entry("An", 1.0)]) == ()
    assert first_to_review([]) == ()


@pytest.mark.parametrize("decision", [Decision.ACCEPTED, Decision.BLANK, Decision.RESCAN])
def test_only_fields_that_a_person_sees_count(decision):
    seen = FieldResult(
        "sex", "Nam", "Nam", ValueState.WRITTEN, 0.4, 0.4, Decision.REVIEW, "hand", 0, ()
    )
    one = EntryResult(0, "", (seen, replace(seen, decision=decision)))
    assert candidate(7, one) == Candidate(7, (Doubtful("sex", "Nam", 0.4),))


def test_fields_that_a_person_has_set_count_as_seen():
    field = FieldResult(
        "sex", "Nam", "Nam", ValueState.WRITTEN, 0.4, 0.4, Decision.PERSON, "hand", 0, ()
    )
    assert candidate(7, EntryResult(0, "", (field,))).fields == (Doubtful("sex", "Nam", 0.4),)
