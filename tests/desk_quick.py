"""A home whose record is invented and whose pictures are real: a desk to look at within seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from models_samples import claim, field, result, save

from bench.homes import queue_in
from models import Database, open_database, save_book_form
from pipeline.form.ledger_notes import OFF_PAGE
from pipeline.settings import PROJECT, Settings
from pipeline.types import BookForm, Decision, EntryResult, PageInfo, Side, ValueState
from pipeline.types import PageClass as Class

PICTURE = PROJECT / "samples" / "batches" / "kien-thuy-2024-04" / "KS.1982.01" / "0001.jpg"
SIZE = (3975, 2873)
MM = 300 / 25.4
XS = [20.0, 35.0, 85.0, 115.0, 165.0]
YS = [45.0, *(68.0 + 14.5 * n for n in range(8))]
COLUMNS = ("entry_number", "child_full_name", "birth_date", "mother_full_name")
ROWS = 7
FORM = BookForm(
    "birth-158-a4", 0.9,
    {
        "sides": {
            "single": {
                "grid": {"xs": XS, "ys": YS, "first": 1},
                "columns": [{"field": name} for name in COLUMNS],
            }
        },
        "link": None,
    },
    "form-2",
)  # fmt: skip
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Vũ Văn Em",
         "Hoàng Thị Giang", "Đỗ Văn Hải")  # fmt: skip
PAGE = PageInfo(
    side=Side.SINGLE, page_class=Class.ENTRIES, to_scan=((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    width=SIZE[0], height=SIZE[1], dpi=300.0, rotation=0, skew=0.0,
)  # fmt: skip


def quick_home(folder: Path, scans: int = 2) -> tuple[Settings, int]:
    """A book of so many scans with seven entries each, then one whose boxes nobody trusts."""
    settings, book_id = queued_book(folder, scans)
    with closing(open_database(settings.resolved_database_url)) as database:
        save_book_form(database, book_id, FORM)
        digitize_again(database, book_id, scans)
    return settings, book_id


def queued_book(folder: Path, scans: int) -> tuple[Settings, int]:
    """That book while nobody has read it, in a home below ``folder``."""
    batch = folder / "batch" / "KS.1982.01"
    batch.mkdir(parents=True)
    image = cv2.imread(str(PICTURE), cv2.IMREAD_GRAYSCALE)
    for number in range(1, scans + 2):
        # One pixel makes another file of it.
        image[0, number] = 0
        cv2.imwrite(str(batch / f"{number:04d}.jpg"), np.asarray(image, np.uint8))
    (batch.parent / "manifest.csv").write_text(
        "path,unit,district,kind,year,volume,note\n"
        "KS.1982.01,Xã Đại Đồng,Huyện Kiến Thụy,KS,1982,01,\n",
        "utf-8",
    )
    settings = Settings(home=folder / "home", workers=1)
    (book,) = queue_in(settings, batch.parent).queued
    shutil.rmtree(batch.parent)
    return settings, book.id


def digitize_again(
    database: Database,
    book_id: int,
    scans: int = 2,
    rows: int = ROWS,
    read: Callable[[int, int], EntryResult] | None = None,
) -> None:
    """What the engine would do in the background: the scans that wait are read (by ``read``)."""
    for job in claim(database, book_id):
        plain = replace(result(job.ref.number), digest=job.ref.digest, pages=(PAGE,))
        if job.ref.number > scans:
            unsure = replace(plain, entries=(), layout_ok=False, layout_confidence=0.2,
                             notes=(OFF_PAGE.format(),))  # fmt: skip
            assert save(database, job, unsure)
        else:
            entries = tuple((read or entry)(job.ref.number, row) for row in range(rows))
            assert save(database, job, replace(plain, entries=entries))


def entry(scan: int, row: int) -> EntryResult:
    number = f"{(scan - 1) * ROWS + row + 1:02d}"
    literals = (number, NAMES[row % ROWS], f"{row + 1}/3/1982", "Vũ Thị Đào")
    values = (number, NAMES[row % ROWS], f"1982-03-{row + 1:02d}", "Vũ Thị Đào")
    fields = []
    for at, name in enumerate(COLUMNS):
        doubtful = name in ("child_full_name", "mother_full_name")
        fields.append(
            field(
                name, literals[at], values[at],
                Decision.REVIEW if doubtful else Decision.ACCEPTED,
                state=ValueState.WRITTEN, polygon=cell(at, row % ROWS), confidence=0.8,
                reasons=("read_as=0.120:Vũ Thị Đảo",) if name == "mother_full_name" else (),
            )
        )  # fmt: skip
    return EntryResult(row, number, tuple(fields), ())


def cell(column: int, row: int) -> tuple[tuple[float, float], ...]:
    x0, x1, y0, y1 = (mm * MM for mm in (XS[column], XS[column + 1], YS[row + 1], YS[row + 2]))
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
