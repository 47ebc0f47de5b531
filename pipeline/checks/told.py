"""Codes of signs, witnesses, notes and decisions in words, for whoever asks why."""

from __future__ import annotations

from pipeline.fields import FIELDS
from pipeline.texts import Text, language

_SIGNS = {
    "place_known": Text("địa danh có trong danh mục", "the gazetteer knows the place"),
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
_NOTES = {
    "ditto": Text("dấu 'như trên'", "a ditto"),
    "ditto_in_entry": Text("lặp lại mục trước", "repeats the field before"),
    "ditto_unresolved": Text("dấu 'như trên' mà trên không có gì", "a ditto below nothing"),
    "repaired_digits": Text("chữ cái đọc thay chữ số", "letters taken for digits"),
    "century_from_book": Text("thế kỷ theo năm của sổ", "century from the book's year"),
    "derived_birth_year": Text("năm sinh tính từ tuổi", "birth year from the age"),
    "misread": Text("chữ bị đọc sai, hiểu theo ngữ pháp", "misread words, bent to the grammar"),
    "lunar": Text("ngày âm lịch", "day of the lunar calendar"),
    "lunar_word": Text("có thể là tháng âm lịch", "may be a lunar month"),
    "said_twice": Text("ngày ghi hai cách, khớp nhau", "said in two ways that agree"),
    "dates_disagree": Text("ngày ghi hai cách, khác nhau", "said in two ways that differ"),
    "impossible_day": Text("ngày không có thật", "no such day"),
    "impossible_year": Text("năm không có thật", "no such year"),
    "ambiguous_words": Text("chữ hiểu được hai cách", "the words may mean two days"),
    "two_or_eleven": Text("II: 2 hay 11", "II: 2 or 11"),
    "old_name": Text("tên cũ", "an old name"),
    "alias": Text("bí danh", "alias"),
    "no_syllable": Text("không phải âm tiết Việt", "no Vietnamese syllable"),
    "hyphened_writing": Text("viết có gạch nối", "written with hyphens"),
    "legacy": Text("mã chữ cũ", "an old encoding"),
    "from_twin": Text("ngày lấy từ phần ghi bằng cách kia", "the day is that of its twin"),
    "paper": Text("loại giấy tờ", "kind of paper"),
    "paper_before_its_time": Text("giấy tờ chưa có thời đó", "the paper did not exist yet"),
    "cause": Text("mã nguyên nhân chết", "code of the cause"),
    "no_unit_named": Text("không ghi đơn vị nào", "names no unit"),
    "place_elsewhere": Text("nơi ngoài thành phố", "a place elsewhere"),
    "corrected": Text("có chữ sửa ở trên chữ bị gạch", "a correction above struck text"),
    "struck_out": Text("chữ bị gạch", "struck out"),
    "overflows": Text("chữ tràn qua mép ô", "runs over the edge of its cell"),
    "overrun": Text("chữ ô bên trái tràn sang", "the cell on the left runs over into it"),
    "pictures": Text("số ảnh của ô đọc ra như nhau", "pictures of the cell that read alike"),
    "torn": Text("chữ dính với dòng trên hoặc dưới", "letters hang together with another row"),
    "box_unsure": Text("vị trí ô chưa chắc, không đọc", "its box is in doubt, not read"),
    "box_bare": Text("trong ô không thấy mực", "no ink seen in the box"),
    "as_set_in_book": Text(
        "viết như người đã ghi trong sổ", "spelled as people set it in this book"
    ),
    "other_reading": Text("chọn cách đọc khác của máy", "another reading was chosen"),
    "blind_sample": Text("được rút vào mẫu kiểm tra", "drawn for the blind sample"),
    "acceptance_stopped": Text("tự nhận đã dừng", "acceptance has stopped"),
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
    text = str(_NOTES.get(code, code))
    return f"{text}: {rest}" if equals else text
