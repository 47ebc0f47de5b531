"""What an operator says of fields, as the page sends it, brought to what is kept.

A page sends texts and states; here they become values. What is said in the same words as it
stood keeps its value exactly: nobody's date is read anew because it was confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from desk.review.shown import STATES, in_language, type_of
from desk.review.view import text_of
from models.reviewing import FieldChange, ReviewEntry, ReviewField
from pipeline.errors import InputError
from pipeline.fields import FieldType
from pipeline.reading.syllables import is_vietnamese
from pipeline.texts import Text
from pipeline.types import ValueState
from pipeline.values.context import Context
from pipeline.values.persons import persons_value
from pipeline.values.text import clean

_NOT_UNDERSTOOD = Text(
    "Không hiểu “{text}”. Enter lần nữa để giữ nguyên văn.",
    "“{text}” was not understood. Enter once more keeps it as it is written.",
)
_ODD = Text("âm tiết lạ: {words}", "not a Vietnamese syllable: {words}")
LONGEST = 4000


class Standing(BaseModel):
    """Text and state of a field as they stood when the page was opened."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST)
    state: ValueState


class Said(BaseModel):
    """One field as an operator leaves it; ``raw`` keeps a text that has no meaning here."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(max_length=40)
    text: str = Field(max_length=LONGEST)
    state: ValueState
    raw: bool = False
    base: Standing


class Review(BaseModel):
    """What a page sends when an entry is saved."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0, le=2**31)
    token: str = Field(max_length=64)
    fields: list[Said] = Field(max_length=200)


@dataclass(frozen=True)
class Refused:
    """A field whose text cannot be kept as it is, and why."""

    field: str
    message: str


@dataclass(frozen=True)
class Conflict:
    """A field that the operator and somebody else (or the machine) set differently."""

    field: str
    yours: str
    yours_state: str
    theirs: str
    theirs_state: str
    by: str


def changes_of(
    said: Sequence[Said], entry: ReviewEntry, context: Context, language: str
) -> tuple[list[FieldChange], list[Refused]]:
    """What is to be written, and what is refused; either may be empty.

    Raises:
        KeyError: the entry has no such field.
    """
    changes, refused = [], []
    for one in said:
        field = entry.field(one.field)
        try:
            changes.append(_change(one, field, context))
        except InputError:
            refused.append(Refused(one.field, not_understood(one.text, language)))
    return changes, refused


def _change(one: Said, field: ReviewField, context: Context) -> FieldChange:
    text, state = text_of(field)
    value, _ = field.shown
    if (one.text, one.state) == (text, state) and (value is not None or not text):
        kept = field.person_literal if field.person_state is not None else field.literal
        return FieldChange(one.field, state, value, kept or None)
    typed = clean(one.text)
    if one.raw or one.state is ValueState.STRUCK:
        return FieldChange(one.field, one.state, None, typed or None)
    said = "" if one.state is ValueState.WRITTEN else str(one.state)
    meant, kind = persons_value(one.field, typed, said, context)
    return FieldChange(one.field, kind, meant, typed if typed and typed != meant else None)


def conflicts_of(said: Sequence[Said], entry: ReviewEntry, language: str) -> list[Conflict]:
    """Fields that somebody else has changed since the page was opened, to another text.

    Raises:
        KeyError: the entry has no such field.
    """
    found = []
    for one in said:
        field = entry.field(one.field)
        text, state = text_of(field)
        stood = (one.base.text, one.base.state)
        if (text, state) in (stood, (clean(one.text), one.state)):
            continue
        found.append(
            Conflict(
                one.field, one.text, in_language(STATES[one.state], language), text,
                in_language(STATES[state], language), field.person_by or "",
            )
        )  # fmt: skip
    return found


def not_understood(text: str, language: str) -> str:
    """What to say of a text that means nothing in its field."""
    return in_language(_NOT_UNDERSTOOD, language).format(text=text[:80])


def odd_name(field: str, value: str | None, language: str) -> str:
    """Words of a name that no Vietnamese spelling allows: a slip of the keys, or foreign."""
    if value is None or type_of(field) is not FieldType.NAME:
        return ""
    odd = [word for word in value.replace("-", " ").split() if not is_vietnamese(word)]
    return in_language(_ODD, language).format(words=", ".join(odd)[:80]) if odd else ""
