"""What the gazetteer is made of: units with dated states, events, and links from unit to unit.

Model after the Swiss historicised register of communes and GOV (``docs/gazetteer.md``): name,
type, parent and code change on their own; a new id only where ground changes hands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.places.when import When

_UNVERIFIED = " [chưa kiểm chứng]"


@dataclass(frozen=True, slots=True)
class State:
    """How a unit was called and where it belonged for a time: ``start`` <= day < ``end``."""

    start: date
    end: date
    type: str
    name: str
    parent: str
    gso_code: str
    act: str
    """Act that began it; says so where its source is not verified. Empty where none is known."""

    def holds(self, day: date) -> bool:
        """True on a day of this state."""
        return self.start <= day < self.end

    @property
    def full_name(self) -> str:
        """Type and name: ``Xã An Thái``."""
        return f"{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a unit; ``kind`` variant, french or local."""

    name: str
    kind: str
    start: date
    end: date


@dataclass(frozen=True, eq=False)
class Unit:
    """A legal existence of one area; ``states`` in order of time. Each is itself only."""

    id: str
    level: str
    states: tuple[State, ...]
    aliases: tuple[Alias, ...]
    begins: When | None
    """None where no source tells; its first state then has an open start."""
    verified: bool

    @property
    def start(self) -> date:
        """First day; ``date.min`` where no source tells it."""
        return self.states[0].start

    @property
    def end(self) -> date:
        """Day on which it no longer was; ``date.max`` while it is."""
        return self.states[-1].end

    def on(self, day: date) -> State | None:
        """State on a day, None where it was not."""
        return next((state for state in self.states if state.holds(day)), None)

    def near(self, day: date) -> State:
        """State on a day, or the first or last one where the unit was not yet or no more."""
        return self.on(day) or (self.states[0] if day < self.start else self.states[-1])


@dataclass(frozen=True)
class Event:
    """Something that happened to units, with the act that ordered it."""

    id: str
    kind: str
    act: str
    act_date: str
    effective: When
    source: str
    verified: bool
    note: str

    @property
    def day(self) -> date:
        """Day reckoned with: the first on which it may have happened."""
        return self.effective.day

    @property
    def label(self) -> str:
        """The act, or the day where no act is known; says so where the source is not verified."""
        name = self.act or f"{self.effective.text} (không rõ văn bản)"
        return name if self.verified else name + _UNVERIFIED


@dataclass(frozen=True, slots=True)
class Link:
    """On ``day`` a share of a unit's people passed to another unit (or stayed: remainder)."""

    day: date
    source: str
    target: str
    extent: str
    share: float
    act: str
    event: str


@dataclass(frozen=True)
class Gazetteer:
    """All units by id, events by id, and links by the unit they leave and the one they reach."""

    units: Mapping[str, Unit]
    events: Mapping[str, Event]
    links: Mapping[str, tuple[Link, ...]]
    arriving: Mapping[str, tuple[Link, ...]]
    above: Mapping[str, frozenset[str]]
    """Unit -> all units it ever lay in, at any level."""
    below: Mapping[str, tuple[str, ...]]
    """Unit -> units that ever lay directly in it."""
    districts: Mapping[str, frozenset[str]]
    provinces: Mapping[str, frozenset[str]]
    """Unit -> districts, and provinces, among the units above it; itself where it is one."""

    def __hash__(self) -> int:
        return id(self)  # loaded once per process; lets answers be remembered

    def __eq__(self, other: object) -> bool:
        return self is other
