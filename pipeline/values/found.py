"""What a parser says of a literal before it becomes a ``Value``."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """A meaning (None: not understood), how much the literal had to be bent, and why."""

    normalized: str | None
    factor: float = 1.0
    reasons: tuple[str, ...] = ()

    def because(self, reason: str, factor: float = 1.0) -> Found:
        """The same with one more reason and the factor multiplied."""
        return Found(self.normalized, self.factor * factor, (*self.reasons, reason))


# Factors of literals that break a field's grammar. They scale a calibrated probability, so
# that nothing bent passes unseen; none was fitted to data: an office's calibrator is.
NOT_UNDERSTOOD = 0.05
BENT = 0.7
"""A letter taken for a digit, or a word for its nearest neighbour."""
IMPLAUSIBLE = 0.3
"""Well formed, but against what is known of the book."""


def not_understood(reason: str) -> Found:
    """No meaning was found; none is invented."""
    return Found(None, NOT_UNDERSTOOD, (reason,))
