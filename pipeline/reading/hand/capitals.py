"""Texts in capitals: what is read letter by letter mixes sizes that no clerk mixes.

Where a line looks so, its letters are read without their case first, all of a word together,
and each reading is then scored as it would be written: in capitals, with capital first letters,
in small letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.reading.hand.beam import Bonus, n_best
from pipeline.reading.hand.ctc import Posteriors, text_scores
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.words import odd_case

_READINGS = 6


def in_capitals(text: str) -> bool:
    """True where most letters are capitals, or some stand as nobody writes them."""
    signs = [sign for sign in text if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in signs)
    return (len(signs) > 1 and 2 * capitals > len(signs)) or any(map(odd_case, text.split()))


def cased(ink: Posteriors, letters: Letters, bonus: Bonus | None) -> list[tuple[str, float]]:
    """Readings of a line in whole ways of writing, with their log-weights."""
    found = n_best(letters.without_case(ink), bonus=bonus, at=letters.space)[:_READINGS]
    texts = dict.fromkeys(" ".join(letters.text(one.codes).split()) for one in found)
    forms = list(dict.fromkeys(form for text in texts for form in _forms(text)))
    spelled = [(form, codes) for form in forms if (codes := letters.codes(form))]
    scores = text_scores(ink, [codes for _, codes in spelled]).tolist()
    return [
        (form, score + (weight_of(codes, letters, bonus) if bonus else 0.0))
        for (form, codes), score in zip(spelled, scores, strict=True)
    ]


def _forms(text: str) -> tuple[str, ...]:
    return text.upper(), text.title(), text


def weight_of(codes: Sequence[int], letters: Letters, bonus: Bonus) -> float:
    """What a beam search adds to a text in all."""
    text = bytes(codes)
    within = sum(bonus(text[:n], code) for n, code in enumerate(text) if code == letters.space)
    return within + bonus(text, 0)
