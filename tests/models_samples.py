"""Small invented batches and results for tests of the database."""

from __future__ import annotations

import hashlib
import multiprocessing
from dataclasses import replace

from models import Database, Job, claim_scans, load_units, queue_batch, save_scan
from models.units import UnitName
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
    PlaceAnswer,
    PlaceCandidate,
    PlaceStatus,
    Quality,
    QualityFault,
    ScanRef,
    ScanResult,
    Severity,
    Side,
    ValueState,
)

PROCESSES = multiprocessing.get_context("forkserver")
"""Fresh processes without open databases, forked from one that has the imports done."""
PROCESSES.set_forkserver_preload(["models"])

AN_THAI = UnitName("hp-an-thai", "An Thái", "Xã", "Huyện An Lão")
CAT_DAI = UnitName("hp-cat-dai", "Cát Dài", "Phường", "Quận Lê Chân")
SQUARE = ((10.0, 20.0), (110.0, 20.0), (110.0, 60.0), (10.0, 60.0))
READER = "tesseract-5.3.0/vie"
GOOD = Quality(
    sharpness=40.0, dpi=300.0, dark_share=0.1, bright_share=0.5, ink_share=0.1, blank=False
)
PLACE = PlaceAnswer(
    PlaceStatus.CERTAIN,
    (PlaceCandidate("hp-an-lao-2025", "Xã", "An Lão", "Hải Phòng", "11629", 1.0, ("NQ 1669",)),),
    "2026-01-01",
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def book(
    scans: int = 3,
    *,
    unit: UnitName = AN_THAI,
    kind: Kind = Kind.BIRTH,
    year: int = 2008,
    volume: str = "01",
    salt: str = "",
) -> BookSource:
    name = f"{unit.id}-{kind}-{year}-{volume}{salt}"
    refs = tuple(
        ScanRef(f"aa/{digest(f'{name}{n}')}.jpg", 0, n, digest(f"{name}{n}"), f"trang_{n:03d}.jpg")
        for n in range(1, scans + 1)
    )
    return BookSource(
        path=f"books/{name}", unit=f"{unit.type} {unit.name}", district=unit.district, kind=kind,
        year=year, volume=volume, note="", scans=refs, digest=digest(name), unit_id=unit.id,
    )  # fmt: skip


def batch(*books: BookSource, name: str = "lô 1") -> BatchSource:
    return BatchSource(name, digest(name + "".join(one.digest for one in books)), books)


def queue(
    db: Database, *books: BookSource, contractor: str = "Số Hóa Xanh", name: str = "lô 1"
) -> list[int]:
    """Queue books; returns their ids."""
    load_units(db, [AN_THAI, CAT_DAI])
    receipt = queue_batch(db, batch(*books, name=name), contractor=contractor)
    return [one.id for one in receipt.queued]


def field(
    name: str,
    literal: str,
    value: str | None = None,
    decision: Decision = Decision.ACCEPTED,
    **more: object,
) -> FieldResult:
    state = ValueState.BLANK if decision is Decision.BLANK else ValueState.WRITTEN
    result = FieldResult(
        field=name, literal=literal, value=value if value is not None else literal or None,
        state=state, confidence=0.99, raw_confidence=0.93, decision=decision, reader=READER,
        page=0, polygon=SQUARE,
    )  # fmt: skip
    return replace(result, **more)


def birth(index: int, number: str, name: str, **changed: FieldResult) -> EntryResult:
    fields = {
        "entry_number": field("entry_number", number),
        "registration_date": field("registration_date", "5/3/2008", "2008-03-05"),
        "child_full_name": field("child_full_name", name),
        "sex": field("sex", "nữ", "Nữ"),
        "birth_date": field("birth_date", "1/3/2008", "2008-03"),
        "birth_place": field("birth_place", "An Lão, HP", "An Lão, Hải Phòng", place=PLACE),
        "father_full_name": field("father_full_name", "", None, Decision.BLANK),
        "mother_full_name": field("mother_full_name", "Vũ Thị Đào", decision=Decision.REVIEW),
    }
    return EntryResult(
        index,
        number,
        tuple({**fields, **changed}.values()),
        (Finding("V07", Severity.WARNING, ("birth_date",), "digits and words differ"),),
    )


def page(side: Side = Side.SINGLE, page_class: PageClass = PageClass.ENTRIES) -> PageInfo:
    return PageInfo(
        side=side, page_class=page_class, to_scan=IDENTITY, width=2480, height=3508, dpi=300.0,
        rotation=0, skew=0.4,
    )  # fmt: skip


def result(number: int, entries: int = 2, **changed: object) -> ScanResult:
    """What digitizing scan ``number`` gave: births with running numbers."""
    found = tuple(
        birth(i, f"{(number - 1) * entries + i + 1:02d}", f"Nguyễn Thị Hoa {number}.{i}")
        for i in range(entries)
    )
    plain = ScanResult(
        digest=digest(str(number)), quality=GOOD, pages=(page(),), form_id="birth-158-a4",
        layout_confidence=0.92, layout_ok=True, rescan=False, entries=found,
        seconds={"layout": 0.3},
    )  # fmt: skip
    return replace(plain, **changed)


def rescan_result() -> ScanResult:
    return result(
        1,
        0,
        rescan=True,
        layout_ok=False,
        pages=(),
        quality=replace(GOOD, faults=(QualityFault.BLURRED,)),
    )


def claim(
    db: Database, book_id: int, limit: int = 100, owner: str = "worker-1", seconds: float = 60
) -> list[Job]:
    return claim_scans(db, book_id, owner, limit, seconds)


def save(db: Database, job: Job, outcome: ScanResult | None = None) -> bool:
    return save_scan(db, job, outcome or result(job.ref.number), run_ref="run-1", versions="0.1.0")


def digitize(db: Database, book_id: int) -> None:
    for job in claim(db, book_id):
        assert save(db, job)
