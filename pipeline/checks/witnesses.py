"""Which fields of an entry speak for or against one another, and what that makes of them.

Every field is weighed from what its reader and its grammar gave it (``own=``), so that weighing
again, after a page turn or a person's word, adds nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.checks.other_texts import READ_AS, other_texts
from pipeline.checks.view import View
from pipeline.fields import FIELDS, FieldType
from pipeline.reading.evidence import agreeing, contradicting, with_sign
from pipeline.settings import EvidenceThresholds, RelationStrength, SignStrength
from pipeline.types import Decision, EntryResult, FieldResult, ValueState
from pipeline.values import fold, unify_tone
from pipeline.values.closed import is_listed
from pipeline.values.name_model import parts_known
from pipeline.values.nbest import OTHER_READING

AGREES, DIFFERS, SPEAKS_FOR, SPEAKS_AGAINST = "agrees_with=", "differs_from=", "sign=", "against="
OWN = "own="
PRINT = "tesseract"
"""Beginning of the names of readers of print."""
SPELLING = "place_spelling="
"""Beginning of the reason that says whether a place is spelled as the gazetteer has it."""
LENT = "as_sure_as="
"""Beginning of the reason of a ditto that shares what was said for the row above."""
BOOK = "book_words="
"""Beginning of the reason that says how often people of this book have confirmed the least known
word of a text, how often corrected, and how often confirmed the whole text (``memory``)."""
EVIDENCE = (AGREES, DIFFERS, SPEAKS_FOR, SPEAKS_AGAINST, OWN, LENT, BOOK)
"""Beginnings of the reasons that weighing writes."""
_BY_OTHERS = (Decision.PERSON, Decision.RESCAN)
TWICE = (("birth_date", "birth_date_words"), ("death_date", "death_date_words"))
"""A date in digits and the same in words (rule V07)."""
_WOMAN, _MAN = re.compile(r"\bthi\b"), re.compile(r"\bvan\b")
_PARENTS = ("father", "mother")
LISTS = {FieldType.OCCUPATION: "occupations", FieldType.RELATION: "relations"}
"""Open lists: what is in them is known, what is not may be right all the same."""
CLOSED = (FieldType.SEX, FieldType.ETHNICITY, FieldType.NATIONALITY)
"""Closed lists: what is not in them is no value, so that being in them is all that can be seen."""
_ENDS = " .,;:-–—'\"`|"
"""Specks around a word that its list leaves aside too (``pipeline.values.closed``)."""
_FATHER, _MOTHER = frozenset({"cha", "bo", "cha de", "bo de"}), frozenset({"me", "me de"})


@dataclass(frozen=True)
class Said:
    """What a witness says of a field."""

    field: str
    reason: str
    weigh: Callable[[float], float]
    """From the field's probability to what it is with this witness."""


def own(field: FieldResult) -> float:
    """What reader and grammar alone gave the field; 1 for a person's word."""
    if field.decision is Decision.PERSON:
        return 1.0
    kept = next((reason for reason in field.reasons if reason.startswith(OWN)), None)
    return float(kept.removeprefix(OWN)) if kept else field.confidence


def weighed(
    entry: EntryResult, strengths: EvidenceThresholds, others: Iterable[Said] = ()
) -> EntryResult:
    """The entry with each field's probability as all witnesses make it.

    Args:
        entry: values with the probabilities of their readings.
        strengths: what each kind of evidence is worth.
        others: what stands outside the entry, such as the numbers before and after.
    """
    by_field: dict[str, list[Said]] = {}
    for said in (*_inside(View(entry), strengths), *others):
        by_field.setdefault(said.field, []).append(said)
    return replace(
        entry, fields=tuple(_weighed(f, by_field.get(f.field, ())) for f in entry.fields)
    )


def _weighed(field: FieldResult, witnesses: Iterable[Said]) -> FieldResult:
    if field.decision in _BY_OTHERS:
        return field
    before = own(field)
    confidence, reasons = before, []
    for said in witnesses:
        confidence = said.weigh(confidence)
        reasons.append(said.reason)
    plain = [reason for reason in field.reasons if not reason.startswith(EVIDENCE)]
    hangs = field.state is ValueState.DITTO and field.value is None
    if hangs:
        # The mark was surely read, but what is not known cannot be right.
        confidence = 0.0
    if reasons or hangs:
        reasons = [f"{OWN}{before!r}", *reasons]
    elif len(plain) == len(field.reasons):
        return field  # copying a field takes longer than all the rest
    return replace(field, confidence=confidence, reasons=(*plain, *reasons))


def relation(
    field: str, witness: str, other: float, strength: RelationStrength, ceiling: float,
    *, agree: bool,
) -> Said:  # fmt: skip
    """The word of a reading of the same fact, whose own probability is ``other``."""
    if agree:
        return Said(field, AGREES + witness, lambda p: agreeing(p, other, strength, ceiling))
    return Said(field, DIFFERS + witness, lambda p: contradicting(p, other, strength))


def sign(
    field: str, name: str, sure: float, strength: SignStrength, ceiling: float, *, seen: bool
) -> Said:
    """The word of a sign, borne by something that was read right with probability ``sure``."""
    reason = (SPEAKS_FOR if seen else SPEAKS_AGAINST) + name
    return Said(
        field, reason, lambda p: with_sign(p, strength, seen=seen, sure=sure, ceiling=ceiling)
    )


def _inside(view: View, strengths: EvidenceThresholds) -> Iterator[Said]:
    """Everything that fields of one entry say about one another."""
    yield from _digits_and_words(view, strengths)
    yield from _declarant(view, strengths)
    yield from _signs(view, strengths)


def _pair(
    view: View, one: str, other: str, name: str, strengths: EvidenceThresholds, *, agree: bool
) -> Iterator[Said]:
    first, second = view.field(one), view.field(other)
    if first and second:
        strength, top = strengths.relation(name), strengths.ceiling
        yield relation(one, other, own(second), strength, top, agree=agree)
        yield relation(other, one, own(first), strength, top, agree=agree)


def _digits_and_words(view: View, strengths: EvidenceThresholds) -> Iterator[Said]:
    for digits, words in TWICE:
        one, other = view.value(digits), view.value(words)
        if one and other and (one == other or not (one.startswith(other) or other.startswith(one))):
            yield from _pair(view, digits, words, "digits_words", strengths, agree=one == other)


def _declarant(view: View, strengths: EvidenceThresholds) -> Iterator[Said]:
    """Father or mother, who declared the birth, is named twice."""
    parent = declaring_parent(view)
    if parent is None:
        return
    one, other = view.value(parent), view.value("declarant_full_name")
    if not (one and other):
        return
    agree = unify_tone(one) == unify_tone(other)
    if agree or not same_name(one, other):  # capitals may differ, but then nothing is proved
        yield from _pair(view, parent, "declarant_full_name", "declarant", strengths, agree=agree)


def same_name(one: str, other: str) -> bool:
    """True for names that differ in nothing but capitals and where a tone mark sits."""
    return unify_tone(one).casefold() == unify_tone(other).casefold()


def declaring_parent(view: View) -> str | None:
    """The parent's name that must be the declarant's too; None where another person declared."""
    told = fold(view.value("declarant_relation"))
    who = "father" if told in _FATHER else "mother" if told in _MOTHER else None
    name = f"{who}_full_name"
    return name if who and view.field("child_full_name") and view.field(name) else None


def _signs(view: View, strengths: EvidenceThresholds) -> Iterator[Said]:
    top = strengths.ceiling
    for name, seen_on, field, seen in (
        *_family(view), *_sex(view), *_ethnic(view), *_known(view), *_listed(view),
    ):  # fmt: skip
        strength = strengths.signs.get(name)
        if strength:
            yield sign(field, name, seen_on, strength, top, seen=seen)


Seen = tuple[str, float, str, bool]
"""Name of the sign, how surely its bearer was read, the field it speaks of, whether it was seen."""


def _sure(view: View, name: str) -> float:
    field = view.field(name)
    return own(field) if field else 0.0


def _is_ditto(view: View, name: str) -> bool:
    field = view.field(name)
    return field is not None and field.state is ValueState.DITTO


def family_name(name: str) -> str:
    """First syllable, folded."""
    return fold(name).partition(" ")[0]


def _family(view: View) -> Iterator[Seen]:
    child = view.value("child_full_name")
    names = [name for p in _PARENTS if view.value(name := f"{p}_full_name")]
    if child and names:
        bearing = [n for n in names if family_name(view.value(n)) == family_name(child)]
        sure = max(_sure(view, name) for name in bearing or names)
        yield "family_name", sure, "child_full_name", bool(bearing)


def hinted_sex(name: str) -> str | None:
    """What the middle part of a name says of the sex: Thị a woman, Văn a man."""
    middle = fold(name).partition(" ")[2]
    woman, man = _WOMAN.search(middle), _MAN.search(middle)
    return None if bool(woman) == bool(man) else "Nữ" if woman else "Nam"


def _sex(view: View) -> Iterator[Seen]:
    name = "child_full_name" if view.field("child_full_name") else "deceased_full_name"
    hint, sex = hinted_sex(view.value(name)), view.value("sex")
    if hint and sex in ("Nam", "Nữ"):
        yield "sex_name", _sure(view, name), "sex", hint == sex


def _ethnic(view: View) -> Iterator[Seen]:
    child = view.value("ethnicity")
    # Where both repeat the row above, its own sign has spoken, and is lent with the value.
    names = [
        name
        for p in _PARENTS
        if view.value(name := f"{p}_ethnicity")
        and not (_is_ditto(view, name) and _is_ditto(view, "ethnicity"))
    ]
    if child and names and view.field("child_full_name"):
        same = [name for name in names if view.value(name) == child]
        if same or len(names) == len(_PARENTS):
            sure = max(_sure(view, name) for name in same or names)
            yield "ethnic_parent", sure, "ethnicity", bool(same)


def _known(view: View) -> Iterator[Seen]:
    """How print spells a place.

    Of a hand the gazetteer says nothing: the net leans on its names, so that what it misreads is a
    place's name as often as what it reads rightly (54 of 75, 152 of 263).
    """
    for field in view.entry.fields:
        is_place = FIELDS[field.field].type is FieldType.PLACE
        if not (is_place and field.value and field.state is ValueState.WRITTEN):
            continue
        spelled = _spelled(field) if _by_print(field) else None
        if spelled == "near":
            yield "place_near", 1.0, field.field, True
        elif spelled is not None:
            yield "place_spelled", 1.0, field.field, spelled == "known"


def _spelled(field: FieldResult) -> str | None:
    """What the page step found of a place's spelling; None in entries from before it looked."""
    kept = next((reason for reason in field.reasons if reason.startswith(SPELLING)), None)
    return None if kept is None else kept.removeprefix(SPELLING)


def _listed(view: View) -> Iterator[Seen]:
    """Print is read without any list: a misread word is seldom one that a list knows.

    The net that reads hands leans on these very lists; there they would speak twice.
    """
    for field in view.entry.fields:
        if not field.value or field.state is not ValueState.WRITTEN or not _by_print(field):
            continue
        type_ = FIELDS[field.field].type
        if type_ is FieldType.NAME:
            yield "name_parts", 1.0, field.field, parts_known(field.value)
        elif type_ in CLOSED and _plain(field.literal) == _plain(field.value):
            yield "closed_list", 1.0, field.field, True
        elif type_ in LISTS:
            yield "word_listed", 1.0, field.field, is_listed(LISTS[type_], field.value)


def _plain(text: str) -> str:
    return unify_tone(text).casefold().strip(_ENDS)


def _by_print(field: FieldResult) -> bool:
    """True where the first text of the reader of print is believed, whatever the other saw.

    Lists say most where the readers differ: of such names of worn print that are made of known
    parts 0.97 were right, of the others 0.03 (docs/quality.md). A person sees them all the same
    (``pipeline.checks.decide``).
    """
    chosen = any(reason.startswith(OTHER_READING) for reason in field.reasons)
    return field.reader.startswith(PRINT) and not chosen


def readers_differ(field: FieldResult) -> bool:
    """True where the reader of print was believed and that of hands saw another text.

    The reader of print has no second thoughts of its own: another text is the other reader's.
    """
    return field.reader.startswith(PRINT) and any(other_texts(field.reasons, READ_AS))
