"""What is known beside the text of a place: the book's unit, other places, confirmed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.values.text import fold


class Confirmed:
    """Places that people of a registering unit confirmed: folded text -> unit -> how often."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._counts = {fold(text): dict(units) for text, units in (counts or {}).items()}

    def of(self, text: str) -> Mapping[str, int]:
        """Units confirmed for a text before."""
        return self._counts.get(fold(text), {})


NOTHING_CONFIRMED = Confirmed()


@dataclass(frozen=True)
class Context:
    """Circumstances of a written place.

    Attributes:
        unit: the registering unit, by id or as on the cover; empty where it is not known.
        nearby: ids of units that other places of the same entry resolved to.
        confirmed: what people confirmed for this registering unit.
    """

    unit: str = ""
    nearby: frozenset[str] = frozenset()
    confirmed: Confirmed = field(default=NOTHING_CONFIRMED, compare=False)


NO_CONTEXT = Context()
