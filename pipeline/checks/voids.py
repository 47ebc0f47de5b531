"""Entries crossed out: never dropped, never taken unseen, and a person confirms or lifts it.

What is known stands in a field of its own, ``voided``: its value says that the entry is void,
blank that a person has lifted it, and an entry that nothing speaks against has no such field.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.fields import FIELDS, FieldType
from pipeline.types import Decision, EntryResult, FieldResult, Polygon, ValueState
from pipeline.values.text import clean, unify_tone

VOIDED = "voided"
"""The field, and the reason that its entry's other fields carry."""
VOID = "Hủy"
"""Its value."""
READER = "voids/1"
_LEAST = 0.2
"""Probability from which a person is asked."""
_LIKELY = 0.5
_WORDS = frozenset(
    unify_tone(word)
    for word in (
        *("hủy", "hủy bỏ", "xóa", "xóa bỏ", "bỏ", "đã hủy", "đã xóa", "vô hiệu"),
        *("huy", "huy bo", "xoa", "xoa bo", "da huy", "da xoa", "vo hieu"),
    )
)
"""What clerks write beside an entry that is void, marks lost or not; but Bố and Bộ are no bỏ."""
_SAID = 0.9
_STRUCK_SHARE, _LEAST_STRUCK, _STRUCK = 0.6, 3, 0.8
"""Share and number of struck fields from which the whole entry is likely struck."""


def with_void(
    entry: EntryResult, strokes: float = 0.0, page: int = 0, polygon: Polygon = ()
) -> EntryResult:
    """The entry with its field ``voided`` where strokes or words speak for it.

    Args:
        entry: with its values.
        strokes: probability by the strokes through it (``pipeline.reading.voids``).
        page: of the strokes.
        polygon: around the entry, scan pixels; that of the speaking field where it is empty.
    """
    speaks = next((field for field in entry.fields if _says_void(field)), None)
    written = [field for field in entry.fields if field.state is not ValueState.BLANK]
    struck = [field for field in written if field.state is ValueState.STRUCK]
    many = len(struck) >= _LEAST_STRUCK and len(struck) >= _STRUCK_SHARE * len(written)
    chance = max(strokes, _SAID if speaks else 0.0, _STRUCK if many else 0.0)
    if chance < _LEAST or not entry.fields:
        return entry
    if not polygon:
        beside = speaks or entry.fields[0]
        page, polygon = beside.page, beside.polygon
    likely = chance >= _LIKELY
    void = FieldResult(
        field=VOIDED,
        literal=VOID if likely else "",
        value=VOID if likely else None,
        state=ValueState.WRITTEN if likely else ValueState.UNREADABLE,
        confidence=chance,
        raw_confidence=chance,
        decision=Decision.REVIEW,
        reader=READER,
        page=page,
        polygon=polygon,
        reasons=(VOIDED,),
    )
    # It comes first: whoever looks at the entry should know before typing the rest.
    fields = tuple(replace(one, reasons=(*one.reasons, VOIDED)) for one in entry.fields)
    return replace(entry, fields=(void, *fields))


def is_void(entry: EntryResult) -> bool:
    """Whether it stands as void: by a person's word, or likely and not yet looked at."""
    return any(
        field.field == VOIDED and field.value is not None and field.state is ValueState.WRITTEN
        for field in entry.fields
    )


def may_be_void(entry: EntryResult) -> bool:
    """Whether anything says so that no person has lifted."""
    return any(
        field.field == VOIDED and field.state is not ValueState.BLANK for field in entry.fields
    )


def _says_void(field: FieldResult) -> bool:
    if FIELDS[field.field].type is not FieldType.TEXT or field.field.endswith("alias"):
        return False  # Huy is also a name
    said = field.value if field.state is ValueState.DITTO else field.literal
    return unify_tone(clean(said or "").lower().strip(" .:!()")) in _WORDS
