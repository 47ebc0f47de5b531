"""A written place cut into words, with the type words and small places among them told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.values.text import fold, unify_tone

COUNTRY, PROVINCE, DISTRICT = "country", "province", "district"
CANTON, COMMUNE, HAMLET = "canton", "commune", "hamlet"

# folded words -> (type, levels it may stand for)
_TYPES: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    # before 1945 a xã was a village; villages still stood under cantons
    ("xa",): ("Xã", (COMMUNE, HAMLET)),
    ("phuong",): ("Phường", (COMMUNE,)),
    ("thi", "tran"): ("Thị trấn", (COMMUNE,)),
    ("dac", "khu"): ("Đặc khu", (COMMUNE, PROVINCE)),
    ("tieu", "khu"): ("Tiểu khu", (COMMUNE, HAMLET)),
    ("lang",): ("Làng", (HAMLET, COMMUNE)),
    ("thon",): ("Thôn", (HAMLET,)),
    ("tong",): ("Tổng", (CANTON,)),
    ("huyen",): ("Huyện", (DISTRICT,)),
    ("phu",): ("Phủ", (DISTRICT,)),
    ("quan",): ("Quận", (DISTRICT,)),
    ("khu", "pho"): ("Khu phố", (DISTRICT, HAMLET)),
    ("thi", "xa"): ("Thị xã", (DISTRICT,)),
    ("thanh", "pho"): ("Thành phố", (DISTRICT, PROVINCE)),
    ("tinh",): ("Tỉnh", (PROVINCE,)),
    ("lien", "tinh"): ("Liên tỉnh", (PROVINCE,)),
    ("nuoc",): ("Nước", (COUNTRY,)),
    # French
    ("province",): ("Tỉnh", (PROVINCE,)),
    ("ville",): ("Thành phố", (PROVINCE, DISTRICT)),
    ("village",): ("Làng", (HAMLET, COMMUNE)),
    ("canton",): ("Tổng", (CANTON,)),
}
_ACCENTED = {
    **{"xa": "xã", "phuong": "phường", "quan": "quận", "huyen": "huyện", "tinh": "tỉnh"},
    **{"lang": "làng", "thon": "thôn", "tong": "tổng", "phu": "phủ"},
    "nuoc": "nước",
}
TYPE_SPELLINGS = frozenset(_ACCENTED.values()) | {"thị", "thành", "tiểu", "khu", "đặc", "liên"}
"""First words of types with their marks."""
_IN_NAMES = frozenset({"xa", "phuong", "quan", "lang", "thon", "tong", "phu", "nuoc"})
"""Type words that without marks are also syllables of names."""
_NAMES_BEGIN = _IN_NAMES - {"xa", "phuong"}
"""Names of places begin with them too: never taken for a type where the marks differ."""
_SHORT = {
    "x": ("xa",),
    "p": ("phuong",),
    "ph": ("phuong",),
    "f": ("phuong",),
    "h": ("huyen",),
    "hng": ("huyen",),
    "q": ("quan",),
    "t": ("tinh",),
    "tt": ("thi", "tran"),
    "ttr": ("thi", "tran"),
    "tx": ("thi", "xa"),
    "tp": ("thanh", "pho"),
    "t.p": ("thanh", "pho"),
    "t.t": ("thi", "tran"),
    "t.x": ("thi", "xa"),
    "tk": ("tieu", "khu"),
    "k/p": ("khu", "pho"),
    "kp": ("khu", "pho"),
    "tg": ("tong",),
}
_SMALL = frozenset(
    {
        *("thôn", "xóm", "tổ", "đội", "làng", "ấp", "khu", "cụm", "đường", "phố", "ngõ", "hẻm"),
        *("số", "ngách", "nhà", "dãy", "kho", "khối", "sn"),
    }
)
"""Words that stand before a place smaller than a commune."""
_SMALL_UNMARKED = frozenset(fold(word) for word in _SMALL)
_AT_HOME = frozenset({"tai nha", "nha rieng", "tai nha rieng", "tai gia", "tai gia dinh"})
_FACILITIES = frozenset(
    {
        *("benh vien", "benh xa", "tram y", "tram xa", "nha ho", "tai nha", "nha rieng"),
        *("trung tam", "cong an", "phong kham", "khoa san", "uy ban", "so tu", "ubnd", "ubhc"),
        *("bv", "tyt", "ttyt"),
    }
)
"""First words of hospitals and offices: a birthplace may name one and no commune."""

_ABBREVIATED = re.compile(
    r"(?<![^\W_])(?:(k\s?/\s?p|t\.[ptx])(?:\s*[.:]|(?!\w))"
    r"|(ttr|tt|tx|tp|tk|kp|tg|hng|ph|[xphqtf])\s*[.:])\s*(?=\w)",
    re.I,
)
_FILLERS = re.compile(r"(?<=ville )de |(?<=village )de |(?<=province )de |(?<=canton )de |\bđảo ")
"""Words before a name that mean nothing to us: ville de Haïphong, huyện đảo Cát Hải."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]+")


class Token(NamedTuple):
    """A word: as compared with marks, folded, and whether a hard separator stands before it."""

    marked: str
    folded: str
    after_break: bool


class TypeWord(NamedTuple):
    """A type word at tokens ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    type: str
    levels: tuple[str, ...]


class Stretch(NamedTuple):
    """Tokens that ought to hold one name: from a type word or separator to the next.

    ``small``: a street, hamlet or house; ``facility``: a hospital, an office or "at home".
    """

    start: int
    end: int
    words: str
    type: TypeWord | None
    small: bool
    facility: bool


@dataclass(frozen=True)
class Written:
    """A written place, taken apart."""

    tokens: tuple[Token, ...]
    types: dict[int, TypeWord]
    """Type words by the token after them."""
    segments: tuple[tuple[int, int], ...]
    """Token ranges between hard separators."""
    stretches: tuple[Stretch, ...]


def _is_facility(tokens: tuple[Token, ...], start: int) -> bool:
    words = [token.folded for token in tokens[start : start + 2]]
    return words[0] in _FACILITIES or " ".join(words) in _FACILITIES


def _is_small(token: Token) -> bool:
    # marks count: đường and Dương, ngõ and Ngọ
    unmarked = token.marked == token.folded and token.folded in _SMALL_UNMARKED
    return token.marked in _SMALL or unmarked or token.folded.isdecimal()


def is_local(written: Written) -> bool:
    """True where a text says no more than a numbered hamlet, block or house: thôn 2, tổ 5."""
    return (
        bool(written.tokens)
        and all(
            token.folded.isdecimal() or token.marked in _SMALL or token.folded in _SMALL_UNMARKED
            for token in written.tokens
        )
        and any(token.folded.isdecimal() for token in written.tokens)
    )


def is_at_home(written: Written) -> bool:
    """True where a text says "at home" and nothing else."""
    return " ".join(token.folded for token in written.tokens) in _AT_HOME


def small_before(written: Written, start: int) -> bool:
    """True where the word before a token makes it a street, hamlet or house."""
    before = written.tokens[start - 1] if start else None
    return before is not None and not written.tokens[start].after_break and _is_small(before)


def _stretches(
    tokens: tuple[Token, ...],
    types: dict[int, TypeWord],
    segments: tuple[tuple[int, int], ...],
) -> Iterator[Stretch]:
    type_starts = {word.start: word for word in types.values()}
    for first, last in segments:
        cuts = sorted(
            {first, last}
            | {at for at in types if first <= at < last}
            | {at for at in type_starts if first <= at < last}
        )
        for start, end in pairwise(cuts):
            if start in type_starts and type_starts[start].end == end:
                continue
            folded = [token.folded for token in tokens[start:end]]
            small = _is_small(tokens[start])
            yield Stretch(
                start,
                end,
                " ".join(folded),
                types.get(start),
                small and start not in types,
                _is_facility(tokens, start),
            )


def _tokens(text: str) -> tuple[Token, ...]:
    text = unify_tone(text).lower()
    text = _ABBREVIATED.sub(lambda found: f" {' '.join(_spelled(found[1] or found[2]))} ", text)
    text = _FILLERS.sub("", text)
    # A hyphen between words is the old way to write a name; with spaces it separates.
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    tokens: list[Token] = []
    broken = False
    for word in _WORD.findall(text):
        if not any(sign.isalnum() for sign in word):
            broken = broken or word not in (".", "'", "’", '"')
            continue
        tokens.append(Token(word, fold(word), broken and bool(tokens)))
        broken = False
    return tuple(tokens)


def _spelled(short: str) -> tuple[str, ...]:
    words = _SHORT[short.lower().replace(" ", "")]
    return tuple(_ACCENTED.get(word, word) for word in words)


def _type_words(tokens: tuple[Token, ...]) -> dict[int, TypeWord]:
    found: dict[int, TypeWord] = {}
    key: tuple[str, ...]
    marks = any(token.marked != token.folded for token in tokens)
    last = 0
    for start, token in enumerate(tokens):
        if start < last:
            continue  # the xã of thị xã
        pair = tuple(one.folded for one in tokens[start : start + 2])
        if pair in _TYPES and len(pair) == 2 and not tokens[start + 1].after_break:
            end, key = start + 2, pair
        elif (token.folded,) in _TYPES:
            inside = start > 0 and not token.after_break
            exact = token.marked in (token.folded, _ACCENTED.get(token.folded))
            if inside and token.marked == token.folded and token.marked in _ACCENTED:
                # Without its marks it is sooner a syllable: Chí Tinh among words with marks,
                # Tien Lang among words without.
                exact = not marks and token.folded not in _NAMES_BEGIN
                if not exact:
                    continue
            if not exact and (
                token.folded in _NAMES_BEGIN or (inside and token.folded in _IN_NAMES)
            ):
                continue  # Nghĩa Xá, Đông Phương, Quán Toan, Phù Liễn
            end, key = start + 1, (token.folded,)
        elif token.folded in _SHORT and len(token.marked) <= 3:
            end, key = start + 1, _SHORT[token.folded]
        else:
            continue
        if end < len(tokens) and not tokens[end].after_break:
            name, levels = _TYPES[key]
            found[end] = TypeWord(start, end, name, levels)
            last = end
    return found


@lru_cache(maxsize=16384)
def parse(text: str) -> Written:
    """Words, type words and segments of a written place (cleaned: ``values.text.clean``)."""
    tokens = _tokens(text)
    starts = [0, *(at for at, token in enumerate(tokens) if token.after_break)]
    ends = [*starts[1:], len(tokens)]
    segments = tuple((a, b) for a, b in zip(starts, ends, strict=True) if b > a)
    types = _type_words(tokens)
    return Written(tokens, types, segments, tuple(_stretches(tokens, types, segments)))
