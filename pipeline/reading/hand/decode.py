"""From posteriors to the text of a field, under what is known of the field.

The ink has the last word: what a list or a grammar prefers is taken only where the net finds
it nearly as likely as what it would read without them. The plain text, the other candidates
and the distance between them are always kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.reading.guide import Guide, Listed
from pipeline.reading.hand import ctc
from pipeline.reading.hand.beam import n_best
from pipeline.reading.hand.ctc import (
    IMPOSSIBLE,
    Codes,
    Posteriors,
    Ranked,
    greedy,
    squeezed,
    text_scores,
)
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.vocabulary import Vocabulary
from pipeline.reading.hand.words import WordModel
from pipeline.types import Word

NUMERIC = frozenset({"number", "age", "identity", "time", "year_or_date", "date"})
"""Field types of digits and signs, though words may stand between them."""
DIGITS = frozenset("0123456789/.- ")
_SHORTLIST = 60
_GAP_A_LETTER = 1.6
_GAP = 3.0
"""Nats by which a listed text may be less likely than the net's own: so much, and so much more
a letter. Fitted on held-out lines, see docs/reading.md."""
_NOT_FITTING = 0.05
"""Least factor of a text that breaks its field's grammar."""
_GRAMMAR = 3.0
"""How much a field's grammar weighs: a bent text costs as much as a letter of 0.3."""
_STRANGE_WORD = 4.0
_EDGES = ",.;:()-/"
_ASKED = 6
_HOPELESS = 9.0
"""Nats behind the likeliest text from which the grammar is not asked about a text."""
_BEAM = 12
_KEPT = 5
_OTHERS = 0.03
"""All texts that the grammar was not asked about, against the likeliest without it."""


@dataclass(frozen=True)
class Decoded:
    """What stands in a field. ``share`` is the probability of ``text`` among all candidates.

    ``greedy`` is the net's plain text, ``alternatives`` the likeliest texts with their shares,
    ``margin`` the share of the best less that of the second.
    """

    text: str
    words: tuple[Word, ...]
    share: float
    greedy: str
    alternatives: tuple[tuple[str, float], ...]
    margin: float


def decode(
    inks: Sequence[Posteriors],
    letters: Letters,
    field: str,
    field_type: str,
    guide: Guide,
    model: WordModel | None = None,
) -> Decoded:
    """The text of a cell out of the posteriors of its lines, top to bottom."""
    lines = [squeezed(ink) for ink in inks]
    plain = [_plain(ink, letters) for ink in lines]
    listed = guide.listed(field)
    whole = joined(lines, letters)
    if listed:
        chosen = _among(whole, letters, listed)
        if chosen is None:
            return _free(lines, letters, plain, model, field_type)
        return _with_words(chosen, plain)
    if field_type == "date_words":
        return _with_words(_in_words(whole, letters, field, guide, model), plain)
    if field_type in NUMERIC:
        return _with_words(_by_grammar(whole, letters, field, guide), plain)
    return _free(lines, letters, plain, model, field_type)


def joined(lines: Sequence[Posteriors], letters: Letters) -> Posteriors:
    """The lines of a cell as one, a sure space between them."""
    if len(lines) == 1:
        return lines[0]
    gap = np.full((1, len(letters) + 1), -12.0, np.float32)
    gap[0, letters.space] = -1e-4
    parts: list[Posteriors] = []
    for line in lines:
        parts += [line, gap]
    return np.concatenate(parts[:-1])


def _plain(ink: Posteriors, letters: Letters) -> list[Word]:
    """Words of the plainest text; confidence is that of the least sure letter."""
    words: list[Word] = []
    text, least = "", 1.0
    for letter in greedy(ink):
        sign = letters.text((letter.code,))
        if sign == " ":
            if text:
                words.append(Word(text, least))
            text, least = "", 1.0
        else:
            text, least = text + sign, min(least, letter.probability)
    return [*words, Word(text, least)] if text else words


@dataclass(frozen=True)
class _Choice:
    """The candidates (text, log-weight) and which of them is taken."""

    ranked: list[tuple[str, float]]
    taken: str
    rest: float | None = None
    """Probability of all texts that are no candidate; by default half of what is left."""


def _candidates(found: Sequence[Ranked], letters: Letters) -> list[tuple[str, float]]:
    """Texts with single spaces and their log-probabilities, those that come out alike joined."""
    scores: dict[str, float] = {}
    for one in found:
        text = " ".join(letters.text(one.codes).split())
        scores[text] = float(np.logaddexp(scores.get(text, IMPOSSIBLE), one.score))
    return sorted(scores.items(), key=lambda item: -item[1])


def _among(ink: Posteriors, letters: Letters, listed: Sequence[Listed]) -> _Choice | None:
    """The likeliest of a list; None where the ink says something else."""
    free = _candidates(n_best(ink), letters)
    best_text, best = free[0]
    shortlist = _nearest(best_text, listed)
    spelled = [
        (text, form, codes, weight)
        for text, weight in shortlist
        for form in _cases(text)
        if (codes := letters.codes(form)) is not None
    ]
    scores = text_scores(ink, [codes for _, _, codes, _ in spelled])
    ranked = [
        (form, float(score) + weight)
        for (_, form, _, weight), score in zip(spelled, scores, strict=True)
    ]
    if ranked:
        at = int(np.argmax([score for _, score in ranked]))
        form = ranked[at][0]
        if best - float(scores[at]) <= _GAP + _GAP_A_LETTER * len(form):
            top = sorted(ranked, key=lambda item: -item[1])[: 2 * _KEPT]
            # The net's own text stays among the candidates, at the little weight of a text
            # that no list knows.
            known = {text for text, _ in top}
            unknown = [(text, score - _GAP * 2) for text, score in free if text not in known]
            return _Choice([*top, *unknown], form, math.exp(best - 2 * _GAP))
    return None


def _nearest(text: str, listed: Sequence[Listed]) -> list[Listed]:
    if len(listed) <= _SHORTLIST:
        return list(listed)
    names = [name.casefold() for name, _ in listed]
    near = process.extract(
        text.casefold(), names, scorer=Levenshtein.normalized_similarity, limit=_SHORTLIST
    )
    return [listed[index] for _, _, index in near]


def _cases(text: str) -> tuple[str, ...]:
    forms = (text, text.lower(), text.upper(), text.title(), text.capitalize())
    return tuple(dict.fromkeys(forms))


def _by_grammar(ink: Posteriors, letters: Letters, field: str, guide: Guide) -> _Choice:
    """The likeliest text that keeps the grammar, among the net's n-best and digits alone."""
    free = _candidates(n_best(ink, 16), letters)
    best_text = free[0][0]
    best = free[0][1]
    ranked = {text: score for text, score in free[:_ASKED] if score > best - _HOPELESS}
    if sum(sign.isdigit() for sign in best_text) * 2 >= len(best_text) > 0:
        only = digits_only(ink, letters)
        for text, score in _candidates(n_best(only, 8), letters)[:2]:
            ranked.setdefault(text, score)
    fitting = {text: score + _fit(field, text, guide) for text, score in ranked.items()}
    return _weighed(ranked, fitting, free[0])


def _fit(field: str, text: str, guide: Guide) -> float:
    """Log-weight of a text by its field's grammar."""
    return _GRAMMAR * math.log(max(_NOT_FITTING, guide.fits(field, text) if text else 0.0))


def _weighed(
    ranked: dict[str, float],
    fitting: dict[str, float],
    free: tuple[str, float],
) -> _Choice:
    """The best by grammar and ink, unless the ink speaks too plainly for its own text."""
    order = sorted(fitting.items(), key=lambda item: -item[1])
    taken = order[0][0]
    if free[1] - ranked[taken] > _GAP + _GAP_A_LETTER * len(taken):
        taken = free[0]
    return _Choice(order, taken, _OTHERS * math.exp(free[1]))


def digits_only(ink: Posteriors, letters: Letters) -> Posteriors:
    """Posteriors in which only digits and the signs between them are possible."""
    allowed = np.zeros(ink.shape[1], bool)
    allowed[0] = True
    for code in range(1, ink.shape[1]):
        allowed[code] = letters.text((code,)) in DIGITS
    return np.where(allowed, ink, np.float32(-16.0))


def _in_words(
    ink: Posteriors, letters: Letters, field: str, guide: Guide, model: WordModel | None
) -> _Choice:
    """The likeliest text of the field's own words, where the ink bears it."""
    free = _candidates(n_best(ink, 6), letters)
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
    return _weighed(ranked, fitting, free[0])


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


def _free(
    lines: Sequence[Posteriors],
    letters: Letters,
    plain: Sequence[Sequence[Word]],
    model: WordModel | None,
    field_type: str,
) -> Decoded:
    """Lines read one by one, the word model weighing in."""
    bonus = model.bonus(letters, field_type) if model else None
    choices = []
    for ink in lines:
        ranked = _candidates(n_best(ink, bonus=bonus, at=letters.space), letters)
        choices.append(_Choice(ranked, ranked[0][0]))
    parts = [_with_words(choice, [own]) for choice, own in zip(choices, plain, strict=True)]
    parts = [part for part in parts if part.text or part.greedy]
    if len(parts) == 1:
        return parts[0]
    share = math.prod(part.share for part in parts) if parts else 0.0
    return Decoded(
        text="\n".join(part.text for part in parts),
        words=tuple(word for part in parts for word in part.words),
        share=share,
        greedy="\n".join(part.greedy for part in parts),
        alternatives=((("\n".join(part.text for part in parts)), share),) if parts else (),
        margin=min((part.margin for part in parts), default=0.0),
    )


def _with_words(choice: _Choice, plain: Sequence[Sequence[Word]]) -> Decoded:
    """The choice with its shares, and a confidence for each word."""
    own = [word for line in plain for word in line]
    ranked = choice.ranked[: 4 * _KEPT]
    shares = _shares(ranked, choice.rest)
    share = shares.get(choice.taken, 0.0)
    others = [other for text, other in shares.items() if text != choice.taken]
    ordered = sorted(shares.items(), key=lambda item: -item[1])[:_KEPT]
    return Decoded(
        text=choice.taken,
        words=_believed(choice.taken.split(), own, share),
        share=share,
        greedy="\n".join(" ".join(word.text for word in line) for line in plain),
        alternatives=tuple((text, round(value, 4)) for text, value in ordered),
        margin=share - max(others, default=0.0),
    )


def _shares(ranked: Sequence[tuple[str, float]], rest: float | None) -> dict[str, float]:
    """Probabilities of candidates, with what the net gives to texts that are none of them."""
    scores = np.array([score for _, score in ranked], np.float64)
    if not scores.size:
        return {}
    highest = max(float(scores.max()), -600.0)
    weights = np.exp(np.minimum(0.0, scores - highest))
    if rest is None:
        rest = 0.5 * max(0.0, 1.0 - float(np.exp(np.minimum(scores, 0.0)).sum()))
    total = float(weights.sum()) + rest * math.exp(min(600.0, -highest))
    return {text: float(w / total) for (text, _), w in zip(ranked, weights, strict=True)}


def _believed(said: Sequence[str], own: Sequence[Word], share: float) -> tuple[Word, ...]:
    """Words of the text taken; those that the plain text has too keep their confidence."""
    if len(own) != len(said):
        return tuple(Word(text, share) for text in said)
    return tuple(
        mine if mine.text == text else Word(text, min(share, mine.confidence))
        for mine, text in zip(own, said, strict=True)
    )
