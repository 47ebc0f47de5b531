"""What a book's own pages teach about its form, learned once and kept with the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

from flows.page import Tools, open_scan
from pipeline.errors import InputError, NotARegisterError
from pipeline.form import learn_book
from pipeline.page import prepare
from pipeline.scan.quality import assess
from pipeline.types import BookForm, Kind, PageImage, Scan, ScanRef

UNKNOWN = BookForm(form_id="", score=0.0, geometry={}, version="unknown")
"""A book on no known form: its scans go to a person, and the next book is not held up."""
_OFFERED = 2
"""Twice the scans to learn from: covers and blanks lie between."""


@dataclass(frozen=True)
class LearningTask:
    """The book whose form is to be learned, as it travels to a child."""

    refs: tuple[ScanRef, ...]
    kind: Kind
    year: int


def learn(task: LearningTask, tools: Tools) -> BookForm:
    """Form and geometry of a book from its own good scans; ``UNKNOWN`` where no form fits.

    The choice depends on the scans alone, so that a second run learns the same.
    """
    chosen = _good_scans(task.refs, tools)
    try:
        return learn_book(
            _Pages(chosen),
            tools.forms,
            kind=task.kind,
            year=task.year,
            digests=[scan.ref.digest for scan in chosen],
            thresholds=tools.thresholds.layout,
        )
    except NotARegisterError as error:
        return replace(UNKNOWN, nearest=error.nearest)


class _Pages(Sequence[tuple[PageImage, ...]]):
    """Pages of scans, made when they are looked at: most offered scans never are."""

    def __init__(self, scans: Sequence[Scan]) -> None:
        self._scans = scans

    def __len__(self) -> int:
        return len(self._scans)

    @overload
    def __getitem__(self, at: int) -> tuple[PageImage, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[PageImage, ...]]: ...
    def __getitem__(
        self, at: int | slice
    ) -> tuple[PageImage, ...] | Sequence[tuple[PageImage, ...]]:
        if isinstance(at, slice):
            return _Pages(self._scans[at])
        return prepare(self._scans[at])


def _good_scans(refs: Sequence[ScanRef], tools: Tools) -> list[Scan]:
    """Some scans without faults, spread over the book, in book order."""
    wanted = _OFFERED * tools.thresholds.layout.learn_pages
    good: list[Scan] = []
    for ref in spread(refs, wanted):
        try:
            scan = open_scan(ref, tools.settings)
        except InputError:
            continue
        quality = assess(scan, tools.thresholds.quality)
        if not quality.faults and not quality.blank:
            good.append(scan)
        if len(good) == wanted:
            break
    return sorted(good, key=lambda scan: scan.ref.number)


def spread(refs: Sequence[ScanRef], wanted: int) -> Iterator[ScanRef]:
    """All scans, beginning with ``wanted`` ones evenly spread over the book, then the rest.

    Covers and statements stand at the ends of a book, and a press changes on the way through
    it: the first pages alone would teach too little.
    """
    step = max(1, len(refs) // max(1, wanted))
    for offset in range(step):
        yield from refs[(step // 2 + offset) % step :: step]
