"""Drawing of a unit's history: its forerunners above, itself, its successors below, as SVG.

One self-contained picture as wide as a page of A4 across: no script, no font of its own, no
style that could reach beyond it, and readable in grey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.places.drawing import (
    EDGE,
    FAINT,
    FONT,
    INK,
    SOFT,
    badge,
    bar,
    described,
    fitted,
    label,
    line,
    tag,
    width_of,
    words,
    wrapped,
)
from pipeline.places.history import UnitHistory
from pipeline.places.lanes import Family, Join, Lane, Piece, family, known_days
from pipeline.places.notes import notes
from pipeline.places.scale import scale
from pipeline.places.shown import (
    LEVEL_NAMES,
    UNVERIFIED,
    spell_day,
    spell_extent,
    spell_life,
    spell_when,
)
from pipeline.places.timeline_key import DASHED, DOTTED, THICK, THIN, foot, foot_height
from pipeline.places.units import Gazetteer
from pipeline.places.when import OPEN_END, OPEN_START
from pipeline.texts import Text

WIDTH = 1123.0
"""Pixels of a page of A4 across at 96 to the inch."""
_MARGIN, _LABELS, _GAP = 30.0, 262.0, 14.0
_LEFT, _RIGHT = _MARGIN + _LABELS + _GAP, WIDTH - _MARGIN
_HEAD, _AXIS, _CAPTION = 58.0, 44.0, 24.0
_LANE, _BAR = 35.0, 20.0
_FOCUS, _FOCUS_BAR, _PARENT_BAR = 76.0, 32.0, 20.0
_INDENT = 14.0

_GRID = "#dfe3e7"
_DARK, _DARKER, _PALE = "#33506f", "#27405b", "#c3d0dd"
_BEFORE, _AFTER = "#dde4ea", "#ece5d8"

_CAPTIONS = {
    -1: Text("TRƯỚC ĐÓ", "BEFORE"),
    0: Text("ĐƠN VỊ NÀY", "THIS UNIT"),
    1: Text("SAU ĐÓ", "AFTERWARDS"),
}


@dataclass(frozen=True)
class _Placed:
    """A lane and where its bar lies."""

    lane: Lane
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def _sign(step: int) -> int:
    return (step > 0) - (step < 0)


def _life_of(lane: Lane) -> str:
    doubt = "" if lane.verified else f" ({UNVERIFIED})"
    return f"{lane.title}, {lane.parent}: {spell_life(lane.begins, lane.ends)}{doubt}"


class _Section:
    """The drawing of one unit, from ``top`` down."""

    def __init__(self, drawn: Family, top: float) -> None:
        self.family, self.top = drawn, top
        self.notes = notes(drawn)
        self.scale = scale(
            known_days(drawn) | {note.day for note in self.notes},
            _LEFT,
            _RIGHT,
            open_start=any(lane.start == OPEN_START for lane in drawn.lanes),
            open_end=any(lane.end == OPEN_END for lane in drawn.lanes),
        )
        self.placed: dict[str, _Placed] = {}
        self.captions: list[tuple[str, float]] = []
        y = top + _HEAD + _AXIS
        last: int | None = None
        for lane in drawn.lanes:
            if _sign(lane.step) != last:
                last = _sign(lane.step)
                hidden = drawn.hidden_after if last > 0 else drawn.hidden_before if last else 0
                y += _CAPTION
                self.captions.append((self._caption(last, hidden), y - 6))
            height = _LANE if lane.step else _FOCUS
            self.placed[lane.unit_id] = _Placed(lane, y, height)
            y += height
        self.lanes_end = y + 4
        self.bottom = self.lanes_end + 14 + foot_height(self.notes)

    @staticmethod
    def _caption(sign: int, hidden: int) -> str:
        more = Text("  (và {n} đơn vị khác)", "  (and {n} more units)").format(n=hidden)
        return str(_CAPTIONS[sign]) + (more if hidden else "")

    def parts(self) -> Iterator[str]:
        """All elements, those behind first."""
        yield from self._head()
        yield from self._axis()
        for text, y in self.captions:
            yield label(text, _MARGIN, y, 10.0, fill=FAINT, bold=True)
        for join in self.family.joins:
            yield self._connector(join)
        for placed in self.placed.values():
            yield from self._lane(placed)
        yield from self._arrows()
        yield from foot(self.notes, _MARGIN, _RIGHT, self.lanes_end + 14)

    def _head(self) -> Iterator[str]:
        history = self.family.history
        yield label(history.full_name, _MARGIN, self.top + 26, 22.0, fill=INK, bold=True)
        yield label(
            fitted(_subtitle(history), 12.0, WIDTH - 2 * _MARGIN),
            *(_MARGIN, self.top + 46, 12.0),
            fill=SOFT,
        )
        yield label(history.unit_id, _RIGHT, self.top + 22, 10.0, fill=FAINT, anchor="end")

    def _axis(self) -> Iterator[str]:
        y = self.top + _HEAD + _AXIS - 6
        yield line(_LEFT, y, _RIGHT, y, stroke=EDGE, width=1.0)
        numbers = {note.day: note for note in self.notes}
        free = [float("-inf")] * 2
        for day in self.scale.days:
            x = self.scale.x(day)
            yield line(x, y, x, self.lanes_end, stroke=_GRID, width=1.0)
            note = numbers.get(day)
            if note:
                yield badge(note.number, x, y)
            text = note.when if note else spell_day(day)
            half = width_of(text, 10.0) / 2 + 3
            row = next((at for at, end in enumerate(free) if x - half >= end), None)
            if row is not None and x + half <= WIDTH - 4:
                free[row] = x + half
                fill = INK if note else FAINT
                yield label(text, x, y - 12 - 13 * row, 10.0, fill=fill, anchor="middle")
        if any(lane.end == OPEN_END for lane in self.family.lanes) and free[0] < _RIGHT - 26:
            now = Text("nay", "now").format()
            yield label(now, _RIGHT, y - 12, 10.0, fill=SOFT, anchor="end")

    def _bar_of(self, placed: _Placed) -> tuple[float, float]:
        """Top and height of a lane's bar (of both bars of the unit itself)."""
        height = _BAR if placed.lane.step else _FOCUS_BAR + 2 + _PARENT_BAR
        return placed.middle - height / 2, height

    def _lane(self, placed: _Placed) -> Iterator[str]:
        lane = placed.lane
        top, height = self._bar_of(placed)
        yield from self._lane_label(placed)
        if lane.step:
            fill = _BEFORE if lane.step < 0 else _AFTER
            shape = self._shape(lane.start, lane.end, top, height, lane)
            dash = None if lane.verified else "4 3"
            inner = [tag("path", d=shape, fill=fill, stroke=EDGE, stroke_dasharray=dash)]
            for piece in lane.names:
                inner += self._piece_text(piece, top, height, 10.5, INK)
                if piece.start != lane.start:
                    x = self.scale.x(piece.start)
                    inner.append(line(x, top, x, top + height, stroke=EDGE, width=1.0))
            yield described(_life_of(lane), *inner)
            return
        for at, piece in enumerate(lane.names):
            yield self._piece(piece, top, _FOCUS_BAR, lane, (_DARK, _DARKER)[at % 2], "#ffffff")
        for piece in lane.parents:
            yield self._piece(
                piece, top + _FOCUS_BAR + 2, _PARENT_BAR, lane, _PALE, INK, stroke=EDGE
            )

    def _piece(
        self,
        piece: Piece,
        top: float,
        height: float,
        lane: Lane,
        fill: str,
        ink: str,
        stroke: str | None = None,
    ) -> str:
        shape = self._shape(piece.start, piece.end, top, height, lane)
        dash = None if lane.verified else "4 3"
        size = 12.0 if stroke is None else 10.0
        title = f"{piece.label}: {spell_day(piece.start) or '?'} – {spell_day(piece.end) or '…'}"
        return described(
            title,
            tag("path", d=shape, fill=fill, stroke=stroke or "#ffffff", stroke_dasharray=dash),
            *self._piece_text(piece, top, height, size, ink),
        )

    def _shape(self, start: date, end: date, top: float, height: float, lane: Lane) -> str:
        torn = start == OPEN_START or (lane.begins.startswith("[") and start == lane.start)
        x1, x2 = self.scale.x(start), self.scale.x(end)
        return bar(x1, max(x2, x1 + 3), top, height, torn=torn, on=end == OPEN_END)

    def _piece_text(
        self, piece: Piece, top: float, height: float, size: float, ink: str
    ) -> list[str]:
        """A label in its bar, in two lines where one is too long; none where it has no room."""
        x1, x2 = self.scale.x(piece.start), self.scale.x(piece.end)
        room, middle = x2 - x1 - 14, top + height / 2
        x = (x1 + x2) / 2
        if width_of(piece.label, size) <= room:
            return [label(piece.label, x, middle + size * 0.35, size, fill=ink, anchor="middle")]
        small = 10.0
        lines = wrapped(piece.label, small, room, 2)
        if height < 28 or len(lines) != 2 or any("…" in one for one in lines):
            return []
        return [
            label(text, x, middle + dy, small, fill=ink, anchor="middle")
            for text, dy in zip(lines, (-2.0, 9.5), strict=True)
        ]

    def _lane_label(self, placed: _Placed) -> Iterator[str]:
        lane = placed.lane
        x = _MARGIN + (_INDENT if abs(lane.step) == 2 else 0.0)
        room = _LEFT - _GAP - x
        size = 12.0 if abs(lane.step) < 2 else 11.0
        share = self._share(lane)
        title = fitted(lane.title, size, room - width_of(share, 10.0) - 8, bold=True)
        yield label(title, x, placed.middle - 2, size, fill=INK, bold=True)
        if share:
            yield label(share, _LEFT - _GAP, placed.middle - 2, 10.0, fill=SOFT, anchor="end")
        life = spell_life(lane.begins, lane.ends)
        below = f"{life} · {lane.parent}" if lane.parent else life
        yield label(
            fitted(below, 9.5, room), x, placed.middle + 11, 9.5, fill=SOFT,
            italic=not lane.verified,
        )  # fmt: skip

    def _share(self, lane: Lane) -> str:
        """What part of people passed, where it was not all."""
        for join in self.family.joins:
            other = join.source if lane.step < 0 else join.target
            if other == lane.unit_id and lane.step and join.share < 0.995:
                return f"{join.share:.0%}" if join.share else spell_extent(join.extent, 0.0)
        return ""

    def _connector(self, join: Join) -> str:
        source, target = self.placed[join.source], self.placed[join.target]
        x = self.scale.x(join.day)
        top, height = self._bar_of(source)
        end, _ = self._bar_of(target)
        dash = DOTTED if join.extent == "land_only" else "" if join.verified else DASHED
        return described(
            _told(join, source.lane.title, target.lane.title),
            line(
                *(x, top + height, x, end),
                stroke=INK,
                width=THICK if join.extent == "whole" else THIN,
                dash=dash,
            ),
        )

    def _arrows(self) -> Iterator[str]:
        """Heads above the bars that people came to, and dots where they left; each once."""
        heads = {(self.scale.x(join.day), join.target) for join in self.family.joins}
        dots = {(self.scale.x(join.day), join.source) for join in self.family.joins}
        for x, unit in sorted(heads):
            y, _ = self._bar_of(self.placed[unit])
            yield tag("path", d=f"M{x:.1f} {y:.1f}l-4 -7h8Z", fill=INK)
        for x, unit in sorted(dots):
            top, height = self._bar_of(self.placed[unit])
            yield tag("circle", cx=x, cy=top + height, r=2.6, fill=INK)


def _told(join: Join, source: str, target: str) -> str:
    doubt = "" if join.verified else f" ({UNVERIFIED})"
    act = f" – {join.act}" if join.act else ""
    extent = spell_extent(join.extent, join.share)
    return f"{spell_when(join.when)}: {source} → {target}, {extent}{act}{doubt}"


def _subtitle(history: UnitHistory) -> str:
    parts = [
        LEVEL_NAMES[history.level].format(),
        history.parent,
        spell_life(history.begins, history.ends),
        ", ".join(dict.fromkeys(other.name for other in history.other_names)),
        "" if history.verified else UNVERIFIED.format(),
    ]
    return " · ".join(filter(None, parts))


def draw(gazetteer: Gazetteer, unit_ids: Sequence[str]) -> str:
    """An SVG picture of the histories of units, one below the other.

    Args:
        gazetteer: the units.
        unit_ids: what to draw; homonyms come together.

    Raises:
        KeyError: no unit has such an id.
    """
    sections: list[_Section] = []
    top = 14.0
    for unit_id in unit_ids:
        sections.append(_Section(family(gazetteer, unit_id), top))
        top = sections[-1].bottom + 10
    names = ", ".join(dict.fromkeys(one.family.history.full_name for one in sections))
    title = Text("Lịch sử: {names}", "History: {names}").format(names=names)
    parts = [tag("title", words(title)), tag("rect", width=WIDTH, height=top, fill="#ffffff")]
    for at, section in enumerate(sections):
        if at:
            y = section.top - 8
            parts.append(line(_MARGIN, y, _RIGHT, y, stroke=FAINT, width=1.0))
        parts += section.parts()
    return tag(
        "svg",
        "\n".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:.0f} {top:.0f}",
        width=WIDTH,
        height=top,
        role="img",
        aria_label=title,
        font_family=FONT,
    )
