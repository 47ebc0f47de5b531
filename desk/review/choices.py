"""Candidates under the number keys: of the reader, of the gazetteer, of the names' model, of lists.

Each says where it comes from. None is chosen by itself; the first is not "right", only likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from desk.review.shown import DATES, in_language, in_words, type_of, typed
from pipeline.checks.voids import VOID, VOIDED
from pipeline.fields import FieldType
from pipeline.places import Gazetteer
from pipeline.places.candidates import NameCandidate, candidate_names
from pipeline.places.shown import spell_day
from pipeline.places.units import State
from pipeline.places.walk import walk
from pipeline.texts import Text
from pipeline.values.closed import load_lexicon
from pipeline.values.context import Context
from pipeline.values.dates import parse_date
from pipeline.values.name_model import NameModel, load_names, rerank
from pipeline.values.names import parts_of
from pipeline.values.text import fold, unify_tone

MOST = 9
_ALIKE = 76.0
"""Letters without marks that a place's name must share with what was read, of 100."""
_PLACES_PER_PART = 3
_LONGEST_NAME = 5
"""Words of a name with its type."""
_LISTED = {
    FieldType.SEX: ("sexes", ("Nam", "Nữ")),
    FieldType.ETHNICITY: ("ethnicities", ("Kinh",)),
    FieldType.NATIONALITY: ("nationalities", ("Việt Nam",)),
}
_LIST_ALIKE = 60.0


@dataclass(frozen=True)
class Choice:
    """A text that may be taken with one key, where it comes from, and what to know of it."""

    text: str
    source: str
    """``reader``, ``names``, ``gazetteer`` or ``list``."""
    note: str = ""


def choices(
    field: str,
    shown: str,
    read: Sequence[tuple[str, float]],
    context: Context,
    gazetteer: Gazetteer,
    language: str,
    boxes: Sequence[str] = (),
) -> tuple[Choice, ...]:
    """Candidates of a field, likeliest first, without the text that already stands there.

    Args:
        field: name of the field.
        shown: text that stands there; Enter takes that.
        read: what readers saw, with shares; the likeliest first.
        context: the book.
        gazetteer: loaded.
        language: of the notes.
        boxes: values of the boxes that may be ticked, where the field is ticked and not written.
    """
    kind = type_of(field)
    found: dict[str, Choice] = {}
    ticked = [Choice(text, "list") for text in boxes]
    for one in ticked or _candidates(kind, field, shown, read, context, gazetteer, language):
        key = unify_tone(one.text).casefold() if kind is not FieldType.NAME else one.text
        if one.text and key not in found and one.text != shown:
            found[key] = one
    return tuple(found.values())[:MOST]


def _candidates(
    kind: FieldType,
    field: str,
    shown: str,
    read: Sequence[tuple[str, float]],
    context: Context,
    gazetteer: Gazetteer,
    language: str,
) -> Iterator[Choice]:
    if kind in DATES:
        yield from _dates(field, read, context, language)
    elif kind is FieldType.NAME:
        yield from _names(shown, read)
    elif kind is FieldType.PLACE:
        yield from (Choice(text, "reader") for text, _ in read[:3])
        yield from _places(shown or (read[0][0] if read else ""), context, gazetteer, language)
    elif kind in _LISTED:
        yield from _listed(kind, shown, read)
    elif field == VOIDED:
        yield Choice(VOID, "list")
    else:
        yield from (Choice(text, "reader") for text, _ in read)


def _dates(
    field: str, read: Sequence[tuple[str, float]], context: Context, language: str
) -> Iterator[Choice]:
    for text, _ in read:
        meaning = parse_date(text, context.year).normalized
        if meaning is not None:
            yield Choice(typed(field, meaning), "reader", in_words(meaning, language))


# --- names --------------------------------------------------------------------------------------


def _names(shown: str, read: Sequence[tuple[str, float]]) -> Iterator[Choice]:
    for ranked in rerank(list(read)):
        yield Choice(ranked.text, "reader")
    for text in _respelt(shown or (read[0][0] if read else ""), load_names()):
        yield Choice(text, "names")


def _respelt(name: str, model: NameModel) -> Iterator[str]:
    """The name with one part in a spelling that is known, its letters without marks the same."""
    parts = parts_of(name)
    if parts.foreign or not parts.family:
        return
    words = [parts.family, *parts.middle.split(), parts.given]
    pools = [model.family, *([model.middle] * len(parts.middle.split())), model.given]
    for at, (word, pool) in enumerate(zip(words, pools, strict=True)):
        for other in _same_letters(pool).get(_letters(word), ()):
            if other != unify_tone(word).casefold():
                cased = other.upper() if word.isupper() else other.capitalize()
                yield " ".join([*words[:at], cased, *words[at + 1 :]])


def _letters(word: str) -> str:
    """A word without marks and tone; đ is a letter of its own."""
    return fold(word.lower().replace("đ", "7"))


@lru_cache(maxsize=8)
def _same_letters(pool: frozenset[str]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for part in sorted(pool):
        groups.setdefault(_letters(part), []).append(part)
    return {key: tuple(parts) for key, parts in groups.items()}


# --- lists --------------------------------------------------------------------------------------


def _listed(kind: FieldType, shown: str, read: Sequence[tuple[str, float]]) -> Iterator[Choice]:
    name, usual = _LISTED[kind]
    names = sorted(load_lexicon(name).names)
    folded = {fold(one): one for one in names}
    for text in (shown, *(text for text, _ in read)):
        for alike, _, _ in process.extract(
            fold(text), list(folded), scorer=fuzz.ratio, score_cutoff=_LIST_ALIKE, limit=2
        ):
            yield Choice(folded[alike], "list")
    for one in usual:
        yield Choice(one, "list")


# --- places -------------------------------------------------------------------------------------


def _places(read: str, context: Context, gazetteer: Gazetteer, language: str) -> Iterator[Choice]:
    """What was read with one of its parts as the gazetteer spells it in that year."""
    parts = [part.strip() for part in read.split(",")]
    names, keys = _spellings(gazetteer, context.place, context.year)
    known = _known(gazetteer, context.place, context.year)
    for at, part in enumerate(parts):
        tails = list(_tails(part))
        if any(unify_tone(tail).casefold() in known for _, tail in tails):
            continue  # a name of that year, as it is spelt: nothing to offer
        alike = [
            (score, head, index)
            for head, tail in tails
            for _, score, index in process.extract(
                fold(tail), keys, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=12
            )
        ]
        # Among names about as alike the nearer place comes first.
        alike.sort(key=lambda one: (-round(one[0] / 8), -names[one[2]][1].weight, len(one[1])))
        for _, head, index in alike[:_PLACES_PER_PART]:
            text, one = names[index]
            yield Choice(
                ", ".join([*parts[:at], f"{head} {text}".strip(), *parts[at + 1 :]]),
                "gazetteer",
                _life(one, gazetteer, context, language),
            )


def _tails(part: str) -> Iterator[tuple[str, str]]:
    """A part of a place and its ends: in "trạm xá xã An Thái" the name comes last."""
    words = part.split()
    for start in range(len(words)):
        if len(words) - start <= _LONGEST_NAME:
            tail = " ".join(words[start:])
            if len(tail) > 2:
                yield " ".join(words[:start]), tail


@lru_cache(maxsize=64)
def _known(gazetteer: Gazetteer, unit: str, year: int) -> frozenset[str]:
    return frozenset(
        unify_tone(text).casefold() for text, _ in _spellings(gazetteer, unit, year)[0]
    )


@lru_cache(maxsize=64)
def _spellings(
    gazetteer: Gazetteer, unit: str, year: int
) -> tuple[list[tuple[str, NameCandidate]], list[str]]:
    names: list[tuple[str, NameCandidate]] = []
    for one in candidate_names(gazetteer, unit, year):
        names += [(one.name, one), (f"{one.type.lower()} {one.name}", one)]
    return names, [fold(text) for text, _ in names]


def _life(one: NameCandidate, gazetteer: Gazetteer, context: Context, language: str) -> str:
    """``xã, 1956–2024 → nay: Xã An Lão``: when it was called so, and what it is now."""
    unit = gazetteer.units[one.unit_id]
    state = unit.near(date(context.year, 7, 1))
    now = present_of(gazetteer, one.unit_id, context, language)
    return f"{state.type.lower()}, {_years(state)}{f' → {now}' if now else ''}"


def present_of(gazetteer: Gazetteer, unit_id: str, context: Context, language: str) -> str:
    """The unit its people are counted in today; empty where that is itself or nobody knows."""
    since = max(gazetteer.units[unit_id].start, date(context.year, 7, 1))
    ways = walk(gazetteer, unit_id, since, context.as_of)
    if not ways or ways[0].unit == unit_id:
        return ""
    state = gazetteer.units[ways[0].unit].on(context.as_of)
    if state is None:
        return ""
    more = f" (+{len(ways) - 1})" if len(ways) > 1 else ""
    return in_language(Text("nay: {name}", "now: {name}"), language).format(
        name=state.full_name + more
    )


def _years(state: State) -> str:
    return f"{spell_day(state.start)[-4:] or '…'}–{spell_day(state.end)[-4:] or '…'}"
