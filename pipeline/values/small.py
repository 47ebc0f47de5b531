"""Short fields with a grammar: entry numbers, identity papers, ages."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import SettingsError
from pipeline.settings import load_settings
from pipeline.values.date_digits import repair_digits
from pipeline.values.found import BENT, IMPLAUSIBLE, Found, not_understood
from pipeline.values.french_words import below_hundred as french_below_hundred
from pipeline.values.number_words import below_hundred
from pipeline.values.text import clean, fold

_NUMBER = re.compile(
    r"^(?:so|no|n[°º]|stt)?\s*[:.]?\s*(\d{1,5})\s*(?:[./-]?\s*([a-e]|bis|ter))?"
    r"(?:\s*[/-]\s*(\d{2,4}))?$"
)
_YEAR_LIKE = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_AGE = re.compile(r"^(\d{1,3})\s*(?:tuoi(?:\s+(?P<by>ta|tay))?|t|ans)?$")
_YOUNG = re.compile(r"^(\d{1,3})\s*(thang|ngay|tuan|gio|mois|jours?)(?:\s+tuoi)?$")
_PAPER = re.compile(r"(?<![\w])(?:[A-Z]{1,2}\s?)?\d[\d .]{6,16}\d(?!\w)")


def entry_number(literal: str, book_year: int) -> Found:
    """An entry's number without leading zeros, its suffix kept: ``012`` -> ``12``, ``12b``."""
    text, mended = repair_digits(clean(literal))
    match = _NUMBER.match(fold(text).strip(" .,;:-–—'\""))
    if not match:
        return not_understood("not_a_number")
    number, suffix, year = match.groups()
    space = " " if suffix in ("bis", "ter") else ""
    found = Found(f"{int(number)}{space}{suffix or ''}")
    if year and int(year) % 100 != book_year % 100:
        found = found.because("other_year", IMPLAUSIBLE)
    return found.because("repaired_digits", BENT) if mended else found


class Paper(NamedTuple):
    """A kind of identity paper: code of the national template, shape of its number, its years."""

    code: str
    name: str
    shape: re.Pattern[str]
    first: int
    last: int
    spellings: tuple[str, ...]


@lru_cache(maxsize=4)
def load_papers(config: Path | None = None) -> tuple[Paper, ...]:
    """The papers of ``ocr_config/lexicons/papers.csv``, in its order.

    Raises:
        SettingsError: the file cannot be used.
    """
    path = (config or load_settings().config) / "lexicons" / "papers.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return tuple(
                Paper(
                    row["code"],
                    row["name"],
                    re.compile(row["shape"]),
                    int(row["from"] or 0),
                    int(row["until"] or 9999),
                    tuple(
                        fold(each) for each in (row["name"], *row["spellings"].split(";")) if each
                    ),
                )
                for row in csv.DictReader(lines)
            )
    except (OSError, KeyError, ValueError, re.error) as error:
        raise SettingsError(f"papers: {error!r}", where=str(path)) from error


def identity_number(literal: str, book_year: int | None = None) -> Found:
    """Number of an identity paper: digits without spaces, a passport's letters kept.

    Args:
        literal: as read; may hold the paper's name and who issued it.
        book_year: papers that were not issued yet are doubted; no year, no doubt.
    """
    text, mended = repair_digits(clean(literal).upper().replace("Đ", "D"))
    match = _PAPER.search(text)
    digits = re.sub(r"[ .]", "", match.group() if match else text)
    if not re.fullmatch(r"[A-Z]{0,2}\d{6,15}", digits):
        return not_understood("not_a_paper_number")
    found = Found(digits)
    if not _named_otherwise(text):
        fitting = [paper for paper in load_papers() if paper.shape.fullmatch(digits)]
        usual = [paper for paper in fitting if paper.code in ("1", "2", "4")]
        if not usual:
            # army and police papers have other lengths, but a lost digit is more usual
            found = found.because(f"unusual_length={len(digits)}", IMPLAUSIBLE)
        elif book_year is not None:
            issued = [paper for paper in usual if paper.first <= book_year <= paper.last]
            later = [paper for paper in usual if paper.last < book_year]
            if issued or later:
                found = found.because(f"paper={(issued or later)[0].code}")
            else:
                found = found.because("paper_before_its_time", IMPLAUSIBLE)
    return found.because("repaired_digits", BENT) if mended else found


def _named_otherwise(text: str) -> bool:
    """True where the text names an army's, police's or old paper, whose numbers have any length."""
    bare = fold(text)
    return any(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", bare)
        for paper in load_papers()
        if paper.code not in ("1", "2", "4")
        for name in paper.spellings
    )


def _said() -> dict[str, int]:
    french = {f"{' '.join(way)} ans": n for n in range(1, 100) for way in french_below_hundred(n)}
    return french | {" ".join(way): n for n in range(99, 0, -1) for way in below_hundred(n)}


_AGES_IN_WORDS = _said()


def age(literal: str, book_year: int) -> Found:
    """Years of age in digits. The birth year it implies is a reason only, never the value.

    Birth year = registration year - age (Thông tư 04/2020 Đ.23.2; its example: 25 and 23 in a
    book of 1975 give 1950 and 1952). A year written in the column of ages stays what it is.
    """
    text, mended = repair_digits(clean(literal))
    bare = fold(text).strip(" .,;:-–—()'\"")
    year = _YEAR_LIKE.search(bare)
    if year:
        found = Found(year.group(), 1.0, (f"birth_year={year.group()}",))
        if int(year.group()) > book_year:
            found = found.because("after_book_year", IMPLAUSIBLE)
    else:
        words = re.sub(r"\s*\btuoi\b(?:\s+(?:ta|tay))?\s*", "", bare.replace("-", " "))
        match = _AGE.match(bare)
        if match:
            years = int(match.group(1))
        elif words in _AGES_IN_WORDS:
            years = _AGES_IN_WORDS[words]
        elif _YOUNG.match(bare):
            return Found("0", BENT, ("below_a_year",))
        else:
            return not_understood("not_an_age")
        if years > 120:
            return not_understood("impossible_age")
        found = Found(str(years), 1.0, (f"derived_birth_year={book_year - years}",))
        if match and match["by"] == "ta":
            # a year of the old count is over at birth; the law's rule takes the age as it stands
            found = found.because(f"age_counted_from_one={book_year - years + 1}")
    return found.because("repaired_digits", BENT) if mended else found
