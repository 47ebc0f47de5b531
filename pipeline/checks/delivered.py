"""Rules on what is delivered and on how the work was checked (V20, V21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.checks.rules import RULES
from pipeline.types import Finding, Severity

_TARGET_BYTES = 100_000
_FAR_OFF = 4.0
"""Times the wanted size (about 100 kB a page) from which a file is told of."""
_SECOND_LOOP = 0.30


@dataclass(frozen=True)
class DeliveredFile:
    """A PDF of a delivery: its name without ending, its pages and its size."""

    name: str
    pages: int
    size: int
    """Bytes."""


def check_delivery(rows: Sequence[str], files: Sequence[DeliveredFile]) -> Iterator[Finding]:
    """V20: one PDF a row and one row a PDF, none of them empty.

    Args:
        rows: name of the PDF that each row of the table stands for.
        files: what is in the archive.
    """
    there, wanted = Counter(file.name for file in files), Counter(rows)
    for name in sorted(wanted.keys() | there.keys()):
        if wanted[name] != 1 or there[name] != 1:
            detail = f"{name}: {wanted[name]} × xlsx, {there[name]} × pdf"
            yield RULES["V20"].finding(detail=detail)
    for file in files:
        if file.pages < 1 or file.size < 1:
            yield RULES["V20"].finding(detail=f"{file.name}: {file.pages} × page, {file.size} B")
        elif file.size > _FAR_OFF * _TARGET_BYTES * file.pages:
            size = f"{file.name}: {file.size // 1000} kB"
            yield RULES["V20"].finding(detail=size, severity=Severity.WARNING)


def check_scans_seen(scans: int, first_loop: int, second_loop: int) -> Iterator[Finding]:
    """V21: all scans seen once, and three in ten of those that passed a second time.

    Args:
        scans: of the book.
        first_loop: of them checked by whoever scanned.
        second_loop: of them checked again by another.
    """
    if first_loop < scans:
        yield RULES["V21"].finding(detail=f"1: {first_loop}/{scans}")
    if second_loop < _SECOND_LOOP * scans:
        yield RULES["V21"].finding(detail=f"2: {second_loop}/{scans}")
