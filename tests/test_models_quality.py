"""What people's words teach: the blind sample, spectra, rows of a unit, stories of entries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import AN_THAI, READER, book, digitize, field, queue, result

from models import (
    Database,
    book_entries,
    correct_field,
    counted_values,
    entry_stories,
    reviewed_sample,
    save_finished_book,
    unit_rows,
)
from pipeline.checks.acceptance import Bars
from pipeline.checks.sampling import SAMPLED
from pipeline.checks.story import explain_field
from pipeline.checks.unit import check_unit
from pipeline.types import Decision, EntryResult, Kind


def drawn(entry: EntryResult, *names: str) -> EntryResult:
    fields = tuple(
        replace(one, decision=Decision.REVIEW, reasons=(*one.reasons, SAMPLED))
        if one.field in names
        else one
        for one in entry.fields
    )
    return replace(entry, fields=fields)


@pytest.fixture
def book_id(database: Database) -> int:
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    entries = [drawn(entry, "sex", "child_full_name") for entry in book_entries(database, book_id)]
    save_finished_book(database, book_id, entries)
    return book_id


def test_only_drawn_fields_that_a_person_has_seen_are_counted(
    database: Database, book_id: int
) -> None:
    assert reviewed_sample(database) == []
    story, other = (entry_stories(database, book_id, f"0{n}")[0] for n in (1, 2))
    correct_field(database, story.entry_id, "sex", value="Nữ", person="lan")
    correct_field(database, other.entry_id, "sex", value="Nam", person="lan")
    correct_field(database, story.entry_id, "birth_date", value="2008-03-02", person="lan")
    found = reviewed_sample(database)
    assert [(one.field, one.right) for one in found] == [("sex", True), ("sex", False)]
    assert {(one.unit, one.reader) for one in found} == {(AN_THAI.id, READER)}
    assert found == reviewed_sample(database, AN_THAI.id)
    assert reviewed_sample(database, "another") == []


def test_values_are_counted_by_probability_and_by_what_may_pass(
    database: Database, book_id: int
) -> None:
    counted = {(one.field, one.passed): one for one in counted_values(database, book_id)}
    assert counted["sex", True].fields == 2  # drawn, but it would have passed
    assert counted["sex", True].probability == pytest.approx(0.99)
    assert counted["mother_full_name", False].fields == 2
    assert ("father_full_name", False) not in counted  # a blank is no value
    assert counted_values(database) == counted_values(database, book_id)


def test_the_rows_of_a_unit_say_what_its_books_say_together(
    database: Database, book_id: int
) -> None:
    (second,) = queue(database, book(1, volume="02"), name="lô 2")
    digitize(database, second)
    rows = list(unit_rows(database, AN_THAI.id, Kind.BIRTH))
    assert [row.number for row in rows] == [1, 2, 1, 2]
    assert {row.day for row in rows} == {"2008-03-05"}
    found, links = check_unit(rows)
    assert len(links) == 2  # the same names under the same numbers: a second copy
    assert found == ()
    assert list(unit_rows(database, AN_THAI.id, Kind.DEATH)) == []
    assert list(unit_rows(database, AN_THAI.id, Kind.MARRIAGE)) == []


def test_a_story_keeps_the_machines_word_beside_the_persons(
    database: Database, book_id: int
) -> None:
    (story,) = entry_stories(database, book_id, "01")
    assert entry_stories(database, book_id, f"{story.scan}/0") == [story]
    assert entry_stories(database, book_id, "99") == []
    correct_field(database, story.entry_id, "sex", value="Nam", person="lan")
    (again,) = entry_stories(database, book_id, "01")
    told = next(one for one in again.fields if one.machine.field == "sex")
    assert (told.machine.value, told.machine.decision) == ("Nữ", Decision.REVIEW)
    assert told.person is not None
    assert (told.person.value, told.person.by) == ("Nam", "lan")
    assert told.person.at is not None
    assert told.side == "single"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "0.9900 passes the bar 0.9500"),
        ({"decision": Decision.REVIEW, "confidence": 0.5}, "0.5000 is below the bar"),
        ({"decision": Decision.REVIEW, "reasons": (SAMPLED,)}, "blind sample"),
        ({"decision": Decision.REVIEW, "reasons": ("acceptance_stopped=unit",)}, "(unit)"),
        ({"value": None, "decision": Decision.REVIEW}, "not understood"),
        ({"decision": Decision.BLANK}, "empty"),
    ],
)
def test_it_is_said_why_a_field_was_accepted_or_not(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object], why: str
) -> None:
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    decision = change.get("decision", Decision.ACCEPTED)
    seen = replace(field("sex", "nu", "Nữ", decision), **change)
    assert why in explain_field(seen, (), Bars({"default": 0.95})).why


def test_what_was_read_and_who_spoke_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    reasons = ("ink_alone=nu", "read_as=0.120:nù", "own=0.9", "against=sex_name", "bent")
    entry = result(1).entries[0]
    seen = replace(field("birth_date", "nu", "2008-03"), reasons=reasons, confidence=0.3)
    told = explain_field(seen, entry.findings, Bars({"default": 0.95}))
    assert told.ink_alone == "nu"
    assert [(one.text, one.share) for one in told.alternatives] == [("nù", 0.12)]
    assert told.witnesses == ("against it (not seen): Thị/Văn in the name fits the sex",)
    assert (told.by_itself, told.probability, told.reasons) == (0.9, 0.3, ("bent",))
    assert told.rules[0].startswith("V07: ")
    assert "V07" in told.why
