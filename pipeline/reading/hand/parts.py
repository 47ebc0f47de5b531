"""Names of places inside a longer text: ``xã An Thái, h. An Lão``, ``thôn 3, An Thái``.

A place is written in parts, and of some parts it is known what they may be. Runs of words that
resemble a name are scored against it on their own stretch of ink; the rest stays as it was
read. A name that the ink does not bear changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.reading.guide import Listed
from pipeline.reading.hand.beam import Bonus
from pipeline.reading.hand.capitals import weight_of
from pipeline.reading.hand.choice import Choice
from pipeline.reading.hand.ctc import Posteriors, spans, text_scores
from pipeline.reading.hand.letters import Letters

_LONGEST = 4
"""Words of a name, at most."""
_ALIKE = 0.6
_TRIED = 3
_NAMED = 2.0
"""Log-weight of a run of words being a known name rather than any words."""
_WEIGHED, _MIDDLING = 0.6, -7.0
"""How much the names' own weights count, and the logarithm of a middling one."""
_GAP, _GAP_A_LETTER = 2.0, 0.3
"""Nats by which a name may be less likely than what was read: so much, and so much more a
letter."""
_EDGES = ",.;:()\"'-/"


@dataclass(frozen=True)
class _Names:
    """Names of as many words, folded for comparing, with their log-weights."""

    known: frozenset[str]
    folded: list[str]
    names: list[Listed]


@dataclass(frozen=True)
class _Run:
    """Words ``first`` to ``last`` as they may be: texts with weights against what was read."""

    first: int
    last: int
    texts: list[tuple[str, float]]

    @property
    def gain(self) -> float:
        return self.texts[0][1]


def with_names(
    ink: Posteriors,
    letters: Letters,
    choice: Choice,
    listed: Sequence[Listed],
    bonus: Bonus | None = None,
) -> Choice:
    """The choice with those runs of words put right that are names of the list.

    Args:
        ink: of one line.
        letters: classes of the ink.
        choice: the line as free text.
        listed: names with the logarithms of their weights; a tuple is looked into once.
        bonus: the word model's, as for a beam search.
    """
    words = choice.taken.split()
    if not words or not listed:
        return choice
    stretches = _stretches(ink, letters, choice.taken)
    runs = _apart(_runs(ink, letters, words, stretches, _by_length(tuple(listed)), bonus))
    if not runs:
        return choice
    base = dict(choice.ranked)[choice.taken]
    taken = _replaced(words, [(run, run.texts[0][0]) for run in runs])
    gained = base + sum(run.gain for run in runs)
    scores = {taken: gained}
    for changed in runs:
        for text, gain in changed.texts[1:]:
            chosen = [(run, text if run is changed else run.texts[0][0]) for run in runs]
            other = _replaced(words, chosen)
            scores.setdefault(other, gained - changed.gain + gain)
    for text, score in choice.ranked:
        scores.setdefault(text, score)
    return Choice(sorted(scores.items(), key=lambda item: -item[1]), taken, choice.rest)


def _runs(
    ink: Posteriors,
    letters: Letters,
    words: Sequence[str],
    stretches: Sequence[tuple[int, int]],
    names: dict[tuple[int, bool], _Names],
    bonus: Bonus | None,
) -> list[_Run]:
    """Runs of words that a name fits better than what was read."""
    found: list[_Run] = []
    settled = _settled(words, names)
    for (count, parted), some in names.items():
        starts = [
            n
            for n in range(len(words) - count + 1)
            if not all(settled[n : n + count]) and _parted(words[n : n + count]) == parted
        ]
        if not starts:
            continue
        said = [" ".join(words[n : n + count]).strip(_EDGES) for n in starts]
        alike = process.cdist(
            [_folded(text) for text in said],
            some.folded,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=_ALIKE,
        )
        for n, text, near in zip(starts, said, alike, strict=True):
            close = np.flatnonzero(near)
            tried = [some.names[k] for k in close[np.argsort(-near[close])].tolist()]
            # A longer name may take in a settled one, not change it.
            fixed = [(k, word) for k, word in enumerate(text.split()) if settled[n + k]]
            tried = [name for name in tried if _keeps(name[0], fixed)][:_TRIED] if text else []
            if not tried:
                continue
            here = ink[stretches[n][0] : stretches[n + count - 1][1]]
            texts = _weighed(here, letters, text, tried, bonus)
            if texts[0][1] > 0:
                found.append(_Run(n, n + count, texts))
    return found


def _settled(words: Sequence[str], names: dict[tuple[int, bool], _Names]) -> list[bool]:
    """Words that stand in a name as it is, whatever their capitals: these are left alone."""
    settled = [False] * len(words)
    for (count, parted), some in reversed(names.items()):
        for n in range(len(words) - count + 1):
            run = words[n : n + count]
            if _parted(run) == parted and " ".join(run).strip(_EDGES).casefold() in some.known:
                settled[n : n + count] = [True] * count
    return settled


def _keeps(name: str, fixed: Sequence[tuple[int, str]]) -> bool:
    words = name.split()
    return all(words[at].casefold() == word.casefold() for at, word in fixed)


def _parted(run: Sequence[str]) -> bool:
    """True where a sign stands inside a run of words: few names go across one."""
    return any(word[-1] in _EDGES for word in run[:-1])


def _weighed(
    ink: Posteriors,
    letters: Letters,
    said: str,
    tried: Sequence[Listed],
    bonus: Bonus | None,
) -> list[tuple[str, float]]:
    """What a stretch of ink may be, likeliest first: as it was read weighs 0."""
    forms = {_written_like(said, name): weight for name, weight in tried}
    spelled = [(said, letters.codes(said))]
    spelled += [(form, letters.codes(form)) for form in forms]
    texts = [(form, codes) for form, codes in spelled if codes]
    scores = text_scores(ink, [codes for _, codes in texts]).tolist()
    likes = [weight_of(codes, letters, bonus) if bonus else 0.0 for _, codes in texts]
    found = [(said, 0.0)]
    for (form, _), score, liked in zip(texts[1:], scores[1:], likes[1:], strict=True):
        if scores[0] - score <= _GAP + _GAP_A_LETTER * len(form):
            named = _NAMED + _WEIGHED * (forms[form] - _MIDDLING)
            more = 0.0 if _same_letters(form, said) else liked - likes[0]
            found.append((form, score - scores[0] + more + named))
    return sorted(found, key=lambda item: -item[1])


def _apart(runs: list[_Run]) -> list[_Run]:
    """Runs that share no words: the longest names first, and of these the best."""
    taken: list[_Run] = []
    for run in sorted(runs, key=lambda run: (-(run.last - run.first), -run.gain)):
        if all(run.last <= one.first or run.first >= one.last for one in taken):
            taken.append(run)
    return taken


def _replaced(words: Sequence[str], chosen: Sequence[tuple[_Run, str]]) -> str:
    """The words with some runs as they are chosen; signs around a run stay."""
    said = list(words)
    for run, text in sorted(chosen, key=lambda one: -one[0].first):
        old = " ".join(words[run.first : run.last])
        bare = old.strip(_EDGES)
        before, _, after = old.partition(bare)
        said[run.first : run.last] = [f"{before}{text}{after}"]
    return " ".join(said)


def _stretches(ink: Posteriors, letters: Letters, text: str) -> list[tuple[int, int]]:
    """First and last frame of each word, the frames of no letter around it included."""
    codes = letters.codes(text) or ()
    at = spans(ink, codes)
    cuts = [span for span, code in zip(at, codes, strict=True) if code == letters.space]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(ink)]
    return list(zip(starts, ends, strict=True))


@lru_cache(maxsize=16)
def _by_length(listed: tuple[Listed, ...]) -> dict[tuple[int, bool], _Names]:
    """Names by their count of words, and whether a sign stands inside; shorter ones first."""
    groups: dict[tuple[int, bool], dict[str, float]] = {}
    for name, weight in listed:
        words = name.split()
        if 0 < len(words) <= _LONGEST:
            own = groups.setdefault((len(words), _parted(words)), {})
            own[name] = max(weight, own.get(name, weight))
    return {
        kind: _Names(
            frozenset(name.casefold() for name in own),
            [_folded(name) for name in own],
            list(own.items()),
        )
        for kind, own in sorted(groups.items())
    }


@lru_cache(maxsize=1 << 14)
def _folded(text: str) -> str:
    """Without case and marks: these are what is misread first."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _same_letters(first: str, second: str) -> bool:
    """True where only the seat of a tone mark differs (``Thụy``, ``Thuỵ``)."""
    apart = [sorted(unicodedata.normalize("NFD", text)) for text in (first, second)]
    return apart[0] == apart[1]


def _written_like(said: str, name: str) -> str:
    """A name with its capitals as the text read has them."""
    if said.isupper() and len(said) > 1:
        return name.upper()
    if said.islower():
        return name.lower()
    return name[0].upper() + name[1:] if said[0].isupper() else name[0].lower() + name[1:]
