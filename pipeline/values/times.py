"""Times of day: the clock's, parts of the day, hours of the branches and watches of the night.

An hour of the branches (giờ Tý, Sửu …) is two of ours, a watch (canh một … canh năm) as well:
Tý is 23 to 1 o'clock, the first watch 19 to 21. Their value is the span, ``23:00/01:00``; where
the clock's hour stands beside them, that hour.
"""

from __future__ import annotations

import re

from pipeline.values.date_digits import repair_digits
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.number_words import below_hundred
from pipeline.values.text import clean, fold

_TIME = re.compile(
    r"(?P<hour>\d{1,2})\s*(?:gio|g|h|:|heures?)\s*"
    r"(?:(?P<less>kem|moins)\s*)?(?:(?P<minute>\d{1,2})|(?P<half>ruoi|et\s+demie|demie|quart))?"
)
_BRANCH_HOURS = {
    "tý": 23, "tí": 23, "sửu": 1, "dần": 3, "mão": 5, "mẹo": 5, "thìn": 7, "tỵ": 9, "tị": 9,
    "ngọ": 11, "mùi": 13, "thân": 15, "dậu": 17, "tuất": 19, "hợi": 21,
}  # fmt: skip
_BRANCH = re.compile(r"gi[ờo]\s+(" + "|".join(_BRANCH_HOURS) + r"|[a-z]{2,5})\b")
_BARE_BRANCHES = {fold(name): hour for name, hour in _BRANCH_HOURS.items()}
_WATCH = re.compile(r"\bcanh\s+(mot|hai|ba|tu|bon|nam|[1-5])\b")
_WATCHES = {"mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5}
_HOURS = {" ".join(way): n for n in range(24, 0, -1) for way in below_hundred(n)}
_MINUTES = {" ".join(way): n for n in range(59, 0, -1) for way in below_hundred(n)}
_SAID = re.compile(
    r"(?P<hour>[a-z ]+?)\s+gio\b(?:\s+(?:(?P<less>kem)\s+)?"
    r"(?P<minute>(?!(?:sang|trua|chieu|toi|dem|khuya)\b)[a-z ]+?)(?:\s+phut)?)?\s*"
    r"(?:(?:sang|trua|chieu|toi|dem|khuya)\b.*)?$"
)
_BEFORE = re.compile(r"^(?:.*\b)?(?:hoi|luc|vao)\s+")
_ABOUT = re.compile(r"\b(?:khoang|vers|environ)\s+")
_NOON = re.compile(r"\b(?:giua trua|dung ngo|chinh ngo|midi)\b")
_MIDNIGHT = re.compile(r"\b(?:nua dem|minuit)\b")


def time_of_day(literal: str) -> Found:
    """``HH:MM`` of a time, or the span an old hour means.

    Args:
        literal: e.g. ``hồi 14 giờ 30 phút``, ``14h30``, ``2 giờ chiều``, ``8 giờ kém 15``,
            ``ba giờ rưỡi sáng``, ``giờ Tý``, ``canh ba``, ``nửa đêm``, ``8 heures du matin``.
    """
    text, mended = repair_digits(clean(literal))
    bare, about = _ABOUT.subn("", fold(text))
    match = _TIME.search(bare)
    if match:
        hour = int(match["hour"])
        minute = _half(match["half"]) if match["half"] else int(match["minute"] or 0)
        found = _clock(hour, -minute if match["less"] else minute, bare)
    else:
        found = _in_words(bare) or _old(text.lower(), bare)
    if about and found.normalized is not None:
        found = found.because("about", BENT)
    return found.because("repaired_digits", BENT) if mended else found


def _half(word: str) -> int:
    return 15 if word == "quart" else 30


def _clock(hour: int, minute: int, bare: str) -> Found:
    """The time in 24 hours; ``minute`` is negative before the hour (kém)."""
    reasons: tuple[str, ...] = ()
    if not 0 <= hour <= 24 or not -59 <= minute <= 59:
        return not_understood("impossible_time")
    if re.search(r"\b(?:chieu|toi|soir|apres-midi)\b", bare) and 1 <= hour <= 11:
        hour, reasons = hour + 12, ("part_of_day",)
    elif re.search(r"\b(?:dem|khuya)\b", bare) and 7 <= hour <= 12:
        hour, reasons = (hour + 12) % 24, ("part_of_day",)
    elif re.search(r"\btrua\b", bare) and 1 <= hour <= 2:
        hour, reasons = hour + 12, ("part_of_day",)
    if hour == 24 and minute > 0:
        return not_understood("impossible_time")
    minutes = (hour * 60 + minute) % 1440
    found = Found(f"{minutes // 60:02d}:{minutes % 60:02d}", 1.0, reasons)
    # the day's end or its beginning: which day was meant is open
    return found.because("midnight", BENT) if hour == 24 and not minute else found


def _in_words(bare: str) -> Found | None:
    """A clock's time in words; None where it is none."""
    match = _SAID.search(_BEFORE.sub("", bare).strip(" .,;"))
    if not match or match["hour"].strip() not in _HOURS:
        return None
    said = (match["minute"] or "").strip()
    minute = 30 if said == "ruoi" else _MINUTES.get(said)
    if said and minute is None:
        return None
    return _clock(
        _HOURS[match["hour"].strip()], -(minute or 0) if match["less"] else minute or 0, bare
    )


def _old(text: str, bare: str) -> Found:
    """Hours of the branches, watches, noon and midnight."""
    watch = _WATCH.search(bare)
    if watch:
        number = int(_WATCHES.get(watch[1], watch[1]))
        return _span((17 + 2 * number) % 24, f"watch={number}")
    branch = _BRANCH.search(text)
    if branch:
        name = branch[1]
        if name in _BRANCH_HOURS:
            return _span(_BRANCH_HOURS[name], f"hour_of={name}")
        if name == "ty":
            return not_understood("ambiguous_hour")  # Tý, near midnight, or Tỵ, before noon
        if name in _BARE_BRANCHES:
            return _span(_BARE_BRANCHES[name], f"hour_of={name}")
    if _NOON.search(bare):
        return Found("12:00", BENT, ("noon",))
    if _MIDNIGHT.search(bare):
        return Found("00:00", BENT, ("midnight",))
    return not_understood("not_a_time")


def _span(hour: int, reason: str) -> Found:
    return Found(f"{hour:02d}:00/{(hour + 2) % 24:02d}:00", 1.0, (reason,))
