"""Which form a book is printed on: its pages vote by their printed labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from pipeline.form.align import align, label_weight
from pipeline.form.labels import fold
from pipeline.form.pageclass import says
from pipeline.form.schema import Column, Form
from pipeline.form.tokens import MM_PER_INCH, Token, page_tokens, token_lines
from pipeline.types import Kind, PageImage

_NOT_SO_BOUND = 0.97
"""Factor of a form of openings on scans of one page, and of one of single pages on openings. Rules
and fold have told these apart before any print is read; labels often fit both."""
_VOTES_FROM = 0.35
"""A scan on which no form scores this much is a cover or the like and has no vote."""
_OTHER_KIND = 0.75
"""Factor of forms of another kind than the manifest says: it outweighs a likely form of the
kind only where the labels are plain."""
_PLAIN, _PLAIN_RIVAL = 0.8, 0.85
"""Score of a ledger from whose first scan on only headings are read, and the part of it that no
form of another layout may reach."""
_HEADING_MARGIN_MM = 30.0
"""Pages of one book are not cut at the same height."""
_HEADING_BAND_MM = 45.0
"""A ledger's headings stand in a band of this height; a labelled form's labels do not."""


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A scan with the words of its pages; each is itself only, so that scores are remembered."""

    number: int
    pages: tuple[PageImage, ...]
    tokens: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True)
class Vote:
    """A form, its mean score over the voting scans, and that score weighed by the priors."""

    form: Form
    score: float
    weighed: float


def read_scan(
    number: int, pages: Sequence[PageImage], *, depth_mm: float | None = None
) -> ReadScan:
    """Read all words of a scan's pages, or of so much of them from the top."""
    tokens = tuple(tuple(page_tokens(page, depth_mm=depth_mm)) for page in pages)
    return ReadScan(number, tuple(pages), tokens)


def heading_depth(ranked: Sequence[Vote], voting: Sequence[ReadScan]) -> float | None:
    """How deep from the top, in millimetres, further scans must be read to know the form.

    None where they must be read whole: the form is not plain yet, or its labels stand all over
    the page. Reading is most of what learning costs, and a ledger's entries teach nothing.
    """
    if not voting or ranked[0].form.layout != "ledger" or ranked[0].score < _PLAIN:
        return None
    if any(
        vote.form.layout != "ledger" and vote.score > _PLAIN_RIVAL * ranked[0].score
        for vote in ranked[1:]
    ):
        return None
    form = ranked[0].form
    bottoms = [
        _best_band(columns, tokens)[1] + _HEADING_BAND_MM
        for scan in voting
        for columns, tokens in _sides(scan, form)
    ]
    return max(bottoms) + _HEADING_MARGIN_MM


def votes(
    scans: Sequence[ReadScan], forms: Mapping[str, Form], kind: Kind, year: int
) -> tuple[list[Vote], tuple[ReadScan, ...]]:
    """Forms by their weighed score, best first, and the scans that had a vote."""
    table = {scan.number: [_form_score(scan, form) for form in forms.values()] for scan in scans}
    voting = [scan for scan in scans if max(table[scan.number], default=0.0) >= _VOTES_FROM]
    ranked = []
    for at, form in enumerate(forms.values()):
        scores = [table[scan.number][at] for scan in voting or scans]
        score = float(np.mean(scores)) if scores else 0.0
        bound = _bound(voting or scans, form)
        ranked.append(Vote(form, score, score * bound * _prior(form, kind, year)))
    ranked.sort(key=lambda vote: -vote.weighed)
    return ranked, tuple(voting)


def _bound(scans: Sequence[ReadScan], form: Form) -> float:
    """1 where all scans have as many pages as the form's, less for each that has not."""
    if not scans:
        return 1.0
    other = sum((len(scan.pages) == 2) != form.opening for scan in scans) / len(scans)
    return 1.0 - (1.0 - _NOT_SO_BOUND) * other


def _prior(form: Form, kind: Kind, year: int) -> float:
    first, last = form.years
    off = max(first - year, year - last, 0)
    # Offices used up old stock for years, so the year only leans.
    when = 1.0 if off == 0 else 0.96 if off <= 3 else 0.85
    return when * (1.0 if form.kind == kind else _OTHER_KIND)


@lru_cache(maxsize=256)
def _form_score(scan: ReadScan, form: Form) -> float:
    return form_score(scan, form)


def form_score(scan: ReadScan, form: Form) -> float:
    """How much of a form's print a scan shows, 0..1; the title counts a tenth."""
    if form.layout == "ledger":
        labels = _ledger_score(scan, form)
    else:
        labels = max(
            (
                align(tokens, form, page.grey.shape[1] / page.dpi * MM_PER_INCH).score
                for page, tokens in zip(scan.pages, scan.tokens, strict=True)
            ),
            default=0.0,
        )
    return 0.9 * labels + 0.1 * _titled(scan, form)


def _titled(scan: ReadScan, form: Form) -> float:
    if not form.headings:
        return 1.0
    lines = [
        "".join(fold(token.text) for token in line)
        for tokens in scan.tokens
        for line in token_lines(list(tokens))
    ]
    return float(any(says(line, heading) for line in lines for heading in form.headings))


def _ledger_score(scan: ReadScan, form: Form) -> float:
    """Share of the columns whose heading's words stand together in one band of the page.

    Words of a heading are broken over lines in a narrow column, so their order does not count.
    """
    have = due = 0.0
    for columns, tokens in _sides(scan, form):
        weights = _weights(columns)
        best, _ = _best_band(columns, tokens)
        needed = np.array([not c.optional for c in columns]) | (best > 0.8)
        have += float((best * weights * needed).sum())
        due += float((weights * needed).sum())
    return have / due if due else 0.0


def _sides(scan: ReadScan, form: Form) -> list[tuple[list[Column], tuple[Token, ...]]]:
    """Columns and words of each page of a scan."""
    two = form.opening and len(scan.pages) == 2
    return [
        ([c for c in form.columns if not two or c.page == side], tokens)
        for side, tokens in zip(("left", "right"), scan.tokens, strict=False)
    ]


def _weights(columns: Sequence[Column]) -> NDArray[np.float64]:
    return np.array([label_weight(column.labels[0]) for column in columns])


def _best_band(
    columns: Sequence[Column], tokens: Sequence[Token]
) -> tuple[NDArray[np.float64], float]:
    """(share found of each column's heading, top in millimetres) of the band that shows most."""
    weights = _weights(columns)
    best, at = np.zeros(len(columns)), 0.0
    for top in np.arange(0, max((t.middle for t in tokens), default=0.0), 8.0):
        band = [fold(t.text) for t in tokens if top <= t.middle < top + _HEADING_BAND_MM]
        found = np.array([_heading(column, band) for column in columns])
        if (found * weights).sum() > (best * weights).sum():
            best, at = found, float(top)
    return best, at


@lru_cache(maxsize=65536)
def _alike(word: str, seen: str) -> float:
    return Levenshtein.normalized_similarity(word, seen)


def _heading(column: Column, band: Sequence[str]) -> float:
    """Share of the words of a column's best spelling found among ``band``."""
    best = 0.0
    for label in column.labels:
        words = [fold(word) for word in label.replace("/", " ").split()]
        words = [word for word in words if word]
        found = [max((_alike(word, seen) for seen in band), default=0.0) for word in words]
        best = max(best, float(np.mean([share if share > 0.7 else 0.0 for share in found])))
    return best
