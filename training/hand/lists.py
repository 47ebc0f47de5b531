"""Lists that register language is made of: phrases, parts of names, places, syllables."""

from __future__ import annotations

import csv
import random
import unicodedata
from functools import lru_cache
from pathlib import Path

from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.settings import PROJECT
from pipeline.values.closed import load_lexicon

_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_PHRASES = Path(__file__).with_name("phrases.tsv")
_GAZETTEER = PROJECT / "ocr_config" / "gazetteer"
_OWN = ("registry", "small", "history")
_ELSEWHERE = ("elsewhere",)


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[str, ...]]:
    """What clerks and printers write, by kind; our own list, see ``phrases.tsv``.

    Of peoples and states all that the lexicons name: the net misreads words that it has never
    been shown the like of (*Mnông*, *Brâu*) where the ink is plain.
    """
    found: dict[str, list[str]] = {}
    with _PHRASES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["kind"], []).append(row["text"])
    for kind, lexicon in (("ethnic", "ethnicities"), ("nation", "nationalities")):
        found[kind] += sorted(load_lexicon(lexicon, PROJECT / "ocr_config").names)
    return {kind: tuple(dict.fromkeys(texts)) for kind, texts in found.items()}


@lru_cache(maxsize=1)
def name_parts() -> dict[str, tuple[str, ...]]:
    """Parts of names: family, middle, given; the commonest first."""
    found: dict[str, list[str]] = {}
    with (PROJECT / "samples" / "data" / "name_parts.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["part"], []).append(row["text"])
    return {part: tuple(dict.fromkeys(words)) for part, words in found.items()}


@lru_cache(maxsize=1)
def own_places() -> tuple[str, ...]:
    """Names of units of the province, now and once."""
    return _names(_OWN)


@lru_cache(maxsize=1)
def other_places() -> tuple[str, ...]:
    """Names of units elsewhere."""
    return _names(_ELSEWHERE)


def _names(folders: tuple[str, ...]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for folder in folders:
        names |= dict.fromkeys(column(_GAZETTEER / folder / "names.csv", "name"))
    return tuple(name for name in names if not foreign_signs(normalized(name)))


def column(path: Path, name: str) -> list[str]:
    """A column of a table, empty places left out."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [row[name] for row in csv.DictReader(lines) if row[name]]


def syllable(rng: random.Random) -> str:
    """A syllable that Vietnamese could have."""
    onset = rng.choice(phrases()["onset"]) if rng.random() < 0.93 else ""
    rhyme = rng.choice(phrases()["rhyme"])
    tones = _TONES if rhyme[-1] not in "ctp" and rhyme[-2:] != "ch" else ("\u0301", "\u0323")
    at = _mark_place(rhyme)
    toned = rhyme[: at + 1] + rng.choice(tones) + rhyme[at + 1 :]
    return unicodedata.normalize("NFC", onset + toned)


def _mark_place(rhyme: str) -> int:
    for sign in "ơêôâăư":
        if sign in rhyme:
            return rhyme.rindex(sign)
    vowels = [n for n, sign in enumerate(rhyme) if sign in "aeiouy"]
    if len(vowels) > 1 and (
        len(vowels) == 3 or vowels[-1] < len(rhyme) - 1 or rhyme in ("oa", "oe", "uy")
    ):
        return vowels[1]
    return vowels[0]
