"""How well a written name fits a unit: letters, type, time, and the units it lay in."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from pipeline.places.index import SHADOWED, Bearer
from pipeline.places.parse import HAMLET
from pipeline.places.spans import Span
from pipeline.places.units import Gazetteer, State, Unit

_MARKS_DIFFER, _NO_MARKS, _SHORT_MARKS_DIFFER = 0.25, 0.9, 0.02
_SHORT = 4
"""Letters of a name so short that marks are most of it: Bỉ, Úc, Ý."""
_EDITS = (1.0, 0.25, 0.05)
_CONFUSED = 0.6
"""Part of an edit that letters alike in handwriting cost."""
_OTHER_TYPE_THEN, _OTHER_TYPE_EVER = 0.5, 0.12
_VILLAGE_WORDS = frozenset({"Xã", "Làng", "Thôn"})
_LAST_VILLAGE_YEAR = 1957
"""Until the communes were founded a xã, làng or thôn was all the same."""
_GONE, _LONG_GONE, _LONG = 0.3, 0.1, 15
"""Clerks keep an old name for years: a penalty, not a wall."""
_PARENT_BEFORE, _PARENT_LATER = 0.6, 0.1
_ALIAS = {"official": 1.0, "variant": 0.8, "french": 0.9, "local": 0.5, SHADOWED: 0.05}

# Letters that readers and clerks take for one another (folded).
_ALIKE = frozenset(
    frozenset(pair)
    for pair in (
        *("nu", "nm", "nr", "mu", "hb", "hk", "hn", "ce", "co", "ao", "ae", "oe", "il", "it", "lt"),
        *("gq", "gy", "uv", "uo", "rv", "sr", "dl", "db", "vy", "sx", "tl", "un", "ia", "iu"),
    )
)


@lru_cache(maxsize=512)
def _year_days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def years_apart(bearer: Bearer, year: int | None) -> float:
    """1 where a name was in use in a year; less where it was given up before; 0 for one to come."""
    if year is None:
        return 1.0
    first, last = _year_days(year)
    if bearer.start > last:
        return 0.0
    if bearer.end > first:
        return 1.0
    return _LONG_GONE if year - bearer.end.year > _LONG else _GONE


def _letters(span: Span, bearer: Bearer) -> float:
    if span.text == bearer.name:
        return 1.0
    if not span.edits:
        # Without any mark a name says less, but nothing against its bearer.
        if span.text.isascii():
            return _NO_MARKS
        return _MARKS_DIFFER if len(span.text) > _SHORT else _SHORT_MARKS_DIFFER
    weight = _EDITS[min(span.edits, len(_EDITS) - 1)]
    alike = sum(
        1
        for edit in Levenshtein.editops(span.text, bearer.name)
        if edit.tag == "replace"
        and frozenset((span.text[edit.src_pos], bearer.name[edit.dest_pos])) in _ALIKE
    )
    return float(min(1.0, weight / _CONFUSED ** min(alike, span.edits)))


def _states_in(unit: Unit, year: int | None) -> list[State]:
    if year is None:
        return list(unit.states)
    first, last = date(year, 1, 1), date(year, 12, 31)
    return [state for state in unit.states if state.start <= last and state.end > first]


@lru_cache(maxsize=65536)
def _type(written: str, unit: Unit, year: int | None) -> float:
    if any(state.type == written for state in _states_in(unit, year)):
        return 1.0
    if written in _VILLAGE_WORDS and (
        unit.level == HAMLET or (year is not None and year <= _LAST_VILLAGE_YEAR)
    ):
        return 0.9
    ever = any(state.type == written for state in unit.states)
    return _OTHER_TYPE_THEN if ever else _OTHER_TYPE_EVER


def name_fit(span: Span, bearer: Bearer, year: int | None) -> float:
    """How well a written name and type fit a bearer of the name, time apart (0..1)."""
    fit = _letters(span, bearer) * _ALIAS[bearer.kind]
    return fit * _type(span.type.type, bearer.unit, year) if span.type else fit


@lru_cache(maxsize=65536)
def _above_in(gazetteer: Gazetteer, unit_id: str, year: int) -> frozenset[str]:
    """Units that a unit lay in during a year, at any level; as near to the year as it lived."""
    unit = gazetteer.units[unit_id]
    states = _states_in(unit, year) or [unit.near(date(year, 7, 1))]
    parents = {state.parent for state in states if state.parent}
    return frozenset(parents).union(*(_above_in(gazetteer, one, year) for one in parents))


@lru_cache(maxsize=65536)
def _above_until(gazetteer: Gazetteer, unit_id: str, year: int) -> frozenset[str]:
    """Units that a unit ever lay in up to a year."""
    last = date(year, 12, 31)
    parents = {
        state.parent
        for state in gazetteer.units[unit_id].states
        if state.parent and state.start <= last
    }
    return frozenset(parents).union(*(_above_until(gazetteer, one, year) for one in parents))


def lay_in(gazetteer: Gazetteer, unit: Unit, above: str, year: int | None) -> float:
    """How well "``unit`` in ``above``" fits a year: 1 where it lay there then, less before or
    after, 0 where it never did.
    """
    if above not in gazetteer.above[unit.id]:
        return 0.0
    if year is None or above in _above_in(gazetteer, unit.id, year):
        return 1.0
    return _PARENT_BEFORE if above in _above_until(gazetteer, unit.id, year) else _PARENT_LATER
