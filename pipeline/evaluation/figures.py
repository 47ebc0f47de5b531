"""Figures per field type, wear, hand and form, from pairs of truth and found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.evaluation.compare import BookComparison, Pair
from pipeline.evaluation.distance import edits, graphemes
from pipeline.evaluation.reliability import Weighed, calibration_error, error_by_chance
from pipeline.evaluation.truth import nfc
from pipeline.fields import FIELDS
from pipeline.types import Decision

GOOD_BOX = 0.8
"""Overlap from which a box counts as found (the bar of design.md 7)."""


@dataclass(frozen=True)
class Figures:
    """Counts and rates over a group of fields. Rates are 0..1, None where nothing was counted."""

    fields: int
    written: int
    blanks: int
    boxes_good: float | None
    """Share of boxes with overlap >= 0.8."""
    exact_literal: float | None
    """Written fields whose ink was read to the letter."""
    exact_value: float | None
    """Written fields whose meaning is right."""
    cer: float | None
    """Edited graphemes / true graphemes of written fields."""
    invented: int
    """Blank fields that were given a value."""
    specks: int
    """Blank fields that were not taken for blank."""
    slips: int
    """Boxes on the place of another field or entry."""
    accepted: float | None
    """Share of written fields accepted unseen."""
    accepted_wrong: float | None
    """Share of wrong values among those accepted unseen."""
    calibration_error: float | None
    """Expected calibration error over ten bins, written fields with a reading."""
    calibration_by_chance: float | None
    """What that would be if every probability were exact: few fields never show less."""


def figures(pairs: Sequence[Pair]) -> Figures:
    """Figures of one group of pairs."""
    written = [pair for pair in pairs if not pair.blank]
    blanks = [pair for pair in pairs if pair.blank]
    accepted = [pair for pair in written if pair.seen and pair.seen.decision == Decision.ACCEPTED]
    known = weighed(written)
    letters = sum(len(graphemes(nfc(pair.truth.literal))) for pair in written)
    wrong = sum(
        edits(nfc(pair.truth.literal), nfc(pair.seen.literal if pair.seen else ""))
        for pair in written
    )
    return Figures(
        fields=len(pairs),
        written=len(written),
        blanks=len(blanks),
        boxes_good=_share(pair.overlap >= GOOD_BOX for pair in pairs),
        exact_literal=_share(pair.exact_literal for pair in written),
        exact_value=_share(pair.exact_value for pair in written),
        cer=wrong / letters if letters else None,
        invented=sum(pair.invented for pair in blanks),
        specks=sum(pair.specks for pair in blanks),
        slips=sum(pair.slipped for pair in pairs),
        accepted=len(accepted) / len(written) if written else None,
        accepted_wrong=_share(not pair.exact_value for pair in accepted),
        calibration_error=calibration_error(known),
        calibration_by_chance=error_by_chance(known),
    )


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return sum(values) / len(values) if values else None


def weighed(pairs: Sequence[Pair]) -> list[Weighed]:
    """Written fields with a reading: their probability, and whether the value is right."""
    return [
        Weighed(pair.seen.confidence, pair.exact_value)
        for pair in pairs
        if pair.seen is not None and not pair.blank
    ]


def _field_type(pair: Pair) -> str:
    return FIELDS[pair.truth.field].type.value


def _hand(pair: Pair) -> str:
    return pair.truth.hand.split(":")[0]


GROUPS: dict[str, Callable[[Pair], str]] = {
    "wear": lambda pair: pair.book.wear,
    "hand": _hand,
    "wear_hand": lambda pair: f"{pair.book.wear}/{_hand(pair)}",
    "field_type": _field_type,
    "hand_field_type": lambda pair: f"{_hand(pair)}/{_field_type(pair)}",
    "form": lambda pair: pair.book.form,
    "book": lambda pair: pair.book.path,
}


def summary(comparisons: Sequence[BookComparison]) -> dict[str, Any]:
    """All figures as plain data, for ``hotich evaluate --json`` and the report."""
    pairs = [pair for comparison in comparisons for pair in comparison.pairs]
    grouped: dict[str, dict[str, Any]] = {}
    for name, key in GROUPS.items():
        groups: dict[str, list[Pair]] = defaultdict(list)
        for pair in pairs:
            groups[key(pair)].append(pair)
        grouped[name] = {
            group: asdict(figures(members)) for group, members in sorted(groups.items())
        }
    return {
        "entries": {
            "true": sum(comparison.entries_true for comparison in comparisons),
            "found": sum(comparison.entries_found for comparison in comparisons),
            "extra": sum(comparison.entries_extra for comparison in comparisons),
        },
        "rescans": {
            "expected": sum(comparison.rescans_expected for comparison in comparisons),
            "found": sum(comparison.rescans_found for comparison in comparisons),
        },
        "all": asdict(figures(pairs)),
        "by": grouped,
    }
