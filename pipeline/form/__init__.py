"""Which form a book is printed on, and where its fields lie on each page.

A form file says what is printed and in which order (``ocr_config/forms``); where it is
printed the book's own pages teach, because no two printers are alike and a book is printed
once. ``learn_book`` is asked once a book and reads a few pages; ``lay_out`` is asked for every
scan and reads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.errors import NotARegisterError
from pipeline.form.align import align
from pipeline.form.ledger import lay_out_ledger, learn_ledger
from pipeline.form.lines import lay_out_lines, learn_lines
from pipeline.form.recognise import ReadScan, heading_depth, read_scan, votes
from pipeline.form.schema import Form, load_forms
from pipeline.form.template import Seen, page_size
from pipeline.settings import LayoutThresholds
from pipeline.types import BookForm, Kind, Layout, PageImage

__all__ = ["lay_out", "learn_book", "load_forms"]

VERSION = "form-1"
"""Changes when a stored geometry can no longer be used."""
_TRIES = 2
"""So many times ``learn_pages`` scans are read at most, where covers and blanks lie between."""


def learn_book(
    scans: Sequence[Sequence[PageImage]],
    forms: Mapping[str, Form],
    *,
    kind: Kind,
    year: int,
    digests: Sequence[str],
    thresholds: LayoutThresholds | None = None,
) -> BookForm:
    """Recognise a book's form and learn its geometry from some of its scans.

    Args:
        scans: pages of each scan on offer, in book order; covers and blanks may be among them.
        forms: all known forms by id.
        kind: what the manifest says; outweighed only by plain labels of another kind.
        year: opening year; leans towards forms of that time.
        digests: of the scans, in the same order.
        thresholds: how many pages to learn from, and the least score.

    Raises:
        NotARegisterError: no form fits; names the nearest and its score.
    """
    limits = thresholds or LayoutThresholds()
    read: list[ReadScan] = []
    ranked, voting = votes(read, forms, kind, year)
    depth: float | None = None
    for number in _spread(len(scans), _TRIES * limits.learn_pages):
        read.append(read_scan(number, scans[number], depth_mm=depth))
        ranked, voting = votes(read, forms, kind, year)
        if len(voting) >= limits.learn_pages:
            break
        depth = heading_depth(ranked, voting)
    best = ranked[0] if ranked else None
    if best is None or not voting or best.score < limits.min_form_score:
        nearest = f"{best.form.form} {best.score:.2f}" if best else "–"
        raise NotARegisterError(f"{nearest} < {limits.min_form_score:g}")
    voting = tuple(sorted(voting, key=lambda scan: scan.number))
    if best.form.layout == "ledger":
        geometry, score = learn_ledger([scan.pages for scan in voting], best.form)
        taught = voting
    else:
        seen, taught = _seen(voting, best.form)
        geometry, score = learn_lines(seen, best.form)
    return BookForm(
        best.form.form,
        score,
        geometry,
        VERSION,
        tuple(digests[scan.number] for scan in taught),
    )


def _spread(count: int, limit: int) -> list[int]:
    """Scans to read, spread over the book; its first and last only when there are few."""
    if count <= limit:
        return list(range(count))
    step = count / limit
    return [int((at + 0.5) * step) for at in range(limit)]


def _seen(voting: Sequence[ReadScan], form: Form) -> tuple[list[Seen], tuple[ReadScan, ...]]:
    """Pages that bear the form, and their scans."""
    pages: list[tuple[ReadScan, Seen]] = []
    for scan in voting:
        for page, tokens in zip(scan.pages, scan.tokens, strict=True):
            pages.append((scan, Seen(page, tokens, align(tokens, form, page_size(page)[0]))))
    top = max(seen.alignment.score for _, seen in pages)
    kept = [(scan, seen) for scan, seen in pages if seen.alignment.score >= 0.6 * top]
    numbers = {scan.number for scan, _ in kept}
    return [seen for _, seen in kept], tuple(s for s in voting if s.number in numbers)


def lay_out(pages: Sequence[PageImage], book: BookForm, form: Form) -> Layout:
    """Boxes of all fields on the pages of one scan, in page pixels.

    A page that does not bear the form gets a class other than ``entries`` and no boxes.
    """
    if form.layout == "ledger":
        return lay_out_ledger(pages, book.geometry, form)
    return lay_out_lines(pages, book.geometry, form)
