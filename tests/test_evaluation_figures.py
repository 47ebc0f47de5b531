"""Figures of the evaluation: error rates, invented values, slips, calibration."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jiwer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.evaluation.compare import BookComparison, SeenField, compare_book
from pipeline.evaluation.distance import covered, edits, graphemes, overlap
from pipeline.evaluation.figures import summary
from pipeline.evaluation.report import render_report
from pipeline.evaluation.truth import TruthBook, load_truth, nfc

VIETNAMESE = st.text("aăâáàảãạeêếềệioôơốờợuưứừựyđĐNguyễnThịx ", max_size=30)


def box(row: int, column: int) -> list[list[float]]:
    left, top = 100.0 * column, 50.0 * row
    return [[left, top], [left + 90, top], [left + 90, top + 45], [left, top + 45]]


def truth_file(folder: Path) -> Path:
    entries = [
        {
            "number": str(row + 1),
            "fields": [
                {
                    "field": "entry_number",
                    "literal": str(row + 1),
                    "value": str(row + 1),
                    "state": "written",
                    "hand": "print",
                    "polygon": box(row, 0),
                },
                {
                    "field": "child_full_name",
                    "literal": f"NGUYỄN VĂN {'AB'[row]}",
                    "value": f"NGUYỄN VĂN {'AB'[row]}",
                    "state": "written",
                    "hand": "print",
                    "polygon": box(row, 1),
                },
                {
                    "field": "notes",
                    "literal": "",
                    "value": None,
                    "state": "blank",
                    "hand": "print",
                    "polygon": box(row, 2),
                },
            ],
        }
        for row in range(2)
    ]
    book = {
        "schema": "hotich-truth/1", "path": "so-01", "unit": "Xã An Thái",
        "district": "Huyện An Lão",
        "kind": "KS", "form": "birth-158-a4", "year": 2008, "volume": "01", "wear": "mild",
        "hand": "print",
        "scans": [
            {"name": "0001.jpg", "entries": entries},
            {"name": "0002.jpg", "entries": [], "expect": "rescan"},
        ],
    }  # fmt: skip
    path = folder / "so-01.json"
    path.write_text(json.dumps(book, ensure_ascii=False), "utf-8")
    return path


def perfect(book: TruthBook) -> list[SeenField]:
    return [
        SeenField(scan.name, f"e{index}", field.field, field.literal, field.value, 1.0,
                  "accepted" if field.literal else "blank", field.polygon)
        for scan in book.scans
        for index, entry in enumerate(scan.entries)
        for field in entry.fields
    ]  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> TruthBook:
    return load_truth(truth_file(tmp_path))[0]


@given(VIETNAMESE, VIETNAMESE)
def test_character_errors_agree_with_jiwer(truth: str, seen: str) -> None:
    truth, seen = nfc(truth), nfc(seen)
    if truth:
        assert edits(truth, seen) / len(graphemes(truth)) == pytest.approx(jiwer.cer(truth, seen))


def test_decomposed_marks_are_one_character() -> None:
    assert graphemes("ệ") == ["ệ"]
    assert edits("Nguyễn", "Nguyễn") == 0


def test_overlap_of_half_shifted_boxes_is_a_third() -> None:
    moved = tuple((x + 45.0, y) for x, y in box(0, 0))
    assert overlap(tuple(map(tuple, box(0, 0))), moved) == pytest.approx(1 / 3, abs=1e-4)
    assert overlap(tuple(map(tuple, box(0, 0))), tuple(map(tuple, box(3, 3)))) == 0.0
    assert covered(tuple(map(tuple, box(0, 0))), moved) == pytest.approx(1 / 2, abs=1e-4)
    assert covered(moved, ((-50, -50), (900, -50), (900, 900), (-50, 900))) == pytest.approx(1.0)


def test_perfect_records_have_perfect_figures(book: TruthBook) -> None:
    result = summary([compare_book(book, perfect(book), frozenset({"0002.jpg"}))])
    assert result["entries"] == {"true": 2, "found": 2, "extra": 0}
    assert result["rescans"] == {"expected": 1, "found": 1}
    figures = result["all"]
    assert figures["boxes_good"] == figures["exact_literal"] == figures["exact_value"] == 1.0
    assert figures["cer"] == figures["calibration_error"] == 0.0
    assert figures["invented"] == figures["slips"] == 0


def test_a_value_in_a_blank_is_counted_as_invented(book: TruthBook) -> None:
    rows = [
        row if row.field != "notes" else replace(row, literal="|", value="|")
        for row in perfect(book)
    ]
    assert summary([compare_book(book, rows)])["all"]["invented"] == 2


def test_one_row_of_slip_is_seen_although_all_text_is_right(book: TruthBook) -> None:
    first, second = book.scans[0].entries
    names = {"e0": second, "e1": first}
    rows = [
        replace(row, polygon=names[row.entry].fields[1].polygon)
        if row.field == "child_full_name"
        else row
        for row in perfect(book)
    ]
    assert summary([compare_book(book, rows)])["all"]["slips"] == 2


def test_overconfidence_shows_in_the_calibration_error(book: TruthBook) -> None:
    rows = [
        replace(row, value="sai") if row.field == "child_full_name" else row
        for row in perfect(book)
    ]
    result = summary([compare_book(book, rows)])["all"]
    assert result["calibration_error"] == pytest.approx(0.5)
    assert result["accepted_wrong"] == pytest.approx(0.5)


def test_missing_and_made_up_entries_are_counted(book: TruthBook) -> None:
    rows = [row for row in perfect(book) if row.entry == "e0"]
    far = tuple((x + 3000, y) for x, y in box(0, 0))
    rows.append(SeenField("0001.jpg", "x", "child_full_name", "?", "?", 0.1, "review", far))
    result = summary([compare_book(book, rows)])
    assert result["entries"] == {"true": 2, "found": 1, "extra": 1}
    assert result["all"]["exact_literal"] == 0.5


def test_the_report_shows_the_worst_crops_without_the_network(book: TruthBook) -> None:
    rows = [
        replace(row, literal="<b>") if row.field == "child_full_name" else row
        for row in perfect(book)
    ]
    comparison: BookComparison = compare_book(book, rows)
    html = render_report([comparison], lambda *_: np.full((400, 400), 200, np.uint8))
    assert html.count("data:image/jpeg;base64,") == 2
    assert "&lt;b&gt;" in html
    assert "http" not in html


def test_no_truth_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ground truth"):
        load_truth(tmp_path)
    (tmp_path / "x.json").write_text("[]", "utf-8")
    with pytest.raises(InputError, match="ground truth"):
        load_truth(tmp_path)
