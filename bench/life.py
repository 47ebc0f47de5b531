"""A long random life of a small office: every act that moves a counter, in any order.

Acts are those of the house itself (``models``): queueing, reading, failing, finishing,
reviewing, keying twice, signing off, correcting, replacing pages, withdrawing, planning. A
statement in the midst of any of them may be the last: ``crashing`` raises there, or kills the
process.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import desc, event, exists, select

from bench.life_books import one_book, outcome
from models import (
    Database,
    book_entries,
    claim_scans,
    correct_field,
    fail_scan,
    load_units,
    queue_batch,
    requeue_scans,
    save_finished_book,
    save_scan,
)
from models.board import set_expected
from models.correcting import FieldChange
from models.keyings import plan_keying
from models.releasing import correct_released, release_book, release_entry
from models.replacing import replace_scan
from models.reviewing import (
    ask_rescan,
    escalate_entry,
    held_entry,
    return_entry,
    save_review,
    skip_entry,
    take_next,
)
from models.states import BookState, EntryState, Role, ScanState
from models.steering import withdraw_batch
from models.tables import Book, BookCounter, Entry, Scan
from models.users import User, add_user, find_user
from pipeline.errors import HotichError, NoPagesError
from pipeline.places.registering import registering_units
from pipeline.settings import DecisionThresholds
from pipeline.types import Kind, ScanRef, ValueState

UNITS = tuple(unit.id for unit in registering_units())[:3]
YEARS = (1968, 1974, 1979, 1980, 2008)
SECONDS = 600.0
NO_PASSWORD = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"


class Crash(Exception):  # noqa: N818 - a power cut, not an error of ours
    """A statement that was not carried out any more."""


def settle_in(db: Database) -> list[User]:
    """Units and people, once: a supervisor and three operators."""
    load_units(db, [unit for unit in registering_units() if unit.id in UNITS])
    people = [("chief", Role.ADMIN), *((f"op{n}", Role.OPERATOR) for n in range(3))]
    return [
        find_user(db, login)
        or add_user(db, login, login, role, NO_PASSWORD, everywhere=True, actor="bench")
        for login, role in people
    ]


def live(db: Database, people: list[User], chance: random.Random, crash_share: float) -> str:
    """One act, maybe cut short; returns its name, with ``!`` where it crashed."""
    name = chance.choices(list(ACTS), [weight for weight, _ in ACTS.values()])[0]
    try:
        with crashing(db, chance, crash_share):
            ACTS[name][1](db, people, chance)
    except Crash:
        return f"{name}!"
    except (HotichError, LookupError):
        return f"{name}–"  # refused: that is an outcome too
    return name


@contextmanager
def crashing(
    db: Database, chance: random.Random, share: float, *, kill: bool = False
) -> Iterator[None]:
    """In this share of blocks, let one of its first statements, or its commit, not happen."""
    if chance.random() >= share:
        yield
        return
    left = [chance.randint(1, 16)]

    def fall(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            if kill:
                os.kill(os.getpid(), signal.SIGKILL)
            raise Crash()

    for moment in ("before_cursor_execute", "commit"):
        event.listen(db.engine, moment, fall)
    try:
        yield
    finally:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(db.engine, moment, fall)


# --- the acts -------------------------------------------------------------------------------------


def _queue(db: Database, _: list[User], chance: random.Random) -> None:
    queue_batch(db, one_book(chance, UNITS, YEARS), contractor=chance.choice(("A", "B")))


def _read(db: Database, _: list[User], chance: random.Random) -> None:
    book_id = _book(db, chance, Book.state.in_((BookState.QUEUED, BookState.RUNNING)))
    for job in claim_scans(db, book_id, "bench", chance.randint(1, 3), SECONDS):
        if chance.random() < 0.15:
            error = NoPagesError("bench") if chance.random() < 0.3 else ValueError("bench")
            fail_scan(db, job, error, max_attempts=2, run_ref="bench")
        else:
            save_scan(db, job, outcome(chance, job.ref), run_ref="bench", versions="1")


def _finish(db: Database, _: list[User], chance: random.Random) -> None:
    book_id = _book(db, chance)
    save_finished_book(db, book_id, book_entries(db, book_id))


def _again(db: Database, _: list[User], chance: random.Random) -> None:
    states = chance.choice(
        ((ScanState.QUARANTINED,), (ScanState.RESCAN, ScanState.ATTENTION), (ScanState.READ,))
    )
    requeue_scans(db, _book(db, chance), states, actor="bench")


def _replace(db: Database, people: list[User], chance: random.Random) -> None:
    with db.read() as connection:
        query = select(Scan.id, Book.batch_id).join(Book, Book.id == Scan.book_id)
        rows = connection.execute(query.where(Scan.state == ScanState.RESCAN).limit(50)).all()
    if rows:
        scan_id, batch_id = chance.choice(rows)
        digest = f"{chance.getrandbits(256):064x}"
        new = ScanRef(f"{digest[:2]}/{digest}.jpg", 0, 1, digest, "new.jpg")
        replace_scan(db, people[0], batch_id, scan_id, new)


def _withdraw(db: Database, people: list[User], chance: random.Random) -> None:
    with db.read() as connection:
        book_id = _book(db, chance, Book.state == BookState.QUEUED)
        batch = connection.execute(select(Book.batch_id).where(Book.id == book_id)).scalar()
    if batch is not None:
        withdraw_batch(db, people[0], batch)


def _review(db: Database, people: list[User], chance: random.Random) -> None:
    user = chance.choice(people[1:])
    hold = take_next(db, user, seconds=SECONDS, test_share=0.05)
    if hold is None:
        return
    hold, entry = held_entry(db, user, hold.entry_id)
    way = chance.random()
    if way < 0.06:
        skip_entry(db, hold, "bench", user)
    elif way < 0.12:
        escalate_entry(db, hold, "bench", user)
    elif way < 0.16:
        ask_rescan(db, hold, "bench", user)
    else:
        words = [
            FieldChange(one.field, ValueState.WRITTEN, _word(chance))
            for one in entry.fields if one.doubtful or hold.blind or chance.random() < 0.1
        ]  # fmt: skip
        save_review(db, hold, entry.version, words, user=user, keep=chance.random() < 0.1)


def _correct(db: Database, _: list[User], chance: random.Random) -> None:
    field = chance.choice(("child_full_name", "mother_full_name", "sex"))
    state = chance.choice((ValueState.WRITTEN, ValueState.BLANK))
    value = _word(chance) if state is ValueState.WRITTEN else None
    correct_field(db, _entry(db, chance), field, value=value, state=state, person="op1")


def _return(db: Database, people: list[User], chance: random.Random) -> None:
    return_entry(db, people[0], _entry(db, chance, Entry.desk.in_(("escalated", "rescan"))))


def _key_twice(db: Database, people: list[User], chance: random.Random) -> None:
    fields = chance.choice((None, [], ["child_full_name"]))
    plan_keying(db, people[0], _book(db, chance), fields)


def _sign_entry(db: Database, people: list[User], chance: random.Random) -> None:
    release_entry(db, people[0], _entry(db, chance, Entry.state == EntryState.SETTLED))


def _sign_book(db: Database, people: list[User], chance: random.Random) -> None:
    ready = exists().where(
        BookCounter.book_id == Book.id, BookCounter.entries_review == 0,
        BookCounter.entries_settled > 0, BookCounter.scans_waiting == 0,
    )  # fmt: skip
    release_book(db, people[0], _book(db, chance, ready), DecisionThresholds())


def _amend(db: Database, people: list[User], chance: random.Random) -> None:
    entry_id = _entry(db, chance, Entry.state == EntryState.RELEASED)
    change = FieldChange("child_full_name", ValueState.WRITTEN, _word(chance))
    correct_released(db, people[0], entry_id, change, "bench")


def _expect(db: Database, _: list[User], chance: random.Random) -> None:
    books = {
        (unit, kind, year): chance.randint(1, 5)
        for unit in UNITS for kind in Kind for year in YEARS if chance.random() < 0.3
    }  # fmt: skip
    set_expected(db, books, actor="bench")


Act = Callable[[Database, list[User], random.Random], None]
ACTS: dict[str, tuple[int, Act]] = {
    "queue": (4, _queue), "read": (12, _read), "finish": (8, _finish), "again": (2, _again),
    "replace": (2, _replace), "withdraw": (1, _withdraw), "review": (24, _review),
    "correct": (8, _correct), "return": (4, _return), "key twice": (1, _key_twice),
    "sign entry": (6, _sign_entry), "sign book": (5, _sign_book), "amend": (3, _amend),
    "expect": (1, _expect),
}  # fmt: skip
"""Acts by how often they happen."""


def _book(db: Database, chance: random.Random, *which: Any) -> int:
    return _any(db, chance, select(Book.id).where(*which))


def _entry(db: Database, chance: random.Random, *which: Any) -> int:
    return _any(db, chance, select(Entry.id).where(*which))


def _any(db: Database, chance: random.Random, query: Any) -> int:
    with db.read() as connection:
        order: Any = chance.choice(("id", desc("id")))
        ids = list(connection.execute(query.order_by(order).limit(200)).scalars())
    if not ids:
        raise LookupError("none yet")
    return int(chance.choice(ids))


def _word(chance: random.Random) -> str:
    return chance.choice(("Nguyễn Thị Hoa", "Trần Văn Lý", "Phạm Thị Sen"))
