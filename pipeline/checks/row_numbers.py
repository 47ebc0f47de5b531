"""Running numbers held against the rows: a slip that geometry could not see is never silent.

Numbers go up by one from row to row and on over the pages. Where the rows found are not those
that were written (one doubled, the first one a row of the head, two entries a page read as one)
the numbers and the places of the rows drift apart. One misread number does not, nor does a
number that the clerk left out: rule V03 tells of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.checks.rules import RULES
from pipeline.checks.view import View
from pipeline.types import EntryResult, Finding

OUT_OF_STEP_FACTOR = 0.3
"""What is left of the confidence in a page's boxes where its numbers contradict its rows."""
_SURE = 0.6
"""Probability from which a number bears witness."""
_RUN = 2
"""Numbers in line with their rows, one after the other, that are no chance."""
_STEPS, _MOST_STEP = 3, 3
"""So many neighbours out of step tell of a page, and how far apart (numbers a row) they may be."""
_LEDGER = 3
"""Entries a page from which it is a ledger's."""
_TURNS, _SHARE = 3, 0.6
"""Page turns, and the share of them, from which a book says how many entries a page holds."""


def rows_out_of_step(entries: Sequence[EntryResult], *, surely: bool = False) -> str:
    """How the numbers of one scan contradict its rows; empty where they do not.

    Args:
        entries: of the scan, from top to bottom, ``index`` being the row.
        surely: a written row without a number does not count: a heading of the month or a closing
            line is no slip, and a page of good rows would be lost for it. V33 asks about them.
    """
    numbers = _numbers(entries)
    kept = list(numbers.items())
    steps = [(j - i, m - n) for (i, n), (j, m) in pairwise(kept)]
    off = [(rows, up) for rows, up in steps if up != rows and 0 < up <= _MOST_STEP * rows]
    if len(off) >= _STEPS and len(off) > sum(up == rows for rows, up in steps):
        rows, up = Counter(off).most_common(1)[0][0]
        return f"{up} / {rows}"
    extra = {entry.index for entry in entries if _is_suffixed(entry)}
    there = {entry.index for entry in entries}
    if surely:
        there -= {entry.index for entry in entries if not View(entry).value("entry_number")}
    for (_, before, last), (start, after, _) in pairwise(_runs(numbers)):
        # A number left out is the clerk's, and so is a row left empty; a row that is written and
        # that the numbers pass over is not.
        empty = sum(row not in there for row in range(last + 1, start))
        over = before - after - empty - sum(last < row < start for row in extra)
        # A new year begins with 1, which may not have been read.
        if over > 0 and start + after > max(2, start - last):
            return f"{last + before} … {start + after} (+{over})"
    return ""


def _numbers(entries: Sequence[EntryResult]) -> dict[int, int]:
    """Numbers that were surely read, by row."""
    found: dict[int, int] = {}
    for entry in entries:
        view = View(entry)
        field, order = view.field("entry_number"), view.order()
        if field is not None and order is not None and not order[1] and field.confidence >= _SURE:
            found[entry.index] = order[0]
    return found


def _is_suffixed(entry: EntryResult) -> bool:
    """12b: a row of its own, without a number of its own."""
    order = View(entry).order()
    return order is not None and bool(order[1])


def _runs(numbers: dict[int, int]) -> list[tuple[int, int, int]]:
    """(first row, number less row, last row) of stretches in which numbers follow the rows."""
    runs: list[list[int]] = []
    for row, number in numbers.items():
        if runs and runs[-1][1] == number - row:
            runs[-1][2], runs[-1][3] = row, runs[-1][3] + 1
        else:
            runs.append([row, number - row, row, 1])
    return [(run[0], run[1], run[2]) for run in runs if run[3] >= _RUN]


# --- over the pages -------------------------------------------------------------------------------


def doubted_rows(entries: Sequence[EntryResult]) -> dict[int, str]:
    """Entries whose rows the book's numbers contradict: position, and what was seen.

    Args:
        entries: of a book, in book order; a new scan begins where ``index`` does not rise.
    """
    scans = _scans(entries)
    found: dict[int, str] = {}
    for scan in scans:
        told = rows_out_of_step([entries[at] for at in scan])
        found.update(dict.fromkeys(scan, told) if told else {})
    each = _each_page([_start([entries[at] for at in scan], 1) for scan in scans])
    if each is None:
        return found
    rows = 1 + max(entry.index for entry in entries)
    if each > rows and (rows < _LEDGER or each % rows):
        # Every page has more entries than rows: some are not read, or two are read as one.
        # (A whole number of ledger pages more: leaves that were not scanned, as V03 tells.)
        return dict.fromkeys(range(len(entries)), f"{each} / {rows}")
    tops = [scan[0] for scan in scans if entries[scan[0]].index == 0]
    bare = [at for at in tops if not View(entries[at]).value("entry_number")]
    if each < rows and len(bare) > _SHARE * len(tops):
        found.update(dict.fromkeys(bare, f"{each} / {rows}"))
    starts = [_start([entries[at] for at in scan], _RUN) for scan in scans]
    for at in range(1, len(scans) - 1):
        before, here, after = starts[at - 1 : at + 2]
        if before is None or here is None or after is None:
            continue
        aside = here - before - each
        if after - before == 2 * each and 0 < abs(aside) <= _MOST_STEP:
            found.update(dict.fromkeys(scans[at], f"{aside:+d}"))
    return found


def _scans(entries: Sequence[EntryResult]) -> list[list[int]]:
    scans: list[list[int]] = []
    for at, entry in enumerate(entries):
        if not scans or entry.index <= entries[at - 1].index:
            scans.append([])
        scans[-1].append(at)
    return scans


def _start(entries: Sequence[EntryResult], least: int) -> int | None:
    """The number that row 0 of a scan has or would have, as most and ``least`` numbers say."""
    said = Counter(number - row for row, number in _numbers(entries).items())
    if not said:
        return None
    start, votes = said.most_common(1)[0]
    return start if votes >= least and votes > _SHARE * said.total() else None


def _each_page(starts: Sequence[int | None]) -> int | None:
    """By how much most pages begin higher than the one before."""
    turns = Counter(
        after - before
        for before, after in pairwise(starts)
        if before is not None and after is not None
    )
    if not turns:
        return None
    each, votes = turns.most_common(1)[0]
    return each if votes >= _TURNS and votes >= _SHARE * turns.total() and each > 0 else None


def against_rows(entry: EntryResult, told: str) -> Finding:
    """The finding on an entry whose row is doubted: against all its fields."""
    return RULES["V33"].finding(*(field.field for field in entry.fields), detail=told)
