"""What the books of a batch without a manifest may be, from folder and file names.

Nothing here is believed: it fills a form that a person confirms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import UnknownUnitError
from pipeline.scan.cover import FIRST_YEAR, LAST_YEAR, parse_kind
from pipeline.scan.formats import SCAN_SUFFIXES
from pipeline.scan.manifest import Row
from pipeline.scan.names import files_under, fold, nfc
from pipeline.scan.report import FindUnit

_WHOLE = {".pdf", ".tif", ".tiff"}
"""A file of these may be a book by itself."""
_KIND_WORDS = (("khaisinh", "KS"), ("kethon", "KH"), ("khaitu", "KT"))
_VOLUME = re.compile(r"(?:quyen\s*so|quyen|so\s*quyen|tap|vol|volume|q)[\s._-]*([0-9]{1,3})\b")
_TYPE = re.compile(r"\b(xa|phuong|thi\s*tran|p|x|tt|huyen|quan|thi\s*xa)\b[\s._-]*", re.I)


@dataclass(frozen=True)
class Guess:
    """A row to be confirmed; ``missing`` are the columns that nothing told."""

    row: Row
    missing: tuple[str, ...]


def guess_books(root: Path, name: str, find_unit: FindUnit) -> list[Guess]:
    """Books of a folder by the look of it, each with what its names tell.

    A folder with images in it is a book; elsewhere each PDF and each TIFF is one.

    Args:
        root: from which paths are written.
        name: of the batch; the outermost folder, so to speak.
        find_unit: unit, district and year to a unit; raises where nobody is called that.
    """
    return [_guessed(path, name, find_unit) for path in _book_paths(root)]


def _book_paths(root: Path) -> list[str]:
    by_folder: dict[str, list[PurePosixPath]] = {}
    for path in files_under(root):
        relative = PurePosixPath(nfc(path.relative_to(root).as_posix()))
        if relative.suffix.lower() in SCAN_SUFFIXES:
            by_folder.setdefault(str(relative.parent), []).append(relative)
    found: list[str] = []
    for folder, files in by_folder.items():
        whole = [file for file in files if file.suffix.lower() in _WHOLE]
        singles = len(files) - len(whole)
        pages = singles or (len(whole) > 1 and _are_pages(whole))
        if pages and folder != ".":
            found.append(folder)
        elif pages:
            found += [str(file) for file in files] if not singles else ["."]
        else:
            found += [str(file) for file in whole]
    return found


def _are_pages(files: Sequence[PurePosixPath]) -> bool:
    """Whether TIFFs or PDFs are numbered like pages, rather than named like books."""
    stems = {re.sub(r"[0-9]+", "#", file.stem.casefold()) for file in files}
    told = any(_kind_in([file.stem]) or _year_in([file.stem]) for file in files)
    return len(stems) == 1 and not told


def _guessed(path: str, name: str, find_unit: FindUnit) -> Guess:
    """From the nearest name outwards: the nearest one tells best."""
    parts = [PurePosixPath(path).stem if path != "." else "", *reversed(_folders(path)), name]
    parts = [part for part in parts if part]
    kind, year = _kind_in(parts), _year_in(parts)
    unit, district = _unit_in(parts, int(year) if year else LAST_YEAR, find_unit)
    volume = _volume_in(parts[:1], year) or _volume_in(parts[1:2], year)
    row = Row(path, path, unit, district, kind, year, volume, "")
    asked = {"unit": unit, "kind": kind, "year": year, "volume": volume}
    return Guess(row, tuple(column for column, value in asked.items() if not value))


def _folders(path: str) -> list[str]:
    return [part for part in PurePosixPath(path).parent.parts if part != "."]


def _plain(text: str) -> str:
    """Lower case without marks, separators as spaces."""
    import unicodedata

    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def _kind_in(parts: Iterable[str]) -> str:
    for part in parts:
        for word in _plain(part).split():
            with suppress(UnknownUnitError):
                if len(word) == 2:
                    return str(parse_kind(word))
        folded = fold(part)
        for words, kind in _KIND_WORDS:
            if words in folded:
                return kind
    return ""


def _year_in(parts: Iterable[str]) -> str:
    for part in parts:
        years = [
            year
            for year in re.findall(r"(?<![0-9])([12][0-9]{3})(?![0-9])", part)
            if FIRST_YEAR <= int(year) <= LAST_YEAR
        ]
        if len(set(years)) == 1:
            return str(years[0])
    return ""


def _volume_in(parts: Iterable[str], year: str) -> str:
    for part in parts:
        plain = _plain(part)
        if found := _VOLUME.search(plain):
            return f"{int(found[1]):02d}"
        numbers = [
            word for word in plain.split() if word.isdigit() and len(word) <= 3 and word != year
        ]
        if year and len(numbers) == 1:
            return f"{int(numbers[0]):02d}"
    return ""


def _unit_in(parts: Sequence[str], year: int, find_unit: FindUnit) -> tuple[str, str]:
    """The nearest name that is a unit's, with the name outside it that is its district's."""
    names = [name for part in parts for name in _names(part)]
    for place, name in enumerate(names):
        for district in (*names[place + 1 :], ""):
            with suppress(UnknownUnitError):
                find_unit(name, district, year)
                return name, district
    return "", ""


def _names(part: str) -> list[str]:
    """What of a name may name a place: pieces between dots, without kinds, years and numbers."""
    found = []
    for piece in re.split(r"[._,;()\[\]]+| - ", part):
        words = [
            word
            for word in re.split(r"[\s-]+", piece)
            if word and not any(letter.isdigit() for letter in word) and not _kind_in([word])
        ]
        name = " ".join(words)
        if len(fold(_TYPE.sub("", name))) >= 2:
            found.append(name)
    return found
