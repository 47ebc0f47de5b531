"""Quality: worn pages pass, spoilt scans of the same pages are sent back with the reason."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from scan_samples import SETTINGS, book_row, find_unit, store_in, write_manifest

from pipeline.scan.batch import read_batch
from pipeline.scan.lookalike import likeness, look_alikes, sketch
from pipeline.scan.quality import DESCRIPTIONS, assess, describe, unreadable
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Grey, Quality, QualityFault, Scan, ScanRef
from samples.book import BookSpec, make_book

pytestmark = pytest.mark.slow

THRESHOLDS = load_thresholds(PROJECT / "ocr_config").quality
FORMS = {"birth-158-a4": 2008, "birth-76-ledger": 1978}


@cache
def book(form: str, wear: str) -> dict[str, Grey]:
    """One scan of each kind of page from the generator, by page class."""
    spec = BookSpec(
        batch="quality", path=form, unit="Xã Tân Dân", district="Huyện An Lão", form=form,
        year=FORMS[form], wear=wear, hand="print", scans=1, seed="tests", extras=("cover", "blank"),
    )  # fmt: skip
    return {page.truth["page_class"]: page.picture for page in make_book(spec)}


def judged(grey: Grey, dpi: float = 300.0) -> Quality:
    ref = ScanRef("", 0, 1, "", "")
    return assess(Scan(ref, np.ascontiguousarray(grey), dpi), THRESHOLDS)


def light(grey: Grey, gain: float, offset: float) -> Grey:
    return np.clip(grey * gain + offset, 0, 255).astype(np.uint8)


def rotated(grey: Grey, degrees: float) -> Grey:
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


every_page = pytest.mark.parametrize(
    ("form", "wear"),
    [("birth-158-a4", "mild"), ("birth-158-a4", "heavy"), ("birth-76-ledger", "medium")],
)


@every_page
def test_worn_pages_and_covers_pass_and_blanks_are_told(form: str, wear: str):
    pages = book(form, wear)
    for name in ("entries", "cover"):
        quality = judged(pages[name])
        assert (quality.faults, quality.blank) == ((), False)
    blank = judged(pages["blank"])
    assert (blank.faults, blank.blank) == ((), True)


SPOILT = {
    "out of focus": (lambda grey: cv2.GaussianBlur(grey, (0, 0), 3), QualityFault.BLURRED),
    "shaken": (lambda grey: cv2.blur(grey, (1, 15)), QualityFault.BLURRED),
    "far too dark": (lambda grey: light(grey, 0.35, 0), QualityFault.TOO_DARK),
    "far too bright": (lambda grey: light(grey, 1.6, 70), QualityFault.TOO_BRIGHT),
    "right part missing": (
        lambda grey: grey[:, : grey.shape[1] // 4],
        QualityFault.CUT_EDGE,
    ),
    "left part missing": (lambda grey: grey[:, grey.shape[1] // 4 :], QualityFault.CUT_EDGE),
    "crooked": (lambda grey: rotated(grey, 20), QualityFault.SKEWED),
}


@every_page
@pytest.mark.parametrize("spoilt", SPOILT)
def test_spoilt_scans_are_sent_back_for_the_right_reason(form: str, wear: str, spoilt: str):
    spoil, fault = SPOILT[spoilt]
    assert fault in judged(spoil(book(form, wear)["entries"])).faults


@every_page
def test_a_low_resolution_is_one_fault_and_not_blur_too(form: str, wear: str):
    small = cv2.resize(
        book(form, wear)["entries"], None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA
    )
    assert judged(small, dpi=100).faults == (QualityFault.LOW_RESOLUTION,)


@every_page
def test_turned_pages_other_resolutions_and_whitened_paper_are_no_faults(form: str, wear: str):
    grey = book(form, wear)["entries"]
    paper = float(np.percentile(grey, 80))
    two_thirds = cv2.resize(grey, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    for scan, dpi in (
        (grey[::-1, ::-1], 300),
        (np.rot90(grey), 300),
        (two_thirds, 200),
        (cv2.resize(grey, None, fx=4 / 3, fy=4 / 3), 400),
        (light(grey, 255 / (paper - 40), -40 * 255 / (paper - 40)), 300),
    ):
        assert judged(scan, dpi).faults == ()


def test_a_black_image_is_too_dark_and_tiny_ones_break_nothing():
    assert judged(np.zeros((700, 500), np.uint8)).faults == (QualityFault.TOO_DARK,)
    for shape in ((1, 1), (3, 900), (40, 40)):
        assert judged(np.full(shape, 255, np.uint8)).blank


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_fault_has_a_reason_in_both_languages(monkeypatch, language: str):
    monkeypatch.setenv("HOTICH_LANGUAGE", language)
    assert set(DESCRIPTIONS) == set(QualityFault)
    for fault in QualityFault:
        assert len(describe(fault).format()) > 20
    assert unreadable().faults == (QualityFault.UNREADABLE,)


# --- a page scanned twice -----------------------------------------------------------------------


def scanned_again(grey: Grey) -> Grey:
    """Another scan of the page: moved, turned, other light, other grain."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 1.2, 1.008)
    turn[:, 2] += (25, -18)
    moved = cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(2).normal(-6, 5, grey.shape)
    return np.clip(moved * 0.95 + grain, 0, 255).astype(np.uint8)


def test_a_page_scanned_twice_is_told_from_another_page_of_the_form(tmp_path):
    spec = BookSpec(
        batch="twice", path="so", unit="Xã Tân Dân", district="Huyện An Lão", form="birth-158-a4",
        year=2008, wear="mild", hand="print", scans=2, seed="twice", dpi=150,
    )  # fmt: skip
    first, second = (page.picture for page in make_book(spec))
    folder = tmp_path / "lot" / "so"
    folder.mkdir(parents=True)
    for number, grey in enumerate((first, second, scanned_again(first)), 1):
        Image.fromarray(grey).save(folder / f"{number}.jpg", dpi=(150, 150), quality=85)
    (folder / "4.jpg").touch()
    write_manifest(tmp_path / "lot", book_row("so"))
    store = store_in(tmp_path)
    source = read_batch(tmp_path / "lot", find_unit=find_unit, store=store, settings=SETTINGS)
    [said] = look_alikes(source.books[0], store.root, SETTINGS, THRESHOLDS)
    assert (said.code, said.where, dict(said.particulars)) == (
        "look_alikes", "so: 3.jpg", {"other": "1.jpg"},
    )  # fmt: skip


def test_blank_pages_do_not_look_alike():
    blank = sketch(Scan(ScanRef("", 0, 1, "", ""), np.full((1754, 1240), 235, np.uint8), 150.0))
    assert likeness(blank, blank) is None
    assert likeness(blank[:5, :5], blank[:9, :3]) is None
