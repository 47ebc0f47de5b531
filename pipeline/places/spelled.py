"""Whether a written place is spelled to the letter as the gazetteer has it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.parse import Written, parse
from pipeline.places.spans import Span, names_in
from pipeline.places.units import Gazetteer
from pipeline.settings import load_settings
from pipeline.values.text import clean, fold, unify_tone

_ONE_SHAPE = frozenset("cosuvx")
_WORD = re.compile(r"[^\W_]+")


def spelled_as_known(text: str, written_on: int | None, gazetteer: Gazetteer | None = None) -> bool:
    """True where names of units of the time and common words are all there is, mark by mark.

    A misread letter mostly makes a word that nothing bears. False says little against a text:
    hamlets and streets are in no list, and numbers have no spelling.

    Args:
        text: as it was read.
        written_on: year; names given later do not count.
        gazetteer: the office's own by default.
    """
    written = parse(text)
    if not written.tokens or not _regular(text):
        return False
    gazetteer = gazetteer or load_gazetteer()
    known = _known(text, written, written_on, gazetteer)
    every = known.issuperset(range(len(written.tokens)))
    return every and not _comma_lost(written, names_in(text, gazetteer))


def nearly_as_known(text: str, written_on: int | None, gazetteer: Gazetteer | None = None) -> bool:
    """True where words that no name bears are a unit's name, or common, but for marks or a letter.

    Also where a name follows a name without the comma that stands between others.

    *Hải Phong* is more likely a misread *Hải Phòng* than a place of that name, *Tram xá* no house.

    Args:
        text: as it was read.
        written_on: year; names given later do not count.
        gazetteer: the office's own by default.
    """
    written = parse(text)
    gazetteer = gazetteer or load_gazetteer()
    known = _known(text, written, written_on, gazetteer)
    if _comma_lost(written, names_in(text, gazetteer)):
        return True
    if any(not known.issuperset(words) for words in _like_phrases(written)):
        return True
    if any(_damaged_types(written)):
        return True
    return any(
        not known.issuperset(range(span.start, span.end))
        and not span.text.isdecimal()
        and span.edits <= 1
        and any(written_on is None or one.start.year <= written_on for one in span.bearers)
        for span in names_in(text, gazetteer)
    )


def _known(text: str, written: Written, written_on: int | None, gazetteer: Gazetteer) -> set[int]:
    """Words of a text that are common ones, or stand in a name as the gazetteer spells it."""
    known = set(_of_types(written)) | set(_of_phrases(written))
    plain = " ".join(unify_tone(clean(text).replace("-", " ")).split())
    for span in names_in(text, gazetteer):
        places = range(span.start, span.end)
        if span.edits or span.text.isdecimal() or known.issuperset(places):
            continue
        if any(
            one.name == span.text
            and (written_on is None or one.start.year <= written_on)
            and _stands(one.shown, plain)
            and ("-" not in one.shown or one.shown.casefold() in text.casefold())
            for one in span.bearers
        ):
            known.update(places)
    return known


def _comma_lost(written: Written, spans: Sequence[Span]) -> bool:
    """Whether a name follows a name with nothing between, where others have a comma or a dash."""
    if not any(token.after_break for token in written.tokens):
        return False
    ends = {span.end for span in spans if not span.edits}
    return any(
        span.first in ends and not span.edits and not written.tokens[span.first].after_break
        for span in spans
    )


def capitals_as_known(text: str, written_on: int | None, gazetteer: Gazetteer | None = None) -> str:
    """The text with the capitals of the units' names in it: *Trại chuối* is *Trại Chuối*.

    Of c, o, s, u, v and x capitals differ in size alone, and readers mistake them. Only names of
    two words or more, one of them with a capital in the text, are names: *trạm xá* stays.

    Args:
        text: as it was read.
        written_on: year; names given later do not count.
        gazetteer: the office's own by default.
    """
    for span in names_in(text, gazetteer or load_gazetteer()):
        if span.edits or span.end - span.start < 2:
            continue
        for one in span.bearers:
            if one.name != span.text or (written_on is not None and one.start.year > written_on):
                continue
            found = re.search(rf"\b{re.escape(one.shown)}\b", text, re.IGNORECASE)
            begins = [word[0].isupper() for word in found[0].split()] if found else []
            if found and any(begins) and not found[0].isupper():
                text = text[: found.start()] + one.shown + text[found.end() :]
    return text


def common_words_small(text: str, gazetteer: Gazetteer | None = None) -> str:
    """The text with common words inside it as they are written: *Trạm Xá xã* is *Trạm xá xã*.

    Of c, o, s, u, v and x capitals differ in size alone, and readers mistake them. So a word for a
    unit or a house inside a place (``lexicons/place_words.csv``) loses such a capital where another
    such word inside the text has none, and none has a capital that can be told. A clerk who writes
    all of them with capitals (*Trạm Xá Xã*), words of names, and the first word stay as they are.

    Args:
        text: as it was read.
        gazetteer: the office's own by default.
    """
    words = [match for match in _WORD.finditer(text) if match[0][0].isalpha()]
    if text.isupper() or not any(_may_be_small(word[0]) for word in words[1:]):
        return text
    written = parse(text)
    if [token.marked for token in written.tokens] != [unify_tone(w[0]).lower() for w in words]:
        return text  # abbreviations were spelled out, or digits stand in it
    common = (set(_of_types(written)) | set(_of_phrases(written))) - {0}
    if not any(_may_be_small(words[at][0]) for at in common):
        return text
    for span in names_in(text, gazetteer or load_gazetteer()):
        if not span.edits and any(one.name == span.text for one in span.bearers):
            common -= set(range(span.start, span.end))
    capitals = {at for at in common if words[at][0][0].isupper()}
    told = any(not _may_be_small(words[at][0]) for at in capitals)
    small = common - capitals
    # Behind a comma begins a part of its own: another such part must say how they begin.
    parts = any(written.tokens[at].after_break for at in small)
    if told or not small:
        return text
    for at in capitals:
        if parts or not written.tokens[at].after_break:
            start = words[at].start()
            text = text[:start] + text[start].lower() + text[start + 1 :]
    return text


def _may_be_small(word: str) -> bool:
    """True for a word of which the capital may be a small letter of that size."""
    return word[0].isupper() and word == word.capitalize() and fold(word[0]) in _ONE_SHAPE


def _regular(text: str) -> bool:
    """False where capitals stand inside a word."""
    words = clean(text).replace("-", " ").split()
    return all(word in (word.lower(), word.upper(), word.capitalize()) for word in words)


def _stands(name: str, text: str) -> bool:
    """True where a name stands in a text with its capitals, or in capitals alone."""
    shown = unify_tone(name.replace("-", " "))
    return shown in text or shown.upper() in text


def _of_types(written: Written) -> Iterator[int]:
    """Words for kinds of units, spelled out or in short, but for those with a wrong mark."""
    damaged = {at for words in _damaged_types(written) for at in words}
    for word in written.types.values():
        yield from set(range(word.start, word.end)) - damaged


def _damaged_types(written: Written) -> Iterator[range]:
    """Where a word for a kind of unit stands with other marks than its own: *thị trãn*."""
    for word in written.types.values():
        said = written.tokens[word.start : word.end]
        meant = unify_tone(word.type.lower()).split()
        alike = [token.folded for token in said] == [fold(one) for one in meant]
        if alike and [token.marked for token in said] != meant:
            yield range(word.start, word.end)


def _of_phrases(written: Written) -> Iterator[int]:
    for words in _standing([token.marked for token in written.tokens], _phrases()):
        yield from words


def _like_phrases(written: Written) -> Iterator[range]:
    """Where common words of two syllables or more stand, whatever their marks."""
    folded = tuple(tuple(map(fold, one)) for one in _phrases() if len(one) > 1)
    yield from _standing([token.folded for token in written.tokens], folded)


def _standing(words: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> Iterator[range]:
    for phrase in phrases:
        for start in range(len(words) - len(phrase) + 1):
            if tuple(words[start : start + len(phrase)]) == phrase:
                yield range(start, start + len(phrase))


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, ...], ...]:
    path = load_settings().config / "lexicons" / "place_words.csv"
    with path.open(encoding="utf-8") as lines:
        return tuple(
            tuple(unify_tone(row["text"]).lower().split()) for row in csv.DictReader(lines)
        )
