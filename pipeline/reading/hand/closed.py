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
"""Names nearest to the net's own text that are scored at all."""
_SPELLED = 8
"""Names of which every way to write capitals is scored."""
_GAP, _GAP_A_LETTER = 5.0, 0.3
"""Nats by which a listed text may be less likely than the net's own: so much, and so much more
a letter. Of words that are in no list 1 % are within."""
_DOUBTED = math.log(0.6)
"""Where the net's own text has less than this, its letters tell little: all names are scored ..."""
_GAP_DOUBTED, _LEAD = 12.0, 3.0
"""... and a text of a closed list may be so far, if it leads any other by so much: of badly
written listed texts of training hands that are too far otherwise a third, of words that are in no
list 1 % (docs/reading.md). They keep their little share, so none of them is believed."""
_UNLISTED = 6.0
"""Nats that a text costs which no list knows."""


def among(
    ink: Posteriors, letters: Letters, listed: Sequence[Listed], closed: bool
) -> Choice | None:
    """The likeliest of a list; None where the ink says something else.

    ``closed``: nothing else may stand there, which tells where the letters are doubtful.
    """
    free = candidates(n_best(ink), letters)
    best_text, best = free[0]
    few = _nearest(best_text, listed) if best >= _DOUBTED else listed
    spelled = [
        (form, codes, weight)
        for text, weight in _likeliest(ink, letters, few)
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
    form, highest = ranked[at]
    gap = best - float(scores[at]) - _GAP_A_LETTER * len(form)
    if gap > _GAP:
        second = max((s for text, s in ranked if text.lower() != form.lower()), default=-math.inf)
        doubted = closed and best < _DOUBTED and highest - second > _LEAD
        if not doubted or gap > _GAP_DOUBTED:
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
