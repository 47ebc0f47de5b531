"""What the bench of pages counts as a total read right, flagged, missed or wrong."""

from __future__ import annotations

from typing import Any

from bench.pages import Tally, _count_totals
from pipeline.types import IDENTITY, PageClass, PageInfo, Side, Total


def counted(read: list[Total], **due: int) -> dict[str, int]:
    info = PageInfo(
        Side.SINGLE, PageClass.STATEMENT, IDENTITY, 100, 100, 200.0, 0, 0.0, totals=tuple(read)
    )
    truth: dict[str, Any] = {"totals": [{"what": what, "value": n} for what, n in due.items()]}
    tally = Tally()
    _count_totals("here", truth, (info,), tally)
    return dict(tally.totals)


def total(what: str, value: int, *, sure: bool = True) -> Total:
    return Total(what, value, f"{value:02d}", "", sure)


def test_the_total_of_all_entries_answers_for_those_of_the_books_kind_only() -> None:
    read = [total("entries", 8)]
    assert counted(read, deaths=8, corrections=8) == {"deaths/right": 1, "corrections/missed": 1}


def test_a_sure_total_that_nobody_wrote_is_wrong() -> None:
    read = [total("deaths", 8), total("blank_pages", 3)]
    assert counted(read, deaths=8) == {"deaths/right": 1, "blank_pages/wrong": 1}


def test_a_number_without_a_name_flags_the_total_that_is_missing() -> None:
    read = [total("deaths", 8), total("unnamed", 3, sure=False)]
    assert counted(read, deaths=8, corrections=3) == {"deaths/right": 1, "corrections/flagged": 1}
