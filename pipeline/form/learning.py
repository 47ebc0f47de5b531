"""What a book's own pages teach: its form, its geometry, and where it changes.

Most books are one print run. Some are not: an office used up old leaves, or bound two years'
forms together. Scans that plainly bear another form than the rest, or whose print does not lie
on the others', make a part of their own, with its own geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import NotARegisterError
from pipeline.form.align import align
from pipeline.form.known_headings import KnownHeadings, known_headings
from pipeline.form.ledger import learn_ruled, match_ledger
from pipeline.form.lines import learn_lines
from pipeline.form.orders import printed_order
from pipeline.form.recognise import (
    ReadScan,
    Vote,
    form_score,
    heading_depth,
    nearest,
    read_scan,
    titled,
    votes,
)
from pipeline.form.schema import Form
from pipeline.form.template import Seen, page_size
from pipeline.form.tokens import Token
from pipeline.settings import LayoutThresholds
from pipeline.types import BookForm, Kind, PageImage

VERSION = "form-2"
"""Changes when a stored geometry can no longer be used."""
TRIES = 2
"""So many times ``learn_pages`` scans are read at most, where covers and blanks lie between."""
_LEAVES = 0.85
"""Share of a scan's own best score below which the book's form is not the scan's."""
_MOST_PARTS = 3
_SURE_ALONE = 0.75
"""Score from which a form is believed on a single scan."""
_OTHER_KIND = 0.8
"""Score from which a form of another kind than the manifest says is believed, with its title."""
_NEAREST = 3
_HINT = 0.25
"""Score of a ledger from which its headings are worth a look one by one."""


@dataclass(frozen=True)
class _Bench:
    """What is the same for all parts of a book."""

    forms: Mapping[str, Form]
    kind: Kind
    year: int
    least: float
    known: KnownHeadings
    """What columns may be called in any form of the kind."""

    def votes(
        self, scans: Sequence[ReadScan], *, lean: bool = True
    ) -> tuple[list[Vote], tuple[ReadScan, ...]]:
        return votes(scans, self.forms, self.kind, self.year if lean else None)


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

    Returns:
        The form of most scans; further ones in ``others``.

    Raises:
        NotARegisterError: no form fits; ``nearest`` has the likeliest with their scores.
    """
    limits = thresholds or LayoutThresholds()
    known = known_headings(form for form in forms.values() if form.kind is kind)
    bench = _Bench(forms, kind, year, limits.min_form_score, known)
    read = _read(scans, bench, limits.learn_pages)
    ranked, voting = bench.votes(read)
    if not voting or not _known(ranked[0], voting, bench):
        found = _by_headings(read, ranked, bench, digests)
        if found is None:
            raise _unknown(ranked)
        return found
    parts: list[BookForm] = []
    left = voting
    while left and len(parts) < _MOST_PARTS:
        # The year leans towards the form a book was opened with, not to what follows.
        ranked, voting = bench.votes(left, lean=not parts)
        if not _believed(ranked, voting, first=not parts, least=bench.least):
            break
        form = ranked[0].form
        geometry, score, taught = _taught(form, voting, scans, bench)
        other = _other_layout(ranked, voting, bench)
        if score < limits.min_form_score and not parts and other is not None:
            form = other
            geometry, score, taught = _taught(form, voting, scans, bench)
        if score < limits.min_form_score:
            # Its words are there, but not in its order or not above its columns.
            if not parts:
                raise _unknown(ranked)
            break
        parts.append(
            BookForm(
                form.form,
                score,
                geometry,
                VERSION,
                tuple(digests[number] for number in sorted(taught)),
            )
        )
        if not taught:
            break
        left = tuple(scan for scan in voting if scan.number not in taught)
    return replace(parts[0], others=tuple(parts[1:]))


def _taught(
    form: Form, voting: Sequence[ReadScan], scans: Sequence[Sequence[PageImage]], bench: _Bench
) -> tuple[dict[str, Any], float, frozenset[int]]:
    """Geometry, score, and numbers of the scans that taught it, of those that bear a form."""
    members = tuple(scan for scan in voting if not _leaves(scan, form, bench))
    return _learned(_whole(members or voting, form, scans), form, bench.known)


def _other_layout(ranked: Sequence[Vote], voting: Sequence[ReadScan], bench: _Bench) -> Form | None:
    """The likeliest form of another layout than the best one's, where it is likely itself.

    Labels set closely stand in one band as a ledger's headings do; only the rules tell.
    """
    for vote in ranked:
        if vote.form.layout != ranked[0].form.layout:
            return vote.form if _known(vote, voting, bench) else None
    return None


def _known(best: Vote, voting: Sequence[ReadScan], bench: _Bench) -> bool:
    """Whether the best form is the book's; one of another kind only if plain, and by its title.

    Marriages and births share most of their labels: without its own form a marriage book would
    be taken for a birth book, with every name in a wrong field.
    """
    if best.score < bench.least:
        return False
    return best.form.kind is bench.kind or (
        best.score >= _OTHER_KIND and any(titled(scan, best.form) for scan in voting)
    )


def _by_headings(
    read: Sequence[ReadScan], ranked: Sequence[Vote], bench: _Bench, digests: Sequence[str]
) -> BookForm | None:
    """A ledger whose headings are too ill written for a look at the whole page.

    In the grid of the book's columns each is read by itself, as all pages show it; its place
    among the others counts.
    """
    ledgers = [v.form for v in ranked if v.form.layout == "ledger" and v.score >= _HINT]
    if not any(form.kind is bench.kind for form in ledgers):
        return None
    sides = learn_ruled([scan.pages for scan in read])
    if not sides:
        return None
    weighed = {vote.form.form: vote.weighed / max(1e-6, vote.score) for vote in ranked}
    matched = [(match_ledger(sides, form, bench.known), form) for form in ledgers]
    geometry, form = max(matched, key=lambda one: one[0]["score"] * weighed[one[1].form])
    taught = sorted({read[n].number for side in sides for n in side.scans})
    if form.kind is not bench.kind or geometry["score"] < bench.least:
        return None
    learned_from = tuple(digests[number] for number in taught)
    return BookForm(form.form, float(geometry["score"]), geometry, VERSION, learned_from)


def _unknown(ranked: Sequence[Vote]) -> NotARegisterError:
    """What is said of a book on no known form."""
    likeliest = nearest(ranked, _NEAREST)
    error = NotARegisterError(", ".join(f"{name} {score:.2f}" for name, score in likeliest) or "–")
    error.nearest = likeliest
    return error


def _read(scans: Sequence[Sequence[PageImage]], bench: _Bench, wanted: int) -> tuple[ReadScan, ...]:
    """Scans read until enough bear a form, and all on offer where they do not bear the same."""
    read: list[ReadScan] = []
    depth: float | None = None
    form: Form | None = None
    for number in spread_out(len(scans), TRIES * wanted):
        scan = read_scan(number, scans[number], depth_mm=depth)
        if not scan.whole and form is not None and form_score(scan, form) < bench.least:
            # Not the headings at its top: a cover, or the labels of another form further down.
            scan = read_scan(number, scans[number])
        read.append(scan)
        ranked, voting = bench.votes(read)
        form = ranked[0].form if ranked else None
        agreed = form is not None and not any(_leaves(scan, form, bench) for scan in voting)
        if agreed and len(voting) >= wanted:
            break
        depth = heading_depth(ranked, voting) if agreed else None
    return tuple(sorted(read, key=lambda scan: scan.number))


def spread_out(count: int, limit: int) -> list[int]:
    """Scans to read, the first ones far apart: a form may change on the way through a book."""
    if count <= limit:
        chosen = list(range(count))
    else:
        step = count / limit
        chosen = [int((at + 0.5) * step) for at in range(limit)]
    # Every second one, then those between: half of them already span the book.
    return [*chosen[::2], *chosen[1::2]]


def _leaves(scan: ReadScan, form: Form, bench: _Bench) -> bool:
    """Whether a scan plainly bears another form than the book's."""
    ranked, voting = bench.votes([scan])
    if not voting or ranked[0].score < bench.least or ranked[0].form == form:
        return False
    own = next((vote.weighed for vote in ranked if vote.form == form), 0.0)
    return own < _LEAVES * ranked[0].weighed


def _believed(
    ranked: Sequence[Vote], voting: Sequence[ReadScan], *, first: bool, least: float
) -> bool:
    """The book's own form as it is; another part from two scans, or one that is plain."""
    if not voting or ranked[0].score < least:
        return False
    return first or len(voting) > 1 or ranked[0].score >= _SURE_ALONE


def _whole(
    members: Sequence[ReadScan], form: Form, scans: Sequence[Sequence[PageImage]]
) -> tuple[ReadScan, ...]:
    """Members read to their feet where only headings were read, and the form has no ledger."""
    if form.layout == "ledger":
        return tuple(members)
    return tuple(
        scan if scan.whole else read_scan(scan.number, scans[scan.number]) for scan in members
    )


def _learned(
    members: Sequence[ReadScan], form: Form, known: KnownHeadings
) -> tuple[dict[str, Any], float, frozenset[int]]:
    """Geometry, score, and numbers of the scans that taught it."""
    if form.layout == "ledger":
        sides = learn_ruled([scan.pages for scan in members])
        geometry = match_ledger(sides, form, known)
        taught = {members[n].number for side in sides for n in side.scans}
        return geometry, float(geometry["score"]), frozenset(taught)
    read = [(tokens, page_size(page)[0]) for scan in members for page, tokens in _pages(scan)]
    form = printed_order(read, form)
    owner: dict[int, int] = {}
    pages: list[Seen] = []
    for scan in members:
        for page, tokens in _pages(scan):
            pages.append(Seen(page, tokens, align(tokens, form, page_size(page)[0])))
            owner[id(pages[-1])] = scan.number
    top = max(seen.alignment.score for seen in pages)
    kept = [seen for seen in pages if seen.alignment.score >= 0.6 * top]
    geometry, score, used = learn_lines(kept, form)
    geometry["opening"] = 2 * sum(len(scan.pages) > 1 for scan in members) > len(members)
    return geometry, score, frozenset(owner[id(seen)] for seen in used)


def _pages(scan: ReadScan) -> list[tuple[PageImage, tuple[Token, ...]]]:
    return list(zip(scan.pages, scan.tokens, strict=True))
