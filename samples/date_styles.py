"""Ways in which clerks of all eras wrote a day: our own hand, not the parsers' trees."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

from pipeline.values.eras import cycle_of
from pipeline.values.lunar import to_lunar

DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
STEMS = ["Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý"]
BRANCHES = [
    *("Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi"),
]
FRENCH_MONTHS = [
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
    *("octobre", "novembre", "décembre"),
]
ROMAN = ["I", "", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]

Writer = Callable[[dt.date, random.Random], str]

IN_DIGITS = (
    "{d:02d}/{m:02d}/{y}",
    "{d}/{m}/{y}",
    "{d}-{m}-{y}",
    "{d:02d}.{m:02d}.{y}",
    "{d:02d} {m:02d} {y}",
    "{d:02d}{m:02d}{y}",
    "{d} / {m} / {y}",
    "{d}–{m}–{y}",
    "{d}, {m}, {y}",
    "{d}·{m}·{y}",
    "{y}/{m}/{d}",
    "{y}-{m:02d}-{d:02d}",
    "{y}.{m}.{d}",
    "ngày {d:02d} tháng {m:02d} năm {y}",
    "Ngày {d} tháng {m} năm {y}.",
    "ngày..{d:02d}....tháng..{m:02d}...năm...{y}...",
    "{d:02d} tháng {m:02d} năm {y}",
    "Le {d} {f} {y}",
    "năm {y} tháng {m} ngày {d}",
    "ngay {d} thang {m} nam {y}",
    "{d} {f} {y}",
    "le {d} {f} {y}",
    "{d}/{m}-{y}",
    "ngày {d}/{m}/{y}",
    "Sinh ngày {d}-{m}-{y}",
    "ngày {d} tháng {m}/{y}",
    "Ngày {d}-{m} năm {y}",
)


def below_hundred(n: int, rng: random.Random, *, bare: bool) -> str:
    """1..99 as people say it; ``bare`` leaves mươi out."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return DIGITS[ones]
    if tens == 1:
        return ("mười " + {0: "", 5: rng.choice(("lăm", "nhăm"))}.get(ones, DIGITS[ones])).strip()
    tail = {
        0: "",
        1: "mốt",
        4: rng.choice(("tư", "bốn")),
        5: rng.choice(("lăm", "nhăm")),
        7: rng.choice(("bảy", "bẩy")),
    }.get(ones, DIGITS[ones])
    if bare and ones:
        return f"{DIGITS[tens]} {tail}"
    contracted = {2: "hăm", 3: "băm"}.get(tens)
    if contracted and ones and rng.random() < 0.4:
        return f"{contracted} {tail}"
    return f"{DIGITS[tens]} {rng.choice(('mươi', 'mười'))} {tail}".strip()


def year_words(year: int, rng: random.Random) -> str:
    """A year in full, in one of its ways."""
    low = year % 100
    thousand = rng.choice(("nghìn", "ngàn"))
    head = (
        f"hai {thousand}" + rng.choice((" không trăm", "")) * bool(low)
        if year >= 2000
        else f"một {thousand} chín trăm"
    )
    if low == 0:
        return head
    if low < 10:
        return f"{head} {rng.choice(('linh', 'lẻ'))} {DIGITS[low]}"
    if year < 2000 and rng.random() < 0.15:
        return f"một chín {below_hundred(low, rng, bare=True)}"
    return f"{head} {below_hundred(low, rng, bare=rng.random() < 0.4)}"


def month_words(month: int, rng: random.Random) -> str:
    """A month; the fourth is tư."""
    return "tư" if month == 4 else below_hundred(month, rng, bare=False)


def in_words(day: dt.date, rng: random.Random) -> str:
    """Northern and southern, contracted or in full; capitals, commas."""
    said = below_hundred(day.day, rng, bare=rng.random() < 0.3)
    if day.day <= 10:
        said = rng.choice(("", "mồng ", "mùng ")) + said
    comma = rng.choice(("", "", ",", "."))
    label = rng.choice(("Ngày ", "ngày ", "", "Sinh ngày "))
    month, year = month_words(day.month, rng), year_words(day.year, rng)
    text = f"{label}{said}{comma} tháng {month}{comma} năm {year}"
    return rng.choice((str, str, str.title, str.upper))(text)


def year_first(day: dt.date, rng: random.Random) -> str:
    """Year, month, day."""
    month, year = month_words(day.month, rng), year_words(day.year, rng)
    return f"năm {year}, tháng {month}, ngày {below_hundred(day.day, rng, bare=False)}"


def french_below_hundred(n: int) -> str:
    """1..99 in French."""
    small = [
        *("zéro", "un", "deux", "trois", "quatre", "cinq", "six"),
        *("sept", "huit", "neuf", "dix", "onze", "douze", "treize"),
        *("quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
    ]
    if n < 20:
        return small[n]
    if n < 70:
        ten = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}[n // 10]
        return ten + {0: "", 1: " et un"}.get(n % 10, f"-{small[n % 10]}")
    if n < 80:
        return "soixante et onze" if n == 71 else f"soixante-{small[n - 60]}"
    return "quatre-vingts" if n == 80 else f"quatre-vingt-{small[n - 80]}"


def french_year(year: int, rng: random.Random) -> str:
    """A year in French."""
    low = year % 100
    if year >= 2000:
        return f"deux mille {french_below_hundred(low) if low else ''}".strip()
    head = rng.choice(("mil neuf cent", "mille neuf cent"))
    return f"{head} {french_below_hundred(low)}" if low else head


def in_french(day: dt.date, rng: random.Random) -> str:
    """As clerks of the protectorate and their acts wrote."""
    number = "premier" if day.day == 1 else french_below_hundred(day.day)
    month, year = FRENCH_MONTHS[day.month - 1], french_year(day.year, rng)
    if rng.random() < 0.3:
        return f"L'an {year}, le {number} du mois de {month}"
    text = f"le {number} {month} {year}"
    return rng.choice((str, str.title, str.upper))(text)


def by_the_moon(day: dt.date, rng: random.Random) -> str:
    """The day of the moon, its calendar named; the year as a number, of the cycle or a reign."""
    moon = to_lunar(day)
    assert moon is not None
    leap = " nhuận" if moon.leap else ""
    stem, branch = STEMS[cycle_of(moon.year) % 10], BRANCHES[cycle_of(moon.year) % 12]
    years = [f"{moon.year} âm lịch", f"{stem} {branch}"]
    if 1916 <= moon.year <= 1925:
        years.append(f"Khải Định thứ {below_hundred(moon.year - 1915, rng, bare=False)}")
    if 1926 <= moon.year <= 1945:
        years.append(f"Bảo Đại thứ {moon.year - 1925}")
    year = rng.choice(years)
    name = {1: "giêng", 12: "chạp", 4: "tư"}.get(
        moon.month, below_hundred(moon.month, rng, bare=False)
    )
    said = below_hundred(moon.day, rng, bare=False)
    said = f"mồng {said}" if moon.day <= 10 else "rằm" if moon.day == 15 else said
    if rng.random() < 0.5:
        return f"ngày {moon.day} tháng {moon.month}{leap} năm {year}"
    return f"ngày {said} tháng {name}{leap} năm {year}"


def one_edit(text: str, rng: random.Random) -> str:
    """One letter changed, lost, doubled or put in, anywhere."""
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếệịọộúýfjwz "
    at = rng.randrange(len(text))
    kind = rng.randrange(3)
    letter = rng.choice(letters)
    if kind == 0:
        return text[:at] + letter + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + letter + text[at:]
