"""French number words of dates: ``le cinq décembre mil neuf cent trente-cinq``.

So clerks of the protectorate wrote, and ``l'an mil neuf cent trente-deux, le cinq du mois de
mai`` in acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pipeline.values.number_words import FIRST_YEAR, LAST_YEAR, Node, Phrase, tree
from pipeline.values.text import fold

_SMALL = (
    "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize",
)  # fmt: skip
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
MONTHS = tuple(map(fold, FRENCH_MONTHS))


def below_hundred(number: int) -> Iterator[Phrase]:
    """All ways to say 1..99; hyphens are parted as spaces are."""
    if number <= 16:
        yield (_SMALL[number],)
    elif number < 20:
        yield "dix", _SMALL[number - 10]
    elif number < 70:
        ten, one = _TENS[number // 10], number % 10
        if one == 0:
            yield (ten,)
        else:
            yield ten, _SMALL[one]
            if one == 1:
                yield ten, "et", "un"
    elif number < 80:
        for rest in below_hundred(number - 60):
            yield "soixante", *rest
            if number == 71:
                yield "soixante", "et", *rest
    else:
        for four in ("vingt", "vingts"):
            if number == 80:
                yield "quatre", four
            else:
                for rest in below_hundred(number - 80):
                    yield "quatre", four, *rest


def _years() -> Iterator[tuple[Phrase, int]]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        hundreds, low = divmod(year, 100)
        heads: list[Phrase]
        if hundreds < 20:
            heads = [(mil, _SMALL[hundreds - 10], "cent") for mil in ("mil", "mille")]
            heads += [(*next(below_hundred(hundreds)), "cent")]
            heads += [(*head[:-1], "cents") for head in heads] if low == 0 else []
        else:
            heads = [("deux", "mille"), ("deux", "mil")]
        for head in heads:
            for tail in below_hundred(low) if low else [()]:
                yield (*head, *tail), year


def _days() -> Iterator[tuple[Phrase, int]]:
    yield ("premier",), 1
    for day in range(1, 32):
        for phrase in below_hundred(day):
            yield phrase, day


@lru_cache(maxsize=1)
def french_trees() -> tuple[Node, Node, Node]:
    """The trees of days, months and years."""
    months = (((name,), number) for number, name in enumerate(MONTHS, start=1))
    days, named, years = tree(_days()), tree(months), tree(_years())
    days.digits, named.digits, years.digits = (1, 31, 0), (1, 12, 0), (0, 2999, 0)
    return days, named, years


_WRITTEN = dict(zip(MONTHS, FRENCH_MONTHS, strict=True))
FRENCH_SPELLINGS = {
    word: (_WRITTEN.get(word, word),)
    for word in (
        *_SMALL[1:], *_TENS.values(), *MONTHS, "premier", "vingts", "et", "mil", "mille", "cent",
        "cents", "le", "jour", "mois", "an", "annee", "en", "l", "d", "de", "du", "ne",
    )
} | {"annee": ("année",), "ne": ("né", "née")}  # fmt: skip
"""Folded word -> as it is written."""
