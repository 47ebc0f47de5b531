"""Which units a timeline shows beside a unit: two steps back, two steps on, and their links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.places.history import UnitHistory, full_name_of, unit_history
from pipeline.places.units import Gazetteer, Link, Unit
from pipeline.places.when import OPEN_END, OPEN_START

_ROOM, _LEAST = 16, 8
"""Lanes beside the unit that fit a page, and those that either side may claim."""
_MOST_FAR = 3
"""Lanes of the second step for each unit of the first."""
_VILLAGE = "hamlet"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Piece:
    """A time under one label."""

    start: date
    end: date
    label: str


@dataclass(frozen=True)
class Lane:
    """A unit of the drawing; ``step`` is -2 and -1 for its forerunners, 0, 1 and 2."""

    unit_id: str
    step: int
    title: str
    parent: str
    begins: str
    ends: str
    start: date
    end: date
    names: tuple[Piece, ...]
    parents: tuple[Piece, ...]
    verified: bool


@dataclass(frozen=True)
class Join:
    """People or ground that passed from one lane to another on a day."""

    source: str
    target: str
    day: date
    when: str
    extent: str
    share: float
    act: str
    verified: bool


@dataclass(frozen=True)
class Family:
    """Lanes from top to bottom, links between them, and how many units found no room."""

    history: UnitHistory
    lanes: tuple[Lane, ...]
    joins: tuple[Join, ...]
    hidden_before: int
    hidden_after: int


def _pieces(unit: Unit, label_of: Callable[[int], str]) -> tuple[Piece, ...]:
    """Times of one label; ``label_of`` is given the number of a state."""
    pieces: list[Piece] = []
    for at, state in enumerate(unit.states):
        label = label_of(at)
        if pieces and pieces[-1].label == label:
            pieces[-1] = Piece(pieces[-1].start, state.end, label)
        else:
            pieces.append(Piece(state.start, state.end, label))
    return tuple(pieces)


def _parent_pieces(gazetteer: Gazetteer, unit: Unit) -> tuple[Piece, ...]:
    """Times of one unit above under one name."""
    pieces: list[Piece] = []
    for state in unit.states:
        above = gazetteer.units.get(state.parent)
        for part in above.states if above else ():
            start, end = max(part.start, state.start), min(part.end, state.end)
            if start >= end:
                continue
            if pieces and pieces[-1].label == part.full_name and pieces[-1].end == start:
                start = pieces.pop().start
            pieces.append(Piece(start, end, part.full_name))
    return tuple(pieces)


def _lane(gazetteer: Gazetteer, unit_id: str, step: int, joins: Sequence[Join]) -> Lane:
    unit = gazetteer.units[unit_id]
    history = unit_history(gazetteer, unit_id)
    # Called as on the day of the link: a forerunner just before it, a successor just after.
    day = unit.end - _DAY
    if step < 0:
        day = max((one.day - _DAY for one in joins if one.source == unit_id), default=day)
    elif step > 0:
        day = min((one.day for one in joins if one.target == unit_id), default=unit.start)
    shown = unit.near(day)
    return Lane(
        unit_id=unit_id,
        step=step,
        title=shown.full_name,
        parent=full_name_of(gazetteer, shown.parent, day),
        begins=history.begins,
        ends=history.ends,
        start=unit.start,
        end=unit.end,
        names=_pieces(unit, lambda at: unit.states[at].full_name),
        parents=_parent_pieces(gazetteer, unit),
        verified=unit.verified,
    )


def _join(gazetteer: Gazetteer, link: Link) -> Join:
    event = gazetteer.events[link.event]
    return Join(
        source=link.source,
        target=link.target,
        day=link.day,
        when=event.effective.text,
        extent=link.extent,
        share=link.share,
        act=event.act,
        verified=event.verified,
    )


class _Side:
    """Forerunners (or successors) in the order of their lanes, the nearest lane first."""

    def __init__(self, gazetteer: Gazetteer, unit_id: str, most: int, *, back: bool) -> None:
        self.gazetteer, self.back = gazetteer, back
        self.seen = {unit_id}
        self.order: list[tuple[str, int]] = []
        self.links: list[Link] = []
        self.hidden = 0
        near = self._next(unit_id)
        room = max(0, most - len(near))
        self.hidden += max(0, len(near) - most)
        for other, links in near[:most]:
            self.seen.add(other)
            self.links += links
        for other, _ in near[:most]:
            self.order.append((other, -1 if back else 1))
            far = self._next(other)
            shown = far[: min(room, _MOST_FAR)]
            self.hidden += len(far) - len(shown)
            room -= len(shown)
            for farther, links in shown:
                self.seen.add(farther)
                self.links += links
                self.order.append((farther, -2 if back else 2))

    def _only_around(self, link: Link) -> bool:
        """True for a forerunner of another level that only lay around or inside all the time.

        A district whose communes went to new ones, a canton that was abolished.
        """
        levels = [self.gazetteer.units[one].level for one in (link.source, link.target)]
        return levels[0] != levels[1] and levels[0] != _VILLAGE

    def _next(self, unit_id: str) -> list[tuple[str, list[Link]]]:
        """The other ends of a unit's links, so ordered that no way crosses a bar.

        Back, the earliest link lies nearest; on, the latest. On one day the largest share does.
        """
        table = self.gazetteer.arriving if self.back else self.gazetteer.links
        by_other: dict[str, list[Link]] = defaultdict(list)
        for link in table.get(unit_id, ()):
            other = link.source if self.back else link.target
            if other not in self.seen and not (self.back and self._only_around(link)):
                by_other[other].append(link)

        def order(item: tuple[str, list[Link]]) -> tuple[int, float, str]:
            day = item[1][0].day.toordinal()
            return (day if self.back else -day), -max(one.share for one in item[1]), item[0]

        return sorted(by_other.items(), key=order)


def _sides(gazetteer: Gazetteer, unit_id: str) -> tuple[_Side, _Side]:
    """Both sides; what one does not need, the other may take."""
    before, after = (_Side(gazetteer, unit_id, _ROOM, back=back) for back in (True, False))
    wanted = len(before.order), len(after.order)
    if sum(wanted) <= _ROOM:
        return before, after
    first = min(wanted[0], max(_LEAST, _ROOM - wanted[1]))
    return (
        _Side(gazetteer, unit_id, first, back=True),
        _Side(gazetteer, unit_id, _ROOM - first, back=False),
    )


def family(gazetteer: Gazetteer, unit_id: str) -> Family:
    """The lanes of a unit's drawing, from top to bottom.

    Raises:
        KeyError: no unit has this id.
    """
    before, after = _sides(gazetteer, unit_id)
    taken = {unit for unit, _ in before.order}
    later = [(unit, step) for unit, step in after.order if unit not in taken]
    ordered = [*reversed(before.order), (unit_id, 0), *later]
    shown = {unit for unit, _ in ordered}
    links: Iterable[Link] = dict.fromkeys([*before.links, *after.links])
    joins = tuple(_join(gazetteer, link) for link in links if {link.source, link.target} <= shown)
    return Family(
        history=unit_history(gazetteer, unit_id),
        lanes=tuple(_lane(gazetteer, unit, step, joins) for unit, step in ordered),
        joins=joins,
        hidden_before=before.hidden,
        hidden_after=after.hidden,
    )


def known_days(family: Family) -> set[date]:
    """Days at which something begins or ends in a drawing."""
    days = {join.day for join in family.joins}
    for lane in family.lanes:
        days |= {lane.start, lane.end}
        if lane.step == 0:
            days |= {piece.start for piece in (*lane.names, *lane.parents)}
            days |= {piece.end for piece in lane.parents}
    return days - {OPEN_START, OPEN_END}
