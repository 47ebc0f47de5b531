"""The likeliest texts of a line, found stretch by stretch.

A frame in which the net is sure of a class parts what stands before it from what stands behind
it (a CTC path has no other memory): the two sides hang together by language alone. So each
doubtful stretch has its few texts found once, by prefix beam search, and the line's texts are
put together of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ctc import Posteriors, Ranked

Text = bytes
"""A text as classes: made longer, compared and searched faster than a tuple. No net here has
more than 255 letters."""
Bonus = Callable[[Text, int], float]
Frames = list[tuple[list[float], list[tuple[int, float]]]]
Held = tuple[Text, int, float, float]
Chances = NDArray[np.float64]

_BLANK, _LETTER = 0.99, 0.995
"""Chance of the blank, or of a letter, from which a frame is sure and parts stretches."""
_LEAST, _MOST = 2e-3, 6
"""Letters that are tried in a frame: no more than these, none below ``_LEAST``."""
_HOPELESS = 2e-4
"""Share of the likeliest text of a stretch below which another is not kept."""
_BEHIND = 10.0
"""The same for the line, in nats."""
_SMALL = 1e-100
_NEVER = 1e-300
_SIGNS = [bytes((code,)) for code in range(256)]


def n_best(
    ink: Posteriors, width: int = 12, bonus: Bonus | None = None, at: int | None = None
) -> list[Ranked]:
    """The likeliest texts, best first; the empty text where there is no ink.

    Args:
        ink: of one line.
        width: texts kept.
        bonus: log-weight of adding a letter to a text; called with 0 at its end. ``score``
            holds the weights too.
        at: the only letter that has a weight, where that is so.
    """
    texts, sure = stretches(ink, width)
    beam: dict[Text, float] = {b"": 0.0}
    for some in texts:
        beam = _longer(beam, some, bonus, at)
        if len(beam) > 1:
            beam = _pruned(beam, width)
    found = [
        Ranked(tuple(text), score + sure + (bonus(text, 0) if bonus else 0.0))
        for text, score in beam.items()
    ]
    return sorted(found, key=lambda ranked: -ranked.score)


def _longer(
    beam: dict[Text, float],
    some: Sequence[tuple[Text, float]],
    bonus: Bonus | None,
    at: int | None,
) -> dict[Text, float]:
    longer: dict[Text, float] = {}
    for codes, score in some:
        weighed = [n for n, code in enumerate(codes) if at is None or code == at] if bonus else []
        for text, before in beam.items():
            total = before + score
            for n in weighed:
                total += bonus(text + codes[:n], codes[n])  # type: ignore[misc]
            grown = text + codes
            known = longer.get(grown)
            longer[grown] = total if known is None else _sum(known, total)
    return longer


def _sum(first: float, second: float) -> float:
    high, low = (first, second) if first >= second else (second, first)
    return high + math.log1p(math.exp(low - high))


def _pruned(beam: dict[Text, float], width: int) -> dict[Text, float]:
    order = sorted(beam.items(), key=lambda held: -held[1])
    least = order[0][1] - _BEHIND
    return {text: score for text, score in order[:width] if score >= least}


def stretches(ink: Posteriors, width: int = 12) -> tuple[list[list[tuple[Text, float]]], float]:
    """Texts of each doubtful stretch with their log-probabilities, and that of what is sure."""
    chances = np.exp(ink.astype(np.float64))
    best = chances.argmax(axis=1)
    highest = chances[np.arange(len(best)), best]
    sure = highest > np.where(best == 0, _BLANK, _LETTER)
    found: list[list[tuple[Text, float]]] = []
    plain = bytearray()
    state, first = 0, 0
    classes = best.tolist()
    doubtful = np.flatnonzero(~sure)
    frames = dict(zip(doubtful.tolist(), _frames(chances[doubtful]), strict=True))
    for stop in [*np.flatnonzero(sure).tolist(), len(classes)]:
        end = classes[stop] if stop < len(classes) else None
        if stop > first:
            some = _texts([frames[n] for n in range(first, stop)], width, state, end)
            found.append([(bytes(plain) + text, score) for text, score in some])
            plain.clear()
        elif end and end != state:
            plain.append(end)
        state, first = end or 0, stop + 1
    if plain:
        found.append([(bytes(plain), 0.0)])
    return found, float(np.log(highest[sure]).sum())


def _frames(chances: Chances) -> Frames:
    """Each frame's chances, and the letters that are worth trying in it."""
    rows = chances.tolist()
    tried: list[list[tuple[int, float]]] = [[] for _ in rows]
    for frame, code in zip(*(at.tolist() for at in np.nonzero(chances >= _LEAST)), strict=True):
        if code:
            tried[frame].append((code, rows[frame][code]))
    for n, some in enumerate(tried):
        if len(some) > _MOST:
            tried[n] = sorted(some, key=lambda one: -one[1])[:_MOST]
    return list(zip(rows, tried, strict=True))


def _texts(frames: Frames, width: int, state: int, end: int | None) -> list[tuple[Text, float]]:
    """The likeliest texts of one stretch by prefix beam search, in any order.

    Args:
        frames: the doubtful ones.
        width: texts kept.
        state: the class that surely stands before them, whose letter is not part of the text.
        end: the class that surely stands behind them, whose letter is; None at the line's end.
    """
    # (text, its last letter, its chance with a blank last, with that letter last)
    beam: list[Held] = [(b"", state, 0.0 if state else 1.0, 1.0 if state else 0.0)]
    lost = 0.0
    for row, tried in frames:
        beam = _step(beam, row, tried)
        ranks = [before + inside for _, _, before, inside in beam]
        most = max(ranks) or _NEVER
        least = most * _HOPELESS
        if len(ranks) > width:
            least = max(least, sorted(ranks, reverse=True)[width - 1])
        beam = [held for held, rank in zip(beam, ranks, strict=True) if rank >= least]
        if most < _SMALL:
            lost += math.log(most)
            beam = [(text, last, b / most, inside / most) for text, last, b, inside in beam]
    ended: dict[Text, float] = {}
    for text, last, before, inside in beam:
        if not end:
            ended[text] = ended.get(text, 0.0) + before + inside
            continue
        if last == end:
            ended[text] = ended.get(text, 0.0) + inside
        grown = text + _SIGNS[end]
        ended[grown] = ended.get(grown, 0.0) + before + (0.0 if last == end else inside)
    return [(text, math.log(chance) + lost) for text, chance in ended.items() if chance > 0.0] or [
        (_SIGNS[end] if end and end != state else b"", math.log(_NEVER) + lost)
    ]


def _step(beam: list[Held], row: list[float], tried: list[tuple[int, float]]) -> list[Held]:
    blank = row[0]
    held: dict[Text, list[float]] = {}
    lasts: dict[Text, int] = {}
    for text, last, before, inside in beam:
        both = before + inside
        known = held.get(text)
        if known is None:
            held[text] = [both * blank, inside * row[last]]
            lasts[text] = last
        else:
            known[0] = both * blank
            known[1] += inside * row[last]
        for code, chance in tried:
            more = (before if code == last else both) * chance
            if more:
                grown = text + _SIGNS[code]
                known = held.get(grown)
                if known is None:
                    held[grown] = [0.0, more]
                    lasts[grown] = code
                else:
                    known[1] += more
    return [(text, lasts[text], before, inside) for text, (before, inside) in held.items()]
