"""An entry looked at by field name, its dates as spans of days."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pipeline.types import Decision, EntryResult, FieldResult, ValueState

_EDTF = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class View:
    """Read access to an entry."""

    entry: EntryResult

    @cached_property
    def _by_name(self) -> dict[str, FieldResult]:
        return {field.field: field for field in self.entry.fields}

    def field(self, name: str) -> FieldResult | None:
        """The field, None where the form does not have it."""
        return self._by_name.get(name)

    def value(self, name: str) -> str:
        """Its value; empty where there is none."""
        field = self._by_name.get(name)
        return field.value or "" if field else ""

    def is_blank(self, name: str) -> bool:
        """True where the form has the field and nothing stands in it."""
        field = self._by_name.get(name)
        return field is not None and field.state is ValueState.BLANK

    def is_unread(self, name: str) -> bool:
        """True where something stands in the field that was not understood."""
        field = self._by_name.get(name)
        return (
            field is not None
            and field.state is ValueState.WRITTEN
            and field.value is None
            and field.decision is not Decision.PERSON
        )

    def span(self, name: str) -> tuple[date, date] | None:
        """First and last day a (partial) date may mean."""
        return span(self.value(name))

    def order(self) -> tuple[int, str] | None:
        """Running number and suffix, in their order: 12, 12b, 13."""
        match = re.match(r"(\d+)(.*)", self.value("entry_number"))
        return (int(match.group(1)), match.group(2).strip()) if match else None

    def sequence(self) -> int | None:
        """The running number without its suffix."""
        order = self.order()
        return order[0] if order else None


def span(edtf: str) -> tuple[date, date] | None:
    """First and last day of an EDTF date; None for what is none."""
    match = _EDTF.fullmatch(edtf)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # the pattern has a year
    try:
        if day and month:
            return date(year, month, day), date(year, month, day)
        if month:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:  # a person may key anything
        return None
