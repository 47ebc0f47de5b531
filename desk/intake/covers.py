"""What names do not tell of a book without manifest, its cover may.

Reads the first scans of such books (a second or two each) and puts what the cover says beside
what the names say. Where both speak and differ, the name stays and the cover's word is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from pipeline.errors import HotichError, UnknownUnitError
from pipeline.form.cover import CoverWords, read_cover
from pipeline.page import prepare
from pipeline.places import load_gazetteer, registering_unit, registering_units
from pipeline.scan.book import look_at_files
from pipeline.scan.cover import LAST_YEAR, parse_kind, volume_key
from pipeline.scan.guess import Guess
from pipeline.scan.listing import Listed
from pipeline.scan.load import load_scan
from pipeline.scan.names import fold
from pipeline.settings import Settings
from pipeline.types import ScanRef

GUESSED = ("unit", "district", "kind", "year", "volume")
_FIRST_SCANS = 2
"""Where a cover is looked for: it, or what lies before it."""
_MOST_BOOKS = 200
"""Books of a delivery whose covers are read: some minutes."""
_ALIKE = 88.0
"""Likeness (per cent) from which a place is taken for a unit's, letters misread."""
_LEAD = 2.0
"""By so much it must be likelier than the next unit."""


@dataclass(frozen=True)
class Covers:
    """Who reads covers, and how."""

    settings: Settings
    read: Callable[[Listed], CoverWords | None]

    @classmethod
    def of(cls, settings: Settings) -> Covers:
        """Reading with Tesseract."""
        return cls(settings, lambda listed: _cover_of(listed, settings))


def with_covers(
    guesses: Sequence[Guess],
    listed: Sequence[Listed],
    covers: Covers,
    tell: Callable[[int, int, str], None],
) -> list[tuple[Guess, dict[str, Any]]]:
    """Guesses completed from covers, with where each column comes from.

    Args:
        guesses: what names told.
        listed: the same books with their files, found by ``row.where``.
        covers: the reader.
        tell: called for each book.

    Returns:
        For each guess ``sources`` (column to ``name`` or ``cover``) and ``cover`` (column to
        what the cover says, where a name says something else).
    """
    by_where = {one.row.where: one for one in listed}
    told = []
    for number, guess in enumerate(guesses):
        tell(number, len(guesses), guess.row.path)
        found = by_where.get(guess.row.where)
        words = covers.read(found) if found and number < _MOST_BOOKS else None
        told.append(_joined(guess, words, covers.settings))
    return told


def _joined(
    guess: Guess, words: CoverWords | None, settings: Settings
) -> tuple[Guess, dict[str, Any]]:
    row = guess.row
    named = {column: getattr(row, column) for column in GUESSED if getattr(row, column)}
    read = _read(words, named.get("year", ""), settings) if words else {}
    if "unit" in named:
        read.pop("district", None)  # a district belongs to the unit of the same source
    values = {**read, **named}
    differs = {
        column: read[column]
        for column in named
        if column in read and not _same(column, named[column], read[column])
    }
    sources = {column: "name" if column in named else "cover" for column in values}
    missing = tuple(column for column in guess.missing if column not in values)
    done = Guess(replace(row, **values), missing)
    return done, {"sources": sources, "cover": differs}


def _read(words: CoverWords, named_year: str, settings: Settings) -> dict[str, str]:
    """Columns that a cover tells, places as the unit of the plan is called."""
    read = {
        "kind": str(words.kind) if words.kind else "", "year": words.year, "volume": words.volume,
    }  # fmt: skip
    year = int(words.year or named_year or LAST_YEAR)
    read["unit"], read["district"] = unit_of(words.unit, words.district, year, settings)
    return {column: value for column, value in read.items() if value}


def unit_of(unit: str, district: str, year: int, settings: Settings) -> tuple[str, str]:
    """A unit of the plan by what a cover says, letters misread; empty where none is plainly it."""
    gazetteer = load_gazetteer(settings.config)
    if not unit:
        return "", ""
    try:
        found = registering_unit(unit, district, year, gazetteer)
        return found.full_name, found.district
    except UnknownUnitError:
        pass
    units = registering_units(gazetteer)
    names = [fold(f"{one.full_name} {one.district}") for one in units]
    best = process.extract(fold(f"{unit} {district}"), names, scorer=fuzz.ratio, limit=2)
    if best and best[0][1] >= _ALIKE and (len(best) < 2 or best[0][1] - best[1][1] >= _LEAD):
        one = units[best[0][2]]
        return one.full_name, one.district
    return "", ""


def _same(column: str, one: str, other: str) -> bool:
    if column == "volume":
        return volume_key(one) == volume_key(other)
    if column == "kind":
        try:
            return parse_kind(one) is parse_kind(other)
        except UnknownUnitError:
            return False
    a, b = fold(one), fold(other)
    return a == b or (column in ("unit", "district") and (a.endswith(b) or b.endswith(a)))


def _cover_of(listed: Listed, settings: Settings) -> CoverWords | None:
    """The words of the first page that is a cover; None where none is, or none can be read."""
    try:
        for leaf in _first_leaves(listed.files, listed.base, settings):
            ref = ScanRef(leaf.source.name, leaf.index, 1, leaf.digest, leaf.name)
            for page in prepare(load_scan(ref, leaf.source.parent, settings)):
                words = read_cover(page)
                if words is not None:
                    return words
    except HotichError:
        return None  # what is wrong with the file is told by who checks it
    return None


def _first_leaves(files: Sequence[Path], base: Path, settings: Settings) -> list[Any]:
    leaves: list[Any] = []
    for path in files[:_FIRST_SCANS]:
        found, _ = look_at_files([path], base, settings, lambda _path: None)
        leaves += [leaf for leaf in found if leaf.error is None]
    return leaves[:_FIRST_SCANS]
