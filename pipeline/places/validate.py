"""Do the tables hold together? Problems that must be mended, and gaps that are only known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer, Unit
from pipeline.places.when import OPEN_END, OPEN_START
from pipeline.texts import Text

_DAY = timedelta(days=1)
_PERIODS = ((1887, 1945), (1945, 1957), (1957, 1981), (1981, 2004), (2004, 2026))
"""Colonial villages; founding of the communes; DRV; after the khu phố; the registry's time."""
_FOLLOWED = ("province", "district", "commune")
"""Levels whose units must have a successor when they end; villages and cantons just vanish."""
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Problem:
    """Rows that speak against one another; ``where`` names unit or event."""

    where: str
    text: str


@dataclass(frozen=True)
class Gap:
    """What no source tells, for a level and a period (``1887–1945``)."""

    level: str
    period: str
    text: str


@dataclass(frozen=True)
class Report:
    """What a load found: nothing may be in ``problems``."""

    problems: tuple[Problem, ...]
    gaps: tuple[Gap, ...]
    counts: Mapping[str, int]


def _parents(gazetteer: Gazetteer) -> Iterator[Problem]:
    for unit in gazetteer.units.values():
        for state in unit.states:
            if not state.parent:
                if unit.level != "country":
                    yield Problem(
                        unit.id,
                        Text("không có cấp trên từ {day}", "no parent from {day} on").format(
                            day=state.start
                        ),
                    )
                continue
            above = gazetteer.units[state.parent]
            if LEVELS.index(above.level) >= LEVELS.index(unit.level):
                yield Problem(
                    unit.id,
                    Text("{above} không ở cấp trên", "{above} is not of a higher level").format(
                        above=above.id
                    ),
                )
            # Villages are counted in their last commune and follow it by themselves; a unit
            # without a known beginning may be older than the one it is known to lie in.
            begun = state.start == OPEN_START or above.start <= state.start
            if unit.level in _FOLLOWED and not (begun and state.end <= above.end):
                yield Problem(
                    unit.id,
                    Text(
                        "thuộc {above} từ {start} đến {end}, nhưng {above} tồn tại {a}–{b}",
                        "lies in {above} from {start} to {end}, which lived {a}–{b}",
                    ).format(
                        above=above.id, start=state.start, end=state.end, a=above.start, b=above.end
                    ),
                )


def _successors(gazetteer: Gazetteer) -> Iterator[Problem]:
    for unit in gazetteer.units.values():
        if unit.end == OPEN_END or unit.level not in _FOLLOWED:
            continue
        last = [link for link in gazetteer.links.get(unit.id, ()) if link.day == unit.end]
        if abs(sum(link.share for link in last) - 1) > _TOLERANCE:
            yield Problem(
                unit.id,
                Text(
                    "hết ngày {day} nhưng các phần chuyển đi cộng lại là {total:.2f}",
                    "ends on {day} but the shares that leave it add up to {total:.2f}",
                ).format(day=unit.end, total=sum(link.share for link in last)),
            )


def _ends(gazetteer: Gazetteer) -> Iterator[Problem]:
    for links in gazetteer.links.values():
        for link in links:
            source, target = gazetteer.units[link.source], gazetteer.units[link.target]
            if not source.start < link.day <= source.end:
                yield Problem(
                    link.event,
                    Text(
                        "{unit} không tồn tại ngay trước {day}", "{unit} was not before {day}"
                    ).format(unit=source.id, day=link.day),
                )
            if target.on(link.day) is None:
                yield Problem(
                    link.event,
                    Text("{unit} không tồn tại ngày {day}", "{unit} was not on {day}").format(
                        unit=target.id, day=link.day
                    ),
                )


def _codes(gazetteer: Gazetteer) -> Iterator[Problem]:
    held: dict[tuple[str, str], list[tuple[date, date, str]]] = defaultdict(list)
    for unit in gazetteer.units.values():
        for state in unit.states:
            if state.gso_code and unit.level != "country":
                held[unit.level, state.gso_code].append((state.start, state.end, unit.id))
    for (_, code), lives in held.items():
        lives.sort()
        for (_, end, one), (start, _, other) in pairwise(lives):
            if start < end and one != other:
                yield Problem(
                    other,
                    Text(
                        "mã {code} ngày {day} cũng là của {one}",
                        "code {code} is also held by {one} on {day}",
                    ).format(code=code, one=one, day=start),
                )


def _period(day: date) -> str:
    for first, last in _PERIODS:
        if day.year <= last:
            return f"{first}–{last}"
    return f"{_PERIODS[-1][0]}–{_PERIODS[-1][1]}"


def _known_from(unit: Unit) -> date:
    """First day for which a source speaks of a unit: its beginning, or its first change."""
    if unit.begins and unit.begins.earliest != OPEN_START:
        return unit.begins.day
    changed = unit.states[0].end
    known = unit.begins.day if unit.begins else date(2004, 8, 31)
    return min(known, changed) if changed != OPEN_END else known


def _gaps(gazetteer: Gazetteer) -> Iterator[Gap]:
    unfounded: Counter[tuple[str, str]] = Counter()
    orphans: Counter[tuple[str, str]] = Counter()
    recalled: Counter[tuple[str, str]] = Counter()
    for unit in gazetteer.units.values():
        if unit.level == "country":
            continue
        known = _known_from(unit)
        if unit.begins is None or unit.begins.earliest == OPEN_START:
            unfounded[unit.level, _period(known - _DAY)] += 1
        elif not gazetteer.arriving.get(unit.id) and unit.level in _FOLLOWED:
            orphans[unit.level, _period(known)] += 1
        if not unit.verified:
            recalled[unit.level, _period(known)] += 1
    for counts, text in (
        (
            unfounded,
            Text(
                "{n} đơn vị không rõ thành lập khi nào", "{n} units: no source for their founding"
            ),
        ),
        (
            orphans,
            Text(
                "{n} đơn vị không rõ tách, nhập từ đâu",
                "{n} units: no source for what they came of",
            ),
        ),
        (
            recalled,
            Text("{n} đơn vị chưa kiểm chứng nguồn", "{n} units: only recalled, no source read"),
        ),
    ):
        for (level, period), n in sorted(counts.items()):
            yield Gap(level, period, text.format(n=n))
    unread = Counter(
        _period(event.day) for event in gazetteer.events.values() if not event.verified
    )
    for period, n in sorted(unread.items()):
        said = Text("{n} sự kiện chưa kiểm chứng", "{n} events not verified").format(n=n)
        yield Gap("event", period, said)


def check(gazetteer: Gazetteer) -> Report:
    """Problems, gaps and counts of a gazetteer that could be read."""
    problems = [
        *_parents(gazetteer),
        *_successors(gazetteer),
        *_ends(gazetteer),
        *_codes(gazetteer),
    ]
    counts = {
        "units": len(gazetteer.units),
        "events": len(gazetteer.events),
        "links": sum(len(links) for links in gazetteer.links.values()),
        **Counter(f"units.{unit.level}" for unit in gazetteer.units.values()),
    }
    return Report(tuple(problems), tuple(_gaps(gazetteer)), counts)
