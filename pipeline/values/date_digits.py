"""Dates written in digits: any separator, dotted leaders, short years, partial dates."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.values.calendar import Parts
from pipeline.values.french_words import MONTHS
from pipeline.values.number_words import SPELLINGS
from pipeline.values.text import clean, fold

# No colon here: OCR reads 05.12.2008 as 05:12:2008.
_BESIDE = re.compile(
    r"\b(?:khoang\s+)?\d{1,2}\s*(?:gio|g|h)\s*(?:\d{1,2}\s*(?:phut|ph|p|')?)?(?!\w)|\(?\b\d{1,3}\s*tuoi\b\)?"
)
NUMBERS = frozenset(SPELLINGS) - {"ngay", "thang", "nam", "mong", "mung", "le"}
_YEAR_WORD = re.compile(r"\bnam\b|\bannee\b")
_LABELS = ("ngay", "thang", "nam", "sinh", "mong", "mung", "dang ky", "hoi", "luc", "le", "khoang")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT_LIKE = re.compile(r"(?<![^\W\d_])(?=[OoQlI|]*\d)[\dOoQlI|]+(?![^\W\d_])")
# Alone before a separator and more digits: l/12/1974.
_LONE = re.compile(r"(?<![^\W_])[OoQlI|]{1,2}(?=\s*[/.\-]\s*\d)")
_AS_DIGITS = str.maketrans({"O": "0", "o": "0", "Q": "0", "l": "1", "I": "1", "|": "1"})
_SHORT_MONTHS = {
    **dict(zip(("janv", "fevr", "avr", "juil", "sept", "oct", "nov", "dec"),
               (1, 2, 4, 7, 9, 10, 11, 12), strict=True)),
    **{"7bre": 9, "8bre": 10, "9bre": 11, "xbre": 12},
    **{name: number for number, name in enumerate(MONTHS, start=1)},
}  # fmt: skip
_FRENCH = re.compile(r"\b(" + "|".join(sorted(_SHORT_MONTHS, key=len, reverse=True)) + r")\b\.?")
_FIRST = re.compile(r"\b1\s*er\b")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN_MONTH = re.compile(r"(?<=\d)(\s*[/.\- ]\s*)([IVX]{1,4})(?=\s*[/.\- ]\s*\d)")
_TWO_OR_ELEVEN = re.compile(r"(?<=\d)\s*[/.\- ]\s*II(?=\s*[/.\- ]\s*\d)")
_YEAR = 4
_PLUSH = re.compile(r"(?<=\d)\s*['’](?=\d\d\b)")


_PARTIAL = re.compile(
    r"[\W\d]*(?:(?:vao|khoang|sinh|en|le|mois|de|vers|thang|thag|th|t|hang)\b[\W\d]*)*"
    r"(?:(?:nam|n|l|an|annee|nam sinh|sinh nam)\b[\W\d]*)?"
)
"""All that may stand beside the numbers of a month or a year alone."""


def repair_digits(text: str) -> tuple[str, bool]:
    """Letters that stand among digits made digits (O, o, Q -> 0; l, I, | -> 1); changed or not."""
    mended = _DIGIT_LIKE.sub(lambda found: found.group().translate(_AS_DIGITS), text)
    mended = _LONE.sub(lambda found: found.group().translate(_AS_DIGITS), mended)
    return mended, mended != text


def has_digits(literal: str) -> bool:
    """True where at least one digit was read."""
    return any(sign.isdecimal() for sign in literal)


def _groups(text: str) -> list[str]:
    text = _FRENCH.sub(lambda found: f" {_SHORT_MONTHS[found[1]]} ", text)
    return re.findall(r"\d+", _FIRST.sub("1", text))


def _merged(groups: list[str]) -> list[str]:
    """Groups of a date torn apart (``2 0 0 8``) or written in one (``05122008``) put right."""
    digits = "".join(groups)
    if len(groups) == 1 and len(digits) == 8:
        return [digits[:2], digits[2:4], digits[4:]]
    if len(groups) == 4 and len(digits) == 4 and 18 <= int(digits[:2]) <= 20:
        return [digits]
    if len(groups) > 3:
        # day and month stand whole before a year in single digits, or all is torn apart
        for head in ([2, 2], [1, 2], [2, 1], [1, 1]):
            if [len(group) for group in groups[:2]] == head and len("".join(groups[2:])) == 4:
                return [*groups[:2], "".join(groups[2:])]
        if len(digits) == 8 and all(len(group) <= 2 for group in groups):
            return [digits[:2], digits[2:4], digits[4:]]
    return groups


def _strange_words(text: str) -> int:
    """Words beside the numbers that are no label of a date, however badly read."""
    words = _WORD.findall(_FRENCH.sub(" ", _FIRST.sub(" ", text)))
    return sum(
        word in NUMBERS
        or max(Levenshtein.normalized_similarity(word, label) for label in _LABELS) < 0.6
        for word in words
        if len(word) > 1 or word not in "tn"
    )


def _ordered(groups: list[str], labelled_year: bool) -> tuple[int | None, int | None, int] | str:
    """(day, month, year) of one to three groups, or why there is none."""
    numbers = [int(group) for group in groups]
    widths = [len(group) for group in groups]
    whole = {0, len(groups) - 1} & {at for at, width in enumerate(widths) if width == _YEAR}
    if any(numbers[at] < 1000 for at in whole):
        return f"impossible_year={groups[min(whole)]}"  # 0005 is no year 5 of a century
    if len(groups) == 3 and widths[0] == 4 and max(widths[1:]) <= 2:
        return numbers[2], numbers[1], numbers[0]  # 1974-12-05
    if len(groups) > 3 or max(widths) > 4 or widths[-1] == 3 or max([0, *widths[:-1]]) > 2:
        return "odd_numbers"
    if len(groups) == 3:
        return numbers[0], numbers[1], numbers[2]
    if widths[-1] != 4 and not (labelled_year and widths[-1] == 2):
        return "no_year"
    return None, numbers[0] if len(groups) == 2 else None, numbers[-1]


class Digits(NamedTuple):
    """A date in digits as written, with what had to be done to see it."""

    parts: Parts
    reasons: tuple[str, ...] = ()


def _roman(text: str) -> str:
    """Months in Roman numbers (5-XII-1974) in digits."""
    return _ROMAN_MONTH.sub(
        lambda found: f"{found[1]}{_ROMAN.index(found[2]) + 1}" if found[2] in _ROMAN else found[0],
        text,
    )


def read_digits(text: str) -> Digits | str:
    """Day, month and year of a text in digits, or why there are none.

    Args:
        text: e.g. ``05/12/1974``, ``ngày 05 tháng 12 năm 2008``, ``5.12.74``, ``12/1974``,
            ``1974-12-05``, ``5-XII-1974``, ``5 décembre 1935``.
    """
    text = _PLUSH.sub(" ", clean(text))
    if _TWO_OR_ELEVEN.search(text):
        return "two_or_eleven"  # a Roman month, or 11 read as letters
    kept, mended = repair_digits(_roman(text))
    low = _BESIDE.sub(" ", fold(kept))
    groups = _merged(_groups(low))
    if not groups:
        return "no_digits"
    parts = _ordered(groups, bool(_YEAR_WORD.search(low)))
    if isinstance(parts, str):
        return parts
    reasons: tuple[str, ...] = ()
    if parts[0] is None and not _PARTIAL.fullmatch(_FRENCH.sub(" ", low)):
        # What could not be read may have been the day: a partial date would be invented.
        return "part_unread"
    if _strange_words(low):
        if parts[2] < 100:
            return "part_unread"  # nor may a year be what stands last by chance
        reasons = ("extra_text",)
    if parts[0] is None and re.match(r"\s*[/\-.]", low):
        reasons = (*reasons, "day_missing")
    return Digits(Parts(*parts), (*reasons, "repaired_digits") if mended else reasons)
