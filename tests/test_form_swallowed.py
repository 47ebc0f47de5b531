"""A box does not pass for sure where it may hold a second field whose label was not found."""

from __future__ import annotations

from pipeline.form import load_forms
from pipeline.form.boxes import FieldBox, field_boxes
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label, line_pitch
from pipeline.form.swallowed import doubted
from pipeline.settings import PROJECT

FORM = load_forms(PROJECT / "ocr_config")["birth-15"]
PITCH = 8.0
# Fields by row, each with where its label begins.
ROWS = (
    (("child_full_name", 26),), (("birth_date", 26),), (("birth_date_words", 26),),
    (("sex", 26), ("ethnicity", 65), ("nationality", 110)), (("birth_place", 26),), (),
    (("home_town", 26),), (("mother_full_name", 26), ("mother_birth_date", 115)),
    (("mother_ethnicity", 26), ("mother_nationality", 85)), (("mother_residence", 26),), (),
    (("father_full_name", 26), ("father_birth_date", 115)),
    (("father_ethnicity", 26), ("father_nationality", 85)), (("father_residence", 26),), (),
    (("declarant_full_name", 26),),
)  # fmt: skip


def _boxes(*unread: str) -> dict[str, FieldBox]:
    items = {item.field: n for n, item in enumerate(FORM.items)}
    labels, leaders = [], []
    for row, places in enumerate(ROWS):
        y = 40.0 + PITCH * row
        leaders.append(Segment(((50.0, y), (100.0, y), (162.0, y))))
        for field, x in places:
            if field not in unread:
                labels.append(Label(0, items[field], x, x + 18.0, y - 3, y, y))
    labels.sort(key=lambda label: label.item)
    fields = field_boxes(FORM, labels, leaders, 215.0)
    settled = doubted(fields, labels, FORM, line_pitch(labels, leaders))
    return {field.field: field for field in settled}


def _doubtful(*unread: str) -> set[str]:
    return {name for name, field in _boxes(*unread).items() if field.trust < 0.35}


def test_where_all_labels_are_found_no_box_is_doubted() -> None:
    assert _doubtful() == set()


def test_a_box_before_a_label_missing_on_its_row_is_doubted() -> None:
    assert _doubtful("ethnicity") == {"sex"}
    assert _doubtful("father_birth_date") == {"father_full_name"}
    assert _doubtful("ethnicity", "nationality") == {"sex"}


def test_a_label_missing_at_the_beginning_of_a_row_takes_nothing_from_the_row_above() -> None:
    assert _doubtful("mother_ethnicity") == set()


def test_a_label_missing_on_a_line_of_its_own_is_held_against_a_box_that_took_the_line() -> None:
    assert _doubtful("birth_date") == set()
    boxes = _boxes("home_town")
    assert (boxes["birth_place"].lines > 2) == (boxes["birth_place"].trust < 0.35)


def test_a_label_that_not_every_press_has_is_not_missed() -> None:
    assert all(item.optional for item in FORM.items if item.field == "id_number")
    assert "home_town" not in _doubtful()
