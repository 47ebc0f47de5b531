"""How long an operator waits: the next entry, its fields, and saving, with many at work.

Generates a database (entries, books and fields are parameters), lets a number of simulated
operators take, read and save entries for a while, and says how long each step took::

    python -m bench.desk --entries 200000 --operators 50 --seconds 60 --postgres
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, text, update

from bench.city import sum_decades
from bench.databases import temporary_database
from models import Database, load_units, migrate, open_database
from models.reviewing import FieldChange, held_entry, save_review, take_next
from models.states import BookState, DeskState, EntryState, Role, ScanState, Stage
from models.tables import (
    Batch,
    Book,
    BookCounter,
    Contractor,
    Entry,
    FieldValue,
    Maker,
    Page,
    Scan,
    UnitCounter,
)
from models.units import UnitName
from models.users import User, add_user, list_users
from pipeline.settings import PROJECT
from pipeline.types import Decision, Kind, PageClass, Side, ValueState

ENTRIES_A_BOOK = 400
ENTRIES_A_SCAN = 4
UNITS = 217
_BLOCK = 50_000
_FIRST_COPY = 1_000_000
"""Keys of a block lie below; the first copy begins here."""
_COUNTS = ("books_", "scans_", "entries_", "fields_")
_FIELDS = (
    "child_full_name", "birth_date", "father_full_name", "mother_full_name", "sex",
    "ethnicity", "birth_place", "registration_date", "entry_number", "notes",
)  # fmt: skip
_PICTURE = PROJECT / "samples/batches/kien-thuy-2024-04/KS.1982.01/0001.jpg"
_UPRIGHT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
_PAGE = (1600, 1100)
"""Width and height, pixels: what is shown of the picture."""


def _box(n: int) -> list[list[float]]:
    y = 100.0 + 90.0 * n
    return [[100.0, y], [900.0, y], [900.0, y + 60.0], [100.0, y + 60.0]]


@dataclass
class Timings:
    """Seconds of each step, by its name."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    """Of the thread: on SQLite all of the step, on PostgreSQL the client's share. Tells more
    than the clock on a machine that others use too."""
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long the block takes."""
        begun, cpu = time.perf_counter(), time.thread_time()
        yield
        took, used = time.perf_counter() - begun, time.thread_time() - cpu
        with self.lock:
            self.seconds.setdefault(step, []).append(took)
            self.cpu.setdefault(step, []).append(used)

    def table(self) -> dict[str, dict[str, float]]:
        """Count and milliseconds at the median, the 95th percentile and the worst, by step."""
        told = {}
        for step, values in self.seconds.items():
            ranked = sorted(values)
            told[step] = {
                "count": len(ranked),
                "median_cpu_ms": round(sorted(self.cpu[step])[len(ranked) // 2] * 1000, 1),
                "median_ms": round(ranked[len(ranked) // 2] * 1000, 1),
                "p95_ms": round(ranked[int(len(ranked) * 0.95)] * 1000, 1),
                "worst_ms": round(ranked[-1] * 1000, 1),
            }
        return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--fields", type=int, default=8, choices=range(4, len(_FIELDS) + 1),
                        help="fields an entry, 3 doubtful")  # fmt: skip
    parser.add_argument("--operators", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=15.0, help="seconds an operator needs")
    parser.add_argument("--postgres", action="store_true", help="a server of the tests' own")
    parser.add_argument("--url", default="", help="a database instead of a temporary one, kept")
    options = parser.parse_args()
    with ExitStack() as stack:
        url = options.url or temporary_database(stack, "desk", options.postgres)
        migrate(url)
        db = open_database(url)
        stack.callback(db.close)
        begun = time.perf_counter()
        if not db_has_entries(db):
            generate(db, options.entries, options.fields)
        made = time.perf_counter() - begun
        if options.seconds <= 0:
            return
        known = {user.login: user for user in list_users(db)}
        users = [
            known.get(f"operator{n}") or add_user(
                db, f"operator{n}", "", Role.OPERATOR, None, everywhere=True, actor="bench"
            )
            for n in range(options.operators)
        ]  # fmt: skip
        timings = work(db, users, options.seconds, options.think)
    print(json.dumps({
        "database": db.dialect, "entries": options.entries, "fields": options.fields,
        "operators": options.operators, "think_s": options.think, "generated_s": round(made, 1),
        "load_before": os.getloadavg()[0], "steps": timings.table(), "faults": timings.faults[:5],
    }, indent=1))  # fmt: skip


def db_has_entries(db: Database) -> bool:
    """Whether it was filled before."""
    with db.read() as connection:
        return connection.execute(select(Entry.id).limit(1)).first() is not None


def generate(db: Database, entries: int, fields: int) -> None:
    """Books of waiting entries in 217 communes; three fields of each entry are doubtful.

    One block is written row by row; the database copies it until there are enough.
    """
    units = [UnitName(f"bench-{n}", f"Xã {n}", "Xã", "Huyện An Lão") for n in range(UNITS)]
    load_units(db, units)
    block = min(entries, _BLOCK)
    with db.write() as connection:
        contractor = connection.execute(
            insert(Contractor).values(name="bench").returning(Contractor.id)
        ).scalar_one()
        batch = connection.execute(
            insert(Batch)
            .values(contractor_id=contractor, name="bench", digest="0" * 64, queued_at=_now())
            .returning(Batch.id)
        ).scalar_one()
        maker = connection.execute(
            insert(Maker).values(reader="bench", pipeline_version="1").returning(Maker.id)
        ).scalar_one()
    for number in range(-(-block // ENTRIES_A_BOOK)):
        there = min(ENTRIES_A_BOOK, block - number * ENTRIES_A_BOOK)
        _write_book(db, number, batch, maker, there, fields)
    times = max(1, round(entries / block))
    for copy in range(1, times):
        _copy_block(db, copy)
    columns = UnitCounter.__table__.c
    counted = {
        column: column * times for column in columns if column.key.startswith(_COUNTS)
    }  # fmt: skip
    with db.write() as connection:
        connection.execute(update(UnitCounter).values(counted))
        sum_decades(connection)
        if db.dialect == "postgresql":
            for table in (Book, Scan, Entry):
                name = table.__tablename__
                connection.execute(text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                    f"(SELECT max(id) FROM {name}))"
                ))  # fmt: skip
    if db.dialect == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    else:
        with db.write() as connection:
            connection.execute(text("ANALYZE"))


def _copy_block(db: Database, copy: int) -> None:
    """The first block once more under other keys, row by row inside the database."""
    with db.write() as connection:
        sizes: dict[type[Any], int] = {
            table: connection.execute(select(func.max(table.id)).where(table.id < _FIRST_COPY))
            .scalar_one()
            for table in (Book, Scan, Entry)
        }  # fmt: skip
        keys = {"book_id": Book, "scan_id": Scan, "entry_id": Entry}
        for table in (Book, BookCounter, Scan, Page, Entry, FieldValue):
            columns = table.__table__.c
            own = columns.get("id")
            if own is None:
                own = next(columns[name] for name in keys if name in columns)
            of = table if "id" in columns else keys[own.key]
            chosen = []
            for column in columns:
                moved = table if column.key == "id" else keys.get(column.key)
                if moved is not None:
                    shown = column + _FIRST_COPY * copy
                elif table is Book and column.key in ("code", "digest", "volume"):
                    shown = column.concat(f".{copy}")
                else:
                    shown = column
                chosen.append(shown)
            rows = select(*chosen).where(own <= sizes[of])
            connection.execute(insert(table).from_select(list(columns.keys()), rows))


def _write_book(
    db: Database, number: int, batch: int, maker: int, entries: int, fields: int
) -> None:
    unit, year = f"bench-{number % UNITS}", 1950 + number // UNITS
    with db.write() as connection:
        book = connection.execute(
            insert(Book)
            .values(
                code=f"bench.{number}", batch_id=batch, unit_id=unit, kind=Kind.BIRTH, year=year,
                volume="01", digest=f"{number:064d}", path="", note="", stage=Stage.DIGITIZE,
                state=BookState.DONE, queued_at=_now(),
            )
            .returning(Book.id)
        ).scalar_one()  # fmt: skip
        scans = -(-entries // ENTRIES_A_SCAN)
        scan_ids = connection.execute(
            insert(Scan).returning(Scan.id, sort_by_parameter_order=True),
            [
                {
                    "book_id": book, "number": n + 1, "name": f"{n + 1}.jpg",
                    "path": str(_PICTURE),
                    "position": 0, "digest": f"{number:032d}{n:032d}", "state": ScanState.READ,
                }
                for n in range(scans)
            ],
        ).scalars().all()  # fmt: skip
        connection.execute(
            insert(Page),
            [
                {
                    "scan_id": scan, "position": 0, "side": Side.SINGLE,
                    "page_class": PageClass.ENTRIES, "to_scan": _UPRIGHT, "width": _PAGE[0],
                    "height": _PAGE[1], "dpi": 100.0, "rotation": 0, "skew": 0.0,
                }
                for scan in scan_ids
            ],
        )  # fmt: skip
        entry_ids = connection.execute(
            insert(Entry).returning(Entry.id, sort_by_parameter_order=True),
            [
                {
                    "book_id": book, "scan_id": scan_ids[n // ENTRIES_A_SCAN],
                    "position": n % ENTRIES_A_SCAN, "number": str(n + 1),
                    "state": EntryState.REVIEW, "desk": DeskState.OPEN,
                }
                for n in range(entries)
            ],
        ).scalars().all()  # fmt: skip
        connection.execute(
            insert(FieldValue),
            [
                {
                    "entry_id": entry, "field": _FIELDS[n], "position": n, "page": 0,
                    "polygon": _box(n), "literal": "Nguyễn Thị Hoa", "value": "Nguyễn Thị Hoa",
                    "state": ValueState.WRITTEN, "confidence": 0.7, "raw_confidence": 0.7,
                    "decision": Decision.REVIEW if n < 3 else Decision.ACCEPTED, "reasons": [],
                    "maker_id": maker,
                }
                for entry in entry_ids
                for n in range(fields)
            ],
        )  # fmt: skip
        counts = {
            "scans_read": scans, "entries_review": entries, "fields_review": 3 * entries,
            "fields_accepted": (fields - 3) * entries,
        }  # fmt: skip
        connection.execute(insert(BookCounter).values(book_id=book, **counts))
        connection.execute(
            insert(UnitCounter).values(
                unit_id=unit, kind=Kind.BIRTH, year=year, books_done=1, **counts
            )
        )


def work(db: Database, users: list[User], seconds: float, think: float) -> Timings:
    """Operators at work at the same time, each with its own pauses."""
    timings = Timings()
    end = time.monotonic() + seconds

    def operator(user: User) -> None:
        dice = random.Random(user.id)
        time.sleep(dice.random() * think)
        while time.monotonic() < end:
            try:
                _one_entry(db, user, timings, dice, think)
            except Exception as error:
                timings.faults.append(repr(error)[:200])

    threads = [threading.Thread(target=operator, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return timings


def _one_entry(
    db: Database, user: User, timings: Timings, dice: random.Random, think: float
) -> None:
    with timings.timed("take"):
        hold = take_next(db, user, seconds=300)
    if hold is None:
        timings.faults.append("nothing to do")
        return
    with timings.timed("show"):
        _, entry = held_entry(db, user, hold.entry_id)
    with timings.timed("take ahead"):
        take_next(db, user, seconds=300, but=hold.entry_id)
    time.sleep(dice.uniform(0.5, 1.5) * think)
    changes = [
        FieldChange(one.field, ValueState.WRITTEN, "Nguyễn Thị Hòa") for one in entry.doubtful
    ]
    with timings.timed("save"):
        save_review(db, hold, entry.version, changes, user=user)


def _now() -> object:
    from models.clock import Now

    return Now()


if __name__ == "__main__":
    main()
