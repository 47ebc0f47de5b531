"""File names: natural order, one spelling, national names."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scan.names import (
    fold,
    is_ignored,
    natural_key,
    nfc,
    parse_national_name,
)


def test_numbers_in_names_sort_as_numbers():
    names = ["10.jpg", "2.jpg", "1 (2).jpg", "1.jpg", "a/3.jpg", "001b.jpg", "001a.jpg"]
    expected = ["1.jpg", "1 (2).jpg", "001a.jpg", "001b.jpg", "2.jpg", "10.jpg", "a/3.jpg"]
    assert sorted(names, key=natural_key) == expected


@given(st.lists(st.text(min_size=1, max_size=12), unique=True))
def test_order_is_total_and_does_not_depend_on_the_disk(names: list[str]):
    names = list({nfc(name) for name in names})
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


@given(st.lists(st.integers(0, 10**6), unique=True), st.sampled_from(["IMG_", "trang ", ""]))
def test_pages_come_in_the_order_of_their_numbers(numbers: list[int], prefix: str):
    names = [f"{prefix}{number}.jpg" for number in numbers]
    expected = [f"{prefix}{number}.jpg" for number in sorted(numbers)]
    assert sorted(names, key=natural_key) == expected


def test_a_decomposed_name_is_the_same_name():
    name = "Sổ khai sinh xã Đoàn Xá"
    assert nfc(unicodedata.normalize("NFD", name)) == name
    assert fold(unicodedata.normalize("NFD", name)) == fold(name) == "sokhaisinhxadoanxa"


def test_a_name_that_is_no_utf8_can_still_be_shown():
    assert nfc(b"trang\xff.jpg".decode("utf-8", "surrogateescape")) == "trang\ufffd.jpg"


@pytest.mark.parametrize(
    "path", ["Thumbs.db", ".DS_Store", "__MACOSX/so/._1.jpg", "so/.hidden/1.jpg", "desktop.ini"]
)
def test_what_systems_leave_behind_is_ignored(path: str):
    assert is_ignored(PurePath(path))


kinds = st.sampled_from(["KS", "KH", "KT", "CMC", "HN"])


@given(
    kind=kinds,
    year=st.integers(1000, 9999),
    volume=st.integers(0, 99),
    date=st.one_of(st.dates().map(str), st.just("0000-00-00")),
    entry=st.integers(1, 9999),
    suffix=st.sampled_from(["", "b", " bis", "a1"]),
    width=st.sampled_from([1, 2, 3]),
)
def test_a_national_name_is_read_back(kind, year, volume, date, entry, suffix, width):
    name = f"{kind}.{year}.{volume:02d}.{date}.{entry:0{width}d}{suffix}.pdf"
    for written in (name, name.lower(), unicodedata.normalize("NFD", name)):
        said = parse_national_name(written)
        assert said is not None
        assert (said.kind, said.year, int(said.volume)) == (kind, year, volume)
        assert (said.registered, said.entry, said.suffix) == (date, entry, suffix)
        assert said.out_of_scope == (kind in ("CMC", "HN"))


@given(st.text(max_size=40))
def test_any_other_name_is_none_and_breaks_nothing(name: str):
    said = parse_national_name(name)
    assert said is None or name.lower().endswith(".pdf")


def test_cover_and_longer_names_are_known():
    cover = parse_national_name("Cover.AnThang.KS.A3.2006.01.pdf")
    assert cover is not None
    assert cover.cover
    assert (cover.kind, cover.year, cover.volume, cover.entry) == ("KS", 2006, "01", 0)
    longer = parse_national_name("KS.2006.01.2006-03-05.012.2.pdf")
    assert longer is not None
    assert (longer.entry, longer.suffix) == (12, ".2")


@pytest.mark.parametrize(
    "name",
    ["KS.2006.2006-03-05.012.pdf", "KS.06.01.2006-03-05.012.pdf", "XX.2006.01.2006-03-05.1.pdf"],
)
def test_a_broken_national_name_is_not_guessed(name: str):
    assert parse_national_name(name) is None
