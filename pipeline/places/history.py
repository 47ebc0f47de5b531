"""What a name or a unit was through time: its states, what it came from and what it became."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from pipeline.places.index import index_of, words_of
from pipeline.places.spans import names_in
from pipeline.places.units import Event, Gazetteer, Link, State, Unit
from pipeline.places.walk import level_order
from pipeline.places.when import OPEN_END, OPEN_START

_BETWEEN = ","
"""Between a unit and the larger ones it lay in: ``An Thái, An Lão``."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """How a unit was called for a time; dates are EDTF, empty where open."""

    begins: str
    ends: str
    start: date
    end: date
    type: str
    name: str
    parent: str
    """Full name of the unit above; all its names of the time, where it was renamed."""
    gso_code: str
    act: str
    """Act that began it; empty where none is known."""
    act_verified: bool

    @property
    def full_name(self) -> str:
        """Type and name."""
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class Passage:
    """People or ground that passed between the unit and another one."""

    unit_id: str
    """The other unit."""
    full_name: str
    parent: str
    day: date
    when: str
    """The day as well as the source knows it (EDTF)."""
    extent: str
    share: float
    """Part of the people of the unit that was left."""
    act: str
    act_date: str
    source: str
    verified: bool


@dataclass(frozen=True)
class OtherName:
    """A name that was never the official one; dates are ISO, empty where open."""

    name: str
    kind: str
    begins: str
    ends: str


@dataclass(frozen=True)
class UnitHistory:
    """Everything known of one unit."""

    unit_id: str
    level: str
    full_name: str
    """Its last official one."""
    parent: str
    begins: str
    ends: str
    periods: tuple[Period, ...]
    predecessors: tuple[Passage, ...]
    successors: tuple[Passage, ...]
    other_names: tuple[OtherName, ...]
    verified: bool


def full_name_of(gazetteer: Gazetteer, unit_id: str, day: date) -> str:
    """Type and name of a unit on a day, or of the nearest day on which it was."""
    return gazetteer.units[unit_id].near(day).full_name if unit_id in gazetteer.units else ""


def parent_of(gazetteer: Gazetteer, unit_id: str, day: date) -> str:
    """Full name of the unit above on a day; empty where there was none."""
    return full_name_of(gazetteer, gazetteer.units[unit_id].near(day).parent, day)


@lru_cache(maxsize=4)
def _events_by_label(gazetteer: Gazetteer) -> dict[tuple[date, str], Event]:
    return {(event.day, event.label): event for event in gazetteer.events.values()}


@lru_cache(maxsize=4)
def unverified_labels(gazetteer: Gazetteer) -> frozenset[str]:
    """Acts, as answers name them, that no source was read for."""
    return frozenset(event.label for event in gazetteer.events.values() if not event.verified)


def event_of(gazetteer: Gazetteer, state: State) -> Event | None:
    """The event that began a state, None where no act is known."""
    return _events_by_label(gazetteer).get((state.start, state.act))


def begins_text(unit: Unit) -> str:
    """First day of a unit as its sources know it (EDTF); empty where none tells.

    A unit of which one list says no more than "before 2004" may have been renamed in 1886.
    """
    if unit.begins is None:
        return ""
    first = unit.states[0].end
    if unit.begins.earliest == OPEN_START and first < unit.begins.latest:
        return f"[..{first.isoformat()}]"
    return unit.begins.text


def ends_text(gazetteer: Gazetteer, unit: Unit) -> str:
    """Last day of a unit as its source knows it (EDTF); empty while it is."""
    if unit.end == OPEN_END:
        return ""
    for link in gazetteer.links.get(unit.id, ()):
        if link.day == unit.end:
            return gazetteer.events[link.event].effective.text
    return unit.end.isoformat()


def _iso(day: date) -> str:
    return "" if day in (OPEN_START, OPEN_END) else day.isoformat()


def _parents(gazetteer: Gazetteer, state: State) -> str:
    """All names that the unit above bore during a state, in order."""
    above = gazetteer.units.get(state.parent)
    if above is None:
        return ""
    names = [one.full_name for one in above.states if one.start < state.end > state.start < one.end]
    return " → ".join(dict.fromkeys(names)) or above.near(state.start).full_name


def _periods(gazetteer: Gazetteer, unit: Unit) -> tuple[Period, ...]:
    found = []
    for state in unit.states:
        event = event_of(gazetteer, state)
        following = unit.on(state.end) if state.end != OPEN_END else None
        until = event_of(gazetteer, following) if following else None
        begins = event.effective.text if event else _iso(state.start)
        ends = until.effective.text if until else _iso(state.end)
        found.append(
            Period(
                begins=begins_text(unit) if state.start == unit.start else begins,
                ends=ends_text(gazetteer, unit) if state.end == unit.end else ends,
                start=state.start,
                end=state.end,
                type=state.type,
                name=state.name,
                parent=_parents(gazetteer, state),
                gso_code=state.gso_code,
                act=event.act if event else state.act,
                act_verified=event.verified if event else True,
            )
        )
    return tuple(found)


def _passage(gazetteer: Gazetteer, link: Link, other: str) -> Passage:
    event = gazetteer.events[link.event]
    return Passage(
        unit_id=other,
        full_name=full_name_of(gazetteer, other, link.day),
        parent=parent_of(gazetteer, other, link.day),
        day=link.day,
        when=event.effective.text,
        extent=link.extent,
        share=link.share,
        act=event.act,
        act_date=event.act_date,
        source=event.source,
        verified=event.verified,
    )


def unit_history(gazetteer: Gazetteer, unit_id: str) -> UnitHistory:
    """Everything known of one unit.

    Raises:
        KeyError: no unit has this id.
    """
    unit = gazetteer.units[unit_id]
    last = unit.states[-1]
    return UnitHistory(
        unit_id=unit.id,
        level=unit.level,
        full_name=last.full_name,
        parent=full_name_of(gazetteer, last.parent, last.end - _DAY),
        begins=begins_text(unit),
        ends=ends_text(gazetteer, unit),
        periods=_periods(gazetteer, unit),
        predecessors=tuple(
            _passage(gazetteer, link, link.source)
            for link in gazetteer.arriving.get(unit.id, ())
            if link.source != unit.id
        ),
        successors=tuple(
            _passage(gazetteer, link, link.target)
            for link in gazetteer.links.get(unit.id, ())
            if link.target != unit.id
        ),
        other_names=tuple(
            OtherName(alias.name, alias.kind, _iso(alias.start), _iso(alias.end))
            for alias in unit.aliases
        ),
        verified=unit.verified,
    )


def _named(gazetteer: Gazetteer, name: str) -> set[str]:
    """Ids of the units that ever bore a name, its marks aside."""
    levels = index_of(gazetteer).by_words.get(words_of(name), {})
    return {bearer.unit.id for bearers in levels.values() for bearer in bearers}


@lru_cache(maxsize=4)
def _types(gazetteer: Gazetteer) -> tuple[str, ...]:
    """Folded words of all types, the longest first."""
    words = {words_of(state.type) for unit in gazetteer.units.values() for state in unit.states}
    return tuple(sorted(words, key=lambda one: (-len(one), one)))


def _bore_type(unit: Unit, words: str) -> bool:
    return any(words_of(state.type) == words for state in unit.states)


def _called(gazetteer: Gazetteer, text: str) -> set[str]:
    """Ids of units of a name, with its type or without."""
    words = words_of(text)
    found = _named(gazetteer, words)
    for type_ in _types(gazetteer):
        if words.startswith(f"{type_} "):
            rest = _named(gazetteer, words.removeprefix(f"{type_} "))
            return found | {one for one in rest if _bore_type(gazetteer.units[one], type_)}
    return found


def _read(gazetteer: Gazetteer, text: str) -> set[str]:
    """Ids of units whose names stand in a text as a clerk abbreviates it: ``p. An Biên``."""
    spans = [span for span in names_in(text, gazetteer) if not span.edits and not span.small]
    return {bearer.unit.id for span in spans if span.start <= 1 for bearer in span.bearers}


def units_called(gazetteer: Gazetteer, text: str) -> tuple[str, ...]:
    """Ids of all units that an id or a name may mean, by level, then by time.

    Args:
        gazetteer: where to look.
        text: an id, or a name with or without its type, marks and hyphens; larger units after
            commas (``An Thái, An Lão``) leave only what lay in them at some time.
    """
    text = text.strip()
    if text in gazetteer.units:
        return (text,)
    first, *larger = [part.strip() for part in text.split(_BETWEEN)]
    found = _called(gazetteer, first) or _read(gazetteer, first)
    for part in filter(None, larger):
        inside = _called(gazetteer, part)
        found = {one for one in found if gazetteer.above[one] & inside}

    def order(one: str) -> tuple[int, date, str]:
        unit = gazetteer.units[one]
        return level_order(unit.level), unit.start, one

    return tuple(sorted(found, key=order))


def nearest_names(gazetteer: Gazetteer, text: str, most: int = 5) -> tuple[str, ...]:
    """Full names of units whose names come nearest to a text that names none."""
    spans = sorted(names_in(text, gazetteer), key=lambda span: span.edits)
    names = [bearer.unit.states[-1].full_name for span in spans for bearer in span.bearers]
    return tuple(dict.fromkeys(names))[:most]


def histories(gazetteer: Gazetteer, text: str) -> tuple[UnitHistory, ...]:
    """Histories of all units that an id or a name may mean; empty where none ever bore it."""
    return tuple(unit_history(gazetteer, one) for one in units_called(gazetteer, text))


def as_json(found: Iterable[UnitHistory]) -> list[dict[str, Any]]:
    """Histories ready for JSON; open days are null."""
    return [_plain(asdict(one)) for one in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return (_iso(value) or None) if isinstance(value, date) else value
