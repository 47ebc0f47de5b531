"""Dates as clerks wrote them, with the EDTF date they mean."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from samples.chance import often, weighted

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
STYLES = ("slash", "slash_bare", "dash", "dot", "sentence")


@dataclass(frozen=True)
class WordHabit:
    """How a clerk says numbers (``registers.md`` 3.1)."""

    thousand: str = "nghìn"
    gap: str = "linh"
    early_day: str = "mồng"
    commas: bool = True
    capital: bool = True
    zero_hundred: bool = True


def draw_habit(rng: random.Random) -> WordHabit:
    """A clerk's habit."""
    return WordHabit(
        thousand=weighted(rng, ("nghìn", "ngàn"), (4, 1)),
        gap=weighted(rng, ("linh", "lẻ"), (4, 1)),
        early_day=weighted(rng, ("mồng", "mùng", ""), (3, 1, 2)),
        commas=often(rng, 0.6),
        capital=often(rng, 0.8),
        zero_hundred=often(rng, 0.7),
    )


def below_hundred(n: int) -> str:
    """A number from 0 to 99 in words."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return DIGITS[ones]
    head = "mười" if tens == 1 else f"{DIGITS[tens]} mươi"
    if ones == 0:
        return head
    tail = {1: "một" if tens == 1 else "mốt", 4: "bốn" if tens == 1 else "tư", 5: "lăm"}
    return f"{head} {tail.get(ones, DIGITS[ones])}"


def year_words(year: int, habit: WordHabit) -> str:
    """1974 -> ``một nghìn chín trăm bảy mươi tư``."""
    thousands, rest = divmod(year, 1000)
    hundreds, low = divmod(rest, 100)
    words = f"{DIGITS[thousands]} {habit.thousand}"
    if hundreds or (low and habit.zero_hundred):
        words += f" {DIGITS[hundreds]} trăm"
    if low:
        words += f" {habit.gap} {DIGITS[low]}" if low < 10 else f" {below_hundred(low)}"
    return words


def date_words(day: dt.date, habit: WordHabit) -> str:
    """A whole date in words."""
    number = below_hundred(day.day)
    if day.day <= 10 and habit.early_day:
        number = f"{habit.early_day} {number}"
    month = "tư" if day.month == 4 else below_hundred(day.month)
    comma = "," if habit.commas else ""
    first = "Ngày" if habit.capital else "ngày"
    return f"{first} {number}{comma} tháng {month}{comma} năm {year_words(day.year, habit)}"


def date_digits(day: dt.date, style: str) -> str:
    """A whole date in digits, in one of ``STYLES``."""
    d, m, y = day.day, day.month, day.year
    if style == "slash":
        return f"{d:02d}/{m:02d}/{y}"
    if style == "slash_bare":
        return f"{d}/{m}/{y}"
    if style == "dash":
        return f"{d}-{m}-{y}"
    if style == "dot":
        return f"{d:02d}.{m:02d}.{y}"
    return f"ngày {d:02d} tháng {m:02d} năm {y}"


def month_digits(day: dt.date, style: str) -> str:
    """Month and year only."""
    if style == "sentence":
        return f"tháng {day.month:02d} năm {day.year}"
    mark = {"dash": "-", "dot": "."}.get(style, "/")
    return f"{day.month}{mark}{day.year}"


def between(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    """A day in a span, both ends included."""
    return first + dt.timedelta(days=rng.randint(0, max(0, (last - first).days)))
