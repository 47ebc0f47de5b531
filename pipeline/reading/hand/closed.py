"""Texts of a closed list: all ways to write each are scored, and refused where the ink is far."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.reading.guide import Listed
from pipeline.reading.hand.beam import n_best
from pipeline.reading.hand.choice import KEPT, Choice, candidates
from pipeline.reading.hand.ctc import Posteriors, text_scores
from pipeline.reading.hand.letters import Letters

_SHORTLIST = 60
_SPELLED = 8
"""Names of which every way to write capitals is scored."""
_GAP, _GAP_A_LETTER = 5.0, 0.3
"""Nats by which a listed text may be less likely than the net's own: so much, and so much more
a letter. Of listed texts that were right all are within, of words that are in no list 3 %
(1,018 words of held-out lines; see docs/reading.md)."""
_UNLISTED = 6.0
"""Nats that a text costs which no list knows."""


def among(ink: Posteriors, letters: Letters, listed: Sequence[Listed]) -> Choice | None:
    """The likeliest of a list; None where the ink says something else."""
    free = candidates(n_best(ink), letters)
    best_text, best = free[0]
    spelled = [
        (form, codes, weight)
        for text, weight in _likeliest(ink, letters, _nearest(best_text, listed))
        for form in cases(text)
        if (codes := letters.codes(form)) is not None
    ]
    if not spelled:
        return None
    scores = text_scores(ink, [codes for _, codes, _ in spelled])
    ranked = [
        (form, float(score) + weight)
        for (form, _, weight), score in zip(spelled, scores, strict=True)
    ]
    at = int(np.argmax([score for _, score in ranked]))
    form = ranked[at][0]
    if best - float(scores[at]) > _GAP + _GAP_A_LETTER * len(form):
        return None
    top = sorted(ranked, key=lambda item: -item[1])[: 2 * KEPT]
    # The net's own text stays among the candidates, at the little weight of a text that no
    # list knows.
    known = {text for text, _ in top}
    unknown = [(text, score - _UNLISTED) for text, score in free if text not in known]
    return Choice([*top, *unknown], form, math.exp(best - _UNLISTED))


def _likeliest(ink: Posteriors, letters: Letters, listed: Sequence[Listed]) -> list[Listed]:
    """The names that the ink bears best, whatever their case."""
    if len(listed) <= _SPELLED:
        return list(listed)
    small = [
        (name, codes) for name in listed if (codes := letters.codes(name[0].lower())) is not None
    ]
    scores = text_scores(letters.without_case(ink), [codes for _, codes in small])
    scores = scores + np.array([weight for (_, weight), _ in small])
    return [small[n][0] for n in np.argsort(-scores)[:_SPELLED].tolist()]


def _nearest(text: str, listed: Sequence[Listed]) -> list[Listed]:
    if len(listed) <= _SHORTLIST:
        return list(listed)
    names = [name.casefold() for name, _ in listed]
    near = process.extract(
        text.casefold(), names, scorer=Levenshtein.normalized_similarity, limit=_SHORTLIST
    )
    return [listed[index] for _, _, index in near]


def cases(text: str) -> tuple[str, ...]:
    """Ways to write the capitals of a text."""
    forms = (text, text.lower(), text.upper(), text.title(), text.capitalize())
    return tuple(dict.fromkeys(forms))
