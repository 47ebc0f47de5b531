"""What a book says of itself, against what was found in it: totals, cover (V18), columns (V35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.checks.rules import RULES
from pipeline.types import Finding, Kind, PageClass, PageInfo, Total

_OF_KIND = {Kind.BIRTH: "births", Kind.MARRIAGE: "marriages", Kind.DEATH: "deaths"}
UNREAD = "?"
"""Stands for a total that could not be read."""


@dataclass(frozen=True)
class Closing:
    """Totals of the closing statement (Đ.36); None where they are not known."""

    entries: int | None = None
    has_cover: bool | None = None
    unread: tuple[str, ...] = ()
    """Totals that stand in the statement but could not surely be read, as ``what=digits``."""


def closing_of(pages: Sequence[PageInfo], kind: Kind) -> Closing:
    """What the pages of a book say of the book.

    A book that was used on for another year has a statement for each: their totals add up, and
    are known only where all of them are.

    Args:
        pages: all pages of the book in order.
        kind: of the book.
    """
    statements = [page for page in pages if page.page_class is PageClass.STATEMENT]
    entries = [_total(page.totals, (_OF_KIND[kind], "entries")) for page in statements]
    unread = tuple(
        f"{total.what}={total.digits or UNREAD}"
        for page in statements
        for total in page.totals
        if not total.sure
    )
    if any(total is None for total in entries):
        unread = (*unread, f"entries={UNREAD}")
    return Closing(
        entries=_sum(entries),
        has_cover=any(page.page_class is PageClass.COVER for page in pages),
        unread=unread,
    )


def _total(totals: Sequence[Total], names: Sequence[str]) -> Total | None:
    """The first total of one of these names, the special before the general."""
    return next((total for name in names for total in totals if total.what == name), None)


def _sum(totals: Sequence[Total | None]) -> int | None:
    values = [total.value if total is not None and total.sure else None for total in totals]
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def check_closing(found: int, closing: Closing | None, voided: int = 0) -> Iterator[Finding]:
    """V18 of the book: another number of entries than the statement counts, or no cover.

    A total that could not surely be read is a finding too: somebody has to look at it.

    Args:
        found: entries of the book.
        closing: what is known of its cover and statement.
        voided: of these entries, those crossed out: clerks count them or leave them out.
    """
    if closing is None:
        return
    if closing.entries is not None and closing.entries not in (found - voided, found):
        yield RULES["V18"].finding(detail=f"{found} ≠ {closing.entries}")
    if closing.unread:
        yield RULES["V18"].finding(detail=", ".join(dict.fromkeys(closing.unread)))
    if closing.has_cover is False:
        yield RULES["V18"].finding(detail="0 bìa / no cover")


def check_columns(unknown: Sequence[str]) -> Iterator[Finding]:
    """V35 of the book: columns that its form lacks, by their headings."""
    if unknown:
        yield RULES["V35"].finding(detail=" · ".join(unknown))
