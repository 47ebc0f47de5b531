"""A whole city's database by chance, and what its supervisors' questions cost.

``python -m bench.city fill PATH --books 150000 --entries 2500000`` writes plan, books, counters,
days, entries, typed records and search keys (no fields: 65 million rows say nothing here);
``python -m bench.city measure PATH`` asks what the pages ask, ``cold PATH`` searches with the file
thrown out of memory before each question.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import BigInteger, Connection, cast, func, insert, select

from bench.city_questions import cold, measure
from models import load_units, migrate, open_database
from models.board import SUMMED
from models.counters import DAILY
from models.database import Database
from models.search import ends_key, search_key, sound_key
from models.states import BookState, EntryState, ScanState, Stage
from models.tables import (
    Batch,
    BirthRecord,
    Book,
    BookCounter,
    Contractor,
    DayCounter,
    DeathRecord,
    DecadeCounter,
    Entry,
    MarriageRecord,
    PersonKey,
    PlannedBook,
    Scan,
    UnitCounter,
)
from pipeline.places.registering import registering_units
from pipeline.types import Kind
from samples.people import full_name

YEARS = (1922, 2015)
BOOKS_AT_ONCE = 1000
BATCH = 50
"""Books of a batch."""
DAYS = 70
FIRMS = ("Số Hóa Xanh", "Lưu Trữ Việt", "Ảnh Số An Dương", "Tư Liệu Hải Phòng", "Nét Bút")
_KEYS = ("unit_id", "kind", "year")
_COUNTED = tuple(name for name in UnitCounter.__table__.columns.keys() if name not in _KEYS)  # noqa: SIM118
"""Every counter of a unit's year, so that all rows of one insert have the same columns."""

app = typer.Typer(add_completion=False)


@app.command()
def fill(path: Path, books: int = 150_000, entries: int = 2_500_000, seed: int = 8) -> None:
    """Makes the database."""
    begun = time.monotonic()
    url = f"sqlite:///{path.resolve()}"
    migrate(url)
    database = open_database(url)
    written = make_city(database, books, entries, seed)
    database.close()
    seconds = time.monotonic() - begun
    size = path.stat().st_size / 2**20
    typer.echo(f"{books} books, {written} entries, {size:.0f} MB in {seconds:.0f} s")


app.command()(measure)
app.command()(cold)


def make_city(database: Database, books: int, entries: int, seed: int = 8) -> int:
    """Fill an empty database with a city at work; returns how many entries it got.

    Units are at different stages: some released, some in the middle, one in twelve not begun. Of
    every series three volumes in ten are planned and not here, of the books here two in a hundred
    stand in no plan.
    """
    chance = random.Random(seed)
    load_units(database, registering_units())
    with database.write() as connection:
        connection.execute(insert(Contractor), [{"name": name} for name in FIRMS])
        connection.execute(
            insert(Batch),
            [
                {
                    "contractor_id": n % len(FIRMS) + 1, "name": f"lô {n + 1}",
                    "digest": f"{n:064x}", "queued_at": _moment(90),
                }
                for n in range(books // BATCH + 1)
            ],
        )  # fmt: skip
    units: Counter[tuple[str, Kind, int]] = Counter()
    sums: dict[tuple[str, Kind, int], Counter[str]] = {}
    made = _books(chance, books, entries)
    written = 0
    scan_id = entry_id = 0
    while chunk := list(islice(made, BOOKS_AT_ONCE)):
        rows = _Rows()
        for book, counts in chunk:
            scan_id, entry_id = rows.add(chance, book, counts, scan_id, entry_id)
            key = (book["unit_id"], book["kind"], book["year"])
            units[key] += 1
            total = sums.setdefault(key, Counter())
            total.update(counts)
            total[f"books_{book['state']}"] += 1
            total["books_released"] += book["released_at"] is not None
        rows.write(database)
        written = entry_id
    planned = _plan(chance, units)
    expected = Counter((one["unit_id"], one["kind"], one["year"]) for one in planned)
    with database.write() as connection:
        connection.execute(insert(PlannedBook), planned)
        connection.execute(
            insert(UnitCounter),
            [
                {
                    "unit_id": unit, "kind": kind, "year": year,
                    **dict.fromkeys(_COUNTED, 0), **sums[unit, kind, year],
                    "books_expected": expected[unit, kind, year],
                }
                for unit, kind, year in units
            ],
        )  # fmt: skip
        sum_decades(connection)
        connection.execute(insert(DayCounter), _days(chance, sums))
    return written


def sum_decades(connection: Connection) -> None:
    """Fills the empty counters of decades from those of years."""
    years = UnitCounter.__table__.c
    first = years.year - years.year % 10
    sums = [cast(func.sum(years[name]), BigInteger) for name in SUMMED]
    query = select(years.unit_id, years.kind, first, *sums)
    query = query.group_by(years.unit_id, years.kind, first)
    names = ["unit_id", "kind", "decade", *SUMMED]
    connection.execute(insert(DecadeCounter).from_select(names, query))


def _plan(chance: random.Random, units: Counter[tuple[str, Kind, int]]) -> list[dict[str, Any]]:
    """Volumes of each series that stand in the plan; one in five of them is past its day."""
    today = date.today()
    return [
        {
            "unit_id": unit, "kind": kind, "year": year, "volume": f"{volume:02d}", "pages": 200,
            "due": today + timedelta(days=chance.randint(-60, 240)),
            "contractor_id": 1 + chance.randrange(len(FIRMS)), "note": "",
            "source": "kiểm kê.xlsx", "added_at": _moment(90),
        }
        for (unit, kind, year), number in units.items()
        for volume in range(1, number + 1 + (chance.random() < 0.3))
        if chance.random() > 0.02
    ]  # fmt: skip


def _books(
    chance: random.Random, books: int, entries: int
) -> Iterator[tuple[dict[str, Any], Counter[str]]]:
    units = registering_units()
    ready = {
        unit.id: 0.0 if n % 12 == 5 else chance.betavariate(2, 1.4) for n, unit in enumerate(units)
    }
    begun = [unit.id for unit in units if ready[unit.id] > 0]
    mean = entries / books
    volumes: Counter[tuple[str, Kind, int]] = Counter()
    for number in range(1, books + 1):
        unit = begun[number % len(begun)]
        kind = chance.choices(list(Kind), (5, 2, 3))[0]
        year = chance.randint(*YEARS)
        volumes[unit, kind, year] += 1
        luck = chance.random() * 0.6 + ready[unit] * 0.7
        size = max(1, round(chance.gauss(mean, mean / 4)))
        scans = max(1, size // 10)
        counts: Counter[str] = Counter()
        released = luck > 0.95
        state = BookState.QUEUED if luck < 0.3 else BookState.DONE
        if luck < 0.3:
            counts["scans_waiting"], size = scans, 0
        else:
            stuck = scans > 1 and chance.random() < 0.04 and not released
            counts["scans_rescan"], counts["scans_read"] = int(stuck), scans - int(stuck)
            state = BookState.ATTENTION if stuck else BookState.DONE
            open_ = 0 if luck > 0.7 else round(size * (0.7 - luck))
            checked = "entries_released" if released else "entries_settled"
            counts["entries_review"], counts[checked] = open_, size - open_
            counts["fields_accepted"], counts["fields_person"] = 12 * size, 4 * (size - open_)
            counts["fields_review"] = 3 * open_
        book = {
            "id": number, "code": f"{unit}.{kind}.{year}.{volumes[unit, kind, year]:02d}",
            "batch_id": 1 + number // BATCH, "unit_id": unit, "kind": kind, "year": year,
            "volume": f"{volumes[unit, kind, year]:02d}", "digest": f"{number:064x}", "path": "",
            "note": "", "stage": Stage.DIGITIZE, "state": state, "form_id": None, "form": None,
            "queued_at": _moment(90), "priority": 0,
            "released_at": _moment(chance.random() * DAYS) if released else None,
            "released_by": "supervisor" if released else None,
        }  # fmt: skip
        yield book, counts


class _Rows:
    """Rows of a chunk of books by table."""

    def __init__(self) -> None:
        self.of: dict[type[Any], list[dict[str, Any]]] = {
            table: []
            for table in (
                Book, BookCounter, Scan, Entry, BirthRecord, MarriageRecord, DeathRecord, PersonKey,
            )
        }  # fmt: skip

    def add(
        self,
        chance: random.Random,
        book: dict[str, Any],
        counts: Counter[str],
        scan: int,
        entry: int,
    ) -> tuple[int, int]:
        """A book with its scans and entries; returns the last ids."""
        self.of[Book].append(book)
        lies = _moment(chance.expovariate(1 / 25))
        zero = {name: 0 for name in BookCounter.__table__.columns.keys() if "_" in name}  # noqa: SIM118
        self.of[BookCounter].append({**zero, **counts, "book_id": book["id"], "moved_at": lies})
        states = [name for name in ("entries_review", "entries_settled", "entries_released")
                  for _ in range(counts[name])]  # fmt: skip
        scans = counts["scans_waiting"] + counts["scans_read"] + counts["scans_rescan"]
        for number in range(1, scans + 1):
            scan += 1
            state = ScanState.WAITING if counts["scans_waiting"] else ScanState.READ
            if counts["scans_rescan"] and number == scans:
                state = ScanState.RESCAN
            self.of[Scan].append(
                {
                    "id": scan, "book_id": book["id"], "number": number,
                    "name": f"{number:03d}.jpg",
                    "path": "", "position": 0, "digest": f"{scan:064x}", "state": state,
                }
            )  # fmt: skip
        first = scan - scans + 1
        for at, name in enumerate(states):
            entry += 1
            stage = EntryState(name.removeprefix("entries_"))
            released = book["released_at"] if stage is EntryState.RELEASED else None
            self.of[Entry].append(
                {
                    "id": entry, "book_id": book["id"], "scan_id": first + at % scans,
                    "position": at // scans, "number": f"{at + 1:02d}", "state": stage,
                    "desk": "open" if stage is EntryState.REVIEW else "done",
                    "released_at": released, "released_by": book["released_by"],
                }
            )  # fmt: skip
            self._record(chance, book, entry, at + 1)
        return scan, entry

    def _record(self, chance: random.Random, book: dict[str, Any], entry: int, number: int) -> None:
        day = date(book["year"], 1, 1) + timedelta(days=chance.randrange(365))
        base = {
            "entry_id": entry, "unit_id": book["unit_id"], "year": book["year"], "number": number,
            "registration_date": day.isoformat(), "registration_day": day,
        }  # fmt: skip
        roles = {
            Kind.BIRTH: ("child", "father", "mother"), Kind.MARRIAGE: ("husband", "wife"),
            Kind.DEATH: ("deceased",),
        }[book["kind"]]  # fmt: skip
        for role in roles:
            sex = {"father": "male", "husband": "male", "mother": "female", "wife": "female"}.get(
                role, chance.choice(("male", "female"))
            )
            name = full_name(chance, sex, book["year"])
            key = search_key(name)
            base[f"{role}_name"], base[f"{role}_key"] = name, key
            self.of[PersonKey].append(
                {"entry_id": entry, "role": role, "sound": sound_key(key), "ends": ends_key(key)}
            )
        when = day - timedelta(days=chance.randrange(30))
        if book["kind"] is Kind.BIRTH:
            self.of[BirthRecord].append({**base, "birth_date": when.isoformat(), "birth_day": when})
        elif book["kind"] is Kind.DEATH:
            self.of[DeathRecord].append({**base, "death_date": when.isoformat(), "death_day": when})
        else:
            self.of[MarriageRecord].append(base)

    def write(self, database: Database) -> None:
        """All rows in one transaction."""
        with database.write() as connection:
            for table, rows in self.of.items():
                if rows:
                    connection.execute(insert(table), rows)


def _days(
    chance: random.Random, sums: dict[tuple[str, Kind, int], Counter[str]]
) -> list[dict[str, Any]]:
    """The counts of each unit, spread over the last weeks; Sundays rest."""
    units: dict[str, Counter[str]] = {}
    for (unit, _, _), counts in sums.items():
        units.setdefault(unit, Counter()).update(counts)
    today = date.today()
    open_days = [
        day for day in (today - timedelta(days=n) for n in range(DAYS)) if day.weekday() < 6
    ]
    rows = []
    for unit, counts in units.items():
        # Two thirds were there before days were counted.
        left = {name: counts[name] for name in DAILY}
        for day in open_days:
            part = {
                name: min(
                    left[name], round(counts[name] / 3 / len(open_days) * chance.gauss(1, 0.4))
                )
                for name in DAILY
            }
            part = {name: max(0, number) for name, number in part.items()}
            for name, number in part.items():
                left[name] -= number
            saved = round(0.6 * part["entries_settled"])
            seconds = round(saved * max(5.0, chance.gauss(35, 6)))
            more = {"reviews": saved, "hand_seconds": seconds}
            rows.append({"day": day, "unit_id": unit, **part, **more})
        rows.append(
            {"day": date(2000, 1, 1), "unit_id": unit, **left, "reviews": 0, "hand_seconds": 0}
        )
    return rows


def _moment(days_ago: float) -> Any:
    return datetime.now(UTC) - timedelta(days=days_ago)


if __name__ == "__main__":
    app()
