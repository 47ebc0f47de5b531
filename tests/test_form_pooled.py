"""Labels that one worn page alone still shows, and print that is only one label."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest

from pipeline.form import load_forms
from pipeline.form.align import Match, chain, slots_of
from pipeline.form.boxes import FieldBox, field_boxes
from pipeline.form.ends import believed, both_languages, label_ends, legible, letter_count
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.pooled import Sheets, before_captions, pooled
from pipeline.form.schema import Form
from pipeline.form.swallowed import doubted
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.form.twins import complete, same_wording
from pipeline.settings import PROJECT
from pipeline.types import Grey

FORMS = load_forms(PROJECT / "ocr_config")
FORM = FORMS["birth-764"]
ITEMS = {item.field: n for n, item in enumerate(FORM.items)}
MM = MM_PER_INCH / READ_DPI
SEEN = (
    ("child_full_name", "Họ và tên trẻ", 40.0), ("birth_date", "Ngày, tháng, năm sinh", 48.0),
    ("birth_place", "Nơi sinh", 56.0), ("father_full_name", "Họ tên cha", 64.0),
    ("father_occupation", "Nghề nghiệp", 72.0),
)  # fmt: skip


def _match(field: str, label: str, x0: float, y: float, score: float = 1.0) -> Match:
    return Match(ITEMS[field], label, score, x0, y - 3, x0 + 2.0 * len(label), y)


def _taken(*on_one_page: Match) -> set[str]:
    """Labels taken where four sheets show those of ``SEEN``, and one page some more."""
    both = [_match(field, label, 25, y) for field, label, y in SEEN]
    found = pooled([both, both, [*both, *on_one_page], both], 2)
    return {match.label for match in found}


def test_a_label_that_one_page_alone_shows_is_taken_where_the_others_begin() -> None:
    assert "Họ tên mẹ" in _taken(_match("mother_full_name", "Họ tên mẹ", 26, 88))


def test_what_one_page_alone_shows_amid_the_writing_is_no_label() -> None:
    assert "Họ tên mẹ" not in _taken(_match("mother_full_name", "Họ tên mẹ", 90, 88))
    assert "Họ tên mẹ" not in _taken(_match("mother_full_name", "Họ tên mẹ", 26, 88, 0.75))


def _at(form: Form, letter: float, field: str, label: str, x0: float, y: float) -> Match:
    """A label of a field on the line at ``y``, of letters so wide (mm)."""
    slot = next(n for n, item in enumerate(form.items) if item.field == field)
    return Match(slot, label, 1.0, x0, y - 3, x0 + letter * len(label), y)


def test_print_taken_for_the_childs_label_is_not_the_mothers_too() -> None:
    form = FORMS["birth-83-half"]
    at = partial(_at, form, 2.0)
    items = {item.field: n for n, item in enumerate(form.items)}

    row = [
        at("birth_place", "Nơi sinh", 33, 73),
        at("ethnicity", "Dân tộc", 122, 73),
        at("nationality", "Quốc tịch", 159, 73),
    ]
    # The same print answers for every item of that wording.
    same = [
        replace(match, slot=items[field])
        for match, field in ((row[1], "mother_ethnicity"), (row[2], "mother_nationality"))
    ]
    below = [
        at("father_full_name", "Họ tên", 33, 81),
        at("father_nationality", "Quốc tịch", 33, 89),
        at("mother_occupation", "Nghề nghiệp", 122, 97),
    ]
    found = chain([*row, *same, *below], form, 210.0)
    fields = {form.items[match.slot].field for match in found.matches}
    assert {"ethnicity", "nationality", "mother_occupation"} <= fields
    assert not fields & {"mother_ethnicity", "mother_nationality"}


def test_two_boxes_on_one_place_are_both_doubted() -> None:
    def box(field: str, x0: float, x1: float, lines: int = 1) -> FieldBox:
        return FieldBox(0, field, (x0, 40.0, x1, 48.0), (x0 - 20, 43, x0, 47), lines, 1.0)

    fields = (box("nationality", 160, 200), box("mother_nationality", 165, 200), box("sex", 60, 90))
    doubts = {one.field: one.trust for one in doubted(fields, (), FORMS["birth-83-half"], 8.0)}
    assert doubts["nationality"] < 0.35 and doubts["mother_nationality"] < 0.35
    assert doubts["sex"] == 1.0
    # A field of several lines also covers what stands before it on its first.
    long = (box("nationality", 25, 60), box("mother_residence", 25, 200, lines=2))
    assert all(one.trust == 1.0 for one in doubted(long, (), FORMS["birth-83-half"], 8.0))


def test_print_worn_off_in_the_common_ink_is_not_measured_there() -> None:
    ink = np.zeros((600, 800), np.uint8)
    at = (round(30 / MM), round(40 / MM))
    cv2.putText(ink, "Nghe nghiep", at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
    match = Match(0, "Nghề nghiệp", 1.0, 30, 37, 55, 40)
    assert legible(match, ink)
    assert not legible(match, ink // 8)


def test_a_colon_as_faint_as_its_label_still_ends_it() -> None:
    def end(darkness: int) -> float:
        ink = np.zeros((600, 800), np.uint8)
        at = (round(30 / MM), round(40 / MM))
        (width, _), _ = cv2.getTextSize("Quoc tich", cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.putText(ink, "Quoc tich", at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, darkness, 1)
        colon = (at[0] + width + 4, at[1] - 8)
        cv2.rectangle(ink, colon, (colon[0] + 2, colon[1] + 2), darkness, -1)
        match = Match(0, "Quốc tịch", 1.0, 30, 37, 30 + width * MM, 40.5)
        return label_ends([match], ink)[0] - match.x1

    assert end(220) > 0.5
    assert end(80) > 0.5


def test_a_rule_between_entries_that_ends_further_out_is_no_margin_of_lines() -> None:
    form = FORMS["birth-87-half"]
    items = {item.field: n for n, item in enumerate(form.items)}
    fields = (
        "child_full_name", "birth_date", "birth_date_words", "birth_place", "father_full_name",
        "father_residence", "mother_full_name", "mother_residence", "declarant_full_name",
    )  # fmt: skip
    labels, leaders = [], []
    for row, field in enumerate(fields):
        y = 40.0 + 8.0 * row
        labels.append(Label(0, items[field], 26, 60, y - 3, y, y))
        # Pages lie a little askew.
        leaders.append(Segment(((61.0, y), (100.0, y), (160.0 + 0.2 * row, y))))
    late = labels[3]
    worn = Segment(((61.0, late.baseline), (70.0, late.baseline), (80.0, late.baseline)))
    leaders[3] = worn
    for row in (0, 4):
        y = 40.0 + 8.0 * row
        leaders.append(Segment(((140.0, y), (155.0, y), (164.5, y))))
    boxes = {box.field: box for box in field_boxes(form, labels, leaders, 210.0)}
    assert abs(boxes["birth_place"].box[2] - 160.6) < 0.5


def test_what_one_page_alone_could_be_read_on_is_print_where_another_shows_it_fainter() -> None:
    read = _match("mother_age", "Tuổi", 120, 60)
    pages = [np.full((1100, 1300), 6, np.uint8) for _ in range(3)]
    at = (round(120 / MM), round(60 / MM))
    for page, darkness in zip(pages, (200, 60, 6), strict=True):
        cv2.putText(page, "Tuoi:", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, darkness, 1)
    both = [_match(field, label, 25, y) for field, label, y in SEEN]

    def taken(*inks: np.ndarray) -> set[str]:
        found = pooled([both, both, [*both, read], both], 2, Sheets.of(inks))
        return {match.label for match in found}

    assert "Tuổi" in taken(pages[0], pages[1])
    assert "Tuổi" not in taken(pages[0], pages[2])


def test_of_a_single_page_each_reading_counts() -> None:
    both = [_match(field, label, 25, y) for field, label, y in SEEN]
    age = _match("mother_age", "Tuổi", 120, 60)
    assert "Tuổi" in {match.label for match in pooled([both, both, [*both, age]], 2)}


def test_labels_far_apart_on_a_bent_row_are_one_row() -> None:
    form = FORMS["birth-158-a4"]
    at = partial(_at, form, 1.9)

    row = [
        at("father_full_name", "Họ, chữ đệm, tên cha", 23, 137),
        at("father_birth_date", "Năm sinh", 118, 137),
        at("father_ethnicity", "Dân tộc", 168, 135.1),
        at("father_nationality", "Quốc tịch", 23, 146),
    ]
    found = {form.items[match.slot].field for match in chain(row, form, 210.0).matches}
    assert found == {form.items[match.slot].field for match in row}


def test_of_two_columns_worded_alike_the_whole_wording_is_what_both_print() -> None:
    form = FORMS["marriage-04cp"]
    items = {item.field: n for n, item in enumerate(form.items)}
    slots = slots_of(form)
    left = Match(items["husband_occupation"], "Nghề nghiệp", 1.0, 25, 57, 47, 60)
    right = Match(items["wife_occupation"], "Nghề", 1.0, 120, 57, 129, 60)
    _, other = same_wording([left, right], slots, form)
    assert (other.label, other.x1) == ("Nghề nghiệp", 142)


def test_a_label_taken_over_from_a_longer_one_beside_it_is_as_much_shorter() -> None:
    form = FORMS["marriage-04cp"]
    items = {item.field: n for n, item in enumerate(form.items)}
    words = {
        "full_name": "Họ và tên chồng", "ethnicity": "Dân tộc", "occupation": "Nghề nghiệp",
        "residence": "Chỗ ở hiện nay", "nationality": "Quốc tịch",
    }  # fmt: skip
    labels = [
        Label(0, items[f"{who}_{name}"], x, x + 2 * letter_count(word), y - 3, y, y)
        for who, x in (("husband", 25.0), ("wife", 120.0))
        for y, (name, word) in zip((60.0, 68.0, 76.0, 84.0, 92.0), words.items(), strict=True)
    ]
    wife = items["wife_full_name"]
    assert "Họ và tên vợ" in form.items[wife].labels
    found, _ = complete([label for label in labels if label.item != wife], (), form)
    [name] = [label for label in found if label.item == wife]
    assert abs(name.x0 - 120) < 0.5
    assert abs(name.x1 - 120 - 2 * letter_count("Họ và tên vợ")) < 1.0


def test_a_press_of_two_languages_prints_the_second_though_it_is_worn_on_one_page() -> None:
    form = FORMS["marriage-fr-act"]
    words = (
        "Nghề nghiệp (Profession)", "Quê quán (Lieu d'origine)", "Trú quán (Domicile)",
        "Cha vợ (Père de l'épouse)", "Ngày cưới (Date du mariage)", "Lý trưởng (Chef de village)",
    )  # fmt: skip
    labels = {label: item.labels for item in form.items for label in item.labels}
    whole = [
        Match(n, word, 1.0, 50, 57 + 9 * n, 50 + 1.8 * letter_count(word), 60 + 9 * n)
        for n, word in enumerate(words)
    ]
    part = Match(9, "Vợ chánh hay vợ thứ", 1.0, 50, 147, 50 + 1.8 * 18, 150)
    pale = np.zeros((1300, 1300), np.uint8)
    dark = pale.copy()
    dark[round(147 / MM) : round(150 / MM), round(50 / MM) : round(135 / MM) : 2] = 200
    wordings = [labels[match.label] for match in (*whole, part)]
    *_, alone = both_languages([*whole, part], wordings, pale)
    *_, both = both_languages([*whole, part], wordings, pale, dark)
    assert alone == part
    assert both.label.endswith("rang)") and both.x1 > part.x1 + 25


def test_a_letter_written_right_behind_a_label_is_no_colon() -> None:
    ink = np.zeros((600, 800), np.uint8)
    at = (round(30 / MM), round(40 / MM))
    (width, _), _ = cv2.getTextSize("Gioi tinh", cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
    cv2.putText(ink, "Gioi tinh", at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 100, 1)
    begin = (at[0] + width + 3, at[1])
    cv2.putText(ink, "Nu", begin, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 55, 1)
    match = Match(0, "Giới tính", 1.0, 30, 37, 30 + width * MM, 40.5)
    assert label_ends([match], ink)[0] - match.x1 < 0.5


def _room_behind_labels(colons: int) -> list[float]:
    """By how much the ends of six labels lie behind their letters; so many show a colon."""
    ink = np.zeros((1000, 800), np.uint8)
    words = ("Ho va ten", "Ngay sinh", "Noi sinh", "Dan toc", "Quoc tich", "Tru quan")
    matches = []
    for n, word in enumerate(words):
        at = (round(30 / MM), round((40 + 10 * n) / MM))
        (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
        if n < colons:
            left = at[0] + width + 4
            cv2.rectangle(ink, (left, at[1] - 8), (left + 2, at[1] - 6), 200, -1)
        matches.append(Match(n, word, 1.0, 30, 37 + 10 * n, 30 + width * MM, 40.5 + 10 * n))
    return [end - m.x1 for end, m in zip(label_ends(matches, ink), matches, strict=True)]


def test_a_press_that_sets_colons_sets_one_behind_the_labels_that_lost_theirs() -> None:
    room = _room_behind_labels(4)
    assert max(room) - min(room) < 0.3
    assert min(room) > 0.5
    # Nobody prints one behind the others where only one seems to have it.
    alone = _room_behind_labels(1)
    assert alone[0] > 0.5 > max(alone[1:])


def test_the_end_of_a_short_label_is_not_sought_in_what_is_written_behind_it() -> None:
    """The same digit stood behind it on both pages, and was read as a part of it."""
    ink = np.zeros((1000, 800), np.uint8)
    words = ("Ho va ten", "Ngay sinh", "Noi sinh", "Dan toc", "Quoc tich")
    matches = []
    for n, word in enumerate(words):
        at = (round(30 / MM), round((50 + 10 * n) / MM))
        (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
        matches.append(Match(n + 1, word, 1.0, 30, 47 + 10 * n, 30 + width * MM, 50.5 + 10 * n))
    # Số itself is worn too faint to be seen; the digit is not.
    cv2.putText(ink, "0", (round(37 / MM), round(40 / MM)), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
    number = Match(0, "Số", 0.9, 30, 37, 40, 40.5)
    assert label_ends([number, *matches], ink)[0] < 37.0


def _six_labels() -> tuple[list[Match], Grey]:
    """Labels one under another, and their print."""
    ink = np.zeros((1000, 800), np.uint8)
    matches = []
    for n, word in enumerate(("Ho va ten", "Ngay sinh", "Noi sinh", "Dan toc", "Nam hay nu")):
        at = (round(30 / MM), round((50 + 10 * n) / MM))
        (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
        matches.append(Match(n, word, 1.0, 30, 47 + 10 * n, 30 + width * MM, 50.5 + 10 * n))
    return matches, ink


@pytest.mark.parametrize(("away", "parted"), [(2.5, True), (0.6, False)])
def test_the_first_letter_of_a_value_alike_on_all_pages_is_no_part_of_its_label(
    away: float, parted: bool
) -> None:
    """Nam and Nữ begin alike; a word of the label itself would stand closer behind it."""
    matches, ink = _six_labels()
    *_, sex = matches
    at = (round((sex.x1 + away) / MM), round(sex.y1 / MM))
    cv2.putText(ink, "N", at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
    read_on = replace(sex, x1=sex.x1 + away + 0.5)
    end = label_ends([*matches[:-1], read_on], ink)[-1]
    assert (end < sex.x1 + 0.5) is parted


def test_a_label_of_which_a_mere_piece_was_read_is_doubted() -> None:
    matches, _ = _six_labels()
    *_, sex = matches
    piece = replace(sex, x0=sex.x1 - 3.0)
    assert believed([*matches[:-1], piece]) == [1.0] * 4 + [0.3]
    assert believed([*matches[:-1], sex]) == [1.0] * 5


def test_the_title_over_a_signature_is_not_the_label_that_begins_a_line() -> None:
    form = FORMS["marriage-fr-act"]
    items = {item.field: n for n, item in enumerate(form.items)}
    rows = (
        ("wife_full_name", "Tên họ vợ"), ("wife_residence", "Trú quán"),
        ("witness1_full_name", "Chứng thứ nhất"), ("witness2_full_name", "Chứng thứ hai"),
    )  # fmt: skip
    both = [
        Match(items[field], label, 1.0, 25, 37 + 9 * n, 25 + 2 * len(label), 40 + 9 * n)
        for n, (field, label) in enumerate(rows)
    ]
    label = Match(items["clerk_full_name"], "Hộ lại", 0.9, 25, 73, 37, 76)
    title = replace(label, score=1.0, x0=150, x1=162, y0=82, y1=85)
    found = chain(before_captions([*both, label, title], form), form, 240.0).matches
    assert found[-1].x0 == 25
    # Where the label was not seen, the title keeps its likeness: boxes tell it is none.
    assert before_captions([*both, title], form)[-1] == title


def test_a_label_that_ran_on_into_writing_on_one_page_still_speaks_for_all_of_it() -> None:
    """Else its words without the last, read on every sheet, would outweigh the whole."""
    whole = _match("birth_place", "Nơi sinh", 25, 56)
    less = replace(whole, score=0.94, x1=whole.x1 - 5)
    tight = replace(whole, score=0.985, x1=whole.x1 + 8)
    found = pooled([[whole, less], [whole, less], [tight, less], [whole, less]], 2)
    assert max(found, key=lambda match: match.score).x1 == whole.x1


def test_a_label_ends_behind_its_last_short_word() -> None:
    whole = _match("birth_place", "Nơi sinh", 25, 56)
    less = replace(whole, score=0.95, x1=whole.x1 - 3.5)
    found = pooled([[less, whole], [less, whole], [less, whole]], 2)
    assert [match.x1 for match in found] == [whole.x1]
