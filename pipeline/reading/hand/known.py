"""Which of the texts that may stand in a cell does stand there, by the net's own judgement.

A person says what a field means; the ink says how the clerk wrote it. What fits the ink worst
of all is left out: a wrong text would teach the net nonsense.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.reading.hand.alphabet import normalized
from pipeline.reading.hand.ctc import IMPOSSIBLE, Floats, Posteriors, greedy, squeezed, text_scores
from pipeline.reading.hand.decode import joined
from pipeline.reading.hand.letters import Letters

MOST_ROWS = 4
"""Rows of a cell whose words can be told apart; more are no field of a register."""
_FROM, _TIMES, _MOST = 1.2, 3.0, 3.0
"""Nats a letter by which a text may be less likely than what the net reads for itself: so much,
and more where the net is far from the hand as a rule, but never more than the last. The right
texts of a face read at 7 % errors are within 0.9, three of four wrong ones beyond 1.2."""
_SHORTEST = 4
"""Letters that a text counts for at least: a misread digit is no reason to leave it out."""
_SPLIT = 4
"""Candidates whose words are tried on several rows."""
_FRAMES_ALIKE = 2.0
"""A letter's frames say the same thing over again: log-probabilities of a sort count for half."""
_ROUNDS = 12
_UNSEEN = 0.3
"""Cells of each sort that are reckoned to have been seen before the first."""


@dataclass(frozen=True)
class Known:
    """The text of a cell, a line a row of its ink, and how far it is from what the net reads."""

    lines: tuple[str, ...]
    deficit: float
    """Nats a letter less likely than the net's own text; 0 or more."""
    score: float
    """Log-probability of the text, in nats."""


def absurd_from(deficits: Sequence[float]) -> float:
    """Deficit beyond which a text can hardly be what stands there, given those of one hand."""
    usual = float(np.median(deficits)) if len(deficits) else 0.0
    return min(_MOST, _FROM + _TIMES * usual)


def best_match(rows: Sequence[Posteriors], letters: Letters, texts: Sequence[str]) -> Known | None:
    """The likeliest of some texts, its words laid out on the rows of the cell.

    Args:
        rows: log-probabilities of the cell's rows, top to bottom.
        letters: the net's alphabet.
        texts: candidates; those with letters outside of the alphabet are passed over.

    Returns:
        None where no candidate can stand there at all.
    """
    return best_matches(rows, letters, texts, lambda _: "").get("")


def best_matches(
    rows: Sequence[Posteriors], letters: Letters, texts: Sequence[str], sort: Callable[[str], str]
) -> dict[str, Known]:
    """The likeliest text of each sort that can stand there.

    Args:
        rows: log-probabilities of the cell's rows, top to bottom.
        letters: the net's alphabet.
        texts: candidates; those with letters outside of the alphabet are passed over.
        sort: the sort of a text, such as its manner of capitals.
    """
    if not rows or len(rows) > MOST_ROWS:
        return {}
    inks = [squeezed(row) for row in rows]
    known = list(dict.fromkeys(normalized(text) for text in texts))
    known = [text for text in known if text and letters.codes(text) is not None]
    if not known:
        return {}
    scores = _scores(joined(inks, letters), letters, known)
    own = sum(_own_score(ink) for ink in inks)
    by_sort: dict[str, list[int]] = {}
    for n in np.argsort(-scores).tolist():
        by_sort.setdefault(sort(known[n]), []).append(n)
    tried = max(1, _SPLIT // len(by_sort))
    found: dict[str, Known] = {}
    for name, order in by_sort.items():
        laid: list[tuple[tuple[str, ...], float]]
        if len(rows) == 1:
            laid = [((known[order[0]],), float(scores[order[0]]))]
        else:
            laid = [
                best
                for n in order[:tried]
                if (best := _laid_out(inks, letters, known[n].split(" "))) is not None
            ]
        lines, score = max(laid, key=lambda one: one[1], default=((), IMPOSSIBLE))
        if score > IMPOSSIBLE:
            length = max(_SHORTEST, sum(len(line) for line in lines))
            found[name] = Known(lines, max(0.0, own - score) / length, score)
    return found


def agreed(matches: Sequence[Mapping[str, Known]]) -> list[Known | None]:
    """One text a cell, the sort of each judged together with those of the other cells.

    A clerk keeps to few manners in one field of a book, and a letter's size is where the net errs
    most in a new hand: shares of the sorts are found by expectation and maximisation, and weigh
    in each cell as far as its ink leaves doubt.

    Args:
        matches: texts by sort of the cells of one field of a book.
    """
    sorts = sorted({sort for one in matches for sort in one})
    chances = np.full((len(matches), max(1, len(sorts))), -np.inf)
    for n, one in enumerate(matches):
        for sort, known in one.items():
            chances[n, sorts.index(sort)] = known.score / _FRAMES_ALIKE
    alive = np.isfinite(chances).any(axis=1)
    shares = np.zeros(chances.shape[1])
    for _ in range(_ROUNDS):
        weighed = chances[alive] + shares
        each = np.exp(weighed - weighed.max(axis=1, keepdims=True))
        each /= each.sum(axis=1, keepdims=True)
        counts = each.sum(axis=0) + _UNSEEN
        shares = np.log(counts / counts.sum())
    return [
        one[sorts[int(np.argmax(chances[n] + shares))]] if one else None
        for n, one in enumerate(matches)
    ]


def _scores(ink: Posteriors, letters: Letters, texts: Sequence[str]) -> Floats:
    return text_scores(ink, [letters.codes(text) or () for text in texts])


def _own_score(ink: Posteriors) -> float:
    """Of the plainest text."""
    return float(text_scores(ink, [tuple(letter.code for letter in greedy(ink))])[0])


def _laid_out(
    rows: Sequence[Posteriors], letters: Letters, words: Sequence[str]
) -> tuple[tuple[str, ...], float] | None:
    """The words on the rows where they fit best, in order and at least one a row."""
    if len(words) < len(rows):
        return None
    spans = [list(_spans(n, len(rows), len(words))) for n in range(len(rows))]
    scored: list[dict[tuple[int, int], float]] = []
    for ink, own in zip(rows, spans, strict=True):
        found = _scores(ink, letters, [" ".join(words[a:b]) for a, b in own])
        scored.append(dict(zip(own, found.tolist(), strict=True)))
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for row in scored:
        longer: dict[int, tuple[float, tuple[str, ...]]] = {}
        for (a, b), score in row.items():
            if a in best:
                total = best[a][0] + score
                if b not in longer or total > longer[b][0]:
                    longer[b] = (total, (*best[a][1], " ".join(words[a:b])))
        best = longer
    end = best.get(len(words))
    return None if end is None else (end[1], end[0])


def _spans(row: int, rows: int, words: int) -> Iterator[tuple[int, int]]:
    """Stretches of words that may stand on a row, so that each row has at least one."""
    starts = (0,) if row == 0 else range(row, words - (rows - row) + 1)
    ends = (words,) if row == rows - 1 else range(row + 1, words - (rows - row - 1) + 1)
    return ((a, b) for a, b in itertools.product(starts, ends) if a < b)
