"""Shares by stage, out of counts of books, scans and entries."""

from __future__ import annotations

from dataclasses import dataclass

from models.board import Counts

STAGES = ("missing", "waiting", "stuck", "review", "checked", "released")
"""From a book that nobody has handed over yet to one that is signed off."""


@dataclass(frozen=True)
class Shares:
    """Parts of a whole by stage; each between 0 and 1, together 1, or 0 where nothing is known."""

    missing: float = 0.0
    """Books expected by the plan and not handed over."""
    waiting: float = 0.0
    """Handed over, not read yet."""
    stuck: float = 0.0
    """To be scanned again, quarantined, or without boxes that can be trusted."""
    review: float = 0.0
    """Read; a person has to look."""
    checked: float = 0.0
    """Nothing open."""
    released: float = 0.0

    @property
    def scanned(self) -> float:
        """All that was handed over."""
        return self.waiting + self.stuck + self.read

    @property
    def read(self) -> float:
        """All of which entries are known."""
        return self.review + self.checked + self.released

    @property
    def done(self) -> float:
        """Checked, or released."""
        return self.checked + self.released

    def each(self) -> tuple[tuple[str, float], ...]:
        """Stages in order with their shares."""
        return tuple((stage, getattr(self, stage)) for stage in STAGES)


def shares(counts: Counts) -> Shares:
    """Where the work of these books stands.

    Books tell how much is handed over, scans how much of that is read, entries how far what is
    read has come: each share is a product along this way, for entries of a book that nobody has
    read cannot be counted.
    """
    expected = max(counts.books_expected, counts.books)
    if not expected:
        return Shares()
    there = counts.books / expected
    scans = counts.scans
    if not scans:
        return Shares(missing=1 - there, waiting=there)
    read = there * counts.scans_read / scans
    stuck = there * counts.scans_stuck / scans
    waiting = there * counts.scans_waiting / scans  # by itself: what is left over may be -0
    entries = counts.entries
    if not entries:  # covers and blank pages alone: nothing left to look at
        return Shares(1 - there, waiting, stuck, 0.0, read, 0.0)
    return Shares(
        missing=1 - there,
        waiting=waiting,
        stuck=stuck,
        review=read * counts.entries_review / entries,
        checked=read * counts.entries_settled / entries,
        released=read * counts.entries_released / entries,
    )


def expected_entries(counts: Counts) -> float:
    """How many entries there will be, at the yield of the scans and books so far."""
    if not counts.scans_read or not counts.books:
        return float(counts.entries)
    of_scans = counts.entries * counts.scans / counts.scans_read
    return of_scans * max(counts.books_expected, counts.books) / counts.books
