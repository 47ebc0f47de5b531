"""Puts back the space between two syllables that Tesseract ran together.

A Vietnamese word in writing is one syllable: an onset, a row of vowels, a coda. Letters that
hold two syllables and can be parted in one way only, where the picture has a gap at that
place, are two words ("Ysỹ", "BÍCHLOAN", "9giờ").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.tesseract import PrintedWord
from pipeline.types import Grey

_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]"
_SYLLABLE = re.compile(f"(?:{_ONSET})?[aeiouy]+(?:ng|nh|ch|[cmnpt])?[.,;:]?|[0-9]+", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f]")
_INK = 160
_REACH = 0.25
"""How far from its expected place a gap may lie, in word widths: letters differ in width."""
_WIDER = 1.4
_LEAST = 0.12
"""Narrowest space, in heights of the word."""


def part_words(image: Grey, words: Sequence[PrintedWord]) -> list[PrintedWord]:
    """The words of a picture, those that hold two syllables parted where the picture says so."""
    parted: list[PrintedWord] = []
    for word in words:
        at = joint(word.text)
        gap = _gap(image, word, at / len(word.text)) if at else 0
        if gap:
            first = replace(word, text=word.text[:at], w=gap - word.x)
            parted += [first, replace(word, text=word.text[at:], x=gap, w=word.x + word.w - gap)]
        else:
            parted.append(word)
    return parted


def joint(text: str) -> int:
    """Where two syllables meet in a text that is not one; 0 where there is no one such place."""
    plain = _MARKS.sub("", unicodedata.normalize("NFD", text)).replace("Đ", "đ")
    if len(plain) != len(text) or _SYLLABLE.fullmatch(plain):
        return 0
    places = [
        at
        for at in range(1, len(plain))
        if _SYLLABLE.fullmatch(plain[:at]) and _SYLLABLE.fullmatch(plain[at:])
    ]
    return places[0] if len(places) == 1 else 0


def _gap(image: Grey, word: PrintedWord, share: float) -> int:
    """Column of the widest gap of a word, if it lies near ``share`` of its width; else 0."""
    box = image[max(0, word.y) : word.y + word.h, word.x : word.x + word.w]
    if not box.size:
        return 0
    empty = np.concatenate([[False], ~(box < _INK).any(axis=0), [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    inner = (starts > 0) & (ends < box.shape[1])
    starts, ends = starts[inner], ends[inner]
    if not len(starts):
        return 0
    widths = ends - starts
    widest = int(np.argmax(widths))
    others = np.delete(widths, widest)
    usual = float(others.max()) if len(others) else 0.0
    middle = (starts[widest] + ends[widest]) / 2
    near = abs(middle / box.shape[1] - share) <= _REACH
    wide = widths[widest] >= max(_LEAST * word.h, _WIDER * usual)
    return word.x + round(float(middle)) if near and wide else 0
