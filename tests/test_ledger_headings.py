"""Columns that a printer added or left out: no heading is taken for another field's."""

from __future__ import annotations

import numpy as np
import pytest
from ledger_drawing import Drawing, book

from pipeline.checks.closing import check_columns
from pipeline.form import VERSION, lay_out, unknown_columns
from pipeline.form.grid_types import Grid
from pipeline.form.known_headings import known_headings, plainly
from pipeline.form.ledger import learn_ruled, match_ledger
from pipeline.form.ledger_columns import (
    Heading,
    heading_boxes,
    heading_feet,
    heading_score,
    match_columns,
)
from pipeline.form.ledger_head import likeness
from pipeline.form.schema import Form, load_forms
from pipeline.page import prepare
from pipeline.settings import PROJECT
from pipeline.types import BookForm, Kind

FORMS = load_forms(PROJECT / "ocr_config")
LEDGER = FORMS["birth-76-ledger-single"]
BROAD = FORMS["birth-76-ledger"]
ONE_PAGE = BROAD.model_copy(
    update={"opening": False, "columns": tuple(c for c in BROAD.columns if c.page == "left")}
)
KNOWN = known_headings(form for form in FORMS.values() if form.kind is Kind.BIRTH)


def _read(*labels: str) -> list[Heading]:
    return [Heading("single", (label, label, label), ()) for label in labels]


def _fields(headings: list[Heading]) -> list[str]:
    matched = match_columns(headings, LEDGER.columns, KNOWN.contradicts)
    return [LEDGER.columns[n].field if n is not None else "" for n in matched.columns]


def test_columns_put_where_another_stood_are_not_taken_for_it() -> None:
    extra = ("Dân tộc", "Quốc tịch", "Nghề nghiệp cha, mẹ")
    read = _read("Số TT", "Nơi sinh", "Họ và tên cha", "Họ và tên mẹ", *extra, "Ghi chú")
    assert _fields(read)[4:] == ["", "", "", "notes"]


def test_an_unread_heading_beside_unknown_columns_is_not_named_by_its_place() -> None:
    read = _read("Họ và tên cha", "Họ và tên mẹ", "Dân tộc", "~ ệ", "Ghi chú")
    assert _fields(read) == ["father_full_name", "mother_full_name", "", "", "notes"]


def test_an_unread_heading_alone_is_named_by_its_place() -> None:
    read = _read("Họ và tên cha", "Họ và tên mẹ", "~ ệ", "Ghi chú")
    assert _fields(read)[2] == "mother_residence"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Chỗ ở của cha, mẹ đứa trẻ", "mother_residence"),
        ("Họ, tên, chữ đệm của người được khai sinh", "child_full_name"),
    ],
)
def test_a_heading_worded_otherwise_is_still_its_column(said: str, field: str) -> None:
    column = next(column for column in LEDGER.columns if column.field == field)
    (heading,) = _read(said)
    assert not KNOWN.contradicts(heading, column, heading_score(heading, column))


def test_every_label_of_every_form_is_its_own_column() -> None:
    for form in FORMS.values():
        known = known_headings(one for one in FORMS.values() if one.kind is form.kind)
        for column in form.columns:
            for label in column.labels:
                heading = Heading(column.page, (label, label), ())
                likeness = heading_score(heading, column)
                assert not known.contradicts(heading, column, likeness), (form.form, label)


def test_a_column_that_the_form_lacks_is_named_by_a_heading_that_is_only_one_fields() -> None:
    (home,) = _read("Quê quán")
    (people,) = _read("Dân tộc")
    assert KNOWN.named(home, LEDGER.fields) == ("home_town", 1.0)
    assert KNOWN.named(people, LEDGER.fields) == ("", 0.0)
    assert KNOWN.named(home, ["home_town"]) == ("", 0.0)


def test_a_heading_is_legible_where_two_readings_agree() -> None:
    assert plainly(Heading("left", ("Nghề nghiệp", "Nghe nghiệp", "~"), ())) == "Nghề nghiệp"
    assert plainly(Heading("left", ("Nghề nghiệp", "phi ệp x", "~"), ())) == ""


@pytest.mark.slow
def test_a_book_says_which_of_its_columns_are_not_read() -> None:
    columns = (
        ("Số\nTT", 11.0), ("Ngày\nđăng ký", 22.0), ("Họ và tên", 44.0), ("Nam\nnữ", 12.0),
        ("Ngày sinh", 24.0), ("Nơi sinh", 40.0), ("Nghề nghiệp", 30.0),
    )  # fmt: skip
    pages = [prepare(page.scan) for page in book(Drawing(columns, (15.0,) * 12, seed=3), 2)]
    geometry = match_ledger(learn_ruled(pages), ONE_PAGE, KNOWN)
    form = BookForm(ONE_PAGE.form, 1.0, geometry, VERSION, ())
    assert unknown_columns(form) == ("Nghề nghiệp",)
    assert [finding.detail for finding in check_columns(unknown_columns(form))] == ["Nghề nghiệp"]
    read = lay_out(pages[0], form, ONE_PAGE)
    assert {cell.field for cell in read.cells} == set(ONE_PAGE.fields) - {
        "ethnicity",
        "nationality",
    }


def test_a_book_whose_columns_are_those_of_its_form_is_silent() -> None:
    assert not list(check_columns(unknown_columns(BookForm(LEDGER.form, 1.0, {}, VERSION, ()))))


def test_a_column_of_the_other_parent_is_not_taken_for_this_ones() -> None:
    (heading,) = _read("Họ và tên mẹ")
    father = next(column for column in LEDGER.columns if column.field == "father_full_name")
    assert KNOWN.contradicts(heading, father, heading_score(heading, father))


@pytest.mark.slow
def test_columns_of_two_persons_printed_the_other_way_round_are_known() -> None:
    columns = (
        ("Số", 12.0), ("Ngày\ncưới", 28.0), ("Họ tên\nvợ", 40.0), ("Tuổi", 16.0),
        ("Họ tên\nchồng", 40.0), ("Tuổi", 16.0), ("Ghi chú", 24.0),
    )  # fmt: skip
    form = Form.model_validate(
        {
            **LEDGER.model_dump(), "form": "wed", "kind": "KH",
            "columns": [
                {"labels": ["Số"], "field": "entry_number"},
                {"labels": ["Ngày cưới"], "field": "marriage_date"},
                {"labels": ["Họ tên chồng"], "field": "husband_full_name"},
                {"labels": ["Tuổi"], "field": "husband_age"},
                {"labels": ["Họ tên vợ"], "field": "wife_full_name"},
                {"labels": ["Tuổi"], "field": "wife_age"},
                {"labels": ["Ghi chú"], "field": "notes"},
            ],
        }
    )  # fmt: skip
    drawing = Drawing(columns, (15.0,) * 12, seed=5)
    pages = [prepare(page.scan) for page in book(drawing, 2)]
    geometry = match_ledger(learn_ruled(pages), form, known_headings([form]))
    assert [column["field"] for column in geometry["sides"]["single"]["columns"]] == [
        "entry_number", "marriage_date", "wife_full_name", "wife_age",
        "husband_full_name", "husband_age", "notes",
    ]  # fmt: skip


def test_a_column_too_narrow_to_hold_print_is_like_nothing() -> None:
    """A stray rule beside another: learning the book ended in an error of the image library."""
    none, some = np.zeros((40, 0), np.uint8), np.full((40, 9), 90, np.uint8)
    assert likeness(none, none) == likeness(none, some) == 0.0
    some[::3] = 0
    assert likeness(some, some) > 0.99


def test_headings_under_those_of_groups_are_no_row_of_numbers_however_high_the_rows_are() -> None:
    xs = (0.0, 50.0, 63.0, 85.0, 134.0, 147.0, 168.0, 190.0)
    ys = (0.0, 7.0, 17.0, *(17.0 + 22 * n for n in range(1, 11)))
    over = (1.0,) * 6 + (0.0,)  # the last column has no group
    level = ((1.0,) * 7, over, *((1.0,) * 7,) * (len(ys) - 2))
    grouped = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0)
    upright = (grouped, *((1.0,) * 8,) * (len(ys) - 2))
    boxes = heading_boxes(Grid(190.0, 240.0, xs, ys, 2, level, upright))
    assert boxes[1] == ((50.0, 7.0, 63.0, 17.0), (0.0, 0.0, 85.0, 7.0))
    assert boxes[6] == ((168.0, 0.0, 190.0, 17.0), None)
    # A low band under high headings holds the columns' numbers.
    low = Grid(190.0, 240.0, xs, (0.0, 12.0, 17.0, *ys[3:]), 2, ((1.0,) * 7,) * len(ys),
               ((1.0,) * 8,) * (len(ys) - 1))  # fmt: skip
    assert heading_boxes(low)[1][0] == (50.0, 0.0, 63.0, 12.0)


def _opening_of_numbers(over: tuple[float, ...]) -> Grid:
    """A head of headings over a row of the columns' numbers, and what wear left between them."""
    ys = (0.0, 14.0, 20.0, *(20.0 + 16 * n for n in range(1, 11)))
    level = ((1.0,) * 6, over, *((1.0,) * 6,) * (len(ys) - 2))
    return Grid(190.0, 240.0, tuple(15.0 + 28 * n for n in range(7)), ys, 2, level,
                ((1.0,) * 7,) * (len(ys) - 1))  # fmt: skip


@pytest.mark.parametrize(
    ("over", "feet"),
    [
        ((1.0,) * 6, (1,)),
        ((1.0, 1.0, 0.0, 0.0, 0.0, 1.0), (2, 1)),  # worn, or over two groups
        ((0.0, 0.0, 0.0, 0.0, 0.0, 1.0), (2,)),
    ],
)
def test_headings_are_read_both_ways_where_the_rule_over_the_numbers_is_worn(
    over: tuple[float, ...], feet: tuple[int, ...]
) -> None:
    assert heading_feet(_opening_of_numbers(over)) == feet


def test_a_heading_is_what_either_way_of_reading_it_shows() -> None:
    """Read with the number below it, of a short one nothing is left; read alone all is."""
    columns = LEDGER.columns
    worn = Heading("single", ("@)", "G)", "(3)", *[columns[1].labels[0]] * 3), ("",) * 6)
    assert heading_score(worn, columns[1]) > 0.9
