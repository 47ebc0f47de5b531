"""What people have set in a book bears out, or doubts, what the net reads in the rest of it.

One clerk's letters are misread alike again and again (*Hùng* as *Hưng*), so that no reading of a
name or a place is believed far by itself. Which words of this hand are read right, and which are
not, is told by the fields of the same book that people have set; and places and listed words come
again and again, so that a text that was confirmed before is seldom another one now. One logistic
regression a family of fields (``ocr_config/calibration/memory.json``, ``training.fit_memory``)
says what that is worth. A place, relation or occupation read with the letters of one that people
have set takes its capitals and signs; a word of a name takes the place of its tone mark.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache, partial
from typing import TypeVar

from pipeline.checks.acceptance import HAND, reader_family
from pipeline.checks.memory_signs import LEARNED, Shown, Tally, Weights, standing, weighed
from pipeline.checks.other_texts import UNLEARNED, other_texts
from pipeline.checks.witnesses import BOOK, Said
from pipeline.fields import FIELDS, FieldType
from pipeline.types import Decision, EntryResult, FieldResult, ValueState
from pipeline.values import Context
from pipeline.values.marks import is_ditto
from pipeline.values.normalise import normalise
from pipeline.values.text import clean, fold, unify_tone

PLACE = "place"
FAMILIES = {
    FieldType.NAME: "name",
    FieldType.PLACE: PLACE,
    FieldType.RELATION: "open",
    FieldType.OCCUPATION: "open",
    FieldType.SEX: "listed",
    FieldType.ETHNICITY: "listed",
    FieldType.NATIONALITY: "listed",
}
"""What is weighed alike. Numbers and dates are not here: each is another one."""
SPELLED = "as_set_in_book"
"""Reason of a text that took capitals, signs or tone marks' places from what people have set."""
_SPELLED_ALIKE = (PLACE, "open")
FEWEST = 20
"""Fields of a family that people must have set before they say anything of the rest."""
_TWICE = 2
_MOSTLY = 0.8
_MET = 0.2
_PUNCTUATION = re.compile(r"(?<!\d)[,.;:–-]|[,.;:–-](?!\d)")
"""Between digits it is part of a number."""

_Key = TypeVar("_Key")
Word = tuple[str, str]
"""A word, and which part of a name it is: letters of one pen are no other for that, but *Văn* is
usual in the middle and, at the end, mostly *Vân*."""


@dataclass(frozen=True)
class Known:
    """What one hand's fields of one family have shown: words, whole texts, how many fields."""

    words: dict[Word, Tally] = field(default_factory=lambda: defaultdict(Tally))
    true: dict[Word, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Words that people set, by what they are without marks."""
    texts: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fields: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Memory:
    """What people have set in a book, by hand and family, and how they spell it.

    ``spellings`` are of whole texts, by family and letters; ``toned`` are of words of names whose
    tone mark may stand on either of two vowels (*Hòa*, *Hoà*), by the older placing.
    """

    known: Mapping[tuple[int, str], Known]
    spellings: Mapping[tuple[str, str], str]
    toned: Mapping[str, str] = field(default_factory=dict)


def remember(entries: Sequence[EntryResult], context: Context, hands: Sequence[int] = ()) -> Memory:
    """What people have set in these entries, beside what was read there.

    Args:
        entries: of a book, as its pages gave them; a person's value beside the machine's text.
        context: the book.
        hands: which hand wrote each entry; empty: one wrote them all.
    """
    known: dict[tuple[int, str], Known] = defaultdict(Known)
    written: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for at, entry in enumerate(entries):
        hand = hands[at] if hands else 0
        for one in entry.fields:
            family = FAMILIES.get(FIELDS[one.field].type)
            if family is None or not _set_by_person(one):
                continue
            value = one.value or ""
            if family in _SPELLED_ALIKE:
                written[family, _plain(value)][value] += 1
            elif family == FAMILIES[FieldType.NAME]:
                for word in value.split():
                    words[unify_tone(word)][word] += 1
            if reader_family(one.reader) == HAND:
                meant = one.literal
                if meant != value:
                    meant = normalise(one.field, one.literal, context).normalized or meant
                _learn(known[hand, family], family, one.literal, value, meant)
    return Memory(known, _settled(written), _settled(words))


def spelled_as_set(entry: EntryResult, memory: Memory) -> EntryResult:
    """The entry with its texts spelled as people spell them in this book.

    Only capitals, signs and tone marks' places change, and only where people have set the same
    letters twice or more, mostly alike. What was read stays the literal.
    """
    if not memory.spellings and not memory.toned:
        return entry
    fields = tuple(_spelled(one, memory) for one in entry.fields)
    changed = any(new is not old for new, old in zip(fields, entry.fields, strict=True))
    return replace(entry, fields=fields) if changed else entry


def said_by_book(
    entry: EntryResult, memory: Memory, weights: Weights, ceiling: float, hand: int = 0
) -> Iterator[Said]:
    """What the book says of an entry's words in handwriting.

    Args:
        entry: of the book.
        memory: of the book.
        weights: from :func:`load_weights`.
        ceiling: above which nothing is believed.
        hand: that wrote the entry.
    """
    for one in entry.fields:
        found = shown_of(memory, one, hand)
        own = weights.of(found[0]) if found else None
        if found and own:
            shown = found[1]
            reason = f"{BOOK}{shown.lowest.right}/{shown.lowest.wrong}/{shown.whole.right}"
            yield Said(one.field, reason, partial(weighed, own, shown, ceiling))


def shown_of(memory: Memory, one: FieldResult, hand: int = 0) -> tuple[str, Shown] | None:
    """Family of a field read by the net, and what the book has shown of its text.

    Once the hand is learned it is a family of its own: a net that has learned is surer of its
    letters than it should be. None where nothing can be said: another kind of field or reader, or
    too few set by people.
    """
    family = FAMILIES.get(FIELDS[one.field].type)
    if family is None or not _is_read_hand(one):
        return None
    known = memory.known.get((hand, family))
    if known is None or known.fields.right + known.fields.wrong < FEWEST:
        return None
    learned = LEARNED if LEARNED in one.reader else ""
    return family + learned, _shown(known, family, one)


def _shown(known: Known, family: str, one: FieldResult) -> Shown:
    none = Tally()
    read = _words(family, one.literal)
    words = [known.words.get(word, none) for word in read]
    lowest = min(words, key=standing, default=none)
    new = any(not tally.right for tally in words)
    rival = max((_rival(known, word) for word in read), default=0.0)
    whole = known.texts.get(_plain(one.literal), none)
    letters = round(one.raw_confidence, 4)
    return Shown(lowest, new, round(rival, 3), whole, letters, _unlearned(one))


def _unlearned(one: FieldResult) -> float:
    for text, sure in other_texts(one.reasons, UNLEARNED):
        return sure if _plain(text) == _plain(one.literal) else 0.0
    return 0.0


def _rival(known: Known, word: Word) -> float:
    text, part = word
    met = known.true.get((fold(text), part), Counter())
    own = met[text.casefold()]
    return math.log((met.total() - own + _MET) / (own + _MET))


def _learn(known: Known, family: str, literal: str, value: str, meant: str) -> None:
    """``meant`` is what the machine made of its text: *K.* is *Kinh*."""
    read, said, true = (_words(family, text) for text in (literal, meant, value))
    said = said if len(said) == len(read) else read
    agree = _agreeing([word for word, _ in said], [word for word, _ in true])
    for one, right in zip(read, agree, strict=True):
        known.words[one].add(right)
    for word, part in true:
        known.true[fold(word), part][word.casefold()] += 1
    same = _plain(value) in (_plain(literal), _plain(meant))
    known.texts[_plain(literal)].add(same)
    known.fields.add(same)


def _agreeing(read: Sequence[str], true: Sequence[str]) -> list[bool]:
    """Which words of a machine's value truly stand there."""
    if len(read) == len(true):
        return [one == other for one, other in zip(read, true, strict=True)]
    agree = [False] * len(read)
    for block in SequenceMatcher(None, read, true, autojunk=False).get_matching_blocks():
        agree[block.a : block.a + block.size] = [True] * block.size
    return agree


def _words(family: str, text: str) -> list[Word]:
    """Capital and small letters look different: a name's words are told apart by them."""
    if family != FAMILIES[FieldType.NAME]:
        return [(word, "") for word in _plain(text).split()]
    words = unify_tone(clean(text)).split()
    last = len(words) - 1
    return [
        (word, "family" if n == 0 else "given" if n == last else "middle")
        for n, word in enumerate(words)
    ]


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Letters and marks alone: capitals, commas and spaces differ from clerk to clerk."""
    return " ".join(_PUNCTUATION.sub(" ", unify_tone(clean(text))).casefold().split())


def _set_by_person(one: FieldResult) -> bool:
    written = one.state is ValueState.WRITTEN and bool(one.value) and bool(one.literal.strip())
    return written and one.decision is Decision.PERSON and not is_ditto(one.literal)


def _is_read(one: FieldResult) -> bool:
    by_others = one.decision in (Decision.PERSON, Decision.RESCAN)
    return one.state is ValueState.WRITTEN and bool(one.value) and not by_others


def _is_read_hand(one: FieldResult) -> bool:
    return _is_read(one) and reader_family(one.reader) == HAND


def _settled(spellings: Mapping[_Key, Counter[str]]) -> dict[_Key, str]:
    """The spellings that people mostly set, where they have settled on one."""
    found = {}
    for key, counts in spellings.items():
        best, count = counts.most_common(1)[0]
        if count >= max(_TWICE, _MOSTLY * counts.total()):
            found[key] = best
    return found


def _spelled(one: FieldResult, memory: Memory) -> FieldResult:
    family = FAMILIES.get(FIELDS[one.field].type)
    if family is None or not _is_read(one):
        return one
    value = one.value or ""
    if family in _SPELLED_ALIKE:
        usual = memory.spellings.get((family, _plain(value)), value)
    elif family == FAMILIES[FieldType.NAME]:
        usual = " ".join(memory.toned.get(unify_tone(word), word) for word in value.split())
    else:
        return one
    if usual == value:
        return one
    return replace(one, value=usual, reasons=(*one.reasons, SPELLED))
