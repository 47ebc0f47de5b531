"""Vietnamese number words of days, months and years as a tree of phrases.

All ways to say a number that registers use (``registers.md`` 3.1: mươi / mười, mốt, tư, lăm /
nhăm, linh / lẻ, nghìn / ngàn, hăm, băm, short years) are written out folded and laid into a
tree, so that a damaged text can be walked word by word (``date_words``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.values.eras import BRANCHES, REIGNS, STEMS

Phrase = tuple[str, ...]

UNITS = ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")
FIRST_YEAR, LAST_YEAR = 1860, 2029


@dataclass
class Node:
    """A place in the tree: the words that may follow, and the numbers that may end here.

    ``digits``: least and most number that may follow in digits, and what is added to it.
    """

    next: dict[str, Node] = field(default_factory=dict)
    value: int | None = None
    digits: tuple[int, int, int] | None = None


def _ones(tens: int, ones: int) -> tuple[str, ...]:
    """Ways to say the last digit behind tens (or behind linh / lẻ, where tens is 0)."""
    if ones == 0:
        return ("",)
    if ones == 1 and tens > 1:
        return ("mot",)  # mốt and một fold alike
    if ones == 4 and tens > 1:
        return ("tu", "bon")
    if ones == 4:
        return ("bon", "tu")
    if ones == 5 and tens:
        return ("lam", "nham", "nam")
    return (UNITS[ones],)


def _short(tens: int) -> tuple[Phrase, ...]:
    """Ways to say tens: hai mươi, hăm, ba mươi, băm, or the bare digit (bảy tư)."""
    if tens == 1:
        return (("muoi",),)
    forms: list[Phrase] = [(UNITS[tens], "muoi")]
    if tens == 2:
        forms.append(("ham",))
    if tens == 3:
        forms.append(("bam",))
    return tuple(forms)


def below_hundred(number: int) -> Iterator[Phrase]:
    """All ways to say 1..99."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        yield (UNITS[ones],)
        if ones == 4:
            yield ("tu",)
        return
    for head in _short(tens):
        for tail in _ones(tens, ones):
            yield (*head, tail) if tail else head
    if tens > 1 and ones:
        # bare tens: hai lăm, bảy tư, ba mốt
        for tail in _ones(tens, ones):
            yield UNITS[tens], tail


def _year_tail(low: int) -> Iterator[Phrase]:
    """Ways to say the last two digits of a year after the hundreds."""
    if low == 0:
        yield ()
    elif low < 10:
        for tail in _ones(0, low):
            yield "linh", tail
            yield "le", tail
    else:
        yield from below_hundred(low)


def year_phrases(year: int) -> Iterator[Phrase]:
    """All ways to say a year in full."""
    thousands, rest = divmod(year, 1000)
    hundreds, low = divmod(rest, 100)
    for word in ("nghin", "ngan"):
        heads: list[Phrase] = [(UNITS[thousands], word)]
        if thousands == 1:
            heads.append((word,))
        for head in heads:
            for tail in _year_tail(low):
                yield (*head, UNITS[hundreds], "tram", *tail)
                if hundreds == 0:
                    yield (*head, *tail)  # hai nghìn linh năm, hai nghìn mười
    if hundreds and low:
        # digit by digit or without the big words: một chín bảy tư, một chín không năm
        for tail in below_hundred(low) if low >= 10 else [("khong", UNITS[low])]:
            yield (UNITS[thousands], UNITS[hundreds], *tail)
    if thousands == 2 and low:
        # hai không một sáu, hai không không tám, hai không mười sáu
        yield ("hai", "khong", UNITS[low // 10], UNITS[low % 10])
        if low >= 10:
            for tail in below_hundred(low):
                yield ("hai", "khong", *tail)


def tree(phrases: Iterable[tuple[Phrase, int]]) -> Node:
    """Phrases laid into a tree; of two meanings of one phrase the first stays."""
    root = Node()
    for phrase, value in phrases:
        node = root
        for word in phrase:
            node = node.next.setdefault(word, Node())
        if node.value is None:
            node.value = value
    return root


def _days() -> Iterator[tuple[Phrase, int]]:
    for day in range(1, 32):
        for phrase in below_hundred(day):
            yield phrase, day
            if day <= 10:
                for early in ("mong", "mung"):
                    yield (early, *phrase), day
    yield ("ram",), 15


def _months() -> Iterator[tuple[Phrase, int]]:
    for month in range(1, 13):
        for phrase in below_hundred(month):
            yield phrase, month
    yield ("gieng",), 1
    yield ("chap",), 12


def _years() -> Iterator[tuple[Phrase, int]]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for phrase in year_phrases(year):
            yield phrase, year
    # two digits, resolved by the book: năm bảy mươi tư
    for short in range(10, 100):
        for phrase in below_hundred(short):
            yield phrase, short


@lru_cache(maxsize=1)
def trees() -> tuple[Node, Node, Node]:
    """The trees of days, months and years."""
    days, months, years = tree(_days()), tree(_months()), tree(_years())
    days.digits, months.digits, years.digits = (1, 31, 0), (1, 12, 0), (0, 2999, 0)
    for early in ("mong", "mung"):
        days.next[early].digits = (1, 10, 0)
    return days, months, years


def _cycles() -> Iterator[tuple[Phrase, int]]:
    for place in range(60):
        for branch in BRANCHES[place % 12]:
            stems = ("quy", "qui") if STEMS[place % 10] == "quy" else (STEMS[place % 10],)
            for stem in stems:
                yield (stem, branch), place


def _reigns() -> Iterator[tuple[Phrase, int]]:
    for name, (first, last) in REIGNS.items():
        for year in range(first, last + 1):
            number = year - first + 1
            first_words: tuple[Phrase, ...] = (("nhat",),) if number == 1 else ()
            for phrase in (*below_hundred(number), *first_words):
                yield (*name, "thu", *phrase), year
                yield (*name, "nam", "thu", *phrase), year
                yield (*name, *phrase), year
            yield (*name, *sino(number), "nien"), year
        yield (*name, "nguyen", "nien"), first


def sino(number: int) -> Phrase:
    """1..99 in the Chinese words of documents: nhị thập ngũ."""
    tens, ones = divmod(number, 10)
    head = () if tens == 0 else ("thap",) if tens == 1 else (SINO[tens], "thap")
    return (*head, SINO[ones]) if ones else head


@lru_cache(maxsize=1)
def era_trees() -> tuple[Node, Node]:
    """The trees of the cycle of sixty and of reign years."""
    reigns = tree(_reigns())
    for name, (first, last) in REIGNS.items():
        node = reigns
        for word in name:
            node = node.next[word]
        for at in (node, node.next["thu"], node.next["nam"], node.next["nam"].next["thu"]):
            at.digits = (1, last - first + 1, first - 1)
    return tree(_cycles()), reigns


@lru_cache(maxsize=1)
def calendar_trees() -> tuple[Node, Node]:
    """The trees of a leap month's mark, and of the calendars' names (1: the moon's)."""
    names = (("am", "lich"), 1), (("lich", "ta"), 1), (("duong", "lich"), 0)
    return tree(((("nhuan",), 1),)), tree(names)


SINO = ("", "nhat", "nhi", "tam", "tu", "ngu", "luc", "that", "bat", "cuu")
SPELLINGS = {
    "mot": ("một", "mốt"),
    "hai": ("hai",),
    "ba": ("ba",),
    "bon": ("bốn",),
    "tu": ("tư",),
    "nam": ("năm",),
    "lam": ("lăm",),
    "nham": ("nhăm",),
    "sau": ("sáu",),
    "bay": ("bảy", "bẩy"),
    "tam": ("tám",),
    "chin": ("chín",),
    "muoi": ("mười", "mươi"),
    "khong": ("không",),
    "linh": ("linh",),
    "le": ("lẻ", "lẽ"),
    "tram": ("trăm",),
    "nghin": ("nghìn",),
    "ngan": ("ngàn",),
    "ham": ("hăm",),
    "bam": ("băm",),
    "mong": ("mồng",),
    "mung": ("mùng",),
    "ram": ("rằm",),
    "gieng": ("giêng",),
    "chap": ("chạp",),
    "ngay": ("ngày",),
    "thang": ("tháng",),
    "nhuan": ("nhuận",),
    "am": ("âm",),
    "duong": ("dương",),
    "lich": ("lịch",),
}
"""Folded word -> as it is written."""


def spelled(phrase: Phrase) -> str:
    """A phrase as it is written: mười or mươi, một or mốt by what stands before."""
    words: list[str] = []
    for at, word in enumerate(phrase):
        before = phrase[at - 1] if at else ""
        tens = before in UNITS[2:] and (at < 2 or phrase[at - 2] not in ("linh", "le"))
        rounded = before == "muoi" and at > 1 and phrase[at - 2] in UNITS[2:]
        later = {"muoi": tens, "mot": tens or rounded or before in ("ham", "bam")}
        words.append(SPELLINGS[word][1 if later.get(word) else 0])
    return " ".join(words)


SINO_SPELLINGS = {
    "nhat": ("nhất", "nhứt"), "nhi": ("nhị",), "tam": ("tam",), "tu": ("tứ",), "ngu": ("ngũ",),
    "luc": ("lục",), "that": ("thất",), "bat": ("bát",), "cuu": ("cửu",), "thap": ("thập",),
}  # fmt: skip
"""Chinese number words; folded word -> as it is written."""
