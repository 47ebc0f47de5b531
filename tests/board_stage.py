"""A desk with a small city, one readable book and people, for tests of the supervisors' pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import uvicorn
from desk_browser import desk_app, known
from fastapi import FastAPI
from models_samples import AN_THAI, batch, birth, book, claim, result, save

from bench.city import make_city
from models import Database, book_entries, load_units, queue_batch, save_finished_book
from models.correcting import correct_field
from models.states import Role
from pipeline.types import EntryResult

NAMES = ("Nguyễn Thị Hoa", "Trần Văn Lý", "Phạm Thị Sen", "Vũ Đình Nghĩa")
WIDTH, HEIGHT, ROW, TOP = 2480, 1754, 190, 260


def real_book(database: Database, home: Path, scans: int = 2) -> int:
    """A book whose pictures exist: a table, a row an entry, a cell a field."""
    load_units(database, [AN_THAI])
    source = book(scans)
    receipt = queue_batch(database, batch(source, name="lô thật"), contractor="Số Hóa Xanh")
    book_id = receipt.queued[0].id
    for job in claim(database, book_id):
        outcome = result(job.ref.number, 4)
        entries = tuple(_placed(entry, at) for at, entry in enumerate(outcome.entries))
        pages = tuple(replace(one, width=WIDTH, height=HEIGHT) for one in outcome.pages)
        _draw(home / "scans" / job.ref.path, entries)
        save(database, job, replace(outcome, entries=entries, pages=pages))
    save_finished_book(database, book_id, book_entries(database, book_id))
    return book_id


def settle(database: Database, book_id: int) -> None:
    """A person says what was in doubt."""
    from models.finishing import placed_entries

    for one in placed_entries(database, book_id):
        correct_field(database, one.id, "mother_full_name", value="Vũ Thị Đào", person="lan")


def _placed(entry: EntryResult, at: int) -> EntryResult:
    named = birth(at, entry.number, f"{NAMES[at]}")
    width = (WIDTH - 200) // len(named.fields)
    top = TOP + at * ROW
    fields = []
    for column, field in enumerate(named.fields):
        x0, x1 = 100.0 + column * width, 100.0 + (column + 1) * width
        corners = ((x0, top), (x1, top), (x1, top + ROW), (x0, top + ROW))
        fields.append(replace(field, polygon=tuple((x, float(y)) for x, y in corners)))
    return replace(named, fields=tuple(fields))


def _draw(path: Path, entries: tuple[EntryResult, ...]) -> None:
    page = np.full((HEIGHT, WIDTH), 232, np.uint8)
    for entry in entries:
        for field in entry.fields:
            (x0, y0), _, (x1, y1), _ = ((round(x), round(y)) for x, y in field.polygon)
            cv2.rectangle(page, (x0, y0), (x1, y1), (90,), 3)
            text = field.literal.encode("ascii", "ignore").decode()
            cv2.putText(
                page, text, (x0 + 12, y0 + 110), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (40,), 3,
            )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), page)


def people(database: Database) -> None:
    """Two supervisors, an operator and a contractor."""
    known(database, "phutrach", Role.SUPERVISOR)
    known(database, "phutrach2", Role.SUPERVISOR)
    known(database, "nhaplieu", Role.OPERATOR)


def city(database: Database, books: int = 500, entries: int = 900) -> None:
    """Units at different stages."""
    make_city(database, books, entries)


@contextmanager
def served(database: Database, home: Path, **options: object) -> Iterator[str]:
    """The address of a desk that answers."""
    app: FastAPI = desk_app(database, home, **options)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 120
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
