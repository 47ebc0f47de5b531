"""The blind sample: accepted fields that a person sees all the same, and what it teaches.

Nothing marks such a field to the person; its reason ``blind_sample`` is for the count. Which
fields are drawn follows from a hash of entry and field alone, so that doing a book again draws
the same, and nobody can choose.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from pipeline.checks.acceptance import Bars, reader_family
from pipeline.errors import SettingsError
from pipeline.fields import FIELDS
from pipeline.settings import DecisionThresholds
from pipeline.types import Decision, EntryResult, FieldResult

SAMPLED = "blind_sample"
STOPPED = "acceptance_stopped="
_SPACE = 1 << 64


def is_sampled(entry: str, field: str, rate: float) -> bool:
    """Whether the field of the entry is drawn; the same on every machine."""
    digest = hashlib.blake2b(f"{entry}\0{field}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < rate * _SPACE


def watched(entry: EntryResult, key: str, bars: Bars, unit: str, book: str) -> EntryResult:
    """The entry with its drawn fields, and those whose acceptance stopped, sent to a person.

    Args:
        entry: with its decisions.
        key: of the entry among all entries.
        bars: the rate, and where acceptance stopped.
        unit: id of the registering unit.
        book: what the stops call the book.
    """
    return replace(
        entry, fields=tuple(_watched(field, key, bars, unit, book) for field in entry.fields)
    )


def _watched(field: FieldResult, key: str, bars: Bars, unit: str, book: str) -> FieldResult:
    if field.decision is Decision.PERSON:
        return field
    reasons = tuple(r for r in field.reasons if r != SAMPLED and not r.startswith(STOPPED))
    decision = field.decision
    if decision is Decision.ACCEPTED:
        type_ = FIELDS[field.field].type.value
        places = (
            ("unit", unit), ("book", book), ("reader", reader_family(field.reader)), ("type", ""),
        )  # fmt: skip
        stop = next((what for what, which in places if (what, which, type_) in bars.stopped), None)
        # A stopped field may be drawn too: the sample goes on, so that a stop can be lifted.
        if is_sampled(key, field.field, bars.sample_rate):
            decision, reasons = Decision.REVIEW, (*reasons, SAMPLED)
        if stop:
            decision, reasons = Decision.REVIEW, (*reasons, STOPPED + stop)
    if decision is field.decision and len(reasons) == len(field.reasons):
        return field
    return replace(field, decision=decision, reasons=reasons)


# --- what the sample teaches ----------------------------------------------------------------------


class Reviewed(NamedTuple):
    """A drawn field that a person has seen."""

    unit: str
    book: str
    reader: str
    field: str
    right: bool
    """The person left the machine's value as it was."""


@dataclass(frozen=True)
class Verdict:
    """The true error of accepted fields of one kind, as far as the sample tells."""

    what: str
    """``unit``, ``book``, ``reader`` or ``type`` (all of a field type)."""
    which: str
    field_type: str
    seen: int
    wrong: int
    low: float
    high: float
    """Interval around the share of wrong ones."""
    target: float

    @property
    def stopped(self) -> bool:
        """The whole interval lies above the target: no chance hit."""
        return self.low > self.target


def interval(wrong: int, seen: int, level: float) -> tuple[float, float]:
    """Clopper–Pearson interval of a share: never too narrow, whatever the share.

    Args:
        wrong: hits.
        seen: of so many.
        level: share of such intervals that hold the truth, at least.
    """
    if seen == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if wrong == 0 else _root(lambda p: 1 - _at_most(wrong - 1, seen, p) - tail)
    high = 1.0 if wrong == seen else _root(lambda p: tail - _at_most(wrong, seen, p))
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _at_most(hits: int, seen: int, share: float) -> float:
    """Probability of at most so many hits, binomial, summed in logarithms."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return float(hits >= seen)
    log_p, log_q = math.log(share), math.log1p(-share)
    whole = math.lgamma(seen + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(
                whole - math.lgamma(k + 1) - math.lgamma(seen - k + 1)
                + k * log_p + (seen - k) * log_q
            )
            for k in range(hits + 1)
        ),
    )  # fmt: skip


def verdicts(reviewed: Iterable[Reviewed], thresholds: DecisionThresholds) -> tuple[Verdict, ...]:
    """The true error per unit, book, reader and altogether, each by field type."""
    seen: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[tuple[str, str, str]] = Counter()
    for one in reviewed:
        for kind in _kinds(one):
            seen[kind] += 1
            wrong[kind] += not one.right
    return tuple(
        Verdict(
            *kind,
            seen[kind],
            wrong[kind],
            *interval(wrong[kind], seen[kind], thresholds.sample_level),
            thresholds.target(kind[2]),
        )
        for kind in sorted(seen)
    )


def _kinds(one: Reviewed) -> Iterator[tuple[str, str, str]]:
    type_ = FIELDS[one.field].type.value
    yield "type", "", type_
    yield "unit", one.unit, type_
    yield "book", one.book, type_
    yield "reader", reader_family(one.reader), type_


# --- stops, kept in the home ----------------------------------------------------------------------


def stops_file(home: Path) -> Path:
    """Where a home keeps what has stopped."""
    return home / "calibration" / "stops.json"


def save_stops(found: Sequence[Verdict], path: Path) -> None:
    """Write the verdicts that stop acceptance, for the books to come."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(verdict) for verdict in found if verdict.stopped]
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    beside.replace(path)


def load_stops(path: Path) -> tuple[Verdict, ...]:
    """Verdicts that stop acceptance; none where there is no file.

    Raises:
        SettingsError: the file is there but cannot be used: nothing may be accepted then.
    """
    if not path.exists():
        return ()
    try:
        return tuple(Verdict(**row) for row in json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise SettingsError(f"stops: {error!r}", where=str(path)) from error


def with_stops(bars: Bars, stops: Iterable[Verdict]) -> Bars:
    """The bars with these kinds of fields stopped."""
    return replace(
        bars, stopped=frozenset((stop.what, stop.which, stop.field_type) for stop in stops)
    )
