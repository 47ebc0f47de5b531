"""What the key of a timeline says of each day: the acts and what they did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from pipeline.places.history import Period
from pipeline.places.lanes import Family, Join
from pipeline.places.shown import UNVERIFIED, spell_when
from pipeline.places.when import OPEN_START
from pipeline.texts import Text

_MOST_ACTS, _MOST_NAMES, _MOST_CLAUSES = 2, 3, 3
_CLAUSE = ", khoản "
_RENAMED = " → "


@dataclass(frozen=True)
class Note:
    """One day of the key."""

    number: int
    day: date
    when: str
    """As people read it."""
    acts: str
    what: str
    verified: bool


def _some(names: list[str], most: int, more: Text) -> str:
    """Names with commas; those too many are counted."""
    unique = list(dict.fromkeys(names))
    if len(unique) <= most + 1:
        return ", ".join(unique)
    return ", ".join(unique[:most]) + " " + more.format(n=len(unique) - most)


def _units(names: list[str]) -> str:
    return _some(names, _MOST_NAMES, Text("và {n} đơn vị khác", "and {n} more"))


def _joined(acts: list[str]) -> str:
    """Acts with commas, clauses of one act together."""
    clauses: dict[str, list[str]] = {}
    for act in acts:
        base, _, clause = act.partition(_CLAUSE)
        clauses.setdefault(base, []).extend([clause] if clause else [])
    more = Text("và {n} khoản khác", "and {n} more")
    named = [
        base + (_CLAUSE + _some(some, _MOST_CLAUSES, more) if some else "")
        for base, some in clauses.items()
    ]
    return _some(named, _MOST_ACTS, Text("và {n} văn bản khác", "and {n} more acts"))


def _changes(periods: tuple[Period, ...]) -> Mapping[date, list[str]]:
    """What became of name and parent at the beginning of each period but the first."""
    found: dict[date, list[str]] = defaultdict(list)
    for before, after in pairwise(periods):
        if after.full_name != before.full_name:
            found[after.start].append(
                Text("thành {name}", "becomes {name}").format(name=after.full_name)
            )
        parent = after.parent.split(_RENAMED)[0]
        if parent and parent != before.parent.split(_RENAMED)[-1]:
            found[after.start].append(Text("thuộc {name}", "in {name}").format(name=parent))
    return found


def _moves(joins: list[Join], focus: str, titles: Mapping[str, str]) -> list[str]:
    came = [titles[join.source] for join in joins if join.target == focus]
    went = [titles[join.target] for join in joins if join.source == focus]
    texts = []
    if came:
        texts.append(Text("từ {names}", "from {names}").format(names=_units(came)))
    if went:
        texts.append(Text("sang {names}", "to {names}").format(names=_units(went)))
    others: dict[str, list[str]] = defaultdict(list)
    for join in joins:
        if focus not in (join.source, join.target):
            others[titles[join.target]].append(titles[join.source])
    if not texts:
        texts += [f"{_units(names)} → {target}" for target, names in others.items()][:2]
    return texts


def notes(family: Family) -> tuple[Note, ...]:
    """The key of a drawing, in order of time; numbers are those beside the dates of the axis."""
    titles = {lane.unit_id: lane.title for lane in family.lanes}
    focus = family.history.unit_id
    joins: dict[date, list[Join]] = defaultdict(list)
    for join in family.joins:
        joins[join.day].append(join)
    changes = _changes(family.history.periods)
    acts: dict[date, dict[str, bool]] = defaultdict(dict)
    when: dict[date, str] = {}
    for period in family.history.periods:
        if period.start != OPEN_START and (period.act or period.start in changes):
            when[period.start] = period.begins
            if period.act:
                acts[period.start][period.act] = period.act_verified
    for day, some in joins.items():
        when[day] = some[0].when
        for join in some:
            acts[day][join.act] = acts[day].get(join.act, True) and join.verified
    found = []
    for number, day in enumerate(sorted(when), start=1):
        verified = all(acts[day].values())
        shown = _joined([act for act in acts[day] if act])
        shown = shown or Text("không rõ văn bản", "no act known").format()
        found.append(
            Note(
                number=number,
                day=day,
                when=spell_when(when[day]),
                acts=shown if verified else f"{shown} ({UNVERIFIED})",
                what="; ".join([*changes.get(day, []), *_moves(joins[day], focus, titles)]),
                verified=verified,
            )
        )
    return tuple(found)
