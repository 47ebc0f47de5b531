"""The sample generator: deterministic, true to its own pictures, and full of invented people."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.fields import FIELDS
from pipeline.form.schema import load_forms
from pipeline.settings import PROJECT
from samples import fonts
from samples.batch import FORMS, YEARS, ledger_books, random_books
from samples.book import BookSpec, make_book
from samples.chance import stream
from samples.committed import BATCHES
from samples.dates import date_words, draw_habit
from samples.packing import write_book
from samples.printer import draw_printer
from samples.warp import Warp

pytestmark = pytest.mark.slow

COARSE = 100
"""Resolution in dpi at which tests make pages: small and quick."""


def spec_for(form: str, **own: object) -> BookSpec:
    base = BookSpec(
        batch="t", path="b", unit="Xã An Thái", district="Huyện An Lão", form=form,
        year=YEARS[form][0], hand="print:dejavu-serif", scans=1, dpi=COARSE, seed="t",
    )  # fmt: skip
    return replace(base, **own)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_pixels_and_truth(form: str) -> None:
    spec = spec_for(form, wear="medium")
    one, two = next(make_book(spec)), next(make_book(spec))
    assert np.array_equal(one.picture, two.picture)
    assert one.truth == two.truth
    other = next(make_book(replace(spec, seed="u")))
    assert other.truth != one.truth


@pytest.mark.parametrize("wear", ["mild", "medium", "heavy"])
@pytest.mark.parametrize("form", FORMS)
def test_fields_lie_inside_the_scan_and_entries_do_not_overlap(form: str, wear: str) -> None:
    truth = next(make_book(spec_for(form, wear=wear))).truth
    for entry in truth["entries"]:
        for field in entry["fields"]:
            assert field["field"] in FIELDS
            points = np.array(field["polygon"])
            assert (points >= 0).all()
            assert (points <= [truth["width"], truth["height"]]).all()
            area = cv2.contourArea(points.astype(np.float32), oriented=True)
            assert area > 0, "clockwise from the top left corner"
    tops = [min(p[1] for f in e["fields"] for p in f["polygon"]) for e in truth["entries"]]
    assert tops == sorted(tops)


@pytest.mark.parametrize("form", FORMS)
def test_the_outline_of_a_written_field_holds_ink(form: str) -> None:
    page = next(make_book(spec_for(form, dpi=150, seed="ink")))
    inked = []
    for entry in page.truth["entries"]:
        for field in entry["fields"]:
            if field["state"] != "written":
                continue
            corners = np.array(field["polygon"], np.float32)
            width = int(np.linalg.norm(corners[1] - corners[0]))
            height = int(np.linalg.norm(corners[3] - corners[0]))
            square = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
            matrix = cv2.getPerspectiveTransform(corners, square)
            crop = cv2.warpPerspective(page.picture, matrix, (width, height))
            inner = crop[height // 5 : -height // 4, 3:-3]
            columns = (inner < 0.72 * np.median(inner)).sum(axis=0) >= 2
            inked.append(columns.sum() >= 4)
    assert np.mean(inked) > 0.97


@pytest.mark.parametrize("form", FORMS)
def test_values_follow_from_literals(form: str) -> None:
    for page in make_book(spec_for(form, scans=2)):
        for entry in page.truth["entries"]:
            for field in entry["fields"]:
                assert unicodedata.is_normalized("NFC", field["literal"])
                assert (field["state"] == "blank") == (field["literal"] == "")
                assert (field["value"] is None) == (field["state"] in ("blank", "struck"))
            values = {f["field"]: f["value"] for f in entry["fields"]}
            if values.get("birth_date_words"):
                assert values["birth_date_words"] == values["birth_date"]
            if values.get("birth_date") and len(values["birth_date"]) == 10:
                born = dt.date.fromisoformat(values["birth_date"])
                assert born <= dt.date.fromisoformat(values["registration_date"])
            assert values["entry_number"] == entry["number"]


def test_numbers_go_up_and_registration_never_goes_back() -> None:
    entries = [
        {f["field"]: f["value"] for f in entry["fields"]}
        for page in make_book(spec_for("birth-76-ledger", scans=3))
        for entry in page.truth["entries"]
    ]
    assert [e["entry_number"] for e in entries] == [str(n + 1) for n in range(len(entries))]
    days = [e["registration_date"] for e in entries]
    assert days == sorted(days)


def test_a_ditto_means_what_stands_above_it() -> None:
    pages = list(make_book(spec_for("birth-76-ledger", scans=3, seed="ditto")))
    dittos = 0
    for page in pages:
        rows = [{f["field"]: f for f in e["fields"]} for e in page.truth["entries"]]
        assert not any(f["state"] == "ditto" for f in rows[0].values())
        for above, row in pairwise(rows):
            for name, field in row.items():
                if field["state"] == "ditto":
                    dittos += 1
                    assert field["value"] == above[name]["value"]
                    assert field["literal"] != field["value"]
    assert dittos > 5


@pytest.mark.parametrize("form", FORMS)
def test_no_two_printers_are_alike_but_each_prints_all_it_must(form: str) -> None:
    schema = load_forms(PROJECT / "ocr_config")[form]
    seen = set()
    for seed in range(6):
        truth = next(make_book(spec_for(form, seed=str(seed), hand="print"))).truth
        fields = truth["entries"][0]["fields"]
        seen.add(tuple(tuple(field["polygon"][0]) for field in fields))
        printed = [field["field"] for field in fields]
        must = {part.field for part in schema.parts if part.field and not part.optional}
        assert must <= set(printed)
        printer = draw_printer(schema, str(seed))
        assert printer == draw_printer(schema, str(seed))
    assert len(seen) == 6


@given(
    angle=st.floats(-3, 3),
    bend=st.floats(0, 20),
    pull=st.floats(-20, 20),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_the_way_to_the_scan_and_back_ends_where_it_began(
    angle: float, bend: float, pull: float, x: float, y: float
) -> None:
    warp = Warp(
        paper=(1654, 1169), scan=(1700, 1200), angle=angle, offset=(3.0, -2.0), bend=bend,
        waves=(1.1, 0.3, 0.5), sideways=bend / 3, pull=pull, fold_x=827.0, reach=140.0,
    )  # fmt: skip
    point = np.array([[x * 1654, y * 1169]])
    assert np.abs(warp.backward(warp.forward(point)) - point).max() < 0.05


def test_pixels_and_truth_points_take_the_same_way() -> None:
    warp = Warp(
        paper=(800, 600), scan=(820, 620), angle=1.5, offset=(2.0, 1.0), bend=6.0,
        waves=(1.0, 0.2, 0.4), sideways=2.0, pull=7.0, fold_x=400.0, reach=90.0,
    )  # fmt: skip
    map_x, map_y = warp.maps()
    rng = stream("dots")
    for _ in range(20):
        x, y = rng.uniform(60, 740), rng.uniform(60, 540)
        u, v = warp.forward(np.array([[x, y]]))[0]
        at = (round(v), round(u))
        # The paper position the picture takes at that pixel, moved by the rest of the pixel.
        assert abs(map_x[at] - x) < 1.0
        assert abs(map_y[at] - y) < 1.0


@given(st.dates(dt.date(1920, 1, 1), dt.date(2015, 12, 31)), st.integers(0, 50))
def test_dates_in_words_name_day_month_and_year(day: dt.date, clerk: int) -> None:
    words = date_words(day, draw_habit(stream("habit", clerk))).lower()
    assert words.startswith("ngày ")
    assert " tháng " in words
    assert " năm " in words
    assert not any(letter.isdigit() for letter in words)


def test_every_family_writes_all_vietnamese_letters() -> None:
    families = fonts.print_families() + fonts.type_families() + fonts.hand_families()
    assert {"dejavu-serif", "dejavu-sans"} <= set(families)
    for family in families:
        assert not fonts.missing_letters(fonts.font_file(family)), family


def test_dejavu_alone_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "PACKAGES", tmp_path)
    for hand in ("print", "type", "hand"):
        page = next(make_book(spec_for("birth-158-a4", hand=hand)))
        assert page.truth["entries"]


@pytest.mark.parametrize("path", ["book", "book.pdf", "book.tif"])
def test_every_wrapping_holds_the_scans_the_truth_names(path: str, tmp_path: Path) -> None:
    spec = spec_for(
        "death-83-half", path=path, scans=2, ragged=True, extras=("cover", "blank", "blurred")
    )
    truth = write_book(spec, tmp_path)
    scans = truth["scans"]
    assert [scan["page_class"] for scan in scans] == [
        "cover", "entries", "entries", "entries", "blank",
    ]  # fmt: skip
    assert scans[2]["expect"] == "rescan"
    assert scans[2]["entries"] == []
    assert len(scans[3]["entries"]) == 1, "the last page is half empty"
    target = tmp_path / path
    if path.endswith(".pdf"):
        with pikepdf.open(target) as pdf:
            assert len(pdf.pages) == len(scans)
            raw = pdf.pages[0].Resources.XObject.Im0.read_raw_bytes()
            assert raw[:2] == b"\xff\xd8"
    elif path.endswith(".tif"):
        with Image.open(target) as tiff:
            assert tiff.n_frames == len(scans)
            assert round(tiff.info["dpi"][0]) == COARSE
    else:
        for scan in scans:
            with Image.open(target / scan["name"]) as picture:
                assert picture.size == (scan["width"], scan["height"])


def test_a_page_upside_down_has_its_truth_turned_with_it() -> None:
    spec = spec_for("birth-158-a4", scans=2)
    upright = list(make_book(spec))[1]
    turned = list(make_book(replace(spec, extras=("upside_down",))))[1]
    assert turned.truth["rotation"] == 180
    assert np.array_equal(turned.picture[::-1, ::-1], upright.picture)
    one = np.array(upright.truth["entries"][0]["fields"][0]["polygon"])
    two = np.array(turned.truth["entries"][0]["fields"][0]["polygon"])
    assert np.allclose(one + two, [upright.truth["width"], upright.truth["height"]], atol=0.11)


def test_the_benchmark_page_is_an_a3_of_130_cells() -> None:
    (spec,) = ledger_books(1, "bench", "mild")
    page = next(make_book(spec))
    assert page.picture.shape == (3508, 4961)
    fields = [field for entry in page.truth["entries"] for field in entry["fields"]]
    assert len(page.truth["entries"]) == 12
    assert len(fields) == 120
    assert 1 <= sum(not field["literal"] for field in fields) <= 14


def test_random_books_are_all_different_books() -> None:
    specs = random_books(16, "s", 200, 1)
    keys = {(s.unit, s.form, s.year, s.volume) for s in specs}
    assert len(keys) == 16
    assert {s.form for s in specs} == set(FORMS)


def test_the_committed_set_is_what_its_list_says() -> None:
    forms = load_forms(PROJECT / "ocr_config")
    keys = set()
    for spec in BATCHES:
        name = Path(spec.path).name.removesuffix(".pdf").removesuffix(".tif")
        truth = json.loads(
            (PROJECT / "samples/truth" / spec.batch / f"{name}.json").read_text("utf-8")
        )
        assert truth["schema"] == "hotich-truth/1"
        assert (truth["form"], truth["wear"], truth["year"]) == (spec.form, spec.wear, spec.year)
        keys.add((truth["unit"], truth["kind"], truth["year"], truth["volume"]))
        assert truth["kind"] == forms[spec.form].kind
    assert len(keys) == len(BATCHES)
    for form in FORMS:
        assert {"mild", "medium"} <= {spec.wear for spec in BATCHES if spec.form == form}
    size = sum(p.stat().st_size for p in (PROJECT / "samples/batches").rglob("*") if p.is_file())
    assert size <= 12_000_000
    for manifest in (PROJECT / "samples/batches").glob("*/manifest.csv"):
        with manifest.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                assert (manifest.parent / row["path"]).exists()


def test_the_command_line_makes_books_with_truth(tmp_path: Path) -> None:
    options = ["--books", "1", "--scans", "1", "--dpi", "100", "--seed", "cli"]
    done = subprocess.run(
        [sys.executable, "-m", "samples", "make", str(tmp_path), *options],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "random/001-birth-158-a4" in done.stdout
    assert (tmp_path / "batches/random/manifest.csv").exists()
    assert list((tmp_path / "truth/random").glob("*.json"))
