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
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert, text

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
    Scan,
    UnitCounter,
)
from models.units import UnitName
from models.users import User, add_user
from pipeline.types import Decision, Kind, ValueState

ENTRIES_A_BOOK = 400
ENTRIES_A_SCAN = 4
UNITS = 217
_BOX = [[100.0, 100.0], [900.0, 100.0], [900.0, 160.0], [100.0, 160.0]]


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
    parser.add_argument("--fields", type=int, default=8, help="fields an entry, 3 doubtful")
    parser.add_argument("--operators", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=15.0, help="seconds an operator needs")
    parser.add_argument("--postgres", action="store_true", help="a server of the tests' own")
    parser.add_argument("--url", default="", help="an empty database instead of a temporary one")
    options = parser.parse_args()
    with ExitStack() as stack:
        url = options.url or _temporary(stack, options.postgres)
        migrate(url)
        db = open_database(url)
        stack.callback(db.close)
        begun = time.perf_counter()
        generate(db, options.entries, options.fields)
        made = time.perf_counter() - begun
        users = [
            add_user(db, f"operator{n}", "", Role.OPERATOR, None, everywhere=True, actor="bench")
            for n in range(options.operators)
        ]
        timings = work(db, users, options.seconds, options.think)
    print(json.dumps({
        "database": db.dialect, "entries": options.entries, "fields": options.fields,
        "operators": options.operators, "think_s": options.think, "generated_s": round(made, 1),
        "load_before": os.getloadavg()[0], "steps": timings.table(), "faults": timings.faults[:5],
    }, indent=1))  # fmt: skip


def generate(db: Database, entries: int, fields: int) -> None:
    """Books of waiting entries in 217 communes; three fields of each entry are doubtful."""
    units = [UnitName(f"bench-{n}", f"Xã {n}", "Xã", "Huyện An Lão") for n in range(UNITS)]
    load_units(db, units)
    books = -(-entries // ENTRIES_A_BOOK)
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
    for number in range(books):
        there = min(ENTRIES_A_BOOK, entries - number * ENTRIES_A_BOOK)
        _write_book(db, number, batch, maker, there, fields)
    if db.dialect == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    else:
        with db.write() as connection:
            connection.execute(text("ANALYZE"))


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
                    "book_id": book, "number": n + 1, "name": f"{n + 1}.jpg", "path": "x",
                    "position": 0, "digest": f"{number:032d}{n:032d}", "state": ScanState.READ,
                }
                for n in range(scans)
            ],
        ).scalars().all()  # fmt: skip
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
                    "entry_id": entry, "field": f"field_{n}", "position": n, "page": 0,
                    "polygon": _BOX, "literal": "Nguyễn Thị Hoa", "value": "Nguyễn Thị Hoa",
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


def _temporary(stack: ExitStack, postgres: bool) -> str:
    if not postgres:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hotich-bench-"))
        return f"sqlite:///{folder}/desk.sqlite"
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from postgres_cluster import running_cluster  # type: ignore[import-not-found]

    cluster = stack.enter_context(running_cluster())
    cluster.execute("CREATE DATABASE desk")
    return str(cluster.url("desk"))


def _now() -> object:
    from models.clock import Now

    return Now()


if __name__ == "__main__":
    main()
