"""Which of a reader's likeliest names it is: syllables and name parts weigh in, a little.

The parts and their counts (``ocr_config/lexicons/name_parts.csv``) only say whether a part has
been seen, not how often: a rare name is worth as much as a common one. A text overrules the
reader's first only where the ink is nearly as much for it, or where the first is no name at all
(a word that no Vietnamese spelling allows) and the other is.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import SettingsError
from pipeline.reading.syllables import is_vietnamese
from pipeline.settings import load_settings
from pipeline.values.names import odd_characters, parts_of
from pipeline.values.text import clean, unify_tone

_SEEN, _IMPOSSIBLE, _ODD = 0.25, -1.5, -2.5
"""Nats a part is worth that is known in its place, a word that is no syllable, an odd sign."""
_MOST_OF_KNOWN = 0.4
"""Most that known parts may move: a reader's share 1.5 times as large is never overruled."""
_MOST_OF_SHAPE = 2.2
"""Most that the shape of words may move: shares 9 times as large are never overruled."""


@dataclass(frozen=True)
class NameModel:
    """Parts that have been seen, casefolded with one tone placing, by their place."""

    family: frozenset[str]
    middle: frozenset[str]
    given: frozenset[str]

    def known(self, name: str) -> float:
        """What the parts of a name are worth, in nats; 0 where none is known."""
        parts = parts_of(name)
        seen = (parts.family, self.family), (parts.given, self.given)
        worth = sum(_SEEN for part, known in seen if _key(part) in known)
        middles = parts.middle.split()
        return worth + sum(
            _SEEN / max(1, len(middles)) for part in middles if _key(part) in self.middle
        )


class Ranked(NamedTuple):
    """A reading of a name: its score in nats, and the reader's own share."""

    text: str
    score: float
    share: float


def _key(part: str) -> str:
    return unify_tone(part).casefold()


@lru_cache(maxsize=4)
def load_names(config: Path | None = None) -> NameModel:
    """The name parts of an ``ocr_config`` folder.

    Raises:
        SettingsError: the file cannot be used.
    """
    path = (config or load_settings().config) / "lexicons" / "name_parts.csv"
    seen: dict[str, set[str]] = {"family": set(), "middle": set(), "given": set()}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                seen[row["part"]].update(_key(word) for word in row["text"].split())
    except (OSError, KeyError) as error:
        raise SettingsError(f"name parts: {error!r}", where=str(path)) from error
    return NameModel(*(frozenset(seen[part]) for part in ("family", "middle", "given")))


@lru_cache(maxsize=4096)
def parts_known(name: str) -> bool:
    """Whether every part of a name has been seen in its place, and its capitals are regular.

    False says little against a name: rare parts are right far more often than wrong.
    """
    model, parts = load_names(), parts_of(name)
    words = [word for word in re.split(r"[\s-]+", name) if word]
    # c and C, v and V differ in size alone: a name written half small may be a misread one
    regular = all(word == word.upper() for word in words) or all(
        word == word.capitalize() for word in words
    )
    return (
        bool(parts.family)
        and regular
        and _key(parts.given) in model.given
        and all(_key(part) in model.family for part in parts.family.split())
        and all(_key(part) in model.middle for part in parts.middle.split())
    )


def _shape(name: str) -> float:
    words = clean(name).replace("-", " ").split()
    strange = sum(not is_vietnamese(word.strip(".,'’()")) for word in words)
    return _IMPOSSIBLE * strange + _ODD * len(odd_characters(name))


def rerank(texts: Sequence[tuple[str, float]], model: NameModel | None = None) -> list[Ranked]:
    """A reader's likeliest texts of a name, best first.

    Args:
        texts: (text, share 0..1), as ``Reading.alternatives`` has them.
        model: name parts; the office's own by default.
    """
    named = model or load_names()
    readable = [(text, share) for text, share in texts if share > 0 and text.strip()]
    if not readable:
        return []
    first = max(readable, key=lambda one: one[1])[0]
    known, shape = named.known(first), _shape(first)
    ranked = []
    for text, share in readable:
        more_known = min(_MOST_OF_KNOWN, named.known(text) - known)
        better_shape = min(_MOST_OF_SHAPE, _shape(text) - shape)
        if text == first:
            more_known = better_shape = 0.0
        ranked.append(Ranked(text, math.log(share) + more_known + better_shape, share))
    return sorted(ranked, key=lambda one: -one.score)
