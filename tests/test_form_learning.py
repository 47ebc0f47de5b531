"""A book whose leaves change on the way: each part finds its own form and geometry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.layout_books import CONFIG, printed, specs
from flows.learning import UNKNOWN
from flows.page import unknown_form
from pipeline.errors import NotARegisterError
from pipeline.form import learn_book, load_forms
from pipeline.form.place import place_scan
from pipeline.form.recognise import Vote, nearest
from pipeline.page import prepare
from pipeline.types import Kind, Scan


def _book(form: str, scans: int):
    [spec] = specs("development", [form], ["mild"], "mixed", scans, 200, 1)
    return printed(spec)


@pytest.mark.slow
def test_a_book_whose_form_is_not_known_is_not_taken_for_one_of_another_kind() -> None:
    strange = _book("birth-83", 1)
    others = {n: form for n, form in load_forms(CONFIG).items() if form.kind is not Kind.BIRTH}
    with pytest.raises(NotARegisterError) as told:
        learn_book(
            [prepare(scan) for scan in strange.scans],
            others,
            kind=Kind.BIRTH,
            year=strange.spec.year,
            digests=["a"],
        )
    assert len(told.value.nearest) == 3
    assert all(name in others and 0 <= score < 0.9 for name, score in told.value.nearest)


def test_the_nearest_forms_are_named_in_the_order_of_what_is_said_of_them() -> None:
    forms = list(load_forms(CONFIG).values())[:4]
    # The year put a form first that the labels do not.
    scores = [(0.54, 0.54), (0.65, 0.53), (0.54, 0.5), (0.9, 0.4)]
    ranked = [Vote(form, *both) for form, both in zip(forms, scores, strict=True)]
    assert [score for _, score in nearest(ranked, 3)] == [0.65, 0.54, 0.54]
    assert nearest(ranked, 3)[0][0] == forms[1].form


def test_an_unknown_form_is_told_in_one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    book = replace(UNKNOWN, nearest=(("birth-83", 0.65),))
    monkeypatch.setenv("HOTICH_LANGUAGE", "vi")
    assert unknown_form(book) == "không nhận ra mẫu sổ nào; gần nhất: birth-83 0.65"
    assert unknown_form(UNKNOWN) == "không nhận ra mẫu sổ nào"
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    assert unknown_form(book) == "no known form; nearest: birth-83 0.65"
    assert unknown_form(UNKNOWN) == "no known form"


@pytest.mark.slow
def test_a_book_of_two_forms_has_two_parts_and_each_scan_finds_its_own() -> None:
    forms = load_forms(CONFIG)
    first, second = _book("birth-83", 2), _book("birth-158-a4", 2)
    scans: list[Scan] = [
        replace(scan, ref=replace(scan.ref, number=n))
        for n, scan in enumerate((*first.scans, *second.scans), 1)
    ]
    learned = learn_book(
        [prepare(scan) for scan in scans],
        forms,
        kind=first.form.kind,
        year=first.spec.year,
        digests=[str(scan.ref.number) for scan in scans],
    )
    assert [part.form_id for part in (learned, *learned.others)] == ["birth-83", "birth-158-a4"]
    placed = [place_scan(scan, prepare(scan), learned, forms, None) for scan in scans]
    assert [one.form.form for one in placed] == [
        "birth-83", "birth-83", "birth-158-a4", "birth-158-a4",
    ]  # fmt: skip
    assert all(one.layout.confidence > 0.8 for one in placed)


@pytest.mark.slow
def test_labels_set_as_close_as_the_headings_of_a_ledger_are_no_ledger_without_its_rules() -> None:
    forms = load_forms(CONFIG)
    [spec] = specs("development", ["death-04cp-half"], ["heavy"], "pipit", 2, 200, 1)
    book = printed(spec)
    learned = learn_book(
        [prepare(scan) for scan in book.scans],
        forms,
        kind=book.form.kind,
        year=book.spec.year,
        digests=["a", "b"],
    )
    assert learned.form_id == "death-04cp-half"
