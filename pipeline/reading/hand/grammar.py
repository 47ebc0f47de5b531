"""Numbers and dates: the likeliest text that keeps its field's grammar, where the ink bears it."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import numpy as np

from pipeline.reading.guide import Guide
from pipeline.reading.hand import ctc
from pipeline.reading.hand.beam import n_best
from pipeline.reading.hand.choice import Choice, candidates, weighed
from pipeline.reading.hand.ctc import Codes, Posteriors, text_scores
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.vocabulary import Vocabulary
from pipeline.reading.hand.words import WordModel

NUMERIC = frozenset({"number", "age", "identity", "time", "year_or_date", "date"})
"""Field types of digits and signs, though words may stand between them."""
DIGITS = frozenset("0123456789/.- ")
_DATES = frozenset({"year_or_date", "date"})
_NOT_FITTING = 0.05
"""Least factor of a text that breaks its field's grammar."""
_GRAMMAR = 3.0
"""How much a field's grammar weighs: a bent text costs as much as a letter of 0.3."""
_GLUED = re.compile(r"\d[^\W\d_]|[^\W\d_]\d")
_GLUE = -4.0
"""Log-weight of a date in which letters and digits stand together, as ``19ng``."""
_STRANGE_WORD = 4.0
_EDGES = ",.;:()-/"
_ASKED, _ASKED_DIGITS = 6, 4
_HOPELESS = 9.0
"""Nats behind the likeliest text from which the grammar is not asked about a text."""
_BEAM = 12


def by_grammar(
    ink: Posteriors, letters: Letters, field: str, field_type: str, guide: Guide
) -> Choice:
    """The likeliest text that keeps the grammar, among the net's n-best and digits alone."""
    free = candidates(n_best(ink, 16), letters)
    best = free[0][1]
    ranked = {text: score for text, score in free[:_ASKED] if score > best - _HOPELESS}
    # A digit that stands alone is often left unread, or taken for a letter.
    for text, score in candidates(n_best(digits_only(ink, letters), 8), letters)[:_ASKED_DIGITS]:
        if text and score > best - _HOPELESS:
            ranked.setdefault(text, score)
    fitting = {}
    for text, score in ranked.items():
        glue = _GLUE if field_type in _DATES and _GLUED.search(text) else 0.0
        fitting[text] = score + glue + (_fit(field, text, guide) if text else -_GRAMMAR)
    return weighed(ranked, fitting, free[0])


def _fit(field: str, text: str, guide: Guide) -> float:
    """Log-weight of a text by its field's grammar."""
    return _GRAMMAR * math.log(max(_NOT_FITTING, guide.fits(field, text) if text else 0.0))


def digits_only(ink: Posteriors, letters: Letters) -> Posteriors:
    """Posteriors in which only digits and the signs between them are possible."""
    return np.where(_digits(letters, ink.shape[1]), ink, np.float32(-16.0))


@lru_cache(maxsize=4)
def _digits(letters: Letters, classes: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    allowed = [code == 0 or letters.text((code,)) in DIGITS for code in range(classes)]
    return np.array(allowed, bool)


def in_words(
    ink: Posteriors, letters: Letters, field: str, guide: Guide, model: WordModel | None
) -> Choice:
    """The likeliest text of the field's own words, where the ink bears it."""
    free = candidates(n_best(ink, 6), letters)
    vocabulary = tuple(guide.words(field))
    known = {word.casefold() for word in vocabulary}

    def strange(text: str) -> int:
        words = [word.strip(_EDGES).casefold() for word in text.split()]
        return sum(word not in known and not word.isdecimal() for word in words)

    ranked = dict(free[:2])
    if vocabulary and free[0][0] and (strange(free[0][0]) or guide.fits(field, free[0][0]) < 1):
        ranked |= _bound(ink, letters, vocabulary, model)
    fitting: dict[str, float] = {}
    # Misread words are dear to parse: they are asked about only where the field's own fail.
    for text in sorted(ranked, key=strange):
        bent = strange(text) and max(fitting.values(), default=-math.inf) > free[0][1] - _HOPELESS
        fit = _GRAMMAR * math.log(0.5) if bent else _fit(field, text, guide)
        fitting[text] = ranked[text] + fit - _STRANGE_WORD * strange(text)
    return weighed(ranked, fitting, free[0])


def _bound(
    ink: Posteriors, letters: Letters, vocabulary: tuple[str, ...], model: WordModel | None
) -> dict[str, float]:
    """Texts of a vocabulary and what the ink alone says of them."""
    only = _vocabulary(vocabulary, letters)
    likes = model.bonus(letters, "date_words") if model else None

    def bonus(text: Codes, code: int) -> float:
        return only.bonus(text, code) + (likes(bytes(text), code) if likes else 0.0)

    found = ctc.n_best(ink, _BEAM, bonus, only.follow)[:3]
    spelled = [one.codes for one in found if only.ended(one.codes)]
    scores = text_scores(ink, spelled).tolist()
    return {
        " ".join(letters.text(codes).split()): score
        for codes, score in zip(spelled, scores, strict=True)
    }


@lru_cache(maxsize=8)
def _vocabulary(words: tuple[str, ...], letters: Letters) -> Vocabulary:
    return Vocabulary(words, letters)
