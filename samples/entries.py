"""Entries of a book: invented events, written the way its clerk writes.

Each maker returns field name -> ``Written`` for all fields of its form; the layout prints
only those its printer has a place for.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from samples import dates, people
from samples.chance import often, stream, weighted
from samples.clerk import BLANK, Clerk, Written, plain

Entry = dict[str, Written]
SEXES = {"male": "Nam", "female": "Nữ"}
JOBS_76 = ("Làm ruộng", "Công nhân", "Giáo viên", "Bộ đội", "Xã viên", "Y sỹ", "Thợ mộc", "Cán bộ")
JOBS_MODERN = ("Làm ruộng", "Công nhân", "Giáo viên", "Lao động tự do", "Kinh doanh", "Hưu trí")
CAUSES = (
    "Tuổi già",
    "Già yếu",
    "Bệnh tim",
    "Tai biến mạch máu não",
    "Ung thư phổi",
    "Bệnh phổi",
    "Tai nạn giao thông",
    "Suy thận",
    "Xơ gan",
    "Ung thư gan",
)
CLINICS = (
    "Bệnh viện Phụ sản Hải Phòng",
    "Bệnh viện Kiến An, Hải Phòng",
    "Bệnh viện Việt Tiệp, Hải Phòng",
)
NOTES = (
    "Đăng ký quá hạn",
    "Đăng ký lại",
    "Đã cấp bản sao",
    "Cấp bản sao ngày 15/6/2009",
    "Cải chính tên đệm",
)


def _people_day(rng: random.Random, year: int, low: int, high: int) -> dt.date:
    """A birth date of somebody ``low`` to ``high`` years old in ``year``."""
    return dates.between(rng, dt.date(year - high, 1, 1), dt.date(year - low, 12, 28))


def _ethnicity(rng: random.Random) -> Written:
    return plain(weighted(rng, ("Kinh", "Hoa", "Tày", "Mường", "Nùng"), (94, 2, 2, 1, 1)))


def _local_clinic(clerk: Clerk) -> str:
    return f"Trạm y tế {clerk.place(clerk.unit, clerk.district)}"


def _notes(rng: random.Random, share: float) -> Written:
    return plain(rng.choice(NOTES)) if often(rng, share) else BLANK


def _officers(rng: random.Random) -> tuple[Written, Written]:
    return (
        plain(people.full_name(rng, "male", 1958)),
        plain(people.full_name(rng, rng.choice(("male", "female")), 1970)),
    )


def _birth(rng: random.Random, clerk: Clerk, year: int, day: dt.date) -> Entry:
    sex = rng.choice(("male", "female"))
    born = day - dt.timedelta(days=rng.choice((2, 5, 8, 12, 20, 30, 45, 60)))
    father_born, mother_born = _people_day(rng, year, 23, 42), _people_day(rng, year, 20, 38)
    known = often(rng, 0.92)
    father = people.full_name(rng, "male", father_born.year)
    mother = people.full_name(rng, "female", mother_born.year)
    name = people.full_name(rng, sex, born.year, people.family_of(father if known else mother))
    home = clerk.some_place(rng, 0.85)
    parent = weighted(rng, ("father", "mother"), (3, 2) if known else (0, 1))
    ethnic = _ethnicity(rng)
    entry: Entry = {
        "registration_date": clerk.registered(day),
        "child_full_name": plain(name.upper() if clerk.uppercase_child else name),
        "sex": plain(SEXES[sex]),
        "birth_date": clerk.date(born),
        "birth_date_words": clerk.words(born),
        "birth_place": plain(rng.choice((*CLINICS, _local_clinic(clerk), _local_clinic(clerk)))),
        "ethnicity": ethnic,
        "nationality": plain("Việt Nam"),
        "home_town": plain(home),
        "mother_full_name": plain(mother),
        "mother_birth_date": clerk.partial(rng, mother_born),
        "mother_ethnicity": ethnic,
        "mother_nationality": plain("Việt Nam"),
        "mother_residence": plain(home),
        "mother_occupation": plain(rng.choice(JOBS_76)),
        "declarant_full_name": plain(father if parent == "father" else mother),
        "declarant_relation": plain(
            rng.choice(("Cha", "Bố đẻ", "Bố"))
            if parent == "father"
            else rng.choice(("Mẹ", "Mẹ đẻ"))
        ),
        "notes": _notes(rng, 0.12),
    }
    if known:
        entry |= {
            "father_full_name": plain(father),
            "father_birth_date": clerk.partial(rng, father_born),
            "father_ethnicity": ethnic if often(rng, 0.97) else _ethnicity(rng),
            "father_nationality": plain("Việt Nam"),
            "father_residence": plain(home),
            "father_occupation": plain(rng.choice(JOBS_76)),
        }
    for parent_name, parent_born in (("father", father_born), ("mother", mother_born)):
        if parent_name == "mother" or known:
            entry[f"{parent_name}_age"] = plain(str(year - parent_born.year))
            entry[f"{parent_name}_year"] = plain(str(parent_born.year))
    return entry


def _ledger_birth(rng: random.Random, clerk: Clerk, year: int, day: dt.date) -> Entry:
    entry = _birth(rng, clerk, year, day)
    birth_place = weighted(
        rng,
        (
            clerk.place(clerk.unit, clerk.district),
            f"Trạm xá {people.spoken(clerk.unit)}",
            "Nhà hộ sinh",
            "Bệnh viện Kiến An",
        ),
        (5, 3, 2, 1),
    )
    entry["birth_place"] = plain(birth_place)
    entry["notes"] = plain("Sinh đôi") if often(rng, 0.05) else BLANK
    for name in ("father_occupation", "mother_occupation", "ethnicity"):
        if often(rng, 0.05):
            entry[name] = BLANK
    return entry


def _death(rng: random.Random, clerk: Clerk, year: int, day: dt.date) -> Entry:
    sex = rng.choice(("male", "female"))
    born = _people_day(rng, year, 45, 96)
    died = day - dt.timedelta(days=rng.choice((1, 1, 2, 3, 5, 9)))
    home = clerk.some_place(rng, 0.9)
    time = clerk.time(rng.randint(0, 23), rng.choice((0, 0, 5, 10, 15, 20, 30, 40, 45)))
    relation, their_sex = rng.choice(
        (("Con trai", "male"), ("Con", "male"), ("Con gái", "female"), ("Cháu", "male"))
    )
    at_home = often(rng, 0.75)
    return {
        "registration_date": clerk.registered(day),
        "deceased_full_name": plain(_maybe_upper(people.full_name(rng, sex, born.year), clerk)),
        "sex": plain(SEXES[sex]),
        "birth_date": clerk.partial(rng, born),
        "ethnicity": _ethnicity(rng),
        "nationality": plain("Việt Nam"),
        "occupation": plain(rng.choice(JOBS_MODERN)) if often(rng, 0.85) else BLANK,
        "residence": plain(home),
        "death_date": clerk.date(died),
        "death_time": time if often(rng, 0.9) else BLANK,
        "death_date_words": clerk.words(died),
        "death_place": plain("Tại nhà" if at_home and often(rng, 0.4) else home)
        if at_home
        else plain(rng.choice(CLINICS[1:])),
        "death_cause": plain(rng.choice(CAUSES)) if often(rng, 0.9) else BLANK,
        "death_notice_number": plain(f"{rng.randint(1, 99):02d}/{year}")
        if often(rng, 0.5)
        else BLANK,
        "declarant_full_name": plain(people.full_name(rng, their_sex, year - 40)),
        "declarant_relation": plain(relation),
        "notes": _notes(rng, 0.08),
    }


def _maybe_upper(name: str, clerk: Clerk) -> str:
    return name.upper() if clerk.uppercase_child else name


def _marriage(rng: random.Random, clerk: Clerk, year: int, day: dt.date) -> Entry:
    entry: Entry = {
        "registration_date": clerk.registered(day),
        "notes": _notes(rng, 0.1),
    }
    for who, sex, low in (("husband", "male", 22), ("wife", "female", 19)):
        born = _people_day(rng, year, low, low + 14)
        entry |= {
            f"{who}_full_name": plain(_maybe_upper(people.full_name(rng, sex, born.year), clerk)),
            f"{who}_birth_date": clerk.date(born) if often(rng, 0.85) else clerk.partial(rng, born),
            f"{who}_ethnicity": _ethnicity(rng),
            f"{who}_nationality": plain("Việt Nam"),
            f"{who}_occupation": plain(rng.choice(JOBS_MODERN[:-1])) if often(rng, 0.8) else BLANK,
            f"{who}_residence": plain(clerk.some_place(rng, 0.7)),
            f"{who}_id_number": plain(f"03{rng.randint(0, 1)}{rng.randint(100000, 999999)}")
            if often(rng, 0.93)
            else BLANK,
        }
    return entry


def _full_ledger_birth(rng: random.Random, clerk: Clerk, year: int, day: dt.date) -> Entry:
    """A row of the benchmark page: hardly a cell is empty."""
    entry = _ledger_birth(rng, clerk, year, day)
    if often(rng, 0.55):
        entry["notes"] = plain(
            rng.choice(("Con thứ nhất", "Con thứ hai", "Con thứ ba", "Sinh đôi"))
        )
    return entry


MAKERS: dict[str, Callable[[random.Random, Clerk, int, dt.date], Entry]] = {
    "birth-158-a4": _birth,
    "birth-76-ledger": _ledger_birth,
    "birth-76-ledger-single": _full_ledger_birth,
    "death-83-half": _death,
    "marriage-158-two-columns": _marriage,
}


def book_entries(
    names: tuple[str, ...], form: str, clerk: Clerk, year: int, volume: str, first: int = 1
) -> Iterator[Entry]:
    """Entries of a book without end, numbered upwards, registered on days that never go back."""
    rng = stream(*names, "entries")
    signer, clerk_name = _officers(rng)
    book_number = plain(f"{volume}/{year}" if often(rng, 0.7) else volume)
    day = dt.date(year, 1, 4) + dt.timedelta(days=rng.randint(0, 20))
    number = first
    last = dt.date(year, 12, 28)
    while True:
        entry = MAKERS[form](rng, clerk, year, day)
        entry["entry_number"] = clerk.number(number)
        entry["book_number"] = book_number
        entry["signer_full_name"] = signer
        entry["clerk_full_name"] = clerk_name if often(rng, 0.95) else BLANK
        if often(rng, clerk.slips):
            # A slip of the pen: written, then struck out (Thông tư 04/2020 Đ.35).
            entry["notes"] = replace(plain(rng.choice(NOTES)), value=None, state="struck")
        yield entry
        number += 1
        day = min(last, day + dt.timedelta(days=weighted(rng, (0, 1, 2, 4, 7), (4, 3, 3, 2, 1))))


DITTO_FIELDS = (
    "registration_date",
    "birth_place",
    "ethnicity",
    "nationality",
    "father_occupation",
    "mother_occupation",
    "mother_residence",
)


def with_dittos(
    rng: random.Random, rows: list[Entry], mark: str, fields: Sequence[str] = DITTO_FIELDS
) -> list[Entry]:
    """Rows of one page in which a repeated value of ``fields`` is often written as ``mark``.

    The first row is written out: a clerk starts a page afresh.
    """
    if not mark:
        return rows
    done = [rows[0]] if rows else []
    for above, row in pairwise(rows):
        marked = dict(row)
        for name in fields:
            same = above.get(name, BLANK).value
            if same and row.get(name, BLANK).value == same and often(rng, 0.7):
                marked[name] = replace(row[name], literal=mark, state="ditto")
        done.append(marked)
    return done
