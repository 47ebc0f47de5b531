"""Closed vocabularies: sex, ethnic group, nationality (``ocr_config/lexicons``)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.settings import load_settings
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.text import clean, fold, unify_tone

_PREFIX = re.compile(r"^(?:dân tộc|quốc tịch|giới tính|giới|nam/nữ)\s*:?\s+", re.IGNORECASE)
_BECAUSE = re.compile(r"^(?:do|vì|bị|bệnh|chết do|chết vì)\s+(?=\S+\s)", re.IGNORECASE)
_ENDS = " .,;:-–—'\"`|"
_LOOSE = re.compile(r"[,.;:]|(?<=\s)[-–]|[-–](?=\s)")
"""Signs inside a text that join no words."""
_NOT_LETTERS = re.compile(r"[\W_]+")
_MARGIN = 0.1
_MARKS_DIFFER = 0.95


@dataclass(frozen=True)
class Lexicon:
    """One closed list: spelling -> name, as written, folded, and those of a time."""

    names: frozenset[str]
    written: Mapping[str, str]
    folded: Mapping[str, str]
    dated: tuple[tuple[str, int, str], ...]
    """(folded spelling, last book year, name)."""
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> itself and all its spellings, as the list has them."""


def _key(text: str) -> str:
    return unify_tone(clean(text)).casefold()


def _bare(text: str) -> str:
    return _NOT_LETTERS.sub("", fold(text))


@lru_cache(maxsize=8)
def load_lexicon(name: str, config: Path | None = None) -> Lexicon:
    """A list of ``ocr_config/lexicons`` by file stem, e.g. ``ethnicities``."""
    path = (config or load_settings().config) / "lexicons" / f"{name}.csv"
    names: set[str] = set()
    written: dict[str, str] = {}
    folded: dict[str, str] = {}
    dated: list[tuple[str, int, str]] = []
    recorded: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            names.add(row["name"])
            spellings = [part for part in row["spellings"].split(";") if part]
            recorded[row["name"]] = (*recorded.get(row["name"], (row["name"],)), *spellings)
            if row["until"]:
                dated += [(_bare(part), int(row["until"]), row["name"]) for part in spellings]
                continue
            for spelling in (row["name"], *spellings):
                written.setdefault(_key(spelling), row["name"])
                folded.setdefault(_bare(spelling), row["name"])
    return Lexicon(frozenset(names), written, folded, tuple(dated), recorded)


def find_in(lexicon: Lexicon, literal: str, book_year: int, *, cutoff: float = 0.74) -> Found:
    """The list's name for what a clerk wrote; nothing where no name is near, or two are.

    ``cutoff`` is the least likeness 0..1 of folded letters for a damaged word.
    """
    text = _PREFIX.sub("", clean(literal)).strip(_ENDS)
    bare = _bare(text)
    if not bare:
        return not_understood("not_in_list")
    for spelling, until, name in lexicon.dated:
        if bare == spelling and book_year <= until:
            return Found(name, BENT, ("old_name",))
    if _key(text) in lexicon.written:
        return Found(lexicon.written[_key(text)])
    if bare in lexicon.folded:
        return Found(lexicon.folded[bare], _MARKS_DIFFER, ("marks_differ",))
    words = {lexicon.folded.get(word, "") for word in _NOT_LETTERS.split(fold(text))} - {""}
    if len(words) > 1:
        return not_understood("several_in_list")  # "Nam, nữ" with neither struck out
    near = process.extract(
        bare,
        lexicon.folded.keys(),
        scorer=Levenshtein.normalized_similarity,
        limit=6,
        score_cutoff=cutoff - _MARGIN,
    )
    if not near or near[0][1] < cutoff:
        return not_understood("not_in_list")
    best, likeness, _ = near[0]
    name = lexicon.folded[best]
    if any(lexicon.folded[other] != name for other, score, _ in near if likeness - score < _MARGIN):
        return not_understood("ambiguous_in_list")
    return Found(name, BENT * likeness, ("nearest_in_list",))


def is_listed(name: str, text: str) -> bool:
    """Whether a list has a text just so, marks and capitals too (c and C differ in size alone)."""
    spelt = unify_tone(clean(text.strip(_ENDS)))
    own = load_lexicon(name).written.get(_key(spelt))
    return own is not None and spelt in map(unify_tone, load_lexicon(name).spellings[own])


def as_listed(name: str, text: str) -> str:
    """The text with the capitals of the list's own spelling of it; as it is where it has none.

    Signs at its ends go, and signs inside where what is left is listed; a hyphen that joins two
    words (*Xã-viên*) is a manner to write them.
    """
    spellings = load_lexicon(name).spellings
    text = text.strip(_ENDS)
    for tried in (text, " ".join(_LOOSE.sub(" ", text).split())):
        own = load_lexicon(name).written.get(_key(tried), "")
        for one in spellings.get(own, ()):
            if _key(one) == _key(tried):
                return one
    return text


@lru_cache(maxsize=8)
def _codes(name: str, config: Path | None = None) -> Mapping[str, str]:
    path = (config or load_settings().config) / "lexicons" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            _key(spelling): row["code"]
            for row in csv.DictReader(lines)
            for spelling in (row["name"], *row["spellings"].split(";"))
            if spelling
        }


def code_of(name: str, literal: str, config: Path | None = None) -> str:
    """Code of a text in a list that codes its rows; "" unless the text is a listed one, marks too.

    A cause of death is coded only so: what is merely like a listed cause stays a text.
    """
    text = _BECAUSE.sub("", clean(literal).strip(_ENDS))
    return _codes(name, config).get(_key(text), "")
