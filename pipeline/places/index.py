"""Names of units looked up by folded words, so that a query costs a few dictionary reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.places.gazetteer import Gazetteer, OldName, State, Unit
from pipeline.values.text import fold, unify_tone

LONGEST = 4
"""Words of the longest name."""


@dataclass(frozen=True)
class Bearer:
    """A unit in a state in which it bore a name; ``old`` where it bore it before 2004."""

    unit: Unit
    state: State
    name: str
    """As compared with marks: lower case, one tone placing."""
    old: OldName | None = None


@dataclass(frozen=True)
class NameIndex:
    """Bearers by name and level; ``squashed`` names without spaces for damaged ones."""

    by_words: Mapping[str, Mapping[str, tuple[Bearer, ...]]]
    """Folded name -> level -> its bearers."""
    squashed: Mapping[str, Mapping[str, str]]
    """Level -> letters of a name -> its folded words."""
    elsewhere: frozenset[str]
    """Folded names of provinces outside the gazetteer."""

    def near(self, level: str, letters: str, edits: int) -> list[tuple[str, int]]:
        """(folded words, edits) of names within some edits of a text without spaces."""
        names = self.squashed[level]
        if letters in names:
            return [(names[letters], 0)]
        return [
            (names[name], int(distance))
            for name, distance, _ in process.extract(
                letters,
                names.keys(),
                scorer=Levenshtein.distance,
                score_cutoff=edits,
                limit=12,
            )
        ]


def _words(name: str) -> str:
    return fold(name.replace("-", " "))


def _key(name: str) -> str:
    return unify_tone(name.replace("-", " ")).lower()


@lru_cache(maxsize=4)
def index_of(gazetteer: Gazetteer) -> NameIndex:
    """The index of a gazetteer."""
    by_words: dict[str, dict[str, list[Bearer]]] = defaultdict(lambda: defaultdict(list))
    for unit in gazetteer.units.values():
        for state in unit.states:
            for name in (state.name, *gazetteer.variants.get(state.name, ())):
                by_words[_words(name)][unit.level].append(Bearer(unit, state, _key(name)))
    for old in gazetteer.old_names:
        for unit in gazetteer.units.values():
            if unit.level == old.level and unit.states[0].name in old.now:
                bearer = Bearer(unit, unit.states[0], _key(old.name), old)
                by_words[_words(old.name)][old.level].append(bearer)
    squashed: dict[str, dict[str, str]] = defaultdict(dict)
    for words, levels in by_words.items():
        for level in levels:
            squashed[level][words.replace(" ", "")] = words
    return NameIndex(
        {
            words: {level: tuple(bearers) for level, bearers in levels.items()}
            for words, levels in by_words.items()
        },
        squashed,
        frozenset(_words(name) for name in gazetteer.other_provinces),
    )
