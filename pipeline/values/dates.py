"""Dates however they are written: candidates with costs, the choice, digits against words.

A text is parted where a clerk says one day twice (``5/12/1935, tức 10 tháng 11 năm Ất Hợi``);
what it says of the calendar (âm lịch, nhuận) is taken out; the rest is read as digits
(``date_digits``) or words (``date_words``). Nothing is mended silently: each way to bend a text
has its cost and its reason, and where two days are about as near none is chosen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.values.calendar import DateCandidate, Parts, meaning
from pipeline.values.context import Context
from pipeline.values.date_digits import has_digits, read_digits
from pipeline.values.date_words import MARGIN, Moon, Said, chosen, say
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.text import clean

_LUNAR = re.compile(
    r"\(?\s*\b(?:[âa]m\s*[-]?\s*l[iị]ch|l[iị]ch\s+ta|ng[aà]y\s+ta|ta|[âa]\.\s*l\.?|[âa]l)(?!\w)\s*\)?",
    re.IGNORECASE,
)
_SOLAR = re.compile(
    r"\(?\s*\b(?:d[ưu][ơo]ng\s*[-]?\s*l[iị]ch|l[iị]ch\s+t[âa]y|t[âa]y\s+l[iị]ch|t[âa]y|d\.\s*l\.?|dl)"
    r"(?!\w)\s*\)?",
    re.IGNORECASE,
)
_LEAP = re.compile(r"\(?\s*\bnhu[âaậạ]n\b\s*\)?", re.IGNORECASE)
_TWICE = re.compile(r"\b(?:tức\s+là|tức|tuc\s+la|tuc|nhằm|nham\s+ngay)\b|[()\[\];]", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:kho[ảa]ng|vers|environ)\b(?!\s*\d{1,2}\s*(?:gi|g\b|h\b))", re.IGNORECASE)
_NOT_KNOWN = re.compile(
    r"\bkh[ôo]ng\s+(?:r[õo]|nh[ớo]|bi[ếe]t)\s+ng[àa]y(?:[\s,]*th[áa]ng)?\b[\s,;.]*", re.IGNORECASE
)
_WHOLE = len("1974-12-05")
_MONTH_FIRST = 1.5
_ROOM = 2.0
"""Edits of an n-best text that one unit of the reader's own logarithm outweighs."""
_PARTNER = 2.2
"""Most that a date may cost which its twin in digits or words confirms."""
_BENT_TO_AGREE = 0.7


class Agreement(NamedTuple):
    """What digits and words say together; ``edtf`` None where they do not agree."""

    edtf: str | None
    cost: float
    reasons: tuple[str, ...] = ()


def _calendar(low: str) -> tuple[str, Moon]:
    """A text without what it says of its calendar, and what it says."""
    lunar: bool | None = None
    text, solar_marks = _SOLAR.subn(" ", low)
    text, lunar_marks = _LUNAR.subn(" ", text)
    text, leaps = _LEAP.subn(" ", text)
    if lunar_marks and not solar_marks:
        lunar = True
    elif solar_marks and not lunar_marks:
        lunar = False
    return text, Moon(lunar, bool(leaps))


def _from_digits(text: str, book_year: int, moon: Moon) -> tuple[list[Said], str]:
    read = read_digits(text)
    if isinstance(read, str):
        return [], read
    parts = read.parts._replace(lunar=moon.lunar is True or moon.leap, leap=moon.leap)
    found = meaning(parts, book_year)
    if found.normalized is None:
        turned = _month_first(parts, book_year)
        return turned, found.reasons[0]
    for reason in read.reasons:
        found = found.because(reason, BENT)
    return [Said(found, 0.5 * len(read.reasons))], ""


def _month_first(parts: Parts, book_year: int) -> list[Said]:
    """12/25/1974 with its month first: a candidate, never a value of its own."""
    if parts.lunar or parts.day is None or parts.month is None or parts.month <= 12:
        return []
    found = meaning(parts._replace(day=parts.month, month=parts.day), book_year)
    return [Said(found.because("month_first", BENT), _MONTH_FIRST)] if found.normalized else []


def _one(low: str, book_year: int, latest: int) -> tuple[list[Said], str]:
    """Dates of a text that says one day."""
    text, moon = _calendar(low)
    lettered = any(sign.isalpha() for sign in text)
    if not has_digits(text):
        return say(text, book_year, moon, latest)
    if lettered:
        said, refused = say(text, book_year, moon, latest, tolerant=False)
        if said or refused.startswith(("impossible", "no_such")):
            return said, refused
    said, refused = _from_digits(text, book_year, moon)
    clean_digits = said and not refused and "extra_text" not in said[0].found.reasons
    if lettered and not clean_digits and not refused.startswith("impossible"):
        words, unclear = say(text, book_year, moon, latest)
        if words and not unclear:
            return words, unclear
    return said, refused


def _read(literal: str, book_year: int, latest: int) -> tuple[list[Said], str]:
    """Dates of a literal, cheapest first, and why none may be chosen ("" where one may)."""
    low, about = _ABOUT.subn(" ", clean(literal))
    low, unknown = _NOT_KNOWN.subn(" ", low)
    low = low if has_digits(low) else low.lower()
    said, refused = _of_segments(low, book_year, latest)
    if about:
        said = [one._replace(found=one.found.because("about", BENT)) for one in said]
    if unknown:
        said = [one._replace(found=one.found.because("day_not_known")) for one in said]
        if said and len(said[0].found.normalized or "") == _WHOLE:
            refused = "dates_disagree"
    return said, refused


def _of_segments(low: str, book_year: int, latest: int) -> tuple[list[Said], str]:
    """The same of a text without what it says of how sure it is."""
    segments = [part for part in _TWICE.split(low) if any(sign.isalnum() for sign in part)]
    if len(segments) > 1:
        read = [_one(part, book_year, latest) for part in segments]
        good = [said for said, refused in read if said and not refused]
        if len(good) > 1:
            return _together(good)
        whole, refused = _one(_TWICE.sub(" ", low), book_year, latest)
        if whole and not refused:
            return whole, refused
        if good:
            return [
                Said(one.found.because("extra_text", BENT), one.cost + 1) for one in good[0]
            ], ""
        return whole, refused
    return _one(low, book_year, latest)


def _together(said: Sequence[Sequence[Said]]) -> tuple[list[Said], str]:
    """One day said twice in one text: both must agree."""
    first, *others = said
    for other in others:
        pairs = [
            Said(_finer(one.found, two.found), one.cost + two.cost)
            for one in first
            for two in other
            if _same(one.found, two.found)
        ]
        if not pairs:
            return [*first, *other], "dates_disagree"
        first = sorted(pairs, key=lambda pair: pair.cost)
    best: dict[str | None, Said] = {}
    for one in first:
        best.setdefault(one.found.normalized, one)
    return list(best.values()), ""


def _same(one: Found, other: Found) -> bool:
    return _compatible(one.normalized or "", one.reasons, other.normalized or "", other.reasons)


def _compatible(
    one: str, one_reasons: Iterable[str], other: str, other_reasons: Iterable[str]
) -> bool:
    """True where two EDTF dates may be one: equal, or one is the other with less said."""
    if one.startswith(other) or other.startswith(one):
        return True
    for coarse, reasons, fine in ((one, one_reasons, other), (other, other_reasons, one)):
        # a lunar year runs on into the next
        if len(coarse) == 4 and "lunar_year" in reasons and int(fine[:4]) == int(coarse) + 1:
            return fine[5:7] in ("01", "02")
    return False


def _finer(one: Found, other: Found) -> Found:
    """Of two that agree the one that says more, with the reasons of both."""
    fine, coarse = sorted((one, other), key=lambda found: -len(found.normalized or ""))
    same = len(fine.normalized or "") == len(coarse.normalized or "")
    factor = max(fine.factor, coarse.factor) if same else fine.factor
    reasons = tuple(dict.fromkeys((*fine.reasons, *coarse.reasons, "said_twice")))
    return Found(fine.normalized, factor, reasons)


def candidates(
    text: str, context: Context, *, latest: int | None = None
) -> Sequence[DateCandidate]:
    """Dates a text may mean, cheapest first; empty where it says none.

    Args:
        text: in digits or words, in any supported style (docs/values.md).
        context: the book; its year resolves short years and years of the cycle.
        latest: last year of the cycle, where it is not the book's (a parent's birth).
    """
    said, refused = _read(text, context.year, latest or context.year)
    reasons = (refused,) if refused else ()
    return [
        DateCandidate(one.found.normalized, one.cost, (*one.found.reasons, *reasons))
        for one in said
        if one.found.normalized is not None
    ]


def decode(
    texts: Sequence[tuple[str, float]], context: Context, *, latest: int | None = None
) -> Sequence[DateCandidate]:
    """Dates of a reader's likeliest texts together, cheapest first.

    Args:
        texts: (text, share 0..1) as ``Reading.alternatives`` has them.
        context: the book.
        latest: as in ``candidates``.
    """
    top = max((share for _, share in texts), default=0.0)
    best: dict[str, DateCandidate] = {}
    for text, share in texts:
        if share <= 0:
            continue
        behind = math.log(top / share) / _ROOM
        for one in candidates(text, context, latest=latest):
            cost = one.cost + behind
            if one.edtf not in best or cost < best[one.edtf].cost:
                best[one.edtf] = one._replace(cost=cost)
    return sorted(best.values(), key=lambda one: one.cost)


def agree(digits: Sequence[DateCandidate], words: Sequence[DateCandidate]) -> Agreement:
    """What the same date in digits and in words says (Thông tư 04/2020 Đ.31.2).

    The two must meet in one day that each says at a small cost, clearly before any other; where
    both are surely said and differ, or one says nothing, there is no agreement: a person looks.
    """
    if not digits or not words:
        return Agreement(None, 0.0, ("one_unread",))
    pairs: dict[str, tuple[float, DateCandidate, DateCandidate]] = {}
    for one in digits:
        for two in words:
            if _compatible(one.edtf, one.reasons, two.edtf, two.reasons):
                fine, cost = max(one.edtf, two.edtf, key=len), one.cost + two.cost
                if fine not in pairs or cost < pairs[fine][0]:
                    pairs[fine] = (cost, one, two)
    near = sorted(pairs.items(), key=lambda pair: pair[1][0])
    apart = Agreement(None, 0.0, (f"digits={digits[0].edtf}", f"words={words[0].edtf}"))
    if not near:
        return apart
    fine, (cost, one, two) = near[0]
    unclear = len(near) > 1 and near[1][1][0] - cost < MARGIN
    # neither side may have said another day much better than this
    bent = max(one.cost - digits[0].cost, two.cost - words[0].cost) > _BENT_TO_AGREE
    if cost > _PARTNER or unclear or bent:
        return apart
    return Agreement(fine, cost, tuple(dict.fromkeys((*one.reasons, *two.reasons))))


def parse_date(literal: str, book_year: int, latest: int | None = None) -> Found:
    """The one date of a literal; nothing where it is in doubt which."""
    said, refused = _read(literal, book_year, latest or book_year)
    return chosen(said, refused)


def parse_digits(literal: str, book_year: int) -> Found:
    """The date of a literal in digits."""
    if not has_digits(literal):
        return not_understood("no_digits")
    text, moon = _calendar(clean(literal))
    return chosen(*_from_digits(text, book_year, moon))


def parse_words(literal: str, book_year: int) -> Found:
    """The date of a literal in words."""
    text, moon = _calendar(clean(literal).lower())
    return chosen(*say(text, book_year, moon, book_year))
