"""Invented books and readings for ``bench.life``: small, with every outcome there is."""

from __future__ import annotations

import random

from pipeline.scan.report import BatchSource
from pipeline.types import (
    IDENTITY,
    BookSource,
    Decision,
    EntryResult,
    FieldResult,
    Finding,
    Kind,
    PageClass,
    PageInfo,
    Quality,
    QualityFault,
    ScanRef,
    ScanResult,
    Severity,
    Side,
    ValueState,
)

_BOX = ((10.0, 20.0), (110.0, 20.0), (110.0, 60.0), (10.0, 60.0))
_FIELDS = ("entry_number", "child_full_name", "sex", "birth_date", "mother_full_name")
_DECISIONS = (Decision.ACCEPTED, Decision.REVIEW, Decision.BLANK, Decision.UNREADABLE)
_WEIGHTS = (6, 2, 1, 1)


def one_book(chance: random.Random, units: tuple[str, ...], years: tuple[int, ...]) -> BatchSource:
    """A batch of one book of one to four scans; sometimes one that is here already."""
    unit, kind, year = chance.choice(units), chance.choice(list(Kind)), chance.choice(years)
    volume, size = f"{chance.randint(1, 12):02d}", chance.randint(1, 4)
    digests = [f"{chance.getrandbits(256):064x}" for _ in range(size)]
    scans = tuple(
        ScanRef(f"{digest[:2]}/{digest}.jpg", 0, number, digest, f"{number:03d}.jpg")
        for number, digest in enumerate(digests, 1)
    )
    book = BookSource(
        path=volume, unit=unit, district="", kind=kind, year=year, volume=volume, note="",
        scans=scans, digest=f"{chance.getrandbits(256):064x}", unit_id=unit,
    )  # fmt: skip
    return BatchSource(volume, f"{chance.getrandbits(256):064x}", (book,))


def outcome(chance: random.Random, scan: ScanRef) -> ScanResult:
    """What reading gave: entries, or a reason to scan again, or boxes nobody trusts."""
    way = chance.random()
    rescan, trusted = way < 0.1, way >= 0.2
    faults = (QualityFault.BLURRED,) if rescan else ()
    quality = Quality(
        sharpness=40.0, dpi=300.0, dark_share=0.1, bright_share=0.5, ink_share=0.1, blank=False,
        faults=faults,
    )  # fmt: skip
    page = PageInfo(
        side=Side.SINGLE, page_class=PageClass.ENTRIES, to_scan=IDENTITY, width=2480, height=3508,
        dpi=300.0, rotation=0, skew=0.0,
    )  # fmt: skip
    entries = tuple(_entry(chance, at) for at in range(chance.randint(0, 3))) if trusted else ()
    return ScanResult(
        digest=scan.digest, quality=quality, pages=(page,), form_id="birth-158-a4",
        layout_confidence=0.9 if trusted else 0.2, layout_ok=trusted, rescan=rescan,
        entries=entries, seconds={},
    )  # fmt: skip


def _entry(chance: random.Random, at: int) -> EntryResult:
    findings = (
        (Finding("V07", Severity.ERROR, ("birth_date",), ""),) if chance.random() < 0.1 else ()
    )
    return EntryResult(at, f"{at + 1:02d}", tuple(_field(chance, one) for one in _FIELDS), findings)


def _field(chance: random.Random, name: str) -> FieldResult:
    decision = chance.choices(_DECISIONS, _WEIGHTS)[0]
    blank = decision is Decision.BLANK
    return FieldResult(
        field=name, literal="" if blank else "x", value=None if blank else "x",
        state=ValueState.BLANK if blank else ValueState.WRITTEN, confidence=0.9,
        raw_confidence=0.9, decision=decision, reader="tesseract-5/vie", page=0, polygon=_BOX,
    )  # fmt: skip
