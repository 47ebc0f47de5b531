"""What cover and closing statement say of a book, against what was found in it (V18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.checks.rules import RULES
from pipeline.types import Finding


@dataclass(frozen=True)
class Closing:
    """Totals of the closing statement (Đ.36); None where they are not known."""

    entries: int | None = None
    has_cover: bool | None = None


def check_closing(found: int, closing: Closing | None) -> Iterator[Finding]:
    """V18 of the book: another number of entries than the statement counts, or no cover.

    Args:
        found: entries of the book.
        closing: what is known of its cover and statement.
    """
    if closing is None:
        return
    if closing.entries is not None and closing.entries != found:
        yield RULES["V18"].finding(detail=f"{found} ≠ {closing.entries}")
    if closing.has_cover is False:
        yield RULES["V18"].finding(detail="0 bìa / no cover")
