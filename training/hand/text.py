"""Register language to train with: what clerks of all eras wrote, and syllables nobody wrote.

Rare names are as common here as frequent ones, and syllables are put together by chance, so
that the net learns to look and not to guess.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.settings import PROJECT

_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_SHORT = ("sex", "ethnic", "nation", "trade", "note")
_PHRASES = Path(__file__).with_name("phrases.tsv")


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[str, ...]]:
    """What clerks and printers write, by kind; our own list, see ``phrases.tsv``."""
    found: dict[str, list[str]] = {}
    with _PHRASES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["kind"], []).append(row["text"])
    return {kind: tuple(texts) for kind, texts in found.items()}


@lru_cache(maxsize=1)
def _name_parts() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    with (PROJECT / "samples" / "data" / "name_parts.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["part"], []).append(row["text"])
    return {part: tuple(dict.fromkeys(words)) for part, words in found.items()}


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    folder = PROJECT / "ocr_config" / "gazetteer"
    names: dict[str, None] = {}
    for path in sorted(folder.glob("*/names.csv")):
        names |= dict.fromkeys(_column(path, "name"))
    return tuple(name for name in names if not foreign_signs(normalized(name)))


def _column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [row[column] for row in csv.DictReader(lines) if row[column]]


def syllable(rng: random.Random) -> str:
    """A syllable that Vietnamese could have."""
    onset = rng.choice(phrases()["onset"]) if rng.random() < 0.93 else ""
    rhyme = rng.choice(phrases()["rhyme"])
    tones = _TONES if rhyme[-1] not in "ctp" and rhyme[-2:] != "ch" else ("\u0301", "\u0323")
    at = _mark_place(rhyme)
    toned = rhyme[: at + 1] + rng.choice(tones) + rhyme[at + 1 :]
    return unicodedata.normalize("NFC", onset + toned)


def _mark_place(rhyme: str) -> int:
    for sign in "ơêôâăư":
        if sign in rhyme:
            return rhyme.rindex(sign)
    vowels = [n for n, sign in enumerate(rhyme) if sign in "aeiouy"]
    if len(vowels) > 1 and (
        len(vowels) == 3 or vowels[-1] < len(rhyme) - 1 or rhyme in ("oa", "oe", "uy")
    ):
        return vowels[1]
    return vowels[0]


def name(rng: random.Random) -> str:
    """A name; every part of the lists as likely as every other, some parts invented."""
    parts = _name_parts()
    common = rng.random() < 0.5
    family = rng.choice(parts["family"][:12] if common else parts["family"])
    words = [family]
    if rng.random() < 0.9:
        words.append(rng.choice(("Văn", "Thị")) if rng.random() < 0.4 else _part(rng, "middle"))
    if rng.random() < 0.15:
        words.append(_part(rng, "middle"))
    words.append(_part(rng, "given"))
    style = rng.random()
    if style < 0.12:
        return "-".join(
            word if n in (0, len(words) - 1) else word.lower() for n, word in enumerate(words)
        )
    if style < 0.2:
        return " ".join(words).upper()
    if style < 0.26:
        return " ".join([words[0], *(word.lower() for word in words[1:])])
    return " ".join(words)


def _part(rng: random.Random, part: str) -> str:
    return syllable(rng).capitalize() if rng.random() < 0.25 else rng.choice(_name_parts()[part])


def place(rng: random.Random) -> str:
    """A place, alone or within others, in full or short."""
    own = rng.choice(_places()) if rng.random() < 0.7 else _invented(rng)
    style = rng.random()
    if style < 0.35:
        return own
    if style < 0.45:
        return own.replace(" ", "-")
    kind = rng.choice(phrases()["place_kind"])
    first = f"{kind} {rng.randint(1, 260)}" if rng.random() < 0.25 else f"{kind} {own}"
    if style < 0.65:
        return first
    mark = rng.choice((", ", " ", " - ", " , "))
    more = [rng.choice(_places()) for _ in range(rng.randint(1, 2))]
    return mark.join([first, *more])


def _invented(rng: random.Random) -> str:
    return " ".join(syllable(rng).capitalize() for _ in range(rng.randint(1, 2)))


def date(rng: random.Random) -> str:
    """A date in digits, in words, or of the old calendar; or a part of one."""
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1890, 2022)
    style = rng.random()
    if style < 0.6:
        mark = rng.choice("//.-- ")
        short = f"{year % 100:02d}" if rng.random() < 0.35 else str(year)
        two = rng.random() < 0.5
        days = f"{day:02d}" if two else str(day)
        months = f"{month:02d}" if two else str(month)
        parts = [days, months, short] if rng.random() < 0.85 else [months, short]
        return mark.join(parts)
    if style < 0.7:
        return f"ngày {day} tháng {month} năm {year}"
    if style < 0.76:
        return f"{rng.choice(phrases()['stem'])} {rng.choice(phrases()['branch'])}"
    if style < 0.8:
        count = rng.choice(("thứ ", "năm thứ ", ""))
        return f"{rng.choice(phrases()['reign'])} {count}{rng.randint(1, 20)}"
    if style < 0.84:
        minutes = rng.choice(("", "30", "15", "rưỡi", "05 phút"))
        return f"{rng.randint(0, 23)} giờ {minutes} {rng.choice(('', 'sáng', 'chiều', 'đêm'))}"
    words = rng.choices(phrases()["number_word"], k=rng.randint(2, 5))
    return rng.choice(
        (
            f"ngày {' '.join(words[:2])} tháng {rng.choice(phrases()['month'])}",
            f"năm một nghìn chín trăm {' '.join(words[:3])}",
            f"tháng {rng.choice(phrases()['month'])}",
            " ".join(words),
        )
    )


def number(rng: random.Random) -> str:
    """A number as registers have them: of entries, papers, ages, hours, houses."""
    style = rng.random()
    if style < 0.35:
        return str(rng.randint(0, 10 ** rng.randint(1, 4)))
    if style < 0.45:
        after = (str(rng.randint(1950, 2015)), str(rng.randint(1, 99)), "KS", "QĐ-UB", "HT")
        return f"{rng.randint(1, 400):0{rng.randint(1, 3)}d}/{rng.choice(after)}"
    if style < 0.55:
        return "".join(rng.choices("0123456789", k=rng.choice((9, 9, 12, 8))))
    if style < 0.65:
        return f"{rng.randint(1, 99)} tuổi"
    if style < 0.75:
        return f"{rng.randint(1, 500)}{rng.choice('ABCD/')}{rng.randint(1, 90)}"
    if style < 0.85:
        return rng.choice(("1", "2", "01", "02")) + " " + rng.choice(("bản", "trang", "con", "tờ"))
    return f"{rng.choice(('Số', 'số', 'No', 'N°'))} {rng.randint(1, 999)}"


def chance(rng: random.Random) -> str:
    """Syllables by chance, in small letters, title case or capitals, with signs here and there."""
    words = [syllable(rng) for _ in range(rng.randint(1, 4))]
    style = rng.random()
    if style < 0.35:
        words = [word.capitalize() for word in words]
    elif style < 0.5:
        words = [word.upper() for word in words]
    if rng.random() < 0.2:
        words[rng.randrange(len(words))] += rng.choice((",", ".", ";", ":", ")", "?", "-"))
    if rng.random() < 0.1:
        words.insert(
            rng.randrange(len(words) + 1),
            rng.choice(("&", "+", "=", '"', "(", "x", "°", "%", "1°", "_")),
        )
    return " ".join(words)


def _of(kind: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(phrases()[kind])


_KINDS: tuple[tuple[float, Callable[[random.Random], str]], ...] = (
    (0.27, name),
    (0.2, place),
    (0.17, date),
    (0.09, number),
    (0.03, _of("sex")),
    (0.03, _of("ethnic")),
    (0.03, _of("nation")),
    (0.05, _of("trade")),
    (0.07, _of("note")),
    (0.04, _of("french")),
    (0.13, chance),
)


def field_text(rng: random.Random) -> str:
    """What stands alone in a small field: a date, a number, a day, a word of a short list."""
    pick = rng.random()
    if pick < 0.45:
        return normalized(date(rng))
    if pick < 0.7:
        return normalized(number(rng))
    if pick < 0.8:
        return str(rng.randint(0, 31))
    return normalized(rng.choice(phrases()[rng.choice(_SHORT)]))


def line_text(rng: random.Random, longest: int = 60) -> str:
    """A line of at most ``longest`` letters (shortened by whole words), normalised."""
    weights = [weight for weight, _ in _KINDS]
    text = rng.choices(_KINDS, weights)[0][1](rng)
    while len(text) < longest and rng.random() < 0.25:
        text += rng.choice((" ", ", ", " ")) + rng.choices(_KINDS, weights)[0][1](rng)
    text = normalized(text)
    while len(text) > longest and " " in text:
        text = text.rpartition(" ")[0]
    return text[:longest].strip() if not foreign_signs(text) else line_text(rng, longest)
