"""How alike a text read from paper and a printed label are.

Labels are compared folded: without case, tone and vowel marks, punctuation and spaces.
Tesseract loses just these first (tesseract-ocr/langdata#66), and printers do as they please
with capitals and colons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel, Levenshtein

_NOT_LETTERS = re.compile(r"[^a-z0-9|]+")
# Glyphs that differ by a serif or a speck in worn print.
_CONFUSED = str.maketrans({"0": "o", "1": "i", "l": "i", "|": "i", "5": "s"})
_UNMARKED = str.maketrans({"đ": "d", "Đ": "d"})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """``text`` in lower case ASCII letters and digits only, glyphs easily confused made one."""
    bare = unicodedata.normalize("NFD", text.translate(_UNMARKED))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return _NOT_LETTERS.sub("", letters.lower()).translate(_CONFUSED)


def folded_score(seen: str, label: str) -> float:
    """Likeness 0..1 of two folded texts; the mean of edit and subsequence similarity.

    The edit distance punishes a wrong letter, the subsequence a missing one less: print wears
    away more often than it changes.
    """
    if not seen or not label:
        return 0.0
    if seen == label:
        return 1.0
    edit = Levenshtein.normalized_similarity(seen, label)
    return 0.5 * (edit + Indel.normalized_similarity(seen, label))


def label_score(seen: str, labels: Sequence[str]) -> float:
    """How well ``seen`` fits the best of ``labels`` (spelling variants), 0..1.

    Case, diacritics, punctuation, colons and spaces do not count. From about 0.75 on it is the
    label with some letters misread; unrelated texts stay below 0.5.
    """
    folded = fold(seen)
    return max((folded_score(folded, fold(label)) for label in labels), default=0.0)
