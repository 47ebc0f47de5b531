"""A book of ledger pages and of labelled forms: each page is read on its own form or by nobody."""

from __future__ import annotations

from functools import cache

import pytest
from ledger_drawing import as_scan

from flows.page import Seen, Tools, load_tools, understand
from pipeline.form import learn_book
from pipeline.page import prepare
from pipeline.settings import load_settings
from pipeline.types import BookForm, Kind
from samples.book import BookSpec, SamplePage, make_book

DPI = 200
LEDGER, LABELLED = "birth-76-ledger-single", "birth-87"


@cache
def tools() -> Tools:
    return load_tools(load_settings().model_copy(update={"recognizer": "none"}))


@cache
def pages() -> tuple[SamplePage, ...]:
    """Two leaves of a ledger, then two forms of the years after, bound together."""
    made: list[SamplePage] = []
    for form in (LEDGER, LABELLED):
        spec = BookSpec(
            batch="mixed", path=form, unit="Xã An Thái", district="Huyện An Lão", form=form,
            year=1986, wear="mild", hand="print", scans=2, dpi=DPI, seed="mixed",
            pool="development",
        )  # fmt: skip
        made += make_book(spec)
    return tuple(made)


@cache
def learned() -> BookForm:
    scans = [prepare(as_scan(page.picture, DPI)) for page in pages()]
    return learn_book(
        scans, tools().forms, kind=Kind.BIRTH, year=1986, digests=[f"{n}" for n in range(4)]
    )


@pytest.mark.slow
def test_a_book_of_ledger_pages_and_labelled_forms_invents_no_entries() -> None:
    assert learned().form_id in (LEDGER, LABELLED)
    read = 0
    for page in pages():
        one = understand(as_scan(page.picture, DPI), learned(), tools(), {})
        if one.layout is None:
            assert asks(one), page.truth["form"]
            continue
        read += 1
        assert one.unread.form_id == page.truth["form"]
        assert one.layout.entries == len(page.truth["entries"])
    assert read >= 2  # at least the part that the book is of


def asks(one: Seen) -> bool:
    """Whether a person is told why a scan was not read."""
    infos = one.unread.pages
    return one.unread.rescan or any(info.reasons for info in infos)


@pytest.mark.slow
def test_a_labelled_form_bound_into_a_ledger_is_not_read_in_its_rows() -> None:
    mine = [page for page in pages() if page.truth["form"] == LEDGER]
    (strange, *_) = [page for page in pages() if page.truth["form"] == LABELLED]
    book = learn_book(
        [prepare(as_scan(page.picture, DPI)) for page in mine], tools().forms,
        kind=Kind.BIRTH, year=1986, digests=["1", "2"],
    )  # fmt: skip
    assert book.form_id == LEDGER
    one = understand(as_scan(strange.picture, DPI), book, tools(), {})
    assert one.layout is None
    assert asks(one)
