"""What is known of a book before its ink is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pipeline.types import Kind


@dataclass(frozen=True)
class Context:
    """The book around a literal; decides centuries, ages, places and rules.

    ``unit`` and ``district`` are as on the cover, ``unit_id`` the gazetteer's id where it is
    known. ``as_of`` is the date of "current" places. ``ledger`` says that rows of a table hold
    the entries, so that a ditto means the row above; None lets the layout tell.
    """

    kind: Kind
    year: int
    unit: str = ""
    district: str = ""
    unit_id: str = ""
    as_of: date = field(default_factory=date.today)
    closing_year: int | None = None
    ledger: bool | None = None
    volume: str = ""
    """Number of the book among those of its year, as the cover has it."""

    @property
    def place(self) -> str:
        """The registering unit as ``pipeline.places.resolve`` takes it."""
        return self.unit_id or ", ".join(part for part in (self.unit, self.district) if part)
