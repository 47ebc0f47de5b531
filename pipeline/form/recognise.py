"""Which form a book is printed on: its pages vote by their printed labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from pipeline.form.align import candidates, chain, label_weight
from pipeline.form.labels import fold
from pipeline.form.pageclass import says
from pipeline.form.schema import Column, Form
from pipeline.form.shortlist import word_scores
from pipeline.form.tokens import MM_PER_INCH, Token, page_tokens, token_lines
from pipeline.types import Kind, PageImage

_NOT_SO_BOUND = 0.9
"""Factor of a form of openings on scans of one page, and of one of single pages on openings. Rules
and fold have told these apart before any print is read; labels often fit both."""
_VOTES_FROM = 0.35
"""A scan on which no form scores this much is a cover or the like and has no vote."""
_OTHER_KIND = 0.75
"""Factor of forms of another kind than the manifest says: it outweighs a likely form of the
kind only where the labels are plain."""
_OTHER_STATE = 0.95
"""Factor of a form whose state a book does not name while it names that of another form: two forms
may ask the same in the same words before and after 1945."""
_REPEATED, _TWO_ENTRIES = 0.72, 0.8
"""Share of a one-entry form's score that it reaches as a form of two entries, from which its
labels stand twice on the page, and the factor then. On generated pages of ten forms those with
one entry reach 0.53 to 0.68, those with two 0.75 to 1.0."""
_PLAIN, _PLAIN_RIVAL = 0.8, 0.85
"""Score of a ledger from whose first scan on only headings are read, and the part of it that no
form of another layout may reach."""
_CLOSE, _CLOSE_OF_ONE = 6, 2
"""So many forms are looked at closely: of all scans together, and of each scan by itself."""
_SAME_WORD = 0.7
"""Words less alike are not one word misread."""
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
    whole: bool = True
    """False where only the top of the pages was read."""


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
    return ReadScan(number, tuple(pages), tokens, whole=depth_mm is None)


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
    scans: Sequence[ReadScan], forms: Mapping[str, Form], kind: Kind, year: int | None
) -> tuple[list[Vote], tuple[ReadScan, ...]]:
    """Forms by their weighed score, best first, and the scans that had a vote.

    Only forms on the short list have a vote: those whose words the scans show.
    """
    close = _shortlist(scans, forms, kind, year)
    table = {scan.number: [_form_score(scan, form) for form in close] for scan in scans}
    voting = [scan for scan in scans if max(table[scan.number], default=0.0) >= _VOTES_FROM]
    named = _named_states(voting, close)
    ranked = []
    for at, form in enumerate(close):
        scores = [table[scan.number][at] for scan in voting or scans]
        score = float(np.mean(scores)) if scores else 0.0
        bound = _bound(voting or scans, form)
        state = _OTHER_STATE if named and not named & _states(form) else 1.0
        ranked.append(Vote(form, score, score * bound * state * _prior(form, kind, year)))
    ranked.sort(key=lambda vote: -vote.weighed)
    return ranked, tuple(voting)


def nearest(ranked: Sequence[Vote], most: int) -> tuple[tuple[str, float], ...]:
    """The likeliest forms with their scores, as people are told of them: the best score first.

    Kind and year decide which forms these are, but nobody sees what they weigh.
    """
    named = [(vote.form.form, round(vote.score, 3)) for vote in ranked[:most]]
    return tuple(sorted(named, key=lambda one: -one[1]))


def _states(form: Form) -> set[str]:
    """What the state and its office are called on a form, without the motto below."""
    return {title.partition(" / ")[0] for title in form.state_titles} | {*form.offices}


def _named_states(scans: Sequence[ReadScan], forms: Sequence[Form]) -> set[str]:
    """Names of the state in some forms that scans show."""
    lines = {line for scan in scans for tokens in scan.tokens for line in _folded_lines(tokens)}
    names = set[str]().union(*(_states(form) for form in forms))
    return {name for name in names if any(says(line, name) for line in lines)}


def _shortlist(
    scans: Sequence[ReadScan], forms: Mapping[str, Form], kind: Kind, year: int | None
) -> list[Form]:
    """Forms worth a close look: the likeliest of all scans together, and of each scan."""
    if len(forms) <= _CLOSE or not scans:
        return list(forms.values())
    priors = {name: _prior(form, kind, year) * _bound(scans, form) for name, form in forms.items()}
    shares = [word_scores(scan.tokens, forms) for scan in scans]
    chosen: dict[str, None] = {}
    together = {name: priors[name] * sum(one[name] for one in shares) for name in forms}
    chosen |= dict.fromkeys(sorted(forms, key=lambda name: -together[name])[:_CLOSE])
    for one in shares:
        # Also without the priors: the manifest may be wrong about kind and year.
        for weigh in (priors, dict.fromkeys(forms, 1.0)):
            best = sorted(forms, key=lambda name: -weigh[name] * one[name])
            chosen |= dict.fromkeys(best[:_CLOSE_OF_ONE])
    return [forms[name] for name in forms if name in chosen]


def _bound(scans: Sequence[ReadScan], form: Form) -> float:
    """1 where all scans have as many pages as the form's, less for each that has not."""
    if not scans:
        return 1.0
    other = sum((len(scan.pages) == 2) != form.opening for scan in scans) / len(scans)
    return 1.0 - (1.0 - _NOT_SO_BOUND) * other


def _prior(form: Form, kind: Kind, year: int | None) -> float:
    first, last = form.years
    off = 0 if year is None else max(first - year, year - last, 0)
    # Offices used up old stock for years, so the year only leans.
    when = 1.0 if off == 0 else 0.96 if off <= 3 else 0.85
    return when * (1.0 if form.kind == kind else _OTHER_KIND)


@lru_cache(maxsize=1024)
def _form_score(scan: ReadScan, form: Form) -> float:
    return form_score(scan, form)


def form_score(scan: ReadScan, form: Form) -> float:
    """How much of a form's print a scan shows, 0..1; the title counts a tenth."""
    if form.layout == "ledger":
        labels = _ledger_score(scan, form)
    else:
        labels = max(
            (
                _labels_score(tokens, form, page.grey.shape[1] / page.dpi * MM_PER_INCH)
                for page, tokens in zip(scan.pages, scan.tokens, strict=True)
            ),
            default=0.0,
        )
    return 0.9 * labels + 0.1 * titled(scan, form)


def _labels_score(tokens: Sequence[Token], form: Form, width: float) -> float:
    """Share of a form's labels on a page; less where a page for one entry shows them twice."""
    found = candidates(tokens, form)
    once = chain(found, form, width).score
    if form.entries > 1 or once < _VOTES_FROM:
        return once
    # Taken for its twin with one entry a page, two people would be read as one.
    twice = chain(found, form.model_copy(update={"entries": 2}), width).score
    return once * (_TWO_ENTRIES if twice > _REPEATED * once else 1.0)


def titled(scan: ReadScan, form: Form) -> float:
    """1 where a scan shows one of the form's titles, or the form has none; else 0."""
    if not form.headings:
        return 1.0
    lines = [line for tokens in scan.tokens for line in _folded_lines(tokens)]
    return float(any(says(line, heading) for line in lines for heading in form.headings))


@lru_cache(maxsize=64)
def _folded_lines(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    lines = token_lines(list(tokens))
    return tuple("".join(fold(token.text) for token in line) for line in lines)


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
    weights, words = _weights(columns), _heading_words(tuple(c.labels for c in columns))
    best, at = np.zeros(len(columns)), 0.0
    if not tokens or not words.words:
        return best, at
    middles = np.array([token.middle for token in tokens])
    alike = cdist(
        words.words,
        [fold(token.text) for token in tokens],
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=_SAME_WORD,
        dtype=np.float32,
    )
    for top in np.arange(0, middles.max(), 8.0):
        inside = (top <= middles) & (middles < top + _HEADING_BAND_MM)
        if not inside.any():
            continue
        # Share of the words of a column's best spelling that stand in the band.
        spelled = words.of_label @ alike[:, inside].max(axis=1)
        found = np.maximum.reduceat(spelled, words.first_label)
        if (found * weights).sum() > (best * weights).sum():
            best, at = found, float(top)
    return best, at


@dataclass(frozen=True, eq=False)
class _HeadingWords:
    """Words of the headings of columns; ``of_label`` (labels, words) makes their mean."""

    words: tuple[str, ...]
    of_label: NDArray[np.float64]
    first_label: NDArray[np.intp]
    """Place of each column's first label."""


@lru_cache(maxsize=256)
def _heading_words(columns: tuple[tuple[str, ...], ...]) -> _HeadingWords:
    places: dict[str, int] = {}
    rows: list[list[int]] = []
    first = []
    for labels in columns:
        first.append(len(rows))
        for label in labels:
            words = [fold(word) for word in label.replace("/", " ").split()]
            rows.append([places.setdefault(word, len(places)) for word in words if word])
    table = np.zeros((len(rows), len(places)))
    for at, row in enumerate(rows):
        for word in row:
            table[at, word] += 1 / len(row)
    return _HeadingWords(tuple(places), table, np.array(first, np.intp))
