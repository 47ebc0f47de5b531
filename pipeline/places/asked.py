"""Checks what was asked before it is looked up: length, script, old encodings, dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.errors import InputError
from pipeline.places.when import OPEN_END, OPEN_START
from pipeline.texts import Text
from pipeline.values.encodings import Legacy, from_legacy
from pipeline.values.text import clean

FIRST_YEAR, LAST_YEAR = 1887, 2100
"""From the province of Hải Phòng to dates that can only be slips."""
LONGEST = 500
"""Letters of the longest text; a place is one line or two."""
_SCRIPTS = ("LATIN", "DIGIT")
_USUAL = re.compile(r"[\x20-\u024f\u1e00-\u1eff\u2010-\u2027\n]*")
"""Latin letters of Vietnamese and French with their signs: nothing else to look at."""


@dataclass(frozen=True)
class Question:
    """A place as asked for, its text in NFC Unicode."""

    text: str
    year: int | None
    unit: str
    as_of: date


def checked_text(text: str) -> str:
    """``text`` cleaned, out of TCVN3 or VNI where it was written in one.

    Raises:
        InputError: too long, in a script no register of ours is written in, or in a damaged
            legacy encoding (named).
    """
    if len(text) > LONGEST:
        raise InputError(
            Text(
                "địa danh dài {n} ký tự, nhiều nhất {most}",
                "the place has {n} characters, at most {most}",
            ).format(n=len(text), most=LONGEST)
        )
    text, legacy = from_legacy(clean(text))
    if legacy is Legacy.DAMAGED:
        raise InputError(
            Text(
                "văn bản có vẻ ở bảng mã TCVN3 hoặc VNI nhưng không đổi được sang Unicode",
                "the text looks like TCVN3 or VNI but cannot be converted to Unicode",
            ).format()
        )
    if _USUAL.fullmatch(text):
        return text
    foreign = sorted(
        {
            name.split()[0].capitalize()
            for sign in text
            if sign.isalpha() and not (name := unicodedata.name(sign, "?")).startswith(_SCRIPTS)
        }
        - {"Modifier", "Fullwidth", "Feminine", "Masculine"}
    )
    if foreign:
        raise InputError(
            Text("chữ viết lạ: {scripts}", "foreign script: {scripts}").format(
                scripts=", ".join(foreign)
            )
        )
    return text


def checked_year(year: int | None) -> int | None:
    """``year`` where it can be one of a register.

    Raises:
        InputError: outside 1887..2100.
    """
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            Text("năm {year} ngoài {first}–{last}", "year {year} outside {first}–{last}").format(
                year=year, first=FIRST_YEAR, last=LAST_YEAR
            )
        )
    return year


def checked_day(day: date) -> date:
    """``day`` where the gazetteer can know it.

    Raises:
        InputError: outside 1887..2100.
    """
    if day not in (OPEN_START, OPEN_END):
        checked_year(day.year)
    return day


def question(row: Mapping[str, str | None], number: int, today: date) -> Question:
    """A row of ``hotich places resolve --batch``.

    Raises:
        InputError: says which row and what is wrong with it.
    """
    where = Text("dòng {n}", "row {n}").format(n=number)
    try:
        year = (row.get("year") or "").strip()
        as_of = (row.get("as_of") or "").strip()
        return Question(
            checked_text(row.get("text") or ""),
            checked_year(int(year)) if year else None,
            (row.get("unit") or "").strip(),
            checked_day(date.fromisoformat(as_of)) if as_of else today,
        )
    except ValueError as error:
        raise InputError(str(error), where=where) from error
    except InputError as error:
        raise InputError(error.detail, where=where) from error
