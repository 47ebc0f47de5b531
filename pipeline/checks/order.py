"""Which entries of a book a person should see first, so that its hand is learned fastest.

What is learned from a line helps wherever its letters, its words and its kind of field come
again, and a clerk's hand only where that clerk wrote. So each letter, word, field type and
stretch of the book is worth the root of the errors expected there (one minus the calibrated
probability of the fields in which it stands), and a chosen entry takes its part of that worth:
the first examples most of it, later ones ever less (1 - exp(-n / enough)). This sum never falls
and has falling gains (it is submodular), so that taking the entry of highest gain again and
again comes within 1 - 1/e of the best choice of that size (Nemhauser, Wolsey, Fisher 1978).
Doubtful entries win by their worth, entries unlike those chosen by what is not yet covered:
rare letters and digits, another clerk's pages. The gain is taken by field, because it is fields
that cost a person time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.fields import FIELDS
from pipeline.types import Decision, EntryResult

Floats = NDArray[np.float64]
STRETCHES = 12
"""Parts of a book that are told apart: a clerk seldom writes less than some pages."""
_GROUPS: Mapping[str, tuple[float, float]] = {
    "letter": (0.45, 4.0),
    "word": (0.15, 1.0),
    "field": (0.15, 4.0),
    "stretch": (0.25, 5.0),
}
"""Kind of feature: its share of the whole worth, and how many examples are enough (the worth
not yet covered falls by e with each so many). Letters need most, as they are drawn in most ways."""
_SEEN_BY_PEOPLE = (Decision.REVIEW, Decision.UNREADABLE, Decision.PERSON)


@dataclass(frozen=True)
class Doubtful:
    """A field that a person sees: what was read, and the probability that it is right."""

    field: str
    literal: str
    probability: float


@dataclass(frozen=True)
class Candidate:
    """An entry by its scan's number in the book, with the fields that a person sees, or saw."""

    scan: int
    fields: tuple[Doubtful, ...]


def candidate(scan: int, entry: EntryResult) -> Candidate:
    """An entry of a scan as a candidate; what is accepted or blank teaches nothing."""
    return Candidate(
        scan,
        tuple(
            Doubtful(field.field, field.literal, field.confidence)
            for field in entry.fields
            if field.decision in _SEEN_BY_PEOPLE
        ),
    )


def first_to_review(
    entries: Sequence[Candidate], known: Sequence[Candidate] = (), most: int = 30
) -> tuple[int, ...]:
    """Numbers of the entries to show first, the most telling one first.

    Args:
        entries: those of the book that no person has seen.
        known: those that people have seen already: what they taught is worth no more.
        most: as many at most; entries in which nothing is doubtful are never chosen.

    Returns:
        Indices into ``entries``. The same entries give the same answer; ties go to the first.
    """
    if not entries or most < 1:
        return ()
    table = _table_of([*known, *entries])
    covered = np.zeros(len(table.worth))
    seen = slice(0, int(table.starts[len(known)]))
    np.add.at(covered, table.features[seen], table.counts[seen])
    open_ = np.ones(len(entries), bool)
    chosen: list[int] = []
    while len(chosen) < most:
        gains = np.where(open_, table.gains(covered)[len(known) :], 0.0)
        best = int(np.argmax(gains))
        if gains[best] <= 0.0:
            break
        chosen.append(best)
        open_[best] = False
        own = table.row(len(known) + best)
        covered[table.features[own]] += table.counts[own]
    return tuple(chosen)


@dataclass(frozen=True, eq=False)
class _Table:
    """Entries by the features they show, all rows in one: those of entry n from ``starts[n]`` on.

    ``rows`` are the entries' numbers; ``new`` is the part of a feature's uncovered worth that the
    entry's examples of it take; ``worth`` and ``enough`` are by feature, ``fields`` by entry.
    """

    starts: NDArray[np.intp]
    rows: NDArray[np.intp]
    features: NDArray[np.intp]
    counts: Floats
    new: Floats
    fields: Floats
    worth: Floats
    enough: Floats

    def gains(self, covered: Floats) -> Floats:
        """What each entry adds to what is covered, a field of it."""
        left = self.worth * np.exp(-covered / self.enough)
        taken = left[self.features] * self.new
        sums = np.bincount(self.rows, taken, minlength=len(self.fields))
        return np.asarray(sums / np.maximum(1.0, self.fields), np.float64)

    def row(self, number: int) -> slice:
        """Where an entry's features stand."""
        return slice(int(self.starts[number]), int(self.starts[number + 1]))


def _table_of(entries: Sequence[Candidate]) -> _Table:
    """Features of all entries, and the errors expected at each."""
    numbers: dict[tuple[str, str], int] = {}
    errors: list[float] = []
    starts, features, counts = [0], list[int](), list[float]()
    last = max(entry.scan for entry in entries) + 1
    for entry in entries:
        own: dict[int, float] = {}
        for field in entry.fields:
            doubt = 1.0 - min(1.0, max(0.0, field.probability))
            for feature, share in _shown(field, entry.scan * STRETCHES // last):
                number = numbers.setdefault(feature, len(numbers))
                if number == len(errors):
                    errors.append(0.0)
                errors[number] += doubt * share
                own[number] = own.get(number, 0.0) + 1.0
        features += own.keys()
        counts += own.values()
        starts.append(len(features))
    # The root: a letter a hundred times as rare is not worth a hundred times less.
    worth, enough = np.sqrt(np.array(errors)), np.ones(len(errors))
    kinds = np.array([kind for kind, _ in numbers])
    for kind, (share, few) in _GROUPS.items():
        of_kind = kinds == kind
        worth[of_kind] *= share / max(1e-12, float(worth[of_kind].sum()))
        enough[of_kind] = few
    found, shown = np.array(features, np.intp), np.array(counts)
    return _Table(
        starts=np.array(starts, np.intp),
        rows=np.repeat(np.arange(len(entries)), np.diff(starts)),
        features=found,
        counts=shown,
        new=-np.expm1(-shown / enough[found]),
        fields=np.array([len(entry.fields) for entry in entries], np.float64),
        worth=worth,
        enough=enough,
    )


def _shown(field: Doubtful, stretch: int) -> Iterator[tuple[tuple[str, str], float]]:
    """Features of one field, each time with its share of the field's expected error."""
    kind = FIELDS[field.field].type.value if field.field in FIELDS else "text"
    yield ("field", kind), 1.0
    yield ("stretch", str(stretch)), 1.0
    words = field.literal.split()
    letters = sum(map(len, words))
    for word in words:
        yield ("word", word.casefold()), len(word) / letters
        for letter in word:
            yield ("letter", letter), 1.0 / letters
