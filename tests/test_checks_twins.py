"""A date in digits and in words: what one of them lost the other may say, and a person is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import field

from pipeline.checks import check_entry
from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decided
from pipeline.checks.twins import TWIN, with_twin_dates
from pipeline.checks.witnesses import weighed
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Decision, EntryResult, FieldResult, Kind
from pipeline.values import Context
from pipeline.values.normalise import normalise

CONTEXT = Context(Kind.BIRTH, 1980, "Xã An Thái", "Huyện An Lão")
STRENGTHS = load_thresholds(PROJECT / "ocr_config").evidence
WORDS = "ngày mồng năm tháng mười hai năm một nghìn chín trăm bảy mươi tư"


def twins(digits: str, words: str) -> EntryResult:
    """Both as the reader and the grammar leave them."""
    fields = []
    for name, literal in (("birth_date", digits), ("birth_date_words", words)):
        value = normalise(name, literal, CONTEXT)
        said = field(name, literal, confidence=0.98 * value.factor, reasons=value.reasons)
        fields.append(replace(said, value=value.normalized, decision=Decision.REVIEW))
    return EntryResult(0, "1", tuple(fields))


def finished(entry: EntryResult) -> dict[str, FieldResult]:
    heard = weighed(with_twin_dates(entry, CONTEXT), STRENGTHS)
    done = decided(heard, check_entry(heard, CONTEXT), Bars({"default": 0.5}))
    return {one.field: one for one in done.fields}


def test_a_day_that_digits_lost_is_said_by_the_words_and_goes_to_a_person() -> None:
    lost = twins("O5/12/1974", WORDS)
    assert lost.fields[0].value in (None, "1974-12-05")
    told = finished(replace(lost, fields=(replace(lost.fields[0], value=None), lost.fields[1])))
    assert told["birth_date"].value == "1974-12-05"
    assert told["birth_date"].literal == "O5/12/1974"
    assert any(reason.startswith(TWIN) for reason in told["birth_date"].reasons)
    assert told["birth_date"].decision is Decision.REVIEW
    assert told["birth_date_words"].decision is Decision.ACCEPTED
    assert told["birth_date_words"].confidence >= 0.98


def test_words_that_were_not_understood_are_said_by_the_digits() -> None:
    ambiguous = "ngày mười bốn tháng bả năm một nghìn chín trăm sáu mươi"
    for day in ("14/03/1960", "14/07/1960"):
        before = twins(day, ambiguous)
        assert before.fields[1].value is None
        told = finished(before)
        assert told["birth_date_words"].value in (told["birth_date"].value, None)
        assert told["birth_date_words"].decision is not Decision.ACCEPTED
    assert finished(twins("14/03/1960", ambiguous))["birth_date_words"].value == "1960-03-14"


@pytest.mark.parametrize("digits", ["05/12/1974", "06/12/1974", "05/12/1984", "12/05/1947", ""])
def test_what_both_say_surely_is_left_alone(digits: str) -> None:
    before = twins(digits, WORDS)
    assert with_twin_dates(before, CONTEXT) == before


def test_a_persons_word_and_the_coarser_of_two_stay() -> None:
    before = twins("O5/12/1974", WORDS)
    lost = replace(before.fields[0], value=None)
    person = replace(before, fields=(replace(lost, decision=Decision.PERSON), before.fields[1]))
    assert with_twin_dates(person, CONTEXT) == person
    coarse = twins("1974", WORDS)
    assert with_twin_dates(coarse, CONTEXT).fields[0].value == "1974"
