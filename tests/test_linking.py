"""Acts of one life and acts written twice are found, and it is said why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.linking import World
from pipeline.checks.linking.blocks import PASSES, Relation, pairs, skipped
from pipeline.checks.linking.compare import Day, Name, Number, Same, compare
from pipeline.checks.linking.find import Found, Reason, find_links
from pipeline.checks.linking.people import NONE, Mention, columns
from pipeline.checks.linking.told import told
from pipeline.settings import LinkingThresholds
from pipeline.types import Kind

LIMITS = LinkingThresholds()
CHILD = Mention(
    1, Kind.BIRTH, "child", "Nguyễn Thị Hạnh", "Nữ", "1970-05-12", "1970-05-12", "hp-an-thai", 7,
    1970, 3, "Lê Thị Mận",
)  # fmt: skip
BRIDE = Mention(
    2, Kind.MARRIAGE, "wife", "Nguyễn Thị Hạnh", "Nữ", "1970-05-12", "1992-01-08", "hp-an-thai", 8,
    1992, 1, "Đỗ Văn Sử",
)  # fmt: skip


def levels(one: Mention, other: Mention, relation: Relation = Relation.PERSON) -> dict[str, int]:
    people = columns([one, other])
    found = compare(people, relation, np.array([0]), np.array([1]))
    return {what: int(level[0]) for what, level in found.items()}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Nguyễn Thị Hạnh", Name.SAME),
        ("NGUYỄN-thị-Hạnh", Name.SAME),
        ("Nguyễn Thị Hanh", Name.MARKS),
        ("Nguyễn Hồng Hạnh", Name.ENDS),
        ("Nguyễn Thị Hạch", Name.NEAR),
        ("Trần Văn Quý", Name.OTHER),
    ],
)
def test_names_agree_by_levels(name: str, level: Name) -> None:
    assert levels(CHILD, BRIDE._replace(name=name))["name"] == level


@pytest.mark.parametrize(
    ("born", "level"),
    [
        ("1970-05-12", Day.SAME),
        ("1970", Day.FITS),
        ("1970-05", Day.FITS),
        ("1970-05-21", Day.ONE_PART),
        ("1970-06-12", Day.ONE_PART),
        ("1979-05-12", Day.ONE_PART),
        ("1970-11-30", Day.YEAR),
        ("1971", Day.NEAR_YEAR),
        ("1958-03-03", Day.OTHER),
        ("", Day.UNKNOWN),
        ("1970-02-30", Day.UNKNOWN),
    ],
)
def test_dates_agree_by_levels(born: str, level: Day) -> None:
    assert levels(CHILD, BRIDE._replace(born=born))["born"] == level


def test_numbers_speak_only_within_a_unit_and_year() -> None:
    again = CHILD._replace(entry=5, book=9)
    same = levels(CHILD, again, Relation.REGISTRATION)
    assert (same["number"], same["other"], same["event"]) == (Number.SAME, Same.SAME, Day.SAME)
    other = levels(CHILD, again._replace(number=4, book=7), Relation.REGISTRATION)
    assert other["number"] == Number.ONE_BOOK
    assert levels(CHILD, again._replace(number=None), Relation.REGISTRATION)["number"] == 0


def test_only_pairs_that_can_be_are_compared() -> None:
    def paired(*others: Mention) -> int:
        people = columns([CHILD, *others])
        return sum(
            len(low)
            for one in PASSES
            if one.relation is Relation.PERSON
            for low, _ in pairs(people, one, 100)
        )

    assert paired(BRIDE) == 3  # by name and year, by day, by name and unit
    assert paired(BRIDE._replace(sex="Nam")) == 0
    assert paired(BRIDE._replace(event="1969-12-01", born="")) == 0  # married before the birth
    assert paired(CHILD._replace(entry=9)) == 0  # two births are not one life
    assert paired(BRIDE._replace(entry=1)) == 0
    many = [BRIDE._replace(entry=n) for n in range(2, 12)]
    people = columns([CHILD, *many])
    name_and_year = PASSES[3]
    assert skipped(people, name_and_year, 5) == 11
    assert list(pairs(people, name_and_year, 5)) == []


def test_a_name_without_anything_is_left_out_and_nobody_gives_no_links() -> None:
    assert len(columns([CHILD._replace(name="")])) == 0
    assert find_links(columns([]), LIMITS) == Found((), 0, 0)
    alone = columns([CHILD._replace(sex="", other="", number=None)])
    assert (alone.sex[0], alone.other[0], alone.number[0]) == (NONE, NONE, NONE)
    assert find_links(alone, LIMITS).suggestions == ()


@pytest.fixture(scope="module")
def world() -> tuple[World, Found]:
    made = World(4000, seed=11, misread=0.05)
    return made, find_links(columns(made.mentions()), LIMITS)


@pytest.mark.parametrize(
    ("relation", "recall"), [(Relation.REGISTRATION, 0.97), (Relation.PERSON, 0.8)]
)
def test_of_invented_lives_most_links_are_found_and_few_wrong_ones(
    world: tuple[World, Found], relation: Relation, recall: float
) -> None:
    made, found = world
    true = made.links[relation]
    said = {
        (min(one.first, one.second), max(one.first, one.second))
        for one in found.suggestions
        if one.relation is relation
    }
    assert len(said & true) / len(true) > recall
    assert len(said & true) / len(said) > 0.97


def test_a_rare_name_weighs_more_than_a_common_one_and_reasons_add_up(
    world: tuple[World, Found],
) -> None:
    _, found = world
    for one in found.suggestions[:200]:
        assert sum(reason.weight for reason in one.reasons) == pytest.approx(one.weight, abs=0.4)
    names = [
        reason.weight
        for one in found.suggestions
        for reason in one.reasons
        if (reason.what, reason.level) == ("name", "same")
    ]
    assert max(names) > min(names) + 1


def test_suggestions_are_the_same_whatever_the_order_of_the_books(
    world: tuple[World, Found],
) -> None:
    made = World(4000, seed=11, misread=0.05)
    turned = find_links(columns(reversed(list(made.mentions()))), LIMITS)
    key = [(one.first, one.second, one.relation) for one in world[1].suggestions]
    assert {(one.first, one.second, one.relation) for one in turned.suggestions} == set(key)


def test_reasons_are_told_weightiest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    reasons = (
        Reason("sex", "same", 1.0),
        Reason("born", "other", -3.2),
        Reason("name", "same", 15.1),
        Reason("number", "one_book", -2.0),
    )
    assert told(reasons) == (
        "same rare name +15.1, birth date differs -3.2, two numbers in one book -2.0, same sex +1.0"
    )
    common = replace(reasons[2], weight=7.0)
    assert told([common]) == "same common name +7.0"
