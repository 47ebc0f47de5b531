"""Mends what Tesseract does to Vietnamese syllables, where the picture says so.

A Vietnamese word in writing is one syllable: an onset, a row of vowels, a coda. Letters that
hold two syllables and can be parted in one way only, where the picture has a gap at that
place, are two words ("Ysỹ", "BÍCHLOAN", "9giờ"). A hook above i that is no higher than a dot
is a dot ("Đỉnh" for the family name Đinh). A zero before letters is an O, and a last T
without a vowel an I ("NGUYỄN THỊ MT").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.reading.pieces import Pieces
from pipeline.tesseract import PrintedWord
from pipeline.types import Grey

_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx]"
_SYLLABLE = re.compile(f"(?:{_ONSET})?[aeiouy]+(?:ng|nh|ch|[cmnpt])?[.,;:]?|[0-9]+", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f]")
_INK = 160
_SHORT = frozenset({"TT", "CMT", "SĐT"})
"""Abbreviations that end in T."""
_DOT_HEIGHT = 0.2
"""Height of a dot over that of the tallest letter is 0.13 to 0.18 in common faces, of a hook
0.22 to 0.33."""
_REACH = 0.25
"""How far from its expected place a gap may lie, in word widths: letters differ in width."""
_WIDER = 1.4
_LEAST = 0.12
"""Narrowest space, in heights of the word."""


def mend_words(image: Grey, words: Sequence[PrintedWord]) -> list[PrintedWord]:
    """The words of a picture with their syllables mended."""
    parted: list[PrintedWord] = []
    for word in words:
        if "ỉ" in word.text and _dotted(image, word):
            word = replace(word, text=word.text.replace("ỉ", "i"))
        word = replace(word, text=mend(word.text))
        at = joint(word.text)
        gap = _gap(image, word, at / len(word.text)) if at else 0
        if gap:
            first = replace(word, text=word.text[:at], w=gap - word.x)
            parted += [first, replace(word, text=word.text[at:], x=gap, w=word.x + word.w - gap)]
        else:
            parted.append(word)
    return parted


def mend(text: str) -> str:
    """A syllable whose letters can only be others."""
    if re.match("0[^\\W\\d_]", text):
        return "O" + text[1:]
    if text.endswith("T") and len(text) > 1 and text not in _SHORT and not _syllable(text):
        other = text[:-1] + "I"
        return other if _syllable(other) else text
    return text


def _syllable(text: str) -> bool:
    return _SYLLABLE.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    """Letters without their marks; đ stays."""
    return _MARKS.sub("", unicodedata.normalize("NFD", text)).replace("Đ", "đ")


def _dotted(image: Grey, word: PrintedWord) -> bool:
    """True where the highest mark of a word is as low as the dot of an i."""
    box = image[word.y : word.y + word.h, word.x : word.x + word.w]
    pieces = Pieces.of(np.where(box < _INK, 255, 0).astype(np.uint8))
    tallest = pieces.height[1:].max(initial=0)
    mark = (pieces.height <= 0.45 * tallest) & (pieces.bottom <= 0.45 * len(box))
    mark[0] = False
    if mark.sum() != 1:
        return False
    return bool(pieces.height[mark][0] <= _DOT_HEIGHT * tallest)


def joint(text: str) -> int:
    """Where two syllables meet in a text that is not one; 0 where there is no one such place."""
    plain = _plain(text)
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


_RHYME_LIST = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om
on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh uêu ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya
uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y yêm yên yêng yêt yêu ych ynh yt yn
"""
_RHYMES = frozenset(_RHYME_LIST.split())
_ONSETS = tuple(_ONSET.replace("[bcdđghklmnpqrstvx]", "b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x").split("|"))
_STOPPED = re.compile("(?:ch|[cpt])$")
_LEVEL_AND_FALLING = frozenset("\u0300\u0303\u0309")


def is_vietnamese(word: str) -> bool:
    """True where a word is a syllable that Vietnamese spelling allows, existing or not.

    Onset, rhyme and tone are looked at: a rhyme that is stopped (-c, -ch, -p, -t) takes only the
    rising and the heavy tone. Names need not be in any list for it.
    """
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [sign for sign in apart if sign in "\u0300\u0301\u0303\u0309\u0323"]
    bare = unicodedata.normalize(
        "NFC", "".join(sign for sign in apart if sign not in "\u0300\u0301\u0303\u0309\u0323")
    )
    if len(tones) > 1:
        return False
    rhymes = [bare] + [bare[len(onset) :] for onset in _ONSETS if bare.startswith(onset)]
    if not any(rhyme in _RHYMES for rhyme in rhymes):
        return False
    stopped = _STOPPED.search(bare) is not None
    return not (stopped and (not tones or tones[0] in _LEVEL_AND_FALLING))
