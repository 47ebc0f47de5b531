"""Codes of signs, witnesses, notes and decisions in words, for whoever asks why."""

from __future__ import annotations

from pipeline.checks.told_notes import NOTES
from pipeline.fields import FIELDS
from pipeline.texts import Text, language

_SIGNS = {
    "place_spelled": Text(
        "mọi chữ của địa danh đúng từng dấu như danh mục",
        "each word of the place is spelled as in the gazetteer",
    ),
    "place_near": Text(
        "địa danh gần giống một tên trong danh mục, khác dấu hay một chữ",
        "the place is nearly a name of the gazetteer, but for marks or a letter",
    ),
    "family_name": Text("họ của con giống cha hoặc mẹ", "child and a parent share a family name"),
    "sex_name": Text("chữ đệm Thị/Văn hợp với giới tính", "Thị/Văn in the name fits the sex"),
    "date_in_order": Text("ngày nằm giữa các dòng bên cạnh", "the date is between its neighbours"),
    "ethnic_parent": Text("dân tộc giống cha hoặc mẹ", "the ethnic group is that of a parent"),
    "name_parts": Text("họ, đệm, tên đều đã gặp", "all parts of the name have been seen before"),
    "closed_list": Text("đúng từng chữ một mục của danh mục", "reads as its list writes it"),
    "word_listed": Text("có trong danh mục từ", "the word is listed"),
}
_WITNESSES = {
    "number_before": Text("số của dòng trước", "the number before"),
    "number_after": Text("số của dòng sau", "the number after"),
    "row_above": Text("giá trị của dòng trên", "the value above"),
}
_DECISIONS = {
    "accepted": Text("máy nhận", "accepted"),
    "review": Text("người phải xem", "for a person"),
    "blank": Text("để trống", "blank"),
    "unreadable": Text("không đọc được", "unreadable"),
    "rescan": Text("quét lại", "rescan"),
    "person": Text("người đã ghi", "set by a person"),
}


def sign_text(name: str) -> str:
    """What a sign looks at; its code where it has no words."""
    return str(_SIGNS.get(name, name))


def witness_text(name: str) -> str:
    """A field that agrees or differs, or a row beside, as people call it."""
    if name in _WITNESSES:
        return str(_WITNESSES[name])
    return field_text(name)


def book_text(counts: str) -> str:
    """What people of the same book have set, out of ``right/wrong/whole``."""
    right, wrong, whole = counts.split("/")
    text = Text(
        "người đã xem sổ này: chữ ít chắc nhất đúng {right}, sai {wrong} lần; cả cụm đúng {whole} "
        "lần",
        "people of this book: the least certain word was right {right} times, wrong {wrong}; the "
        "whole text right {whole} times",
    )
    return text.format(right=right, wrong=wrong, whole=whole)


def field_text(name: str) -> str:
    """The label of a field in Vietnamese with its name; the name alone in English."""
    label = FIELDS[name].label if name in FIELDS else ""
    return f"{label} ({name})" if label and language() != "en" else name


def decision_text(decision: str) -> str:
    """A decision in words."""
    return str(_DECISIONS.get(decision, decision))


def note_text(reason: str) -> str:
    """A reason that normalizing left, its particulars kept; its code where it has no words."""
    code, equals, rest = reason.partition("=")
    text = str(NOTES.get(code, code))
    return f"{text}: {rest}" if equals else text
