"""The examples of docs/values.md are what the code does."""

from __future__ import annotations

import re

import pytest

from pipeline.settings import PROJECT
from pipeline.types import Kind
from pipeline.values import Context, normalise

_ROW = re.compile(r"^\| `(\w+)` \| (\d{4}) \| (.+?) \| (.+?) \| ?(.*?) ?\|$", re.MULTILINE)
ROWS = _ROW.findall((PROJECT / "docs" / "values.md").read_text("utf-8"))


def test_the_table_is_found():
    assert len(ROWS) > 40


@pytest.mark.parametrize(("field", "year", "written", "value", "reason"), ROWS)
def test_an_example_means_what_the_table_says(field, year, written, value, reason):
    found = normalise(field, written, Context(Kind.BIRTH, int(year)))
    assert found.normalized == (None if value == "–" else value)
    if reason:
        assert reason in found.reasons
        assert found.factor < 1 or reason.split("=")[0] in _TOLD
    else:
        assert found.factor == 1


_TOLD = {"paper", "cause", "alias", "hyphened_writing", "part_of_day", "hour_of", "watch"} | {
    "derived_birth_year",
    "age_counted_from_one",
    "said_twice",
    "day_not_known",
    "declared_none",
}
"""Reasons that tell something and doubt nothing."""
