"""What the log-probabilities of a CTC net say: the plainest text, the likeliest texts, the
likelihood of any given text (Graves et al. 2006), all in numpy.

Frames run along the line; class 0 is the blank, class n the n-th letter of the alphabet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Posteriors = NDArray[np.float32]
"""Log-probabilities, shape (frames, classes)."""
Floats = NDArray[np.float64]
Codes = tuple[int, ...]
"""A text as classes."""

_SURE_BLANK = 0.9995
_LEAST = 2e-3
_MOST = 6
"""Letters that are tried in a frame: no more than these, none below ``_LEAST``."""
Held = tuple[int, float, float]
_SMALL = 1e-30
"""Chances are brought back to 1 from here."""
_BOUND = 1e-7
"""The same where only some letters may follow."""
_HOPELESS = 1e-6
IMPOSSIBLE = -1e9
_SCALED = 6
"""Frames after which chances are brought back to 1."""


@dataclass(frozen=True)
class Letter:
    """A letter of the plainest text: its class, its frames, and the net's best for it there."""

    code: int
    start: int
    end: int
    probability: float


@dataclass(frozen=True)
class Ranked:
    """A text and its log-probability over all ways to write it (beam: over those kept)."""

    codes: Codes
    score: float


def greedy(ink: Posteriors) -> list[Letter]:
    """The likeliest class of each frame, repeats joined and blanks left out."""
    if not len(ink):
        return []
    best = ink.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best)) + 1
    starts = np.concatenate([[0], edges])
    ends = np.concatenate([edges, [len(best)]])
    surest = np.exp(np.maximum.reduceat(ink[np.arange(len(best)), best], starts))
    found = zip(best[starts].tolist(), starts.tolist(), ends.tolist(), surest.tolist(), strict=True)
    return [Letter(*one) for one in found if one[0]]


def squeezed(ink: Posteriors) -> Posteriors:
    """The same with each run of frames that are surely blank made one: they tell no more."""
    blank = np.exp(ink[:, 0]) > _SURE_BLANK
    again = np.zeros(len(ink), bool)
    again[1:] = blank[1:] & blank[:-1]
    return ink[~again]


def n_best(
    ink: Posteriors,
    width: int = 12,
    bonus: Callable[[Codes, int], float] | None = None,
    follow: Callable[[Codes], Sequence[int]] | None = None,
) -> list[Ranked]:
    """The likeliest texts by prefix beam search, best first; empty text where there is no ink.

    Args:
        ink: of one line; ``squeezed`` makes it faster.
        width: texts kept.
        bonus: log-weight of adding a letter to a text; called with 0 at its end. ``score``
            holds the weights too.
        follow: letters that may follow a text; any by default.
    """
    texts: list[Codes] = [()]
    lasts = [0]
    gains = [1.0]
    follows = [follow(())] if follow else []
    longer: dict[tuple[int, int], int] = {}
    # (number of the text, its chance with a blank last, with its last letter last)
    beam: list[Held] = [(0, 1.0, 0.0)]
    lost = 0.0
    for frame, tried in _frames(ink):
        blank = frame[0]
        at_blank: dict[int, float] = {}
        at_letter: dict[int, float] = {}
        for text, before, inside in beam:
            both = before + inside
            last = lasts[text]
            at_blank[text] = both * blank
            if inside:
                at_letter[text] = at_letter.get(text, 0.0) + inside * frame[last]
            if follow:
                tried = [(code, frame[code]) for code in follows[text] if frame[code] > _BOUND]
            for code, chance in tried:
                more = (before if code == last else both) * chance
                if more <= 0.0:
                    continue
                grown = longer.get((text, code))
                if grown is None:
                    grown = longer[text, code] = len(texts)
                    texts.append((*texts[text], code))
                    lasts.append(code)
                    if follow:
                        follows.append(follow(texts[grown]))
                    weight = bonus(texts[text], code) if bonus else 0.0
                    gains.append(gains[text] * math.exp(weight) if weight else gains[text])
                at_letter[grown] = at_letter.get(grown, 0.0) + more
        beam = [(n, b, at_letter.pop(n, 0.0)) for n, b in at_blank.items()]
        beam += [(n, 0.0, chance) for n, chance in at_letter.items()]
        if len(beam) > 1:
            beam = _pruned(beam, gains, width)
        scale = sum(before + inside for _, before, inside in beam) or 1e-300
        if scale < _SMALL:
            lost += math.log(scale)
            beam = [(n, before / scale, inside / scale) for n, before, inside in beam]
    found = [
        Ranked(
            texts[n],
            math.log(before + inside + 1e-300)
            + lost
            + math.log(gains[n])
            + (bonus(texts[n], 0) if bonus else 0.0),
        )
        for n, before, inside in beam
    ]
    return sorted(found, key=lambda ranked: -ranked.score)


def _frames(ink: Posteriors) -> Iterator[tuple[list[float], list[tuple[int, float]]]]:
    """Each frame's chances, and the letters that are worth trying in it."""
    chances = np.exp(ink.astype(np.float64))
    rows = chances.tolist()
    tried: list[list[tuple[int, float]]] = [[] for _ in rows]
    for frame, code in zip(*(at.tolist() for at in np.nonzero(chances >= _LEAST)), strict=True):
        if code:
            tried[frame].append((code, rows[frame][code]))
    for row, some in zip(rows, tried, strict=True):
        if len(some) > _MOST:
            some = sorted(some, key=lambda one: -one[1])[:_MOST]
        yield row, some


def _pruned(beam: list[Held], gains: list[float], width: int) -> list[Held]:
    """The best of a beam, those left out that can hardly win any more."""
    ranks = [(before + inside) * gains[n] for n, before, inside in beam]
    least = max(ranks) * _HOPELESS
    if len(beam) > width:
        least = max(least, sorted(ranks, reverse=True)[width - 1])
    return [held for held, rank in zip(beam, ranks, strict=True) if rank >= least]


def text_scores(ink: Posteriors, texts: Sequence[Codes]) -> Floats:
    """Exact log-probability of each text, all ways to write it summed (forward algorithm).

    Args:
        ink: of one line; ``squeezed`` makes it faster and changes the scores by next to nothing.
        texts: candidates; a text that needs more frames than there are is impossible.
    """
    count = len(texts)
    if not count:
        return np.zeros(0)
    lengths = np.array([len(text) for text in texts])
    longest = int(lengths.max(initial=0))
    never = ink.shape[1]  # a class of no probability: what lies behind a text's end
    labels = np.full((count, 2 * longest + 1), never, np.intp)
    for row, text in zip(labels, texts, strict=True):
        row[: 2 * len(text) + 1] = 0
        row[1 : 2 * len(text) : 2] = text
    # A letter may follow a letter without a blank where they differ.
    skip = np.zeros((count, labels.shape[1]))
    skip[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    chances = np.pad(np.exp(ink.astype(np.float64)), ((0, 0), (0, 1)))
    # Two columns before the first, of nothing: where no text can come from.
    alpha, after = np.zeros((2, count, labels.shape[1] + 2))
    alpha[:, 2:4] = 1.0
    log = np.zeros(count)
    over = np.empty(skip.shape)
    for n, frame in enumerate(chances):
        new = after[:, 2:]
        if n:
            np.add(alpha[:, 2:], alpha[:, 1:-1], out=new)
            np.multiply(alpha[:, :-2], skip, out=over)
            new += over
            alpha, after = after, alpha
        now = alpha[:, 2:]
        now *= frame[labels]
        if n % _SCALED == 0 or n == len(chances) - 1:
            scale = now.max(axis=1)
            scale[scale <= 0] = 1e-300
            now /= scale[:, None]
            log += np.log(scale)
    alpha = alpha[:, 2:]
    rows = np.arange(count)
    ends = alpha[rows, 2 * lengths] + np.where(
        lengths > 0, alpha[rows, np.maximum(0, 2 * lengths - 1)], 0.0
    )
    with np.errstate(divide="ignore"):
        total = log + np.log(ends)
    return np.where(np.isfinite(total) & (total > IMPOSSIBLE), total, IMPOSSIBLE)


def spans(ink: Posteriors, text: Codes) -> list[tuple[int, int]]:
    """Frames of each letter of a text on its likeliest path, first and behind the last.

    A text that needs more frames than there are is spread evenly.
    """
    plainest = greedy(ink)
    if tuple(letter.code for letter in plainest) == tuple(text):  # no path is likelier than that
        return [(letter.start, letter.end) for letter in plainest]
    states = np.zeros(2 * len(text) + 1, np.intp)
    states[1::2] = text
    repeats = sum(first == second for first, second in pairwise(text))
    if len(ink) < len(text) + repeats or not text:
        edges = np.linspace(0, len(ink), len(text) + 1).astype(int).tolist()
        return list(pairwise(edges))
    jump = np.full(len(states), IMPOSSIBLE)
    jump[3::2] = np.where(states[3::2] != states[1:-2:2], 0.0, IMPOSSIBLE)
    heard = ink[:, states].astype(np.float64)
    # Of each frame and state the likeliest path; two columns before the first, of nothing.
    best = np.full((len(ink), len(states) + 2), IMPOSSIBLE)
    best[0, 2:4] = heard[0, :2]
    over = np.empty(len(states))
    for before, now, own in zip(best, best[1:], heard[1:], strict=False):
        np.add(before[:-2], jump, out=over)
        np.maximum(over, before[1:-1], out=over)
        np.maximum(over, before[2:], out=over)
        np.add(over, own, out=now[2:])
    state = len(states) - (1 if best[-1, -1] >= best[-1, -2] else 2)
    path = [state]
    for before in best[-2::-1]:
        came = (before[state + 2], before[state + 1], before[state] + jump[state])
        state -= came.index(max(came))
        path.append(state)
    path.reverse()
    found: dict[int, tuple[int, int]] = {}
    for n, state in enumerate(path):
        found[state] = (found.get(state, (n, n))[0], n + 1)
    return [found[state] for state in range(1, len(states), 2)]
