"""Candidates for the text of a field, weighed: by the ink, and by what is known of the field."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.reading.hand.ctc import IMPOSSIBLE, Ranked
from pipeline.reading.hand.letters import Letters

KEPT = 5
"""Alternatives that are told."""
GAP, GAP_A_LETTER = 3.0, 1.6
"""Nats by which a text that keeps its grammar may be less likely than the net's own: so much,
and so much more a letter."""
_OTHERS = 0.03
"""All texts that the grammar was not asked about, against the likeliest without it."""


@dataclass(frozen=True)
class Choice:
    """The candidates (text, log-weight) and which of them is taken."""

    ranked: list[tuple[str, float]]
    taken: str
    rest: float | None = None
    """Probability of all texts that are no candidate; by default half of what is left."""


def candidates(found: Sequence[Ranked], letters: Letters) -> list[tuple[str, float]]:
    """Texts with single spaces and their log-probabilities, those that come out alike joined."""
    scores: dict[str, float] = {}
    for one in found:
        text = " ".join(letters.text(one.codes).split())
        scores[text] = float(np.logaddexp(scores.get(text, IMPOSSIBLE), one.score))
    return sorted(scores.items(), key=lambda item: -item[1])


def weighed(ranked: dict[str, float], fitting: dict[str, float], free: tuple[str, float]) -> Choice:
    """The best by grammar and ink, unless the ink speaks too plainly for its own text.

    Args:
        ranked: texts and what the ink says of them.
        fitting: the same with the grammar's weight.
        free: the likeliest text without any grammar.
    """
    order = sorted(fitting.items(), key=lambda item: -item[1])
    taken = order[0][0]
    if free[0] and free[1] - ranked[taken] > GAP + GAP_A_LETTER * len(taken):
        taken = free[0]
    return Choice(order, taken, _OTHERS * math.exp(free[1]))


def shares(ranked: Sequence[tuple[str, float]], rest: float | None) -> dict[str, float]:
    """Probabilities of candidates; what they lack to 1 is that of texts that are none of them."""
    scores = np.array([score for _, score in ranked], np.float64)
    if not scores.size:
        return {}
    highest = max(float(scores.max()), -600.0)
    weights = np.exp(np.minimum(0.0, scores - highest))
    if rest is None:
        rest = 0.5 * max(0.0, 1.0 - float(np.exp(np.minimum(scores, 0.0)).sum()))
    total = float(weights.sum()) + rest * math.exp(min(600.0, -highest))
    return {text: float(w / total) for (text, _), w in zip(ranked, weights, strict=True)}
