"""Labels that a press prints elsewhere than the form says, or that no form knows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from ledger_drawing import FONT
from PIL import Image, ImageDraw, ImageFont

from pipeline.form.above import bands_above, in_band
from pipeline.form.align import Match, align, slots_of
from pipeline.form.boxes import field_boxes
from pipeline.form.leaders import Segment
from pipeline.form.orders import printed_order
from pipeline.form.own_entries import in_own_entries, strays
from pipeline.form.pitch import Label, line_pitch
from pipeline.form.schema import Form
from pipeline.form.strangers import strangers
from pipeline.form.tokens import MM_PER_INCH, READ_DPI, Token
from pipeline.types import Grey

ITEMS = (
    ("Số", "entry_number"), ("Họ và tên", "child_full_name"), ("Ngày sinh", "birth_date"),
    ("Nơi sinh", "birth_place"), ("Dân tộc", "ethnicity"), ("Quốc tịch", "nationality"),
    ("Họ và tên cha", "father_full_name"), ("Ngày đăng ký", "registration_date"),
)  # fmt: skip
FORM = Form.model_validate(
    {
        "form": "halves", "name": "x", "kind": "KS", "era": "87", "years": [1987, 1998],
        "provenance": "recalled", "layout": "lines", "entries": 2,
        "items": [{"labels": [label], "field": field} for label, field in ITEMS],
    }
)  # fmt: skip
SLOTS = slots_of(FORM)
LAST = len(ITEMS) - 1
PITCH, APART = 9.0, 120.0
PX = READ_DPI / MM_PER_INCH


def _label(entry: int, item: int, line: float, x0: float = 15.0) -> Label:
    foot = 20.0 + line * PITCH + entry * APART
    return Label(entry, item, x0, x0 + 20.0, foot - 3.0, foot, foot)


def _labels(date: tuple[Label, ...]) -> tuple[Label, ...]:
    own = [_label(entry, item, item) for entry in (0, 1) for item in range(LAST)]
    return (*own, *date)


def _print(labels: tuple[Label, ...]) -> Grey:
    """Each item's own pattern where its labels stand."""
    ink = np.zeros((round(260 * PX), round(210 * PX)), np.uint8)
    for label in labels:
        pattern = np.random.default_rng(label.item).integers(0, 2, (9, 40)).astype(np.uint8) * 220
        size = (round((label.x1 - label.x0) * PX), round((label.y1 - label.y0) * PX))
        x, y = round(label.x0 * PX), round(label.y0 * PX)
        ink[y : y + size[1], x : x + size[0]] = cv2.resize(pattern, size, interpolation=0)
    return ink


def test_a_date_printed_at_the_head_is_not_taken_for_the_entry_before() -> None:
    printed = _labels(tuple(_label(entry, LAST, 0, 120.0) for entry in (0, 1)))
    # In the form's order it is the last label of the first entry.
    read = _labels((replace(_label(1, LAST, 0, 120.0), entry=0),))
    found = {(label.entry, label.item): label for label in in_own_entries(read, _print(printed))}
    heads = [found[entry, LAST].baseline for entry in (0, 1)]
    assert heads == [20.0, 20.0 + APART]


def test_a_date_that_only_the_second_entry_shows_is_the_second_entrys() -> None:
    read = _labels((replace(_label(1, LAST, 0, 120.0), entry=0),))
    printed = _labels((_label(1, LAST, 0, 120.0),))
    found = {(label.entry, label.item) for label in in_own_entries(read, _print(printed))}
    assert (1, LAST) in found
    assert (0, LAST) not in found


def test_a_date_at_the_foot_stays_where_it_is() -> None:
    read = _labels(tuple(_label(entry, LAST, LAST) for entry in (0, 1)))
    assert set(in_own_entries(read, _print(read))) == set(read)


def _match(slot: int, label: str, line: float, x0: float = 15.0) -> Match:
    foot = 20.0 + line * PITCH
    return Match(slot, label, 0.95, x0, foot - 3.0, x0 + 20.0, foot)


def test_a_label_out_of_order_is_found_where_it_stands_once() -> None:
    found = [_match(item, label, item + 1) for item, (label, _) in enumerate(ITEMS[:LAST])]
    date = _match(LAST, "Ngày đăng ký", 1, 120.0)
    assert [match.slot for match in strays(found, [*found, date], FORM, SLOTS)] == [LAST]
    elsewhere = _match(LAST, "Ngày đăng ký", 4, 120.0)
    assert not strays(found, [*found, date, elsewhere], FORM, SLOTS)
    above = replace(date, y0=2.0, y1=5.0)
    assert not strays(found, [*found, above], FORM, SLOTS)


def test_words_over_a_signature_are_no_label_where_wear_took_the_last_of_them() -> None:
    """Người khai ký stands over a stroke of the pen, Người khai before a name, on a line."""
    part = {"labels": ["Người khai"], "field": "declarant_full_name"}
    own = Form.model_validate({**FORM.model_dump(), "items": [*FORM.model_dump()["items"], part]})
    last, slots = len(ITEMS), slots_of(own)
    found = [_match(item, label, item + 1) for item, (label, _) in enumerate(ITEMS)]
    caption = _match(last, "Người khai", len(ITEMS) + 3, 60.0)
    assert not strays(found, [*found, caption], own, slots)
    label = _match(last, "Người khai", len(ITEMS) + 3)
    (named,) = strays(found, [*found, label], own, slots)
    assert named.x0 == label.x0


def _words(*texts: str, x0: float, y: float = 18.5) -> list[Token]:
    tokens = []
    for n, text in enumerate(texts):
        stop = n + 1 == len(texts)
        left = x0 + n * 8.0
        tokens.append(Token(text, left, y - 1.5, left + 7.0, y + 1.5, 0.9, stop, stop))
    return tokens


def _leader(x0: float, x1: float) -> Segment:
    return Segment(((x0, 20.0), (x1, 20.0)))


NUMBER = _label(0, 0, 0)
BROKEN = (_leader(36.0, 70.0), _leader(88.5, 190.0))


def test_a_field_ends_where_a_label_begins_that_no_form_knows() -> None:
    unknown = _words("Quyển", "số", x0=72.0)
    (stranger,) = strangers([unknown], [unknown, unknown], [NUMBER], BROKEN)
    assert (stranger.x0, stranger.item) == (72.0, -1)
    labels = (NUMBER, *(_label(0, item, item) for item in range(1, LAST)))
    leaders = [
        *BROKEN,
        *(Segment(((36.0, label.baseline), (190.0, label.baseline))) for label in labels[1:]),
    ]
    ends = [
        field_boxes(FORM, labels, leaders, 210.0, those)[0].box[2] for those in ((stranger,), ())
    ]
    assert ends[0] < 72.0 < ends[1]


def test_what_people_wrote_is_no_label() -> None:
    unknown = _words("Quyển", "số", x0=72.0)
    on_a_leader = (_leader(36.0, 190.0),)
    assert not strangers([unknown], [unknown, unknown], [NUMBER], on_a_leader)
    on_one_page = [unknown, _words("Lê", "An", x0=72.0), _words("Vũ", "Hà", x0=72.0)]
    assert not strangers([unknown], on_one_page, [NUMBER], BROKEN)
    no_colon = [replace(token, colon=False) for token in unknown]
    assert not strangers([no_colon], [no_colon, no_colon], [NUMBER], BROKEN)


PARENTS = Form.model_validate(
    {
        **FORM.model_dump(), "form": "parents", "entries": 1,
        "items": [
            {"labels": ["Họ và tên"], "field": "child_full_name"},
            {"labels": ["Họ và tên cha"], "field": "father_full_name"},
            {"labels": ["Tuổi"], "field": "father_age"},
            {"labels": ["Nơi thường trú"], "field": "father_residence"},
            {"labels": ["Họ và tên mẹ"], "field": "mother_full_name"},
            {"labels": ["Tuổi"], "field": "mother_age"},
            {"labels": ["Nơi thường trú"], "field": "mother_residence"},
            {"labels": ["Người đứng khai"], "field": "declarant_full_name"},
        ],
    }
)  # fmt: skip


def _page(*labels: str) -> list[Token]:
    tokens: list[Token] = []
    for line, label in enumerate(labels):
        tokens += _words(*label.split(), x0=15.0, y=20.0 + PITCH * line)
    return tokens


def _fields(tokens: list[Token], form: Form) -> list[str]:
    order = printed_order([(tokens, 210.0)], form)
    return [order.items[match.slot].field for match in align(tokens, order, 210.0).matches]


def test_the_mother_printed_before_the_father_keeps_her_age_and_home() -> None:
    own = ("Tuổi", "Nơi thường trú")
    page = _page("Họ và tên", "Họ và tên mẹ", *own, "Họ và tên cha", *own, "Người đứng khai")
    assert _fields(page, PARENTS) == [
        "child_full_name", "mother_full_name", "mother_age", "mother_residence",
        "father_full_name", "father_age", "father_residence", "declarant_full_name",
    ]  # fmt: skip


def test_parents_in_the_forms_order_stay_so() -> None:
    own = ("Tuổi", "Nơi thường trú")
    page = _page("Họ và tên", "Họ và tên cha", *own, "Họ và tên mẹ", *own, "Người đứng khai")
    assert _fields(page, PARENTS) == list(PARENTS.fields)
    assert printed_order([(_page("Họ và tên"), 210.0)], PARENTS) is PARENTS


def test_one_persons_name_is_not_taken_for_the_others() -> None:
    page = _page("Họ và tên", "Họ và tên mẹ")
    assert _fields(page, PARENTS) == ["child_full_name", "mother_full_name"]


def test_leaders_well_below_the_letters_do_not_halve_the_pitch() -> None:
    labels = [_label(0, item, item) for item in range(LAST)]
    low = [Segment(((36.0, one.baseline + 2.6), (190.0, one.baseline + 2.6))) for one in labels]
    assert line_pitch(labels, low) == pytest.approx(PITCH, abs=0.1)


def _drawn_number() -> Grey:
    sheet = Image.new("L", (round(210 * PX), round(60 * PX)), 0)
    pen = ImageDraw.Draw(sheet)
    face = ImageFont.truetype(FONT, 24)
    pen.text((60 * PX, 12 * PX), "Số", font=face, fill=220)
    return np.asarray(sheet, np.uint8)


def test_a_number_alone_above_its_entry_is_read_in_its_own_band() -> None:
    found = [_match(item, label, item) for item, (label, _) in enumerate(ITEMS[:LAST])]
    assert bands_above(found, SLOTS, FORM) == ()
    (band,) = bands_above(found[1:], SLOTS, FORM)
    assert band[1] < found[1].y0
    (number,) = in_band(_drawn_number(), (8.0, 22.0))
    assert number.text == "Số"
    assert number.x0 == pytest.approx(60.0, abs=1.0)
    assert 12.0 < number.middle < 18.0
    assert in_band(_drawn_number(), (30.0, 32.0)) == ()
