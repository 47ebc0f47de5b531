"""Contractors that share the engine: whose pages are read while all of them wait.

``python -m bench.fairness --pages 4000``
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import func, update

from models.clock import Now
from models.database import Database, open_database
from models.migrating import migrate
from models.queueing import pending_books, queue_batch
from models.states import BookState
from models.tables import Book, BookCounter
from pipeline.scan.report import BatchSource
from pipeline.types import BookSource, Kind, ScanRef

FIRMS: Mapping[str, tuple[int, int]] = {
    "A": (200, 200), "B": (20, 20), "C": (40, 60), "D": (5, 120), "E": (90, 90),
}  # fmt: skip
"""Fewest and most pages of the books of each."""


def main() -> None:
    """Five firms with books of different thickness; says what share each got."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--slots", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hotich.sqlite'}"
        migrate(url)
        database = open_database(url)
        print(json.dumps(measure(database, asked.pages, asked.slots), indent=1))
        database.close()


def measure(db: Database, pages: int, slots: int) -> dict[str, object]:
    """Queue so many pages of each firm, then let the engine take books in the order it is told.

    The last firm comes when a quarter is done: what it gets counts from then on.

    Args:
        db: an empty database.
        pages: of each firm at least.
        slots: books that are worked on at the same time.
    """
    chance = random.Random(8)
    sizes = {
        name: _sizes(chance, least, most, pages) for name, (least, most) in FIRMS.items()
    }  # fmt: skip
    *first, late = FIRMS
    for name in first:
        _queue(db, name, sizes[name])
    joined = _run(db, slots, until=pages // 4, firms=first)
    _queue(db, late, sizes[late])
    all_five = _run(db, slots, until=pages * 3 // 5, firms=list(FIRMS), went=joined[1])
    return {
        "slots": slots, "firms": len(FIRMS), "four": _told(joined[0]), "five": _told(all_five[0]),
    }  # fmt: skip


def _told(served: Mapping[str, int]) -> dict[str, object]:
    mean = sum(served.values()) / len(served)
    worst = max(abs(pages / mean - 1) for pages in served.values())
    return {"pages": dict(served), "worst_difference_from_the_mean": round(worst, 3)}


def _run(
    db: Database,
    slots: int,
    *,
    until: int,
    firms: Sequence[str],
    went: list[tuple[int, int, int, str]] | None = None,
) -> tuple[dict[str, int], list[tuple[int, int, int, str]]]:
    """Work until the firm with least has read so many pages; pages of each, what is at work.

    A page takes one unit of time, and of a book under way those count that are read by then.
    """
    busy = list(went or ())
    now = min((end for end, *_ in busy), default=0)
    served: Counter[str] = Counter(dict.fromkeys(firms, 0))
    for end, pages, _, firm in busy:
        served[firm] -= pages - (end - now)  # read before
    while True:
        taken = {book for _, _, book, _ in busy}
        waiting = [one for one in pending_books(db) if one.id not in taken]
        for book in waiting[: slots - len(busy)]:
            pages = book.ready + book.leased
            heapq.heappush(busy, (now + pages, pages, book.id, book.contractor))
            _begin(db, book.id)
        read = served.copy()
        for end, pages, _, firm in busy:
            read[firm] += pages - (end - now)
        if not busy or min(read.values()) >= until:
            return dict(read), busy
        now, pages, book_id, firm = heapq.heappop(busy)
        served[firm] += pages
        _end(db, book_id)


def _begin(db: Database, book_id: int) -> None:
    with db.write() as connection:
        connection.execute(
            update(Book)
            .where(Book.id == book_id)
            .values(state=BookState.RUNNING, started_at=func.coalesce(Book.started_at, Now()))
        )


def _end(db: Database, book_id: int) -> None:
    with db.write() as connection:
        connection.execute(
            update(Book).where(Book.id == book_id).values(state=BookState.DONE, finished_at=Now())
        )
        connection.execute(
            update(BookCounter)
            .where(BookCounter.book_id == book_id)
            .values(scans_read=BookCounter.scans_waiting, scans_waiting=0)
        )


def _sizes(chance: random.Random, least: int, most: int, pages: int) -> list[int]:
    sizes: list[int] = []
    while sum(sizes) < pages:
        sizes.append(chance.randint(least, most))
    return sizes


def _queue(db: Database, firm: str, sizes: Sequence[int]) -> None:
    books = tuple(
        BookSource(
            path=f"{firm}{number}", unit=f"Xã {firm}", district="", kind=Kind.BIRTH,
            year=1930 + number % 80, volume=str(1 + number // 80), note="",
            scans=tuple(
                ScanRef(f"{page}.jpg", 0, page, f"{firm}{number}-{page}".ljust(64, "0"), "x")
                for page in range(1, size + 1)
            ),
            digest=f"{firm}{number}".ljust(64, "0"), unit_id=f"unit-{firm}",
        )
        for number, size in enumerate(sizes)
    )  # fmt: skip
    source = BatchSource(firm, firm.ljust(64, "0"), books, (), ())
    queue_batch(db, source, contractor=firm)


if __name__ == "__main__":
    main()
