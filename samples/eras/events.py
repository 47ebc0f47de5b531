"""Invented births, marriages and deaths of any era: every field any form asks for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace

from pipeline.form.schema import Form
from pipeline.types import Kind
from samples import dates, people
from samples.chance import often, stream, weighted
from samples.clerk import BLANK, Written, plain
from samples.eras.clerk import Scribe, maybe
from samples.eras.texts import ALIASES, CAUSES, CLINICS, ISSUERS, NOTES

Entry = dict[str, Written]
_GAPS = ((0, 1, 2, 4, 7), (4, 3, 3, 2, 1))
"""Days between two registrations and their weights."""
_NOTED = 0.12
"""Share of entries with a note."""


def entries(
    names: tuple[object, ...], form: Form, scribe: Scribe, year: int, volume: str
) -> Iterator[Entry]:
    """Entries of a book without end, numbered upwards on days that never go back."""
    rng = stream(*names, "events")
    signer, officer = (people.full_name(rng, "male", born) for born in (year - 45, year - 35))
    make = {Kind.BIRTH: _birth, Kind.MARRIAGE: _marriage, Kind.DEATH: _death}[form.kind]
    day = dt.date(year, 1, 3) + dt.timedelta(days=rng.randint(0, 20))
    number = 1
    while True:
        entry = _registered(rng, scribe, day) | make(rng, scribe, day)
        entry["entry_number"] = scribe.number(number)
        entry["book_number"] = plain(f"{volume}/{year}")
        entry["signer_full_name"] = scribe.name(signer)
        entry["clerk_full_name"] = maybe(rng, scribe.name(officer), 0.95)
        yield entry
        number += 1
        last = dt.date(year, 12, 28)
        day = min(last, day + dt.timedelta(days=weighted(rng, *_GAPS)))


def _registered(rng: random.Random, scribe: Scribe, day: dt.date) -> Entry:
    """What every entry has: days, declarant's papers, witnesses, remarks."""
    entry: Entry = {
        "registration_date": scribe.day(day),
        "registration_date_lunar": scribe.moon(day, rng),
        "declarant_residence": scribe.place(rng, 0.9),
        "declarant_id_number": maybe(rng, _identity(rng), 0.9),
        "declarant_age": scribe.age(rng.randint(24, 60)),
        "declarant_occupation": scribe.trade(rng),
        "notes": maybe(rng, plain(rng.choice(scribe.pool.share(NOTES[scribe.old]))), _NOTED),
    }
    for number in (1, 2):
        entry |= {
            f"witness{number}_full_name": scribe.name(_person(rng, "male", day.year - 40)),
            f"witness{number}_age": scribe.age(rng.randint(25, 65)),
            f"witness{number}_occupation": scribe.trade(rng),
            f"witness{number}_residence": scribe.place(rng, 0.95),
        }
    if often(rng, 0.02):
        slip = plain(rng.choice(scribe.pool.share(NOTES[scribe.old])))
        entry["notes"] = replace(slip, value=None, state="struck")
    return entry


def _person(rng: random.Random, sex: str, born: int, family: str = "") -> str:
    return people.full_name(rng, sex, born, family)


def _identity(rng: random.Random) -> Written:
    return plain(f"03{rng.randint(0, 1)}{rng.randint(100000, 999999)}")


def _day_of(rng: random.Random, year: int, low: int, high: int) -> dt.date:
    """A birthday of somebody ``low`` to ``high`` years old in ``year``."""
    return dates.between(rng, dt.date(year - high, 1, 1), dt.date(year - low, 12, 28))


def _origin(rng: random.Random, scribe: Scribe) -> tuple[Written, Written]:
    """Ethnic group and nationality in the words of the era."""
    kinh = {"FR": "An-nam", "T1": "Việt Nam"}.get(scribe.era, "Kinh")
    group = weighted(rng, (kinh, "Hoa", "Tày"), (95, 4, 1))
    return plain(group), plain("An-nam" if scribe.era == "FR" else "Việt Nam")


def _sex(sex: str) -> Written:
    return plain("Nam" if sex == "male" else "Nữ")


def _birth(rng: random.Random, scribe: Scribe, day: dt.date) -> Entry:
    year, sex = day.year, rng.choice(("male", "female"))
    born = day - dt.timedelta(days=rng.choice((1, 2, 3, 5, 8, 12, 20)))
    known = often(rng, 0.94)
    father_born, mother_born = _day_of(rng, year, 23, 44), _day_of(rng, year, 19, 39)
    father, mother = (
        _person(rng, "male", father_born.year),
        _person(rng, "female", mother_born.year),
    )
    child = _person(rng, sex, year, people.family_of(father if known else mother))
    group, nation = _origin(rng, scribe)
    home = scribe.place(rng)
    teller = weighted(rng, ("father", "mother"), (3, 1) if known else (0, 1))
    entry: Entry = {
        "child_full_name": scribe.name(child, main=True),
        "alias": maybe(rng, plain(rng.choice(scribe.pool.share(ALIASES))), 0.2),
        "sex": _sex(sex),
        "birth_date": scribe.day(born),
        "birth_date_lunar": scribe.moon(born, rng),
        "birth_date_words": scribe.words(born),
        "birth_time": maybe(rng, scribe.time(rng), 0.8),
        "birth_place": home if often(rng, 0.5) else _clinic(rng, scribe),
        "home_town": scribe.place(rng, 0.7),
        "ethnicity": group,
        "nationality": nation,
        "id_number": maybe(
            rng, plain(f"0312{rng.randint(16, 20)}{rng.randint(100000, 999999)}"), 0.8
        ),
        "mother_rank": maybe(rng, plain(weighted(rng, ("Vợ chánh", "Vợ thứ"), (8, 1))), 0.85),
        "declarant_full_name": scribe.name(father if teller == "father" else mother),
        "declarant_relation": plain(
            rng.choice(("Cha đẻ", "Bố đẻ", "Bố") if teller == "father" else ("Mẹ đẻ", "Mẹ"))
        ),
    }
    for who, name, birthday in (("father", father, father_born), ("mother", mother, mother_born)):
        if who == "father" and not known:
            continue
        entry |= _grown(rng, scribe, who, name, birthday, year) | {
            f"{who}_ethnicity": group,
            f"{who}_nationality": nation,
            f"{who}_residence": home,
        }
    return entry | {
        f"declarant_{what}": entry[f"{teller}_{what}"]
        for what in ("age", "occupation", "residence")
    }


def _clinic(rng: random.Random, scribe: Scribe) -> Written:
    return plain(rng.choice(scribe.pool.share(CLINICS[scribe.old])))


def _grown(
    rng: random.Random, scribe: Scribe, who: str, name: str, born: dt.date, year: int
) -> Entry:
    """Name, age, year, birth date and trade of a grown person."""
    return {
        f"{who}_full_name": scribe.name(name),
        f"{who}_age": scribe.age(year - born.year),
        f"{who}_year": plain(str(born.year)),
        f"{who}_birth_date": scribe.born(rng, born),
        f"{who}_occupation": maybe(
            rng, scribe.trade(rng, "female" if who in ("mother", "wife") else "male"), 0.95
        ),
    }


def _marriage(rng: random.Random, scribe: Scribe, day: dt.date) -> Entry:
    entry: Entry = {
        "marriage_date": scribe.day(day - dt.timedelta(days=rng.randint(0, 6))),
        "wife_rank": maybe(rng, plain(weighted(rng, ("Vợ chánh", "Vợ thứ"), (9, 1))), 0.9),
    }
    for who, sex, low in (("husband", "male", 20), ("wife", "female", 18)):
        born = _day_of(rng, day.year, low, low + 14)
        name = _person(rng, sex, born.year)
        group, nation = _origin(rng, scribe)
        family = people.family_of(name)
        entry |= _grown(rng, scribe, who, name, born, day.year) | {
            f"{who}_full_name": scribe.name(name, main=True),
            f"{who}_alias": maybe(rng, plain(rng.choice(scribe.pool.share(ALIASES))), 0.15),
            f"{who}_ethnicity": group,
            f"{who}_nationality": nation,
            f"{who}_residence": scribe.place(rng, 0.7),
            f"{who}_home_town": scribe.place(rng, 0.6),
            f"{who}_id_number": maybe(rng, _identity(rng), 0.92),
            f"{who}_marriage_order": plain(weighted(rng, ("lần đầu", "một", "hai"), (6, 3, 1))),
            f"{who}_father_full_name": scribe.name(_person(rng, "male", born.year - 30, family)),
            f"{who}_mother_full_name": scribe.name(_person(rng, "female", born.year - 28)),
        }
    return entry


def _death(rng: random.Random, scribe: Scribe, day: dt.date) -> Entry:
    year, sex = day.year, rng.choice(("male", "female"))
    born = _day_of(rng, year, 18 if scribe.old else 40, 92)
    died = day - dt.timedelta(days=rng.choice((0, 1, 1, 2, 3, 5)))
    name = _person(rng, sex, born.year)
    group, nation = _origin(rng, scribe)
    home = scribe.place(rng, 0.9)
    family = people.family_of(name)
    other = "female" if sex == "male" else "male"
    notice = often(rng, 0.5)
    return {
        "deceased_full_name": scribe.name(name, main=True),
        "alias": maybe(rng, plain(rng.choice(scribe.pool.share(ALIASES))), 0.15),
        "sex": _sex(sex),
        "age": scribe.age(year - born.year),
        "birth_date": scribe.born(rng, born),
        "ethnicity": group,
        "nationality": nation,
        "occupation": maybe(rng, scribe.trade(rng, sex), 0.9),
        "residence": home,
        "id_number": maybe(rng, _identity(rng), 0.7),
        "deceased_father_full_name": scribe.name(_person(rng, "male", born.year - 30, family)),
        "deceased_mother_full_name": scribe.name(_person(rng, "female", born.year - 28)),
        "deceased_spouse_full_name": maybe(rng, scribe.name(_person(rng, other, born.year)), 0.8),
        "death_date": scribe.day(died),
        "death_date_lunar": scribe.moon(died, rng),
        "death_date_words": scribe.words(died),
        "death_time": maybe(rng, scribe.time(rng), 0.9),
        "death_place": plain("Tại nhà") if often(rng, 0.3) else home,
        "death_cause": maybe(rng, plain(rng.choice(scribe.pool.share(CAUSES[scribe.old]))), 0.93),
        "death_notice_number": plain(f"{rng.randint(1, 99):02d}/{year}") if notice else BLANK,
        "death_notice_issuer": plain(rng.choice(scribe.pool.share(ISSUERS))) if notice else BLANK,
        "death_notice_date": scribe.day(died) if notice else BLANK,
        "declarant_full_name": scribe.name(
            _person(rng, rng.choice(("male", "female")), year - 40, family)
        ),
        "declarant_relation": plain(rng.choice(("Con trai", "Con", "Con gái", "Cháu", "Em ruột"))),
    }
