"""What an entry costs: hours of operators and pages scanned, at rates that a supervisor sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.board import Counts, Day

FEWEST = 30
"""Saved entries below which a handling time says nothing."""


@dataclass(frozen=True)
class Rates:
    """Money in đồng: for an hour of an operator, and for a scan a contractor hands over."""

    hour: float = 0.0
    scan: float = 0.0

    @property
    def known(self) -> bool:
        """Somebody has set them."""
        return self.hour > 0 or self.scan > 0


@dataclass(frozen=True)
class Cost:
    """What an entry costs, in đồng, and what that rests on."""

    scans: float
    """Its share of the scans."""
    hands: float
    """Operators' time."""
    seconds: float
    """Of an operator for an entry that people saved."""
    reviews: int
    touched: float
    """Saves for each entry that was checked: entries the machine settles alone lower it."""
    left: float
    """To be spent on entries and scans not done yet, at this cost."""

    @property
    def entry(self) -> float:
        """All of it."""
        return self.scans + self.hands


def cost(days: Sequence[Day], now: Counts, goal: float, rates: Rates) -> Cost | None:
    """Cost of an entry by the recorded handling times of these days.

    Operators' time of the days is divided by the entries that became checked in them, those
    included that nobody had to touch. Supervisors' time is not recorded.

    Args:
        days: what the last weeks brought.
        now: where it stands, for how many entries a scan gives.
        goal: entries expected altogether.
        rates: money.

    Returns:
        None where no rate is set, or too few handling times are known.
    """
    recorded = [day for day in days if day.reviews]
    reviews = sum(day.reviews for day in recorded)
    seconds = sum(day.hand_seconds for day in recorded)
    checked = sum(max(0, day.entries_checked) for day in recorded)
    if not rates.known or reviews < FEWEST or not checked or not now.entries:
        return None
    # Correcting what was checked already is work too, but checks nothing anew.
    hands = seconds / 3600 * rates.hour / checked
    scans = rates.scan * now.scans_read / now.entries
    done = now.entries_settled + now.entries_released
    left = max(0.0, goal - done) * hands + max(0.0, goal - now.entries) * scans
    return Cost(scans, hands, seconds / reviews, reviews, reviews / checked, left)
