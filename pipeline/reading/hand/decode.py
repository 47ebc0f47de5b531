"""From posteriors to the text of a field, under what is known of the field.

The ink has the last word: what a list or a grammar prefers is taken only where the net finds
it nearly as likely as what it would read without them. The plain text, the other candidates
and the distance between them are always kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from pipeline.reading.guide import Guide, Listed
from pipeline.reading.hand.beam import Bonus, n_best
from pipeline.reading.hand.capitals import cased, in_capitals
from pipeline.reading.hand.choice import KEPT, Choice, candidates, shares
from pipeline.reading.hand.closed import among
from pipeline.reading.hand.ctc import Posteriors, greedy, squeezed
from pipeline.reading.hand.grammar import NUMERIC, by_grammar, in_words
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.parts import with_names
from pipeline.reading.hand.words import WordModel
from pipeline.types import Word

_CLOSED = frozenset({"sex", "ethnicity", "nationality"})
"""Types of fields in which nothing but their list may stand; other lists only help."""
_FEW = 3
"""Readings of a line that are put together with those of the cell's other lines."""


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
    if listed and field_type == "place":
        return _free(lines, letters, plain, model, field_type, listed)
    if listed:
        chosen = among(whole, letters, listed, field_type in _CLOSED)
        if chosen is None:
            return _free(lines, letters, plain, model, field_type)
        return _with_words(chosen, plain)
    if field_type == "date_words":
        return _with_words(in_words(whole, letters, field, guide, model), plain)
    if field_type in NUMERIC:
        return _with_words(by_grammar(whole, letters, field, field_type, guide), plain)
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


def _free(
    lines: Sequence[Posteriors],
    letters: Letters,
    plain: Sequence[Sequence[Word]],
    model: WordModel | None,
    field_type: str,
    names: Sequence[Listed] = (),
) -> Decoded:
    """Lines read one by one, the word model and known names in them weighing in."""
    bonus = model.bonus(letters, field_type) if model else None
    parts = [
        _with_words(with_names(ink, letters, _of_line(ink, letters, bonus), names, bonus), [own])
        for ink, own in zip(lines, plain, strict=True)
    ]
    return _below_each_other([part for part in parts if part.text or part.greedy] or parts[:1])


def _of_line(ink: Posteriors, letters: Letters, bonus: Bonus | None) -> Choice:
    ranked = candidates(n_best(ink, bonus=bonus, at=letters.space), letters)
    if in_capitals(ranked[0][0]):
        scores = dict(ranked)
        for text, score in cased(ink, letters, bonus):
            scores[text] = max(score, scores.get(text, score))
        ranked = sorted(scores.items(), key=lambda item: -item[1])
    return Choice(ranked, ranked[0][0])


def _below_each_other(parts: Sequence[Decoded]) -> Decoded:
    """Lines of a cell as one text; what they may be else is put together of the likeliest."""
    if len(parts) == 1:
        return parts[0]
    share = math.prod(part.share for part in parts)
    others = {"\n".join(part.text for part in parts): share}
    for choice in product(*(part.alternatives[:_FEW] for part in parts)):
        text = "\n".join(text for text, _ in choice)
        others.setdefault(text, math.prod(value for _, value in choice))
    ordered = sorted(others.items(), key=lambda item: -item[1])[:KEPT]
    return Decoded(
        text="\n".join(part.text for part in parts),
        words=tuple(word for part in parts for word in part.words),
        share=share,
        greedy="\n".join(part.greedy for part in parts),
        alternatives=tuple((text, round(value, 4)) for text, value in ordered),
        margin=min(part.margin for part in parts),
    )


def _with_words(choice: Choice, plain: Sequence[Sequence[Word]]) -> Decoded:
    """The choice with its shares, and a confidence for each word."""
    own = [word for line in plain for word in line]
    ranked = choice.ranked[: 4 * KEPT]
    worth = shares(ranked, choice.rest)
    share = worth.get(choice.taken, 0.0)
    others = [other for text, other in worth.items() if text != choice.taken]
    ordered = sorted(worth.items(), key=lambda item: -item[1])[:KEPT]
    return Decoded(
        text=choice.taken,
        words=_believed(choice.taken.split(), own, share),
        share=share,
        greedy="\n".join(" ".join(word.text for word in line) for line in plain),
        alternatives=tuple((text, round(value, 4)) for text, value in ordered),
        margin=share - max(others, default=0.0),
    )


def _believed(said: Sequence[str], own: Sequence[Word], share: float) -> tuple[Word, ...]:
    """Words of the text taken; those that the plain text has too keep their confidence."""
    if len(own) != len(said):
        return tuple(Word(text, share) for text in said)
    return tuple(
        mine if mine.text == text else Word(text, min(share, mine.confidence))
        for mine, text in zip(own, said, strict=True)
    )
