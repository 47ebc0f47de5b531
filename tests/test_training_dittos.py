"""Curves of ditto marks are fitted to marks alone, and say how far their errors come together."""

from __future__ import annotations

from pipeline.reading.calibrate import DITTO, DITTO_WORD, load_calibration
from pipeline.settings import PROJECT
from training.fit_calibration import Example
from training.fit_dittos import ledgers, together, with_marks

SHIPPED = load_calibration(PROJECT / "ocr_config", "tesseract")


def mark(book: int, right: bool = True, kind: str = DITTO_WORD) -> Example:
    return Example(book, "print", "mild", kind, 0.9, 0.9, 0.95, False, right)


def test_marks_bend_their_own_curves_and_no_other():
    examples = [mark(n % 7, right=n % 100 != 3) for n in range(400)]
    fitted = with_marks(SHIPPED, examples)
    (share, *_) = fitted.curves[DITTO_WORD].probabilities
    assert abs(share - 0.99) < 0.005
    same = set(SHIPPED.curves) - {DITTO_WORD}
    assert all(fitted.curves[name] == SHIPPED.curves[name] for name in same)
    assert with_marks(fitted, examples).data == fitted.data


def test_few_marks_of_a_kind_leave_its_curve_as_it_is():
    fitted = with_marks(SHIPPED, [mark(n, kind=DITTO) for n in range(10)])
    assert fitted.curves[DITTO] == SHIPPED.curves[DITTO]


def test_errors_of_one_book_come_together_and_those_of_many_do_not():
    spread = [mark(book, right=n != 0) for book in range(10) for n in range(20)]
    one = [mark(book, right=book != 3 or n > 9) for book in range(10) for n in range(20)]
    assert together(one) < 20 < 100 < together(spread)


def test_the_ledgers_are_the_same_for_the_same_seed_and_of_all_wears():
    made = ledgers(6, "x")
    assert made == ledgers(6, "x") != ledgers(6, "y")
    assert {spec.wear for spec in made} == {"mild", "medium", "heavy"}
    assert {spec.form for spec in made} == {"birth-76-ledger"}
