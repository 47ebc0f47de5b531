"""How a value may stand in ink: the way back from meaning to writing.

A person corrects a value; what the book's hand wrote for it is one of these texts, and the ink
tells which (``pipeline.reading.hand``). Each way means the value again: it is what ``normalise``
takes for it, apart from capitals and the placing of tones in names and texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from pipeline.fields import FIELDS, FieldType
from pipeline.values.closed import load_lexicon
from pipeline.values.context import Context
from pipeline.values.guide import LISTS
from pipeline.values.normalise import normalise
from pipeline.values.number_words import below_hundred, spelled
from pipeline.values.text import clean, other_tone, unify_tone
from pipeline.values.written_dates import ways_in_digits, ways_in_words

MOST = 160
"""Most ways of one value: what can be compared with a line of ink in some milliseconds."""
_AMONG_DIGITS = 32
_ENTRY = re.compile(r"(\d+) ?([a-z]*)")
_TIME = re.compile(r"(\d{2}):(\d{2})")
_NOON, _EVENING, _NIGHT, _HALF = 12, 18, 22, 30

Ways = Iterator[str]


def ways_to_write(field: str, value: str, context: Context) -> Sequence[str]:
    """Texts that a clerk may have written where a field has this value, the usual ones first.

    Args:
        field: name in ``pipeline.fields.FIELDS``.
        value: as ``normalise`` gives it (EDTF, list names, digits, texts), or as a person keyed it.
        context: the book; its year decides which short years and old names mean the value.

    Returns:
        At most ``MOST`` texts, each once; none for an empty value. What is no value of the field's
        kind may only stand as it is.

    Raises:
        KeyError: ``field`` is not in ``FIELDS``.
    """
    text = clean(value)
    if not text:
        return ()
    made = _MAKERS[FIELDS[field].type](field, text, context)
    return tuple(islice(dict.fromkeys(made), MOST)) or (text,)


def _date(field: str, value: str, context: Context) -> Ways:
    short = _short_year(field, value, context)
    digits = ways_in_digits(value, context.year)
    yield from (way for way in digits if short or value[:4] in way)
    yield from ways_in_words(value, context.year if short else 0)[:_AMONG_DIGITS]


def _short_year(field: str, value: str, context: Context) -> bool:
    """True where two digits mean this year: a parent is not born in the year of a child."""
    found = normalise(field, f"1/1/{value[2:4]}", context).normalized
    return found is not None and found[:4] == value[:4]


def _date_words(field: str, value: str, context: Context) -> Ways:
    short = _short_year(field, value, context)
    yield from ways_in_words(value, context.year if short else 0)
    # In this field 04 is sooner the number four than a year, and ngày wants its tháng.
    digits = (
        way
        for way in ways_in_digits(value, context.year)
        if value[:4] in way and ("tháng" in way or not way.startswith(("ngày", "Ngày")))
    )
    yield from islice(digits, _AMONG_DIGITS)


@lru_cache(maxsize=1024)
def _listed(field: str, value: str, context: Context) -> Sequence[str]:
    spellings = load_lexicon(LISTS[FIELDS[field].type]).spellings.get(value, (value,))
    ways = (way for spelling in spellings for way in _cases(spelling))
    # An old name belongs to its time, and some spellings to two names.
    return tuple(way for way in ways if normalise(field, way, context).normalized == value)


def _cases(text: str) -> Ways:
    """As it is, in capitals, every word with a capital, only the first, none."""
    for placed in dict.fromkeys((text, unify_tone(text), other_tone(text))):
        yield from (placed, placed.upper(), _title(placed))
        yield from (placed[:1].upper() + placed[1:], placed[:1].lower() + placed[1:])
        yield from (placed.capitalize(), placed.lower())


def _title(text: str) -> str:
    # str.title would make a capital after an apostrophe.
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


def _text(field: str, value: str, context: Context) -> Ways:
    return _cases(value)


def _name(field: str, value: str, context: Context) -> Ways:
    """Title case, capitals; small middle names (Nguyễn văn An); hyphens as once was usual."""
    words = _title(value).split(" ")
    inner = [words[0], *(word.lower() for word in words[1:-1]), words[-1]]
    if len(words) < 2:
        inner = words
    for text in (value, _title(value), value.upper(), " ".join(inner)):
        yield from dict.fromkeys((text, unify_tone(text), other_tone(text)))
    if len(words) > 1:
        for text in ("-".join(inner), "-".join(words), "-".join(words).upper()):
            yield from dict.fromkeys((text, unify_tone(text), other_tone(text)))
    yield from (value.capitalize(), value.lower())


def _number(field: str, value: str, context: Context) -> Ways:
    match = _ENTRY.fullmatch(value)
    if not match:
        return
    number, suffix = int(match[1]), match[2]
    widths = range(len(str(number)), max(len(str(number)), 4) + 1)
    tails = (suffix, suffix.upper(), f" {suffix}", f".{suffix}") if suffix else ("",)
    plain = [f"{number:0{width}d}{tail}" for width in widths for tail in tails]
    yield from plain
    year = context.year
    for text in plain[:3]:
        yield from (f"{text}/{year}", f"{text}/{year % 100:02d}", f"{text} / {year}")
        yield from (f"Số {text}", f"số {text}", f"Số: {text}", f"No {text}", f"N° {text}")


def _identity(field: str, value: str, context: Context) -> Ways:
    yield value
    letters = value.rstrip("0123456789")
    digits = value[len(letters) :]
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    for mark in (" ", "."):
        yield letters + mark.join(groups)
    if letters:
        yield from (f"{letters} {digits}", f"{letters} {' '.join(groups)}")


def _age(field: str, value: str, context: Context) -> Ways:
    yield value
    if not value.isdecimal() or not 0 < int(value) <= 120:
        return
    yield from (f"{value} tuổi", f"{int(value):02d}", f"{int(value):02d} tuổi", f"{value}t")
    if int(value) < 100:
        for phrase in below_hundred(int(value)):
            said = spelled(phrase)
            yield from (said, f"{said} tuổi", said.capitalize(), f"{said} tuổi".capitalize())


def _time(field: str, value: str, context: Context) -> Ways:
    match = _TIME.fullmatch(value)
    if not match:
        return
    hour, minute = int(match[1]), int(match[2])
    yield from _clock(hour, minute, "")
    if hour < _NOON:
        yield from _clock(hour, minute, " sáng")
    elif _NOON < hour < _EVENING:
        yield from _clock(hour - 12, minute, " chiều")
    elif hour >= _EVENING:
        yield from _clock(hour - 12, minute, " tối")
    if hour >= _NIGHT:
        yield from _clock(hour - 12, minute, " đêm")


def _clock(hour: int, minute: int, part: str) -> Ways:
    hours = dict.fromkeys((str(hour), f"{hour:02d}"))
    minutes = dict.fromkeys((f"{minute:02d}", str(minute)))
    for h in hours:
        if not minute:
            yield from (f"{h} giờ{part}", f"{h}h{part}", f"{h} h{part}", f"hồi {h} giờ{part}")
        for m in minutes:
            yield from (f"{h} giờ {m}{part}", f"{h} giờ {m} phút{part}", f"{h}h{m}{part}")
            yield from (f"hồi {h} giờ {m} phút{part}", f"{h}:{m}{part}", f"{h}g{m}{part}")
        if minute == _HALF:
            yield f"{h} giờ rưỡi{part}"


_MAKERS: dict[FieldType, Callable[[str, str, Context], Iterable[str]]] = {
    FieldType.NAME: _name,
    FieldType.DATE: _date,
    FieldType.DATE_WORDS: _date_words,
    FieldType.YEAR_OR_DATE: _date,
    FieldType.TIME: _time,
    FieldType.AGE: _age,
    FieldType.SEX: _listed,
    FieldType.ETHNICITY: _listed,
    FieldType.NATIONALITY: _listed,
    FieldType.NUMBER: _number,
    FieldType.IDENTITY: _identity,
    FieldType.PLACE: _text,
    FieldType.RELATION: _text,
    FieldType.OCCUPATION: _text,
    FieldType.TEXT: _text,
}
