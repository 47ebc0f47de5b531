"""Dates and hours as clerks of all eras wrote them, and the numbers of registers."""

from __future__ import annotations

import random

from training.hand.lists import phrases

_UNITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_TENS = ("mười", "hai mươi", "ba mươi", "bốn mươi", "năm mươi", "sáu mươi", "bảy mươi", "tám mươi")
_OLD = {"bảy": "bẩy", "nghìn": "ngàn", "linh": "lẻ", "tư": "bốn", "lăm": "nhăm"}
_FRENCH_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def below_hundred(number: int, rng: random.Random) -> str:
    """A number of 0..99 in words, one of the ways that clerks have."""
    tens, unit = divmod(number, 10)
    if not tens:
        return _UNITS[unit]
    head = "mười" if tens == 1 else f"{_UNITS[tens]} mươi"
    if not unit:
        return head
    tail = _UNITS[unit]
    if unit == 5:
        tail = "lăm" if tens == 1 or rng.random() < 0.7 else "nhăm"
    elif unit == 1 and tens > 1:
        tail = "mốt"
    elif unit == 4 and tens > 1 and rng.random() < 0.5:
        tail = "tư"
    if tens > 1 and rng.random() < 0.12:
        head = head.removesuffix(" mươi")
        tail = {"mốt": "mốt", "nhăm": "lăm"}.get(tail, tail)
    return f"{head} {tail}"


def year_in_words(year: int, rng: random.Random) -> str:
    """A year in words, in northern or southern manner, or digit by digit."""
    if rng.random() < 0.06:
        return " ".join(_UNITS[int(sign)] for sign in str(year))
    thousand = rng.choice(("nghìn", "nghìn", "ngàn"))
    hundreds, rest = divmod(year % 1000, 100)
    parts = [f"{_UNITS[year // 1000]} {thousand}"]
    if hundreds or rng.random() < 0.7:
        parts.append(f"{_UNITS[hundreds]} trăm")
    if rest:
        low = below_hundred(rest, rng)
        parts.append(f"{rng.choice(('linh', 'linh', 'lẻ'))} {low}" if rest < 10 else low)
    return " ".join(parts)


def date_in_words(day: int, month: int, year: int, rng: random.Random) -> str:
    """A whole date in words, or its day and month, or its year."""
    days = ("mồng " if day <= 10 and rng.random() < 0.5 else "") + below_hundred(day, rng)
    months = _month(month, rng)
    style = rng.random()
    head = rng.choice(("Ngày", "ngày"))
    if style < 0.6:
        said = f"{head} {days} tháng {months} năm {year_in_words(year, rng)}"
    elif style < 0.72:
        said = f"{head} {days} tháng {months}"
    elif style < 0.85:
        said = f"{rng.choice(('Năm', 'năm'))} {year_in_words(year, rng)}"
    else:
        said = f"{days}, tháng {months}, năm {year_in_words(year, rng)}"
    pick = rng.random()
    if pick < 0.1:
        said = said.replace("tháng", "Tháng").replace("năm ", "Năm ")
    elif pick < 0.14:
        said = said.upper()
    for new, old in _OLD.items():
        if old not in ("bốn", "nhăm") and rng.random() < 0.1:
            said = said.replace(new, old)
    return said


def _month(month: int, rng: random.Random) -> str:
    if month == 1:
        return rng.choice(("giêng", "một"))
    if month == 12:
        return rng.choice(("mười hai", "mười hai", "chạp"))
    if month == 4:
        return rng.choice(("tư", "tư", "bốn"))
    return below_hundred(month, rng)


def in_digits(day: int, month: int, year: int, rng: random.Random) -> str:
    """A date in digits, whole or without its day, two or four signs for the year."""
    mark = rng.choice(("/", "/", "-", "-", ".", " ", " / ", " - "))
    short = f"{year % 100:02d}" if rng.random() < 0.25 else str(year)
    two = rng.random() < 0.55
    days = f"{day:02d}" if two else str(day)
    months = f"{month:02d}" if two or (month < 3 and rng.random() < 0.5) else str(month)
    if rng.random() < 0.05:
        months = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"][
            month - 1
        ]
    parts = [days, months, short] if rng.random() < 0.88 else [months, short]
    return mark.join(parts)


def date(rng: random.Random) -> str:
    """A date in digits, in words, of the old calendar, French; or a part of one."""
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1890, 2024)
    style = rng.random()
    if style < 0.5:
        return in_digits(day, month, year, rng)
    if style < 0.57:
        return rng.choice(
            (
                f"ngày {day} tháng {month} năm {year}",
                f"Ngày {day:02d} tháng {month:02d} năm {year}",
                f"{day} tháng {month} năm {year}",
                f"{day} - {month:02d} - {year}",
                f"tháng {month} năm {year}",
                f"tháng {month}/{year}",
                f"năm {year}",
                str(year),
            )
        )
    if style < 0.77:
        return date_in_words(day, month, year, rng)
    if style < 0.85:
        return old_calendar(rng)
    if style < 0.9:
        return hour(rng)
    if style < 0.95:
        number = "1er" if day == 1 else str(day)
        return rng.choice(
            (
                f"{number} {rng.choice(_FRENCH_MONTHS)} {rng.randint(1890, 1954)}",
                f"le {number} {rng.choice(_FRENCH_MONTHS)}",
                f"Le {number} {rng.choice(_FRENCH_MONTHS)} mil neuf cent",
            )
        )
    return " ".join(rng.choices(phrases()["number_word"], k=rng.randint(1, 5)))


def old_calendar(rng: random.Random) -> str:
    """A year of a reign or of the cycle of sixty, or a lunar date."""
    stem, branch = _cycle(rng.randint(1890, 2020))
    pick = rng.random()
    years = f"năm {stem} {branch}" if rng.random() < 0.5 else f"{stem} {branch}"
    if rng.random() < 0.2:
        years = years.replace(f"{stem} ", f"{stem}-").replace(branch, branch.lower())
    if pick < 0.4:
        return years
    day, month = rng.randint(1, 30), rng.randint(1, 12)
    if pick < 0.6:
        calendar = rng.choice(("âm lịch", "Âm lịch", "ÂL", "(âl)", "ta", "A.L."))
        said = rng.choice((f"{day}/{month}", f"ngày {day} tháng {_month(month, rng)}"))
        return f"{said} {calendar}"
    if pick < 0.7:
        said = rng.choice(("mồng", "mùng")) if day <= 10 else "ngày"
        return f"{said} {below_hundred(day, rng)} tháng {_month(month, rng)} {years}"
    reign = rng.choice(phrases()["reign"])
    reign = reign.replace(" ", "-") if rng.random() < 0.2 else reign
    count = rng.randint(1, 20)
    number = str(count) if rng.random() < 0.6 else below_hundred(count, rng)
    said = f"{reign} {rng.choice(('năm thứ', 'thứ', 'năm', ''))} {number}"
    return said if rng.random() < 0.7 else f"{said} ({stem} {branch})"


def _cycle(year: int) -> tuple[str, str]:
    stems, branches = phrases()["stem"], phrases()["branch"]
    return stems[(year - 4) % 10], branches[(year - 4) % 12]


def hour(rng: random.Random) -> str:
    """An hour of the day."""
    minutes = rng.choice(("", "", "30", "15", "rưỡi", "05 phút", "20 phút"))
    part = rng.choice(("", "sáng", "chiều", "đêm", "trưa", "tối", "kém 10"))
    if rng.random() < 0.25:
        return f"{rng.randint(0, 23)}{rng.choice('hgH')}{rng.choice(('', '00', '30', '15', '45'))}"
    return f"{rng.randint(0, 23)} giờ {minutes} {part}"


def number(rng: random.Random) -> str:
    """A number as registers have them: of entries, papers, ages, houses, pages."""
    style = rng.random()
    if style < 0.3:
        return str(rng.randint(0, 10 ** rng.randint(1, 4) - 1))
    if style < 0.36:
        return f"{rng.randint(0, 999):0{rng.randint(2, 3)}d}"
    if style < 0.46:
        after = (str(rng.randint(1950, 2015)), str(rng.randint(1, 99)), "KS", "QĐ-UB", "HT", "TP")
        return f"{rng.randint(1, 400):0{rng.randint(1, 3)}d}/{rng.choice(after)}"
    if style < 0.58:
        return "".join(rng.choices("0123456789", k=rng.choice((9, 9, 12, 8, 5, 6))))
    if style < 0.7:
        return f"{rng.randint(1, 99)} {rng.choice(('tuổi', 'tuổi', 't', 'ans', 'tháng', 'ngày'))}"
    if style < 0.8:
        return f"{rng.randint(1, 500)}{rng.choice('ABCD/')}{rng.randint(1, 90)}"
    if style < 0.86:
        return rng.choice(("1", "2", "01", "02")) + " " + rng.choice(("bản", "trang", "con", "tờ"))
    if style < 0.93:
        return below_hundred(rng.randint(0, 99), rng) + rng.choice(("", " tuổi"))
    return f"{rng.choice(('Số', 'số', 'No', 'N°'))} {rng.randint(1, 999)}"


def small_number(rng: random.Random) -> str:
    """What stands in the smallest fields: a digit alone, a day, a month, an age."""
    if rng.random() < 0.5:
        return str(rng.randint(0, 9))
    return str(rng.randint(10, 99)) if rng.random() < 0.6 else f"{rng.randint(0, 31):02d}"
