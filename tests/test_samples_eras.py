"""Books of all eras: every form prints, its boxes lie where they should, pools share nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.fields import FIELDS
from pipeline.form.schema import Form, load_forms
from pipeline.settings import PROJECT
from pipeline.types import Kind
from pipeline.values.normalise import Context, normalise
from samples.book import BookSpec, SamplePage, make_book
from samples.chance import stream
from samples.clerk import Written
from samples.eras import book as eras
from samples.eras.acts import act_sheet
from samples.eras.fill import STROKE, Row, fill_page
from samples.eras.pools import DEVELOPMENT, EVALUATION, POOLS
from samples.eras.press import draw_press
from samples.eras.ruled import ruled_sheet
from samples.eras.sets import era_books
from samples.packing import write_book
from samples.pen import Hand, blank_mask
from samples.sheet import Sheet

FORMS = load_forms(PROJECT / "ocr_config")
COARSE = 45


def spec_for(form: str, **own: object) -> BookSpec:
    base = BookSpec(
        batch="t", path="b", unit="Xã An Thái", district="Huyện An Lão", form=form,
        year=FORMS[form].years[0], hand="hand", scans=1, dpi=COARSE, seed="t", pool="development",
    )  # fmt: skip
    return replace(base, **own)  # type: ignore[arg-type]


def sheet_of(form: Form, pool: str, seed: object, *, home_ruled: bool = False) -> Sheet:
    press = draw_press(form, POOLS[pool], seed, home_ruled=home_ruled)
    return ruled_sheet(press) if form.layout == "ledger" else act_sheet(press)


def inside(page: SamplePage) -> None:
    truth = page.truth
    assert page.picture.shape == (truth["height"], truth["width"])
    for entry in truth["entries"]:
        for place in (*entry["fields"], *entry.get("ticks", ())):
            assert place["field"] in FIELDS
            points = np.array(place["polygon"])
            assert (points > -1).all()
            assert (points < [truth["width"] + 1, truth["height"] + 1]).all()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_prints_with_its_fields_on_the_page(form: str) -> None:
    page = next(make_book(spec_for(form)))
    inside(page)
    assert len(page.truth["entries"]) >= FORMS[form].entries
    needed = {p.field for p in FORMS[form].parts if p.field and not p.optional}
    for entry in page.truth["entries"]:
        have = [field["field"] for field in entry["fields"]]
        assert needed <= set(have)
        assert len(have) == len(set(have))


@pytest.mark.parametrize("form", FORMS)
def test_boxes_of_an_entry_do_not_overlap_whatever_the_press(form: str) -> None:
    for pool in POOLS:
        for seed in range(4):
            sheet = sheet_of(FORMS[form], pool, seed, home_ruled=seed == 3)
            for slots in sheet.entries:
                for slot in slots:
                    x0, y0, x1, y1 = slot.box
                    assert 0 < x0 < x1 < sheet.width, (pool, seed, slot)
                    assert 0 < y0 < y1 < sheet.height, (pool, seed, slot)
                    assert all(line.x1 - line.x0 > 4 for line in slot.lines), (pool, seed, slot)
                for one, other in combinations(slots, 2):
                    a, b = one.box, other.box
                    wide = min(a[2], b[2]) - max(a[0], b[0])
                    high = min(a[3], b[3]) - max(a[1], b[1])
                    assert wide < 0.6 or high < 0.6, (pool, seed, one.field, other.field)
            for label in sheet.labels:
                assert 0 <= label.x <= sheet.width, (pool, seed, label)
                assert 0 < label.y < sheet.height, (pool, seed, label)


def test_pools_share_no_face_no_hand_no_commune_and_no_press() -> None:
    for name in ("serif", "sans", "hands"):
        assert not set(getattr(DEVELOPMENT, name)) & set(getattr(EVALUATION, name))
    assert not set(DEVELOPMENT.units()) & set(EVALUATION.units())
    assert not set(DEVELOPMENT.share(range(20))) & set(EVALUATION.share(range(20)))
    for form in FORMS.values():
        one, other = (draw_press(form, pool, 1) for pool in (DEVELOPMENT, EVALUATION))
        assert one.printer.margins != other.printer.margins


def test_the_same_seed_gives_the_same_book() -> None:
    spec = spec_for("marriage-15", extras=("statement",), photo=True)
    one, two = list(make_book(spec)), list(make_book(spec))
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(one, two, strict=True))
    assert [a.truth for a in one] == [b.truth for b in two]


def test_every_sort_of_page_comes_with_its_name() -> None:
    extras = (*eras.BEFORE, *eras.AFTER)
    pages = list(make_book(spec_for("birth-87", extras=extras, scans=1)))
    assert [page.truth["page_class"] for page in pages] == [
        *("cover", "opening", "entries", "blank", "crossed", "crossed", "blank"),
        *("slip", "statement", "index"),
    ]
    for page in pages:
        inside(page)
        assert bool(page.truth["entries"]) == (page.truth["page_class"] == "entries")


def test_a_closing_statement_counts_the_entries_of_its_book() -> None:
    pages = list(make_book(spec_for("death-87-half", extras=("statement",), scans=3)))
    totals = {total["what"]: total for total in pages[-1].truth["totals"]}
    assert totals["deaths"]["value"] == 6
    assert int(totals["deaths"]["digits"]["literal"]) == 6
    assert len(totals["deaths"]["digits"]["polygon"]) == 4


@pytest.mark.parametrize("what", eras.TO_A_PAGE)
def test_what_befalls_a_page_keeps_its_truth_true(what: str) -> None:
    page = next(make_book(spec_for("birth-04cp", extras=(what,), dpi=70)))
    inside(page)
    assert page.truth["befell"] == [what]
    if what == "blurred":
        assert page.truth["expect"] == "rescan"
        return
    if what in ("upside_down", "sideways"):
        assert page.truth["rotation"] in (90, 180, 270)
    # The number's box still holds ink where the page was turned, cropped or torn.
    field = next(f for f in page.truth["entries"][0]["fields"] if f["field"] == "child_full_name")
    assert field["literal"]
    mask = np.zeros_like(page.picture)
    cv2.fillPoly(mask, [np.array(field["polygon"]).round().astype(np.int32)], 255)
    tones = page.picture[mask > 0]
    assert (tones < 0.75 * np.median(tones)).mean() > 0.01


def test_a_photograph_takes_its_boxes_along() -> None:
    flat, photo = (
        next(make_book(spec_for("birth-87", photo=photo, dpi=70))) for photo in (False, True)
    )
    inside(photo)
    assert photo.truth["photo"]
    assert photo.truth["dpi"] == 72
    names = [[f["literal"] for f in page.truth["entries"][0]["fields"]] for page in (flat, photo)]
    assert names[0] == names[1]


def test_a_ticked_box_holds_more_ink_than_one_that_is_not() -> None:
    page = next(make_book(spec_for("birth-15", dpi=110)))
    ink: dict[bool, list[float]] = {True: [], False: []}
    for tick in page.truth["entries"][0]["ticks"]:
        assert FORMS["birth-15"].kind is Kind.BIRTH
        (x0, y0), _, (x1, y1), _ = np.array(tick["polygon"]).round().astype(int)
        inner = page.picture[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3]
        ink[tick["ticked"]].append(float(inner.min()))
    assert len(ink[True]) == 1
    assert max(ink[True]) < min(ink[False])


@pytest.mark.parametrize("form", ["birth-fr-act", "death-t1-ledger", "marriage-764", "birth-04cp"])
def test_what_old_clerks_wrote_means_what_the_truth_says(form: str) -> None:
    kind, year = FORMS[form].kind, FORMS[form].years[0] + 4
    context = Context(kind, year)
    for page in make_book(spec_for(form, year=year, scans=2)):
        for entry in page.truth["entries"]:
            for field in entry["fields"]:
                value, name = field["value"], field["field"]
                if field["state"] != "written" or name.endswith("_lunar"):
                    continue
                assert value
                found = normalise(name, field["literal"], context).normalized
                if FIELDS[name].type.value in ("date", "age", "sex", "number", "time"):
                    assert found == value, (name, field["literal"])


def test_a_book_can_change_its_form_and_goes_on_counting() -> None:
    pages = list(make_book(spec_for("birth-87", changes_to="birth-87-half", scans=4)))
    assert [page.truth["form"] for page in pages] == ["birth-87"] * 2 + ["birth-87-half"] * 2
    numbers = [int(entry["number"]) for page in pages for entry in page.truth["entries"]]
    assert numbers == list(range(1, 7))


def test_who_rules_by_hand_measures_anew_on_each_page() -> None:
    pages = list(make_book(spec_for("death-t1-ledger", home_ruled=True, scans=2)))
    presses = [draw_press(FORMS["death-t1-ledger"], DEVELOPMENT, 1, home_ruled=True)] * 2
    one, other = (ruled_sheet(press, n) for n, press in enumerate(presses))
    edges = [[slot.box[0] for slot in sheet.entries[0]] for sheet in (one, other)]
    apart = np.abs(np.subtract(*edges))
    assert 0 < apart.max() < 6.0
    for page in pages:
        inside(page)


def test_a_stroke_down_the_column_and_a_correction_leave_their_ink() -> None:
    rng = stream("marks")
    press = draw_press(FORMS["birth-76-ledger"], DEVELOPMENT, 1)
    sheet, dpi = ruled_sheet(press), 100.0
    name = Written("Vũ Văn An", "Vũ Văn An", "written")
    ditto = Written(STROKE, "An Thái", "ditto")
    rows = [
        Row({"child_full_name": name}, corrected=("child_full_name", "Vũ Văn Hoa")),
        *(Row({"birth_place": ditto}) for _ in range(3)),
    ]
    hand = Hand("hand", DEVELOPMENT.hand_families()[0], 3.6, 1.0)
    mask = blank_mask(sheet, dpi)
    fill_page(mask, sheet, rows, press, hand, dpi, rng, "")
    inked = (mask > 100).any(axis=1)
    boxes = [next(s for s in sheet.entries[n] if s.field == "birth_place").box for n in (1, 3)]
    top, bottom = (round(y * dpi / 25.4) for y in (boxes[0][1] + 3, boxes[1][3] - 3))
    assert inked[top:bottom].all()


def test_a_set_has_every_form_and_files_that_say_what_they_are(tmp_path: Path) -> None:
    books = era_books("evaluation", "s", dpi=COARSE, scans=1)
    assert {spec.form for spec in books} == set(FORMS)
    keys = {(s.unit, FORMS[s.form].kind, s.year, s.volume, s.form) for s in books}
    assert len(keys) == len(books)
    assert all(1922 <= spec.year <= 2015 for spec in books)
    spec = replace(books[0], extras=("cover",), photo=True)
    truth = write_book(spec, tmp_path)
    assert len(list((tmp_path / spec.path).glob("*.jpg"))) == len(truth["scans"]) == 2
    assert json.loads(json.dumps(truth))["form"] == spec.form
