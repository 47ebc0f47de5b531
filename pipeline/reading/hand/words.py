"""A small word model: which syllables follow each other in registers. It weighs in, never rules.

``ocr_config/language/words.tsv`` holds counts of words, and of words that follow one or two
others, without case (``training.word_model`` makes it; an office may add its own). A word that
the file does not know costs by its length, and less where it is a possible Vietnamese syllable:
rare names exist.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.reading.hand.letters import Letters

WEIGHTS = {"name": 0.2, "relation": 0.4, "occupation": 0.4}
"""How much the model weighs, by field type: low for names, which are never forced."""
_WEIGHT = 0.55
_WORD = 6.0
"""Bonus of each word: without it a model of words likes few of them."""
_FOLLOW, _RARE = 0.85, 3.0
"""Most that a context's own counts weigh; less where it was seen about this often."""
_UNKNOWN, _UNKNOWN_LETTER, _SYLLABLE = -12.0, -0.5, 2.5
_NUMBER = "0"
_NUMBER_IN_NAME = -20.0
_ODD_CASE = 2.0
"""Nats that a word costs whose capitals stand oddly."""
_REMEMBERED = 1 << 16
_EDGES = ".,;:()\"'-/"
_SHAPE = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    "(?:[iyeaouăâêôơư]{1,3})(?:ng|nh|ch|[cmnpt])?",
    re.IGNORECASE,
)
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@dataclass(frozen=True, eq=False)
class WordModel:
    """Counts of words and of what follows one or two words, casefolded.

    ``firsts`` counts each context, ``total`` all words.
    """

    words: dict[str, int]
    pairs: dict[tuple[str, str], int]
    firsts: dict[str, int]
    total: int

    def log_chance(self, before: str, word: str) -> float:
        """Logarithm of the chance of a word after one or two others (empty: at the beginning)."""
        if not word:
            return 0.0
        count = self.words.get(word, 0)
        if not count:
            shape = _SYLLABLE if is_syllable(word) else 0.0
            return _UNKNOWN + _UNKNOWN_LETTER * len(word) + shape
        chance = count / self.total
        for context in dict.fromkeys((before.rpartition(" ")[2], before)):
            first = self.firsts.get(context, 0)
            if first:
                share = _FOLLOW * first / (first + _RARE)
                chance = share * self.pairs.get((context, word), 0) / first + (1 - share) * chance
        return math.log(chance)

    def bonus(self, letters: Letters, field_type: str) -> Callable[[bytes, int], float]:
        """The log-weight a beam search gives a text for one more letter (0: its end).

        Only spaces and the end weigh anything: that is where words end.
        """
        return _bonus(self, letters, WEIGHTS.get(field_type, _WEIGHT), field_type == "name")


@lru_cache(maxsize=16)
def _bonus(
    model: WordModel, letters: Letters, weight: float, name: bool
) -> Callable[[bytes, int], float]:
    space = bytes((letters.space,))
    known: dict[bytes, float] = {}

    def added(text: bytes, code: int) -> float:
        if (code and code != letters.space) or not text or text.endswith(space):
            return 0.0
        start = text.rfind(space) + 1
        second = text.rfind(space, 0, max(0, start - 1)) + 1
        key = text[text.rfind(space, 0, max(0, second - 1)) + 1 :]
        found = known.get(key)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            *before, word = letters.text(tuple(key)).split(" ")
            found = known[key] = weighed(" ".join(filter(None, map(_key, before))), word)
        return found

    def weighed(before: str, word: str) -> float:
        bare = _key(word)
        if not bare:
            return 0.0  # signs alone are no word
        if bare == _NUMBER:
            likes = _NUMBER_IN_NAME if name else 0.0
        else:
            likes = model.log_chance(before, bare) + _WORD
        return weight * likes - (_ODD_CASE if odd_case(word) else 0.0)

    return added


@lru_cache(maxsize=1 << 15)
def _key(word: str) -> str:
    """A word as the model counts it: without case and signs at its ends; a number as one."""
    bare = word.strip(_EDGES).casefold()
    digits = sum(sign.isdigit() for sign in bare)
    return _NUMBER if digits and 2 * digits >= len(bare) else bare


@lru_cache(maxsize=1 << 15)
def odd_case(word: str) -> bool:
    """True where capitals stand in a word as nobody writes them (``NGữyễN``)."""
    letters = "".join(sign for sign in word if sign.isalpha())
    return not (letters.islower() or letters.isupper() or letters[1:].islower() or not letters)


@lru_cache(maxsize=1 << 15)
def is_syllable(word: str) -> bool:
    """True where a word has the shape of a Vietnamese syllable, whether or not it exists."""
    apart = _TONES.sub("", unicodedata.normalize("NFD", word))
    return _SHAPE.fullmatch(unicodedata.normalize("NFC", apart)) is not None


@lru_cache(maxsize=4)
def load_words(config: Path) -> WordModel | None:
    """The word model of an ``ocr_config`` folder; None where it has none.

    Raises:
        SettingsError: the file cannot be used.
    """
    path = config / "language" / "words.tsv"
    if not path.exists():
        return None
    words: dict[str, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    firsts: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                count = int(row["count"])
                if row["next"]:
                    pairs[row["word"], row["next"]] = count
                    firsts[row["word"]] = firsts.get(row["word"], 0) + count
                else:
                    words[row["word"]] = words.get(row["word"], 0) + count
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"words: {error!r}", where=str(path)) from error
    return WordModel(words, pairs, firsts, max(1, sum(words.values())))
