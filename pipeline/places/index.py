"""Names of units looked up by folded words, so that a query costs a few dictionary reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer, Unit
from pipeline.values.text import fold, unify_tone

_NEAREST = 12
SHADOWED = "shadowed"
"""Kind of another name of a unit that is the official name of another unit of its level."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A unit and a name it bore from ``start`` to ``end``.

    ``kind`` is one of names.csv, or ``SHADOWED``.
    """

    unit: Unit
    name: str
    """As compared with marks: lower case, one tone placing."""
    shown: str
    """As the tables write it."""
    kind: str
    start: date
    end: date


@dataclass(frozen=True)
class NameIndex:
    """Bearers by folded name and level; ``squashed`` names without spaces for damaged ones."""

    by_words: Mapping[str, Mapping[str, tuple[Bearer, ...]]]
    squashed: Mapping[str, Mapping[str, str]]
    """Level -> letters of a name -> its folded words."""
    letters: Mapping[str, list[str]]
    """Level -> letters of all its names, as the search wants them."""
    longest: int
    """Words of the longest name."""

    def near(self, level: str, letters: str, edits: int) -> list[tuple[str, int]]:
        """(folded words, edits) of names within some edits of a text without spaces."""
        names = self.squashed[level]
        if letters in names:
            return [(names[letters], 0)]
        return [
            (names[name], int(distance))
            for name, distance, _ in process.extract(
                letters,
                self.letters[level],
                scorer=Levenshtein.distance,
                score_cutoff=edits,
                limit=_NEAREST,
            )
        ]


def words_of(name: str) -> str:
    """A name folded, hyphens as spaces: what the index is asked for."""
    return " ".join(fold(name.replace("-", " ").replace("'", " ")).split())


def key_of(name: str) -> str:
    """A name as compared with marks."""
    return unify_tone(name.replace("-", " ")).lower()


def names_of(unit: Unit) -> list[Bearer]:
    """Every name a unit bore, with the time it bore it."""
    found: list[Bearer] = []
    for state in unit.states:
        name = key_of(state.name)
        if found and found[-1].name == name:
            found[-1] = Bearer(unit, name, state.name, "official", found[-1].start, state.end)
        else:
            found.append(Bearer(unit, name, state.name, "official", state.start, state.end))
    for alias in unit.aliases:
        start, end = max(alias.start, unit.start), min(alias.end, unit.end)
        if start < end:
            found.append(Bearer(unit, key_of(alias.name), alias.name, alias.kind, start, end))
    return found


@lru_cache(maxsize=4)
def index_of(gazetteer: Gazetteer) -> NameIndex:
    """The index of a gazetteer."""
    by_words: dict[str, dict[str, list[Bearer]]] = defaultdict(lambda: defaultdict(list))
    for unit in gazetteer.units.values():
        for bearer in names_of(unit):
            by_words[words_of(bearer.name)][unit.level].append(bearer)
    for levels_of_name in by_words.values():
        for level, bearers in levels_of_name.items():
            if any(one.kind == "official" for one in bearers):
                levels_of_name[level] = [
                    one if one.kind == "official" else replace(one, kind=SHADOWED)
                    for one in bearers
                ]
    squashed: dict[str, dict[str, str]] = {level: {} for level in LEVELS}
    for words, levels in by_words.items():
        for level in levels:
            squashed[level][words.replace(" ", "")] = words
    return NameIndex(
        {
            words: {level: tuple(bearers) for level, bearers in levels.items()}
            for words, levels in by_words.items()
        },
        squashed,
        {level: list(names) for level, names in squashed.items()},
        max((len(words.split()) for words in by_words), default=1),
    )
