"""The values at hand as spectra: what targets are planned over, and bars learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.checks.acceptance import Bars, PlanRow, Spectrum, plan, scale_of, type_of
from pipeline.settings import DecisionThresholds

TARGETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Shares of wrong values that a plan compares."""
MOST_TARGET = 0.1
"""Largest share of wrong values that a supervisor may allow."""


class Counted(NamedTuple):
    """So many values of a field with one probability (rounded down) and one decision."""

    field: str
    probability: float
    passed: bool
    """Accepted, or it would be if it were not drawn for the sample, or stopped."""
    fields: int
    reader: str = ""


@dataclass(frozen=True)
class AtHand:
    """Values by scale (a field type in print, or in handwriting).

    How their probabilities lie, and how many a rule holds back.
    """

    spectra: Mapping[str, Spectrum] = field(default_factory=dict)
    objected: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, Spectrum] = field(default_factory=dict)
    """Spectra that the bars in force follow from, until the bars are learned from these values."""

    def rows(
        self, scale: str, targets: Sequence[float], thresholds: DecisionThresholds
    ) -> tuple[PlanRow, ...]:
        """What each target would mean for the values of a scale."""
        seen, ruler = self.spectra.get(scale, Spectrum()), self.known.get(scale, Spectrum())
        return plan(scale, seen, self.objected.get(scale, 0), targets, thresholds, ruler)


def at_hand(counted: Iterable[Counted], bars: Bars, known: Mapping[str, Spectrum]) -> AtHand:
    """Spectra of the values at hand.

    Args:
        counted: values that the machine gave.
        bars: by which they were decided: what passes its bar and was not accepted was held back.
        known: spectra in force, for the bars and the examples behind the probabilities.
    """
    bins: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
    objected: dict[str, int] = defaultdict(int)
    for row in counted:
        type_ = type_of(row.field)
        scale = scale_of(type_, row.reader)
        if row.passed or row.probability < bars.of(type_, row.reader):
            bins[scale][row.probability] += row.fields
        else:
            objected[scale] += row.fields
    return AtHand(
        {
            name: Spectrum(tuple(sorted(found.items())), known.get(name, Spectrum()).examples)
            for name, found in bins.items()
        },
        objected,
        known,
    )
