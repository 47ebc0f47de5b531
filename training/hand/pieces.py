"""Cuts words, groups of letters and single signs of one hand out of its lines.

A cut between two signs is a line across the ink, upright or slanted as the hand is, that meets
no ink. Whatever lies between two such cuts is a piece, known by its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ink import HEIGHT, InkLine
from training.hand.marks import loose_marks, stands
from training.hand.net import STRIDE
from training.hand.standing import BODY, standing
from training.hand.widths import fits, one, rough_size, size

ROOM = 20
"""Rows above and below a line that pieces have, to be moved and enlarged in."""
TALL = HEIGHT + 2 * ROOM
BASE = ROOM + 33
"""Row of the base line of all pieces."""
_SLANTS = (0.0, 0.16, 0.32, -0.12, 0.48)
"""Columns to the right a row upwards, the usual ones of hands; upright first."""
_CLEAN = 0.5
"""Ink (rows of full ink) that a cut may meet besides rules, which are in every column."""
_LEAST_SURE = -0.7
"""Log-probability of a sign in its frames from which its place is believed."""
_WORD_GAP = 3.0
_INK = 0.25
_DARK = 0.4
"""Ink from which a pixel says how wide and high letters are; remains of rules are paler."""
_RULE = 46
"""Columns of ink in a row that are a rule, no stroke."""
_THICK = 6
"""Rows of ink that are too many for a rule."""
_REACH, _LEAST_REACH, _MOST_REACH = 2.0, 12.0, 36.0
"""Ink of an outer sign reaches so many steps from sign to sign out of its frames; columns."""
_AWAY = 64
"""Columns beyond its cuts in which a piece's marks may stand."""
_ENDS, _BARE = 0.6, 0.5
"""Widths of an outer sign from its middle to where it must be at its end; ink of bare paper."""
_LONGEST = 5
"""Letters of a part that is no whole word."""
LOOSE = frozenset("0123456789/.,-:()")
"""Signs that stand apart in any hand."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A cut-out: ink of ``TALL`` rows, base line at ``BASE``, and the room kept beside it.

    ``lead`` is the distance from the cut on its left to its ink, ``trail`` that to the cut on
    its right, in columns at half height; negative where ink leans over the cut.
    """

    ink: InkLine
    lead: float
    trail: float


@dataclass(frozen=True)
class Cut:
    """A line across the ink through ``column`` at half height; ``clean`` where it meets none."""

    column: float
    slant: float
    clean: bool


@dataclass(frozen=True, eq=False)
class Source:
    """A line that is cut: its ink 0..255, its base, how much to enlarge it."""

    ink: NDArray[np.uint8]
    labels: NDArray[np.uint16]
    """Number of the loose mark that a pixel is of."""
    owner: NDArray[np.int64]
    """Number of the sign that has this mark, see ``marks``."""
    base: float
    """Row on which letters stand, at column 0."""
    rise: float
    """Rows that the base goes down a column."""
    grow: float


@dataclass(frozen=True)
class Place:
    """Where a piece stands; it is cut when it is needed."""

    line: Source
    left: Cut
    right: Cut
    first: int
    """Number of its first sign in the line, and of the one after its last."""
    stop: int

    def piece(self) -> Piece | None:
        """The piece; None where there is no ink."""
        return _between(self)


@dataclass
class Pieces:
    """Places of pieces of one hand (or one source, where hands are not named), by text.

    Of a source whose hands are not named no letters are taken, since words put together of two
    hands look like none.
    """

    source: str
    hand: str = ""
    named: bool = True
    words: dict[str, list[Place]] = field(default_factory=dict)
    parts: dict[str, list[Place]] = field(default_factory=dict)
    """Letters and groups of letters between clean cuts, whole words among them."""

    def take(self, text: str, place: Place, word: bool) -> None:
        """Adds a piece."""
        if word:
            self.words.setdefault(text, []).append(place)
        if self.named or word or text in LOOSE:
            self.parts.setdefault(text, []).append(place)


def cut_line(
    ink: InkLine,
    text: str,
    spans: Sequence[tuple[int, int]],
    pieces: Pieces,
    sure: Sequence[float] | None = None,
) -> None:
    """Adds a line's words, and what lies between clean cuts in them, to the pieces of its hand.

    Args:
        ink: ``(HEIGHT, width)``.
        text: what stands there.
        spans: first and last frame of each sign.
        pieces: taken in here.
        sure: log-probability of each sign at its place; parts begin and end at sure ones.
    """
    clear = unruled(ink)
    stand = standing(clear, text, spans)
    marks = loose_marks(clear, text, spans, stand)
    cuts = _cuts(marks.letters, text, spans, rough_size(text, spans))
    line = Source(
        np.asarray(clear * 255, np.uint8),
        marks.labels,
        np.array(marks.owner),
        stand.base,
        stand.rise,
        stand.grow,
    )
    words = _words(text)
    rows, columns = np.nonzero(marks.letters > _DARK)
    feet = (stand.base + stand.rise * columns - rows) * stand.grow / BODY
    ink_of_line = _Ink(HEIGHT / 2 - rows, columns, feet, cuts)
    inks = [ink_of_line.between(begin, end) for begin, end in words]
    widths = [(text[begin:end], own.width()) for (begin, end), own in zip(words, inks, strict=True)]
    scale = size(widths)
    for (begin, end), own in zip(words, inks, strict=True):
        word = _Word(text, begin, end, own, scale, marks.bare)
        if not word.wide(begin, end):
            continue
        apart = {n for n in range(begin, end + 1) if cuts[n].clean and word.apart(n)}
        for first, stop in combinations(sorted(apart), 2):
            whole = (first, stop) == (begin, end)
            if (not whole and stop - first > _LONGEST) or not word.fit(first, stop):
                continue
            if not whole and sure and min(sure[first], sure[stop - 1]) < _LEAST_SURE:
                continue
            place = Place(line, cuts[first], cuts[stop], first, stop)
            pieces.take(text[first:stop], place, whole)


def _words(text: str) -> list[tuple[int, int]]:
    """Where words begin and end."""
    found, begin = [], 0
    for word in text.split(" "):
        found.append((begin, begin + len(word)))
        begin += len(word) + 1
    return found


@dataclass(frozen=True, eq=False)
class _Ink:
    """Where ink is, marks left out: rows above half height, columns."""

    rows: NDArray[np.floating]
    columns: NDArray[np.int64]
    heights: NDArray[np.floating]
    """Above the base line, in small letters."""
    cuts: Sequence[Cut]

    def between(self, first: int, stop: int) -> _Ink:
        """The ink between two cuts."""
        left, right = self.cuts[first], self.cuts[stop]
        inside = (self.columns >= left.column + left.slant * self.rows) & (
            self.columns < right.column + right.slant * self.rows
        )
        return _Ink(self.rows[inside], self.columns[inside], self.heights[inside], self.cuts)

    def width(self) -> float:
        """Columns from the first ink to the last."""
        return float(np.ptp(self.columns) + 1) if self.columns.size else 0.0


@dataclass(frozen=True, eq=False)
class _Word:
    """What the ink of a word says of its pieces. ``scale`` None: too few words to say anything."""

    text: str
    begin: int
    end: int
    ink: _Ink
    scale: float | None
    bare: frozenset[int]

    def fit(self, first: int, stop: int) -> bool:
        """No mark is missing, and so much ink, so high and low, can be these letters."""
        if any(first <= n < stop for n in self.bare):
            return False
        if self.scale is None:
            return True
        heights = self.ink.between(first, stop).heights
        if not heights.size:
            return False
        top, foot = float(heights.max()), float(heights.min())
        return stands(self.text[first:stop], top, foot) and self.wide(first, stop)

    def apart(self, at: int) -> bool:
        """What is left and right of a cut within the word can each be its letters."""
        if at in (self.begin, self.end):
            return True
        return self.wide(self.begin, at) and self.wide(at, self.end)

    def wide(self, first: int, stop: int) -> bool:
        """So much ink can be these letters."""
        if self.scale is None:
            return True
        return fits(self.text[first:stop], self.ink.between(first, stop).width(), self.scale)


def unruled(ink: InkLine) -> InkLine:
    """The line without rules along it. Borders across it lie beyond its outer cuts."""
    mask = (ink > 0.3).astype(np.uint8)
    level = _opened(mask, 1, _RULE)
    level &= ~_opened(level, _THICK, 1)
    # What crosses a rule goes on above and below it.
    level = np.asarray(cv2.dilate(level, np.ones((3, 3), np.uint8)), np.uint8)
    through = np.asarray(
        cv2.erode(cv2.dilate(mask & ~level, np.ones((5, 1), np.uint8)), np.ones((3, 1))), np.uint8
    )
    return np.where((level & ~through) > 0, np.float32(0), ink)


def _opened(mask: NDArray[np.uint8], high: int, wide: int) -> NDArray[np.uint8]:
    kernel = np.ones((high, wide), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)


def _cuts(
    ink: InkLine, text: str, spans: Sequence[tuple[int, int]], scale: float | None
) -> list[Cut]:
    """A cut before each sign and one after the last.

    On both sides of a space it is sought in all the room between the signs around it: where
    in a gap the net says "space" is no matter.
    """
    width = ink.shape[1]
    profiles = [_leaning(ink, slant) for slant in _SLANTS]
    still = [float(np.percentile(profile, 8)) + _CLEAN for profile in profiles]
    reach = _reach(spans)
    cuts = [Cut(_outer(ink, text[0], spans[0], -1, scale, reach), 0.0, True)]
    for n in range(1, len(spans)):
        after = n + 1 if text[n] == " " and n + 1 < len(spans) else n
        last = spans[n - 2 if text[n - 1] == " " and n > 1 else n - 1][1]
        first = spans[after][0]
        low = min(width - 1, last * STRIDE + 2)
        high = max(low + 1, min(width, first * STRIDE + 2))
        best: Cut | None = None
        least = np.inf
        for slant, profile, bound in zip(_SLANTS, profiles, still, strict=True):
            part = profile[low:high]
            met = float(part.min())
            if met < least - 0.25:
                lowest = np.flatnonzero(part <= met + 1e-3)
                runs = np.split(lowest, np.flatnonzero(np.diff(lowest) > 1) + 1)
                widest = max(runs, key=len)
                column = low + int(widest[len(widest) // 2])
                best, least = Cut(float(column), slant, met < bound), met
        cuts.append(best or Cut(float(low), 0.0, False))
    cuts.append(Cut(_outer(ink, text[-1], spans[-1], 1, scale, reach), 0.0, True))
    return cuts


def _outer(
    ink: InkLine, sign: str, span: tuple[int, int], way: int, scale: float | None, reach: float
) -> float:
    """Column of the cut beside the first (``way`` -1) or last (1) sign of a line.

    It goes where the paper is bare once the sign must be at its end: a border beyond is left.
    """
    end = span[0] * STRIDE - reach if way < 0 else span[1] * STRIDE + 2 + reach
    end = float(np.clip(end, 0, ink.shape[1]))
    if scale is None:
        return end
    middle = (span[0] + span[1] + 1) / 2 * STRIDE
    begin = middle + way * _ENDS * one(sign) * scale
    columns = np.arange(round(begin), round(end), way)
    columns = columns[(columns >= 1) & (columns < ink.shape[1] - 1)]
    bare = ink.sum(axis=0) < _BARE
    free = columns[bare[columns]]
    return float(free[0]) if free.size else end


def _reach(spans: Sequence[tuple[int, int]]) -> float:
    """How far ink of the first and last sign reaches out from their frames, columns."""
    steps = [STRIDE * (after[0] - before[0]) for before, after in pairwise(spans)]
    usual = float(np.median(steps)) if steps else _LEAST_REACH
    return float(np.clip(_REACH * usual, _LEAST_REACH, _MOST_REACH))


def _leaning(ink: InkLine, slant: float) -> NDArray[np.float32]:
    """Ink met by a line of this slant through each column at half height."""
    if not slant:
        return np.asarray(ink.sum(axis=0), np.float32)
    return np.asarray(_sheared(ink, slant).sum(axis=0), np.float32)


def _sheared(ink: InkLine, slant: float) -> InkLine:
    move = np.array([[1, slant, -slant * HEIGHT / 2], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(ink, move, ink.shape[::-1]), np.float32)


def _between(place: Place) -> Piece | None:
    line, left, right = place.line, place.left, place.right
    reach = max(abs(left.slant), abs(right.slant)) * HEIGHT / 2 + _AWAY
    begin, end = max(0, int(left.column - reach)), int(right.column + reach) + 1
    strip, labels = line.ink[:, begin:end], line.labels[:, begin:end]
    lean = HEIGHT / 2 - np.arange(HEIGHT)[:, None]
    columns = np.arange(begin, begin + strip.shape[1])[None, :]
    inside = (columns >= left.column + left.slant * lean) & (
        columns < right.column + right.slant * lean
    )
    own = (line.owner >= place.first) & (line.owner < place.stop)
    part = np.where(np.where(labels > 0, own[labels], inside), strip, 0)
    part = part.astype(np.float32) / 255
    inked = np.flatnonzero(part.max(axis=0) > _INK)
    if inked.size < 2:
        return None
    first, last = max(0, int(inked[0]) - 1), int(inked[-1]) + 2
    part = part[:, first:last]
    first, last, grow = first + begin, first + begin + part.shape[1], line.grow
    wide = max(2, round(part.shape[1] * grow))
    base = line.base + line.rise * (first + last) / 2
    move = np.array([[wide / part.shape[1], 0, 0], [0, grow, BASE - grow * base]], np.float32)
    laid = cv2.warpAffine(part, move, (wide, TALL), flags=cv2.INTER_LINEAR)
    lead = min(_WORD_GAP, (first - left.column) * grow)
    trail = min(_WORD_GAP, (right.column - last) * grow)
    return Piece(np.asarray(laid, np.float32), lead, trail)
