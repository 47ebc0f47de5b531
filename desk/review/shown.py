"""Values as people read and type them: 05/12/1974 for 1974-12-05, and what they mean in words."""

from __future__ import annotations

import re

from pipeline.fields import FIELDS, FieldType
from pipeline.texts import Text
from pipeline.types import ValueState

DATES = (FieldType.DATE, FieldType.DATE_WORDS, FieldType.YEAR_OR_DATE)
BEGINS_WITH_DIGIT = (*DATES, FieldType.NUMBER, FieldType.IDENTITY, FieldType.TIME, FieldType.AGE,
                     FieldType.TEXT)  # fmt: skip
"""Types in which a digit is the beginning of a value, never the number of a candidate."""
FIELD_TYPES: dict[FieldType, Text] = {
    FieldType.NAME: Text("họ tên", "names"),
    FieldType.DATE: Text("ngày bằng số", "dates in digits"),
    FieldType.DATE_WORDS: Text("ngày bằng chữ", "dates in words"),
    FieldType.YEAR_OR_DATE: Text("năm hoặc ngày", "years or dates"),
    FieldType.TIME: Text("giờ", "times"),
    FieldType.AGE: Text("tuổi", "ages"),
    FieldType.SEX: Text("giới tính", "sex"),
    FieldType.ETHNICITY: Text("dân tộc", "ethnic groups"),
    FieldType.NATIONALITY: Text("quốc tịch", "nationalities"),
    FieldType.PLACE: Text("địa danh", "places"),
    FieldType.NUMBER: Text("số thứ tự, số quyển", "numbers"),
    FieldType.IDENTITY: Text("số giấy tờ", "identity papers"),
    FieldType.RELATION: Text("quan hệ", "relations"),
    FieldType.OCCUPATION: Text("nghề nghiệp", "occupations"),
    FieldType.TEXT: Text("ghi chú, chữ khác", "notes and other text"),
}
"""What kinds of values are called."""
_EDTF = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

STATES: dict[ValueState, Text] = {
    ValueState.WRITTEN: Text("có chữ", "written"),
    ValueState.BLANK: Text("để trống", "blank"),
    ValueState.UNREADABLE: Text("không đọc được", "unreadable"),
    ValueState.DITTO: Text("như trên", "ditto"),
    ValueState.STRUCK: Text("bị gạch bỏ", "struck out"),
}


def type_of(field: str) -> FieldType:
    """Type of a field; plain text for one of another version."""
    spec = FIELDS.get(field)
    return spec.type if spec else FieldType.TEXT


def label_of(field: str, language: str) -> str:
    """What the field is called."""
    spec = FIELDS.get(field)
    if spec is None or language == "en":
        return field.replace("_", " ").capitalize()
    return spec.label


def typed(field: str, value: str | None) -> str:
    """A kept value as a person would type it."""
    if value is None:
        return ""
    match = _EDTF.fullmatch(value) if type_of(field) in DATES else None
    if match is None:
        return value
    return "/".join(part for part in reversed(match.groups()) if part)


def in_words(edtf: str, language: str) -> str:
    """A date for eyes that check it: ``5 tháng 12 năm 1974``."""
    match = _EDTF.fullmatch(edtf)
    if match is None:
        return edtf
    year, month, day = (int(part) if part else None for part in match.groups())
    if month is None:
        text = Text("năm {year}", "the year {year}")
    elif day is None:
        text = Text("tháng {month} năm {year}", "month {month} of {year}")
    else:
        text = Text("ngày {day} tháng {month} năm {year}", "day {day}, month {month}, {year}")
    return in_language(text, language).format(year=year, month=month, day=day)


def in_language(text: Text, language: str) -> str:
    """A message in the language of a page, which need not be that of the process."""
    return text.en if language == "en" else text.vi
