"""Every entry of a form with a margin has a box for its notes, whatever is seen of the margin."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.form import load_forms
from pipeline.form.align import Match
from pipeline.form.boxes import FieldBox
from pipeline.form.lines import printed_part
from pipeline.form.margin_notes import margin_boxes
from pipeline.form.pitch import Label
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.settings import PROJECT

FORMS = load_forms(PROJECT / "ocr_config")
LEFT, RIGHT = FORMS["birth-fr-act"], FORMS["birth-15"]
PX = READ_DPI / MM_PER_INCH
WIDTH, HEIGHT = 210.0, 297.0


def labels_of(entries: int, x: float) -> list[Label]:
    return [
        Label(entry, line + 1, x, x + 25, top + 9 * line, top + 9 * line + 3, top + 9 * line + 3)
        for entry, top in zip(range(entries), (40.0, 170.0), strict=False)
        for line in range(11)
    ]


def fields_of(labels: list[Label], end: float) -> list[FieldBox]:
    return [
        FieldBox(one.entry, "sex", (one.x1 + 1, one.y0 - 3, end, one.y1 + 2), (0, 0, 1, 1), 1, 1.0)
        for one in labels
    ]


def sheet(rule: float | None = None) -> np.ndarray:
    ink = np.zeros((round(HEIGHT * PX), round(WIDTH * PX)), np.uint8)
    if rule is not None:
        at = round(rule * PX)
        ink[round(30 * PX) : round(285 * PX), at : at + 2] = 160
    return ink


def test_a_ruled_margin_on_the_left_is_bounded_by_its_rule_and_label():
    labels = labels_of(2, 60.0)
    found = [Match(0, "Ghi bên lề", 0.95, 20.0, 36.0, 45.0, 40.0)]
    first, second = margin_boxes(LEFT, found, labels, fields_of(labels, 200), sheet(55.0))
    assert first.box[2] == pytest.approx(55.0, abs=0.8)
    assert first.box[1] > 40.0
    assert first.label == (20.0, 36.0, 45.0, 40.0)
    assert first.trust > second.trust
    assert (first.entry, second.entry) == (0, 1)
    assert first.box[3] <= second.box[1] + 1


def test_without_rule_and_label_the_paper_beside_the_labels_is_the_box():
    labels = labels_of(2, 60.0)
    boxes = margin_boxes(LEFT, [], labels, fields_of(labels, 200), sheet())
    assert [box.field for box in boxes] == ["notes", "notes"]
    for box in boxes:
        assert box.margin
        assert box.box[0] < 10
        assert 50 < box.box[2] < 60


def test_a_margin_on_the_right_begins_where_the_lines_end():
    labels = labels_of(1, 20.0)
    (box,) = margin_boxes(RIGHT, [], labels, fields_of(labels, 160), sheet())
    assert box.box[0] == pytest.approx(159.5)
    assert box.box[2] > 200


def test_a_form_without_a_margin_has_no_such_box():
    labels = labels_of(1, 20.0)
    form = FORMS["birth-158-a4"]
    assert margin_boxes(form, [], labels, fields_of(labels, 160), sheet()) == ()


def test_no_box_where_the_paper_ends_beside_the_labels():
    labels = labels_of(1, 12.0)
    assert margin_boxes(LEFT, [], labels, fields_of(labels, 200), sheet()) == ()


def test_corners_a_person_gives_mean_the_printed_part_without_the_margin():
    labels = labels_of(1, 60.0)
    fields = fields_of(labels, 200)
    boxes = margin_boxes(LEFT, [], labels, fields, sheet())
    assert printed_part([*fields, *boxes]) == printed_part(fields)


def test_a_press_that_sets_the_margin_on_the_other_side_is_followed():
    labels = labels_of(1, 20.0)
    (box,) = margin_boxes(LEFT, [], labels, fields_of(labels, 155), sheet(158.0))
    assert box.box[0] == pytest.approx(158.0, abs=0.8)


def test_the_edge_of_the_paper_is_not_taken_for_the_rule():
    labels = labels_of(1, 60.0)
    (box,) = margin_boxes(LEFT, [], labels, fields_of(labels, 200), sheet(10.0))
    assert box.box[2] == pytest.approx(59.0)


def test_a_margin_reaches_outwards_as_far_as_its_label_stands_in_the_middle():
    """The paper beyond the column is no part of it; wear in one entry takes nothing from that."""
    labels = labels_of(2, 80.0)
    found = [Match(0, "Ghi bên lề", 0.95, 45.0, 36.0, 65.0, 40.0)]
    first, second = margin_boxes(LEFT, found, labels, fields_of(labels, 200), sheet(75.0))
    assert first.box[0] == second.box[0] == pytest.approx(33.0, abs=0.8)
    assert second.box[3] - second.box[1] == pytest.approx(first.box[3] - first.box[1], abs=1.0)
