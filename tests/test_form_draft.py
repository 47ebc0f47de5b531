"""A form is drafted from its labels, and a shortlist of forms from a page's words."""

from __future__ import annotations

import pytest
import yaml

from pipeline.form.draft import Draft, as_yaml, proposed
from pipeline.form.learning import spread_out
from pipeline.form.schema import Form, load_forms
from pipeline.form.shortlist import word_scores
from pipeline.form.tokens import Token
from pipeline.settings import PROJECT
from pipeline.types import Kind

FORMS = load_forms(PROJECT / "ocr_config")


def words(*lines: str) -> list[Token]:
    return [
        Token(word, 20.0 + 15 * n, 30.0 + 9 * row, 33.0 + 15 * n, 34.0 + 9 * row, 0.9)
        for row, line in enumerate(lines)
        for n, word in enumerate(line.split())
    ]


def test_labels_that_come_again_take_their_fields_in_order() -> None:
    found = ["Số", "Họ và tên cha", "Dân tộc", "Họ và tên mẹ", "Dân tộc", "Hộ khẩu gốc ở đâu"]
    parts = proposed([(label, "left") for label in found], [FORMS["birth-158-a4"]])
    assert [part.field for part in parts] == [
        "entry_number", "father_full_name", "father_ethnicity", "mother_full_name",
        "mother_ethnicity", "",
    ]  # fmt: skip
    assert parts[-1].label == "Hộ khẩu gốc ở đâu"


def test_a_draft_is_a_form_file_that_can_be_checked() -> None:
    found = ["Số", "Họ và tên", "Nam, nữ", 'Nơi "sinh"', "Hộ khẩu gốc ở đâu"]
    parts = proposed([(label, "left") for label in found], [FORMS["birth-158-a4"]])
    draft = Draft("lines", False, parts, "SỔ KHAI SINH", (("birth-83", 0.42),))
    text = as_yaml(draft, "ks-1990-moi", "KS 1990", Kind.BIRTH, "87", 1990)
    form = Form.model_validate(yaml.safe_load(text))
    assert form.fields == ("entry_number", "child_full_name", "sex", "birth_place")
    assert "# ?" in text
    assert "birth-83 0.42" in text


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_is_on_the_short_list_of_its_own_words(name: str) -> None:
    page = words(*(part.labels[0] for part in FORMS[name].parts))
    scores = word_scores([page], FORMS)
    better = [other for other in scores if scores[other] > scores[name] + 1e-6]
    # Forms with the same words may tie or win; order and place decide among a few.
    assert len(better) < 6
    assert scores[name] > 0.9


def test_scans_to_learn_from_span_the_book_from_the_first_four_on() -> None:
    order = spread_out(80, 8)
    assert sorted(order) == order[:4] + order[4:] or len(set(order)) == 8
    assert max(order[:4]) - min(order[:4]) > 50
    assert spread_out(3, 8) == [0, 2, 1]
