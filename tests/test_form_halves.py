"""Two entries on a page are printed alike: a box that differs from its twin is set right."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.form import load_forms
from pipeline.form.align import Match
from pipeline.form.boxes import FieldBox
from pipeline.form.ends import both_languages
from pipeline.form.halves import agreed_ends, agreed_labels, printed_in_both
from pipeline.form.pitch import Label
from pipeline.form.schema import Form, Item
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.settings import PROJECT

MM = MM_PER_INCH / READ_DPI
WORDS = ("So", "Ho va ten", "Tuoi", "Nghe nghiep", "Cho o", "Chet ngay", "Luc")
FIELDS = (
    "entry_number", "deceased_full_name", "age", "occupation", "residence", "death_date",
    "death_time",
)  # fmt: skip
DOWN = 120.0


def sheet() -> tuple[np.ndarray, tuple[Label, ...]]:
    """Print of two entries, one ``DOWN`` mm below the other, and its labels."""
    ink = np.zeros((round(260 / MM), round(200 / MM)), np.uint8)
    labels = []
    for entry in range(2):
        for item, word in enumerate(WORDS):
            x, y = (20.0, 20.0 + 10 * item) if word != "Luc" else (120.0, 70.0)
            y += DOWN * entry
            at = (round(x / MM), round(y / MM))
            cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
            (width, height), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
            labels.append(Label(entry, item, x, x + width * MM, y - height * MM, y, y))
    return ink, tuple(labels)


def test_a_label_found_beside_its_place_is_put_where_the_other_entry_has_it() -> None:
    ink, labels = sheet()
    late = WORDS.index("Luc")
    strayed = replace(labels[late], x0=labels[late].x0 + 15, x1=labels[late].x1 + 15)
    agreed = agreed_labels((*labels[:late], strayed, *labels[late + 1 :]), ink)
    assert abs(agreed[late].x0 - labels[late].x0) < 0.3
    assert agreed[late].entry == 0
    assert agreed[:late] + agreed[late + 1 :] == labels[:late] + labels[late + 1 :]


def test_a_label_that_swallowed_writing_ends_where_the_other_one_does() -> None:
    ink, labels = sheet()
    cv2.putText(
        ink, "lang", (round(45 / MM), round(20 / MM)), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1
    )
    longer = replace(labels[0], x1=60.0)
    agreed = agreed_labels((longer, *labels[1:]), ink)
    assert abs(agreed[0].x1 - labels[0].x1) < 0.3


def test_labels_of_which_neither_is_in_the_other_entry_are_doubted() -> None:
    ink, labels = sheet()
    late = WORDS.index("Luc")
    moved = [
        replace(label, x0=label.x0 + 12 * (1 + label.entry), x1=label.x1 + 12 * (1 + label.entry))
        if label.item == late
        else label
        for label in labels
    ]
    agreed = agreed_labels(moved, ink)
    doubted = {(label.entry, label.item) for label in agreed if label.trust < 0.35}
    assert doubted == {(0, late), (1, late)}


def form(*optional: str) -> Form:
    """A form of two entries whose labels are ``WORDS``; some of them not on every press."""
    items = tuple(
        Item(labels=(word,), field=field, optional=word in optional)
        for word, field in zip(WORDS, FIELDS, strict=True)
    )
    return load_forms(PROJECT / "ocr_config")["death-83-half"].model_copy(update={"items": items})


def _without(labels: tuple[Label, ...], entry: int, word: str) -> tuple[Label, ...]:
    return tuple(one for one in labels if (one.entry, one.item) != (entry, WORDS.index(word)))


def test_a_label_read_in_one_entry_stands_in_the_other_where_its_print_does() -> None:
    ink, labels = sheet()
    settled = printed_in_both(_without(labels, 1, "Tuoi"), form("Tuoi"), ink)
    assert {(one.entry, one.item) for one in settled} == {(one.entry, one.item) for one in labels}
    there = next(one for one in settled if (one.entry, one.item) == (1, WORDS.index("Tuoi")))
    assert abs(there.x0 - 20.0) < 0.3
    assert not there.inferred


def test_an_optional_label_whose_print_the_other_entry_lacks_is_none() -> None:
    ink, labels = sheet()
    tuoi = WORDS.index("Tuoi")
    made_up = [
        replace(one, x0=one.x0 + 60, x1=one.x1 + 60) if (one.entry, one.item) == (0, tuoi) else one
        for one in labels
    ]
    cv2.putText(
        ink, "Tuyet", (round(80 / MM), round(40 / MM)), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1
    )
    alone = _without(tuple(made_up), 1, "Tuoi")
    settled = printed_in_both(alone, form("Tuoi"), ink)
    assert tuoi not in {one.item for one in settled}
    assert len(settled) == 2 * len(WORDS) - 2
    # One that every press has is never dropped.
    assert (0, tuoi) in {(one.entry, one.item) for one in printed_in_both(alone, form(), ink)}


def test_a_label_at_the_top_of_one_entry_may_stand_there_once_a_page_and_is_doubted() -> None:
    ink, labels = sheet()
    ink[: round(24 / MM)] = 0
    cv2.putText(ink, "So", (round(20 / MM), round(20 / MM)), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    ink[round((DOWN + 12) / MM) : round((DOWN + 24) / MM)] = 0
    settled = printed_in_both(_without(labels, 1, "So"), form("So"), ink)
    (only,) = (one for one in settled if one.item == 0)
    assert only.trust < 0.35


def test_an_optional_label_that_the_other_entry_reads_as_another_is_that_other() -> None:
    ink, labels = sheet()
    tuoi, nghe = WORDS.index("Tuoi"), WORDS.index("Nghe nghiep")
    mixed = tuple(
        replace(one, item=tuoi) if (one.entry, one.item) == (0, nghe) else one
        for one in _without(_without(labels, 0, "Tuoi"), 1, "Tuoi")
    )
    settled = printed_in_both(mixed, form("Tuoi"), ink)
    items = [[one.item for one in settled if one.entry == entry] for entry in (0, 1)]
    assert items[0] == items[1]
    assert nghe in items[0]


def test_a_box_that_a_seal_drew_out_ends_as_in_the_other_entry() -> None:
    fields = [
        FieldBox(entry, f"field{n}", (40.0, y, end, y + 8), (20.0, y, 38.0, y + 4), 1, 1.0)
        for entry in range(2)
        for n in range(6)
        for y in [20.0 + 10 * n + DOWN * entry]
        for end in [176.0 if (entry, n) == (1, 0) else 70.0 if n == 0 else 200.0]
    ]
    agreed = agreed_ends(fields)
    assert [field.box[2] for field in agreed] == [70.0, *[200.0] * 5] * 2


@pytest.mark.parametrize(("seen", "end"), [(80.0, 80.0), (150.0, 66.0)])
def test_of_two_lines_of_a_number_the_longer_is_whole_if_presses_draw_such(
    seen: float, end: float
) -> None:
    """Wear takes the end of a line; what is longer than any press draws is a stroke behind it."""
    fields = [
        FieldBox(entry, name, (40.0, y, end, y + 8), (20.0, y, 38.0, y + 4), 1, 1.0)
        for entry in range(2)
        for n, name in enumerate(("entry_number", *(f"field{n}" for n in range(5))))
        for y in [20.0 + 10 * n + DOWN * entry]
        for end in [200.0 if n else seen if entry else 66.0]
    ]
    agreed = agreed_ends(fields)
    assert [field.box[2] for field in agreed if field.field == "entry_number"] == [end, end]


def _match(label: str, y: float, x1: float) -> Match:
    return Match(0, label, 0.9, 20.0, y, x1, y + 4)


def test_a_label_in_two_languages_takes_in_the_second_where_it_is_printed() -> None:
    ink = np.zeros((round(100 / MM), round(200 / MM)), np.uint8)
    texts = ("Domicile - Tru quan", "Profession - Nghe", "Lieu - Noi chet", "Sexe", "Age - Tuoi")
    ends = []
    for n, text in enumerate(texts):
        at = (round(20 / MM), round((14 + 10 * n) / MM))
        cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 2)
        ends.append(20 + cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 2)[0][0] * MM)
    french = 20 + cv2.getTextSize("Domicile", cv2.FONT_HERSHEY_SIMPLEX, 0.6, 2)[0][0] * MM
    matches = [_match(text, 10.0 + 10 * n, ends[n]) for n, text in enumerate(texts)]
    matches[0] = _match("Domicile", 10.0, french)
    wordings = [("Domicile", "Domicile - Tru quan"), *((text, text + " - X") for text in texts[1:])]
    whole = both_languages(matches, wordings, ink)
    assert whole[0].label == "Domicile - Tru quan"
    assert abs(whole[0].x1 - ends[0]) < 2.0
    assert list(whole[1:]) == matches[1:]


def test_a_label_read_as_one_language_that_has_the_place_of_both_keeps_it() -> None:
    ink = np.full((round(100 / MM), round(200 / MM)), 255, np.uint8)  # writing right behind it
    texts = ("Domicile - Tru quan", "Profession - Nghe", "Lieu - Noi chet", "Sexe - Phai", "Age")
    matches = [_match(text, 10.0 + 10 * n, 20 + 2.0 * len(text)) for n, text in enumerate(texts)]
    matches[0] = _match("Domicile", 10.0, 57.0)
    wordings = [("Domicile", "Domicile - Tru quan"), *((text,) for text in texts[1:])]
    whole = both_languages(matches, wordings, ink)
    assert whole[0] == _match("Domicile - Tru quan", 10.0, 57.0)
    assert list(whole[1:]) == matches[1:]


def test_writing_behind_a_label_is_not_taken_for_its_second_language() -> None:
    ink = np.full((round(100 / MM), round(200 / MM)), 255, np.uint8)
    matches = [_match(f"Label {n}", 10.0 + 10 * n, 40.0) for n in range(6)]
    # No other label of the press is in two languages; longer wordings are other wordings.
    wordings = [(f"Label {n}", f"Label {n} - again", f"Label {n} and more") for n in range(6)]
    assert list(both_languages(matches, wordings, ink)) == matches


def test_a_label_taken_for_the_one_below_it_is_the_one_the_other_entry_has_there() -> None:
    ink, labels = sheet()
    nghe, cho = WORDS.index("Nghe nghiep"), WORDS.index("Cho o")
    mixed = tuple(
        replace(one, item=cho) if (one.entry, one.item) == (0, nghe) else one
        for one in _without(labels, 0, "Cho o")
    )
    settled = printed_in_both(agreed_labels(mixed, ink), form(), ink)
    heights = {(one.entry, one.item): one.baseline for one in settled}
    assert set(heights) == {(one.entry, one.item) for one in labels}
    assert all(abs(heights[one.entry, one.item] - one.baseline) < 0.5 for one in labels)


def test_a_label_on_another_row_than_in_the_other_entry_is_doubted_where_nothing_tells() -> None:
    ink, labels = sheet()
    cho = WORDS.index("Cho o")
    lower = tuple(
        replace(one, y0=one.y0 + 5, y1=one.y1 + 5, baseline=one.baseline + 5)
        if (one.entry, one.item) == (0, cho)
        else one
        for one in labels
    )
    doubted = {(one.entry, one.item) for one in agreed_labels(lower, ink) if one.trust < 0.35}
    assert doubted == {(0, cho), (1, cho)}
