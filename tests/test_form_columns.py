"""Labels of two persons side by side: printed alike, and a column that differs is set right."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.form import load_forms
from pipeline.form.columns import agreed_columns
from pipeline.form.pitch import Label
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.settings import PROJECT

MM = MM_PER_INCH / READ_DPI
FORM = load_forms(PROJECT / "ocr_config")["marriage-764"]
ITEMS = {item.field: n for n, item in enumerate(FORM.items)}
ASKED = ("age", "ethnicity", "occupation", "residence")
RIGHT = 90.0


def sheet(missing: str = "") -> tuple[np.ndarray, tuple[Label, ...]]:
    """Print of both columns, ``RIGHT`` mm apart, and its labels; one of the right not printed."""
    ink = np.zeros((round(120 / MM), round(200 / MM)), np.uint8)
    labels = []
    for person, x in (("husband", 20.0), ("wife", 20.0 + RIGHT)):
        for n, asked in enumerate(ASKED):
            word, y = FORM.items[ITEMS[f"{person}_{asked}"]].labels[0], 30.0 + 10 * n
            plain = word.encode("ascii", "replace").decode()
            (width, height), _ = cv2.getTextSize(plain, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
            if f"{person}_{asked}" != missing:
                at = (round(x / MM), round(y / MM))
                cv2.putText(ink, plain, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
            item = ITEMS[f"{person}_{asked}"]
            labels.append(Label(0, item, x, x + width * MM, y - height * MM, y, y))
    return ink, tuple(sorted(labels, key=lambda label: label.item))


def off(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """The wife's residence found in what is written a row higher, in the middle of it."""
    item = ITEMS["wife_residence"]
    return tuple(
        replace(one, x0=one.x0 + 40, x1=one.x1 + 40, y0=one.y0 - 10, baseline=one.baseline - 10)
        if one.item == item
        else one
        for one in labels
    )


def test_a_label_found_in_writing_is_put_where_the_other_column_has_it() -> None:
    ink, labels = sheet()
    found = {one.item: one for one in agreed_columns(off(labels), FORM, ink)}
    true = {one.item: one for one in labels}[ITEMS["wife_residence"]]
    there = found[ITEMS["wife_residence"]]
    assert abs(there.x0 - true.x0) < 1 and abs(there.baseline - true.baseline) < 1


def test_two_labels_of_which_neither_stands_in_the_other_column_are_doubted() -> None:
    ink, labels = sheet("wife_residence")
    found = {one.item: one for one in agreed_columns(off(labels), FORM, ink)}
    for field in ("wife_residence", "husband_residence"):
        assert found[ITEMS[field]].trust < 0.35


def test_columns_printed_alike_are_left_as_they_are() -> None:
    ink, labels = sheet()
    assert agreed_columns(labels, FORM, ink) == labels
