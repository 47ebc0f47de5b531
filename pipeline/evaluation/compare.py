"""Pairs what was digitized with the truth, scan by scan, by where it stands on the paper."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.evaluation.distance import overlap
from pipeline.evaluation.truth import TruthBook, TruthField, TruthScan, nfc
from pipeline.types import Decision, Polygon, ValueState

SAME_PLACE = 0.3
"""Overlap from which two boxes are taken to mean the same place (not a quality bar)."""


@dataclass(frozen=True)
class SeenField:
    """One row of ``hotich export fields``."""

    scan: str
    entry: str
    """Anything that keeps the entries of one scan apart."""
    field: str
    literal: str
    value: str | None
    confidence: float
    decision: str
    polygon: Polygon


@dataclass(frozen=True)
class Pair:
    """A field of the truth and what was found for it (None: nothing)."""

    book: TruthBook
    scan: str
    truth: TruthField
    seen: SeenField | None
    overlap: float
    slipped: bool
    """The box of this field in this entry lies on the place of another field or entry."""

    @property
    def blank(self) -> bool:
        """Nothing is written there."""
        return self.truth.state is ValueState.BLANK

    @property
    def exact_literal(self) -> bool:
        """The ink was read to the letter (NFC, single spaces)."""
        return self.seen is not None and nfc(self.seen.literal) == nfc(self.truth.literal)

    @property
    def exact_value(self) -> bool:
        """The meaning is right; a blank is right where nothing was found."""
        seen = self.seen.value if self.seen else None
        return nfc(seen or "") == nfc(self.truth.value or "")

    @property
    def invented(self) -> bool:
        """A value was given where nothing is written."""
        return self.blank and self.seen is not None and bool(self.seen.value)

    @property
    def specks(self) -> bool:
        """Nothing is written, but it was not taken for blank (a person is asked in vain)."""
        return self.blank and self.seen is not None and self.seen.decision != Decision.BLANK


@dataclass(frozen=True)
class BookComparison:
    """All pairs of a book, and the entries that were found, missed and made up."""

    book: TruthBook
    pairs: tuple[Pair, ...]
    entries_true: int
    entries_found: int
    entries_extra: int
    rescans_expected: int
    rescans_found: int


def compare_book(
    book: TruthBook, seen: Iterable[SeenField], rescans: frozenset[str] = frozenset()
) -> BookComparison:
    """Pairs a book's truth with its digitized fields; ``rescans`` names its refused scans."""
    by_scan: dict[str, list[SeenField]] = defaultdict(list)
    for row in seen:
        by_scan[row.scan].append(row)
    pairs: list[Pair] = []
    found = extra = expected = refused = 0
    for scan in book.scans:
        if scan.expect == "rescan":
            expected += 1
            refused += scan.name in rescans
            continue
        scan_pairs, matched, unmatched = _compare_scan(book, scan, by_scan.get(scan.name, []))
        pairs += scan_pairs
        found += matched
        extra += unmatched
    return BookComparison(
        book=book,
        pairs=tuple(pairs),
        entries_true=sum(len(scan.entries) for scan in book.scans if scan.expect != "rescan"),
        entries_found=found,
        entries_extra=extra,
        rescans_expected=expected,
        rescans_found=refused,
    )


def _compare_scan(
    book: TruthBook, scan: TruthScan, rows: Sequence[SeenField]
) -> tuple[list[Pair], int, int]:
    entries: dict[str, dict[str, SeenField]] = defaultdict(dict)
    for row in rows:
        entries[row.entry][row.field] = row
    # For every box that was found: the place of the truth it covers best.
    places = [(index, field) for index, entry in enumerate(scan.entries) for field in entry.fields]
    best: dict[tuple[str, str], tuple[int, str] | None] = {}
    for name, fields in entries.items():
        for row in fields.values():
            best[name, row.field] = _best_place(row.polygon, places)
    partner = _partners(entries, best)
    pairs = []
    for index, entry in enumerate(scan.entries):
        match = partner.get(index)
        fields = entries[match] if match is not None else {}
        for truth in entry.fields:
            found = fields.get(truth.field)
            covered = best[match, truth.field] if found and match is not None else None
            slipped = covered is not None and covered != (index, truth.field)
            share = overlap(truth.polygon, found.polygon) if found else 0.0
            pairs.append(Pair(book, scan.name, truth, found, share, slipped))
    return pairs, len(partner), len(entries) - len(partner)


def box_overlaps(scan: TruthScan, rows: Sequence[SeenField]) -> list[tuple[SeenField, float]]:
    """Every box found on a scan with its overlap with the true place of its field.

    The true place is that of the entry which most boxes of the found entry stand on; 0 where
    there is none, or the entry has no such field.
    """
    entries: dict[str, dict[str, SeenField]] = defaultdict(dict)
    for row in rows:
        entries[row.entry][row.field] = row
    places = [(index, field) for index, entry in enumerate(scan.entries) for field in entry.fields]
    best = {(row.entry, row.field): _best_place(row.polygon, places) for row in rows}
    true = {name: index for index, name in _partners(entries, best).items()}
    shares = []
    for row in rows:
        own = scan.entries[true[row.entry]].fields if row.entry in true else ()
        places_of = [overlap(f.polygon, row.polygon) for f in own if f.field == row.field]
        shares.append((row, max(places_of, default=0.0)))
    return shares


def _best_place(
    polygon: Polygon, places: Sequence[tuple[int, TruthField]]
) -> tuple[int, str] | None:
    shares = [(overlap(polygon, field.polygon), index, field.field) for index, field in places]
    share, index, field = max(shares, default=(0.0, -1, ""))
    return (index, field) if share >= SAME_PLACE else None


def _partners(
    entries: dict[str, dict[str, SeenField]],
    best: dict[tuple[str, str], tuple[int, str] | None],
) -> dict[int, str]:
    """True entry -> found entry, by the majority of its boxes; each is used once."""
    votes: Counter[tuple[int, str]] = Counter()
    for name, fields in entries.items():
        for field in fields:
            place = best[name, field]
            if place is not None:
                votes[place[0], name] += 1
    partner: dict[int, str] = {}
    taken: set[str] = set()
    for (index, name), _ in votes.most_common():
        if index not in partner and name not in taken:
            partner[index] = name
            taken.add(name)
    return partner
