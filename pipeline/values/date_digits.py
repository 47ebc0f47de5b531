"""Dates written in digits: any separator, dotted leaders, short years, partial dates."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from pipeline.values.calendar import edtf
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.text import clean, fold

LUNAR = re.compile(r"\b(?:am lich|lich ta|al|nhuan)\b")
# No colon here: OCR reads 05.12.2008 as 05:12:2008.
_BESIDE = re.compile(
    r"\b\d{1,2}\s*(?:gio|g|h)\s*(?:\d{1,2}\s*(?:phut|ph|p|')?)?(?!\w)|\(?\b\d{1,3}\s*tuoi\b\)?"
)
_YEAR_WORD = re.compile(r"\bnam\b|\bannee\b")
_LABELS = ("ngay", "thang", "nam", "sinh", "mong", "mung", "dang ky", "hoi", "luc", "le", "khoang")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT_LIKE = re.compile(r"(?<![^\W\d_])(?=[OoQlI|]*\d)[\dOoQlI|]+(?![^\W\d_])")
# Alone before a separator and more digits: l/12/1974.
_LONE = re.compile(r"(?<![^\W_])[OoQlI|]{1,2}(?=\s*[/.\-]\s*\d)")
_AS_DIGITS = str.maketrans({"O": "0", "o": "0", "Q": "0", "l": "1", "I": "1", "|": "1"})
FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_FRENCH_MONTHS = tuple(map(fold, FRENCH_MONTHS))
_FRENCH = re.compile(r"\b(" + "|".join(_FRENCH_MONTHS) + r")\b")
_FIRST = re.compile(r"\b1\s*er\b")


def repair_digits(text: str) -> tuple[str, bool]:
    """Letters that stand among digits made digits (O, o, Q -> 0; l, I, | -> 1); changed or not."""
    mended = _DIGIT_LIKE.sub(lambda found: found.group().translate(_AS_DIGITS), text)
    mended = _LONE.sub(lambda found: found.group().translate(_AS_DIGITS), mended)
    return mended, mended != text


def has_digits(literal: str) -> bool:
    """True where at least one digit was read."""
    return any(sign.isdecimal() for sign in literal)


def _groups(text: str) -> list[str]:
    text = _FRENCH.sub(lambda found: f" {_FRENCH_MONTHS.index(found.group()) + 1} ", text)
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
        max(Levenshtein.normalized_similarity(word, label) for label in _LABELS) < 0.6
        for word in words
        if len(word) > 1 or word not in "tn"
    )


def _ordered(groups: list[str], labelled_year: bool) -> tuple[int | None, int | None, int] | str:
    """(day, month, year) of one to three groups, or why there is none."""
    numbers = [int(group) for group in groups]
    widths = [len(group) for group in groups]
    if len(groups) == 3 and widths[0] == 4 and max(widths[1:]) <= 2:
        return numbers[2], numbers[1], numbers[0]  # 1974-12-05
    if len(groups) > 3 or max(widths) > 4 or widths[-1] == 3 or max([0, *widths[:-1]]) > 2:
        return "odd_numbers"
    if len(groups) == 3:
        return numbers[0], numbers[1], numbers[2]
    if widths[-1] != 4 and not (labelled_year and widths[-1] == 2):
        return "no_year"
    return None, numbers[0] if len(groups) == 2 else None, numbers[-1]


def parse_digits(literal: str, book_year: int) -> Found:
    """EDTF of a date in digits.

    Args:
        literal: e.g. ``05/12/1974``, ``ngày 05 tháng 12 năm 2008``, ``5.12.74``, ``12/1974``,
            ``1974``, ``5 décembre 1935``.
        book_year: resolves two-digit years.
    """
    text, mended = repair_digits(clean(literal))
    text = fold(text)
    if LUNAR.search(text):
        # No conversion without a calendar table: keep the literal (registers.md 3.1).
        return not_understood("lunar_date")
    text = _BESIDE.sub(" ", text)
    groups = _merged(_groups(text))
    if not groups:
        return not_understood("no_digits")
    parts = _ordered(groups, bool(_YEAR_WORD.search(text)))
    if isinstance(parts, str):
        return not_understood(parts)
    found = edtf(*parts, book_year)
    strange = _strange_words(text)
    if strange:
        if parts[0] is None:
            # What could not be read may have been the day: a partial date would be invented.
            return not_understood("part_unread")
        found = found.because("extra_text", BENT)
    if parts[0] is None and re.match(r"\s*[/\-.]", text):
        found = found.because("day_missing", BENT)
    return found.because("repaired_digits", BENT) if mended else found
