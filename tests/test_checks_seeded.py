"""Errors put into books that are right: those that contradict another field are caught or asked."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.checks import finish_book
from pipeline.checks.acceptance import load_bars
from pipeline.settings import PROJECT
from pipeline.types import Decision, EntryResult, FieldResult, Kind, ValueState
from pipeline.values import Context

CONTEXT = Context(Kind.BIRTH, 1985, "Xã An Thái", "Huyện An Lão", "hp-an-thai", volume="01")
BARS = replace(load_bars(PROJECT / "ocr_config"), sample_rate=0.0)
SURE = 0.9975
"""As sure as print is read: a wrong value is as sure as a right one."""
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đoàn")
GIVEN = ("An", "Bình", "Hoa", "Mai", "Minh", "Tâm", "Thắng", "Yến")


def field(name: str, value: str) -> FieldResult:
    return FieldResult(
        name, value, value, ValueState.WRITTEN, SURE, 0.95, Decision.REVIEW, "test", 0, ()
    )


def entry(number: int, day: date, chance: random.Random) -> EntryResult:
    boy = chance.random() < 0.5
    family, mothers = chance.choice(FAMILIES), chance.choice(FAMILIES)
    father = f"{family} Văn {chance.choice(GIVEN)}"
    born = day - timedelta(days=chance.randrange(1, 20))
    values = {
        "entry_number": str(number),
        "registration_date": day.isoformat(),
        "child_full_name": f"{family} {'Văn' if boy else 'Thị'} {chance.choice(GIVEN)} {number}",
        "sex": "Nam" if boy else "Nữ",
        "birth_date": born.isoformat(),
        "birth_date_words": born.isoformat(),
        "ethnicity": "Kinh",
        "father_full_name": father,
        "father_ethnicity": "Kinh",
        "father_birth_date": "1960",
        "father_age": "25",
        "mother_full_name": f"{mothers} Thị {chance.choice(GIVEN)}",
        "mother_ethnicity": "Kinh",
        "declarant_full_name": father,
        "declarant_relation": "cha",
    }
    return EntryResult(number, str(number), tuple(field(*pair) for pair in values.items()))


def book(chance: random.Random, entries: int = 40) -> list[EntryResult]:
    day, rows = date(1985, 1, 5), []
    for number in range(1, entries + 1):
        day += timedelta(days=chance.randrange(0, 7))
        rows.append(entry(number, day, chance))
    return rows


def other_day(value: str, chance: random.Random) -> str:
    day = date.fromisoformat(value)
    return (day + timedelta(days=chance.choice((-300, -90, -10, 10, 100, 365)))).isoformat()


CHANGES = {
    "entry_number": lambda value, chance: str(int(value) + chance.choice((7, 10, 30, 100))),
    "registration_date": other_day,
    "birth_date": other_day,
    "birth_date_words": other_day,
    "sex": lambda value, chance: "Nữ" if value == "Nam" else "Nam",
    "ethnicity": lambda value, chance: chance.choice(("Tày", "Hoa", "Mường")),
    "father_birth_date": lambda value, chance: chance.choice(("1940", "1980", "1950", "1966")),
    "father_age": lambda value, chance: chance.choice(("35", "52", "21", "75")),
    "declarant_full_name": lambda value, chance: value + " Anh",
    "father_full_name": lambda value, chance: "Đặng" + value[value.index(" ") :],
}


@pytest.mark.slow
def test_seeded_errors_that_contradict_another_field_are_caught_or_asked() -> None:
    chance = random.Random(11)
    seeded, passed, sound, asked = 0, [], 0, 0
    for _ in range(60):
        rows, wrong = book(chance), set()
        for _ in range(6):  # one value in a hundred
            at, name = chance.randrange(len(rows)), chance.choice(sorted(CHANGES))
            if (at, name) in wrong:
                continue
            wrong.add((at, name))
            rows[at] = replace(
                rows[at],
                fields=tuple(
                    replace(one, value=CHANGES[name](one.value, chance))
                    if one.field == name
                    else one
                    for one in rows[at].fields
                ),
            )
        finished, _ = finish_book(rows, CONTEXT, bars=BARS)
        for at, row in enumerate(finished):
            for one in row.fields:
                accepted = one.decision is Decision.ACCEPTED
                if (at, one.field) in wrong:
                    seeded += 1
                    if accepted:
                        passed.append((one.field, one.value, one.confidence))
                elif one.field in CHANGES:
                    sound += 1
                    asked += not accepted
    assert seeded > 300
    assert len(passed) <= 0.05 * seeded, passed
    assert asked <= 0.10 * sound  # not by asking for everything
