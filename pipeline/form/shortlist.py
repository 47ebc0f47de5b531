"""Which forms are worth a close look: their labels' words against the words of a page.

The close look (``recognise.form_score``) weighs order and place and costs a tenth of a second
a form and page; with the forms of a century that would be more than reading the page. Here all
forms are weighed at once by their words alone, in some milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from pipeline.form.align import label_weight
from pipeline.form.labels import fold
from pipeline.form.schema import Form
from pipeline.form.tokens import Token

Floats = NDArray[np.float64]

_ALIKE = 0.7
"""Words less alike are not the same word misread."""
_THERE = 0.85
"""From here on a word of the vocabulary counts as printed on the page."""
_FOREIGN = 0.5
"""What it costs a form when none of the labels' words on the page are its own."""


@dataclass(frozen=True)
class _Vocabulary:
    """All words of all labels, and where each form's labels stand among them.

    ``forms`` holds for each form its parts: weight, whether it is optional, and the spellings as
    places of their words.
    """

    words: tuple[str, ...]
    forms: tuple[tuple[tuple[float, bool, tuple[tuple[int, ...], ...]], ...], ...]


def word_scores(pages: Sequence[Sequence[Token]], forms: Mapping[str, Form]) -> dict[str, float]:
    """Share of each form's print, 0..1 by weight, whose words stand anywhere on the pages."""
    vocabulary = _vocabulary(tuple(forms.values()))
    seen = sorted({fold(token.text) for tokens in pages for token in tokens} - {""})
    if not seen:
        return dict.fromkeys(forms, 0.0)
    likeness = cdist(
        vocabulary.words,
        seen,
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=_ALIKE,
        dtype=np.float32,
    )
    shown = likeness.max(axis=1).tolist()
    there = {n for n, share in enumerate(shown) if share >= _THERE}
    scores = {}
    for name, parts in zip(forms, vocabulary.forms, strict=True):
        own = {n for _, _, spellings in parts for words in spellings for n in words}
        # Words of other forms that this one does not print speak against it.
        known = len(there & own) / max(1, len(there))
        scores[name] = _share(parts, shown) * (1 - _FOREIGN + _FOREIGN * known)
    return scores


def _share(
    parts: tuple[tuple[float, bool, tuple[tuple[int, ...], ...]], ...], shown: Sequence[float]
) -> float:
    have = due = 0.0
    for weight, optional, spellings in parts:
        best = max(sum(shown[n] for n in words) / len(words) for words in spellings)
        if optional and best < 0.8:
            continue
        have += weight * best
        due += weight
    return have / due if due else 0.0


@lru_cache(maxsize=4)
def _vocabulary(forms: tuple[Form, ...]) -> _Vocabulary:
    places: dict[str, int] = {}
    table = []
    for form in forms:
        parts = []
        for part in form.parts:
            spellings = tuple(
                tuple(places.setdefault(word, len(places)) for word in words)
                for label in part.labels
                if (words := _words(label))
            )
            if spellings:
                parts.append((label_weight(part.labels[0]), part.optional, spellings))
        table.append(tuple(parts))
    return _Vocabulary(tuple(places), tuple(table))


def _words(label: str) -> list[str]:
    return [word for part in label.replace("/", " ").split() if (word := fold(part))]
