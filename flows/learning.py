"""What a book's own pages teach about its form, learned once and kept with the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.page import Tools
from pipeline.errors import InputError, PageError
from pipeline.form import learn_book
from pipeline.scan import assess, load_scan
from pipeline.types import BookForm, Kind, Scan, ScanRef

UNKNOWN = BookForm(form_id="", score=0.0, geometry={}, version="unknown")
"""A book on no known form: its scans go to a person, and the next book is not held up."""


@dataclass(frozen=True)
class LearningTask:
    """The book whose form is to be learned, as it travels to a child."""

    refs: tuple[ScanRef, ...]
    kind: Kind
    year: int


def learn(task: LearningTask, tools: Tools) -> BookForm:
    """Form and geometry of a book from its first good scans; ``UNKNOWN`` where none fits.

    The choice depends on the scans alone, so that a second run learns the same.
    """
    chosen = _good_scans(task.refs, tools)
    try:
        return learn_book(
            chosen,
            tools.forms,
            kind=task.kind,
            year=task.year,
            digests=tuple(scan.ref.digest for scan in chosen),
        )
    except PageError:
        return UNKNOWN


def _good_scans(refs: Sequence[ScanRef], tools: Tools) -> list[Scan]:
    wanted = tools.thresholds.layout.learn_pages
    good: list[Scan] = []
    for ref in spread(refs, wanted):
        try:
            scan = load_scan(ref, tools.settings.scan_store, tools.settings)
        except InputError:
            continue
        quality = assess(scan, tools.thresholds.quality)
        if not quality.faults and not quality.blank:
            good.append(scan)
        if len(good) == wanted:
            break
    return good


def spread(refs: Sequence[ScanRef], wanted: int) -> Iterator[ScanRef]:
    """All scans, beginning with ``wanted`` ones evenly spread over the book, then the rest.

    Covers and statements stand at the ends of a book, and a press changes on the way through
    it: the first pages alone would teach too little.
    """
    step = max(1, len(refs) // max(1, wanted))
    start = step // 2
    for offset in range(step):
        yield from refs[(start + offset) % step :: step]
