"""What a book's cover says of it: kind, year, volume, and who kept it.

Read as print; the places are candidates as written, for whoever knows places to map. Nothing
here is believed: it fills a form that a person confirms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.form.labels import fold
from pipeline.form.pageclass import says, sort_page
from pipeline.form.tokens import Token, token_lines
from pipeline.scan.cover import FIRST_YEAR, LAST_YEAR
from pipeline.types import Kind, PageClass, PageImage

_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.BIRTH, ("khai sinh", "sổ sinh", "naissances")),
    (Kind.MARRIAGE, ("kết hôn", "giá thú", "hôn thú", "mariages")),
    (Kind.DEATH, ("khai tử", "tử vong", "chứng tử", "décès")),
)
_READ = 0.2
"""Tesseract's confidence from which a word is looked at; what it makes must still fit."""
_YEAR = r"(1[89][0-9]{2}|20[0-9]{2})"
_YEARS = (
    rf"nam(?:\s*mo\s*so)?\W{{0,4}}{_YEAR}",
    rf"mo(?:\s*so)?\s*(?:ngay)?\W.*?{_YEAR}",
    rf"quyen\s*so\W*[0-9]{{1,3}}\s*/\s*{_YEAR}",
)
"""From the plainest on; the day of closing says another year."""
_CLOSING = re.compile(r"khoa\b|clos\b")
_VOLUME = re.compile(r"quyen(?:\s*so)?\W{0,6}([0-9]{1,3})\b(?!\s*[-.][0-9])")
_STATE = "xã hội chủ nghĩa"
"""Of the state's title; no commune is called that."""
_UNIT = re.compile(r"(?<!thi )(?<!dia )\b(?:xa|phuong|thi\s*tran|khu\s*pho|tt)\b\.?\s+\w")
_DISTRICT = re.compile(r"(?<!co )\b(?:huyen|quan|thi\s*xa)\b\.?\s+\w")
_NEXT = re.compile(r"\w\s+(?=(?:huyện|quận|thị\s*xã|huyen)\s+\w)")
"""Where the district begins behind the unit; with its marks, for Quán Toan is a ward."""


@dataclass(frozen=True)
class CoverWords:
    """What was read; empty where the cover does not say it plainly."""

    kind: Kind | None
    year: str
    volume: str
    unit: str
    """As written, ``XÃ AN THÁI``."""
    district: str


def read_cover(page: PageImage) -> CoverWords | None:
    """What a page says if it is a cover, else None. Costs a second or two.

    Args:
        page: upright.
    """
    sort, tokens = sort_page(page)
    return cover_words(lines_of(tokens)) if sort.page_class is PageClass.COVER else None


def lines_of(tokens: Sequence[Token]) -> list[str]:
    """Lines of text as read, from above."""
    read = [token for token in tokens if token.confidence > _READ]
    return [" ".join(token.text for token in line) for line in token_lines(read)]


def cover_words(lines: Sequence[str]) -> CoverWords:
    """What the lines of a cover say."""
    lines = [unicodedata.normalize("NFC", line) for line in lines]
    unit = district = ""
    for line in lines:
        if says(fold(line), _STATE):
            continue
        for piece in re.split(r"[,;()]| - |–", line):
            unit = unit or _own(_place(piece, _UNIT))
            district = district or _place(piece, _DISTRICT)
    bare = [_bare(line) for line in lines]
    volumes = {str(int(found[1])).zfill(2) for line in bare for found in [_VOLUME.search(line)]
               if found}  # fmt: skip
    return CoverWords(
        _kind([fold(line) for line in lines]),
        _year(bare),
        volumes.pop() if len(volumes) == 1 else "",
        unit,
        district,
    )


def _kind(lines: Sequence[str]) -> Kind | None:
    said = {
        kind for kind, phrases in _KINDS for phrase in phrases for line in lines
        if says(line, phrase)
    }  # fmt: skip
    return said.pop() if len(said) == 1 else None


def _year(lines: Sequence[str]) -> str:
    opening = [line for line in lines if not _CLOSING.search(line)]
    for pattern in (*_YEARS, _YEAR):
        years: set[str] = {found for line in opening for found in re.findall(pattern, line)}
        within = {year for year in years if FIRST_YEAR <= int(year) <= LAST_YEAR}
        if len(within) == 1:
            return within.pop()
    return ""


def _place(piece: str, pattern: re.Pattern[str]) -> str:
    """The piece from the word that names its sort of place; ``_bare`` keeps places of letters."""
    found = pattern.search(_bare(piece))
    return piece[found.start() :].strip(" .:…_-") if found else ""


def _own(unit: str) -> str:
    """A unit without the district written behind it on the same line."""
    words = _NEXT.search(unit.lower())
    return unit[: words.start() + 1] if words else unit


def _bare(text: str) -> str:
    """Small letters without marks, one for one."""
    return "".join(
        unicodedata.normalize("NFD", letter)[0] if letter != "đ" else "d" for letter in text.lower()
    )
