"""Names of files as people give them: hidden ones, natural order, one spelling, national names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from pipeline.types import Kind

_IGNORED = {"thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin"}
_NATIONAL = re.compile(
    r"(?P<kind>KS|KH|KT|CMC|HN)\.(?P<year>\d{4})\.(?P<volume>\d{1,3})"
    r"\.(?P<date>\d{4}-\d{2}-\d{2})\.(?P<entry>\d{1,4})(?P<suffix>[^.\d][^.]*)?"
    r"(?P<extra>(\.[^.]+)*)\.pdf",
    re.IGNORECASE | re.ASCII,
)
_COVER = re.compile(
    r"Cover\.(?P<unit>[^.]+)\.(?P<kind>KS|KH|KT|CMC|HN)\.(?P<paper>A\d)\.(?P<year>\d{4})"
    r"\.(?P<volume>\d{1,3})\.pdf",
    re.IGNORECASE | re.ASCII,
)
_NEARLY = re.compile(r"(KS|KH|KT|CMC|HN|Cover)\.", re.IGNORECASE)


@dataclass(frozen=True)
class NationalName:
    """What a national file name says (registers.md 1.3).

    ``registered`` is the date as written, ``0000-00-00`` where it is unknown; ``suffix`` what
    follows the digits of the entry number (``b``, `` bis``). A cover has entry number 0.
    """

    kind: str
    year: int
    volume: str
    registered: str
    entry: int
    suffix: str = ""
    cover: bool = False

    @property
    def out_of_scope(self) -> bool:
        """Adoption of a child (CMC) and marital status (HN) are no books of this project."""
        return self.kind not in set(Kind)


def nfc(text: str) -> str:
    """One spelling of a name: macOS writes ``à`` as two characters, the rest of the world as one.

    Bytes of a file name that are no UTF-8 (surrogate escapes) come out as U+FFFD, so that the
    name can be shown, stored and digested.
    """
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", shown)


def fold(text: str) -> str:
    """Letters and digits only, without case and Vietnamese marks: ``Quyển số`` -> ``quyenso``."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(char for char in plain if char.isalnum())


def natural_key(path: str) -> tuple[tuple[tuple[tuple[str, int], ...], ...], str]:
    """Sort key that puts ``2.jpg`` before ``10.jpg`` and ``1.jpg`` before ``1 (2).jpg``.

    Folders sort part by part, names before their suffix. Names that differ only in leading
    zeros or case fall back on their spelling, so that the order never depends on the disk.
    """
    parts = [*PurePosixPath(nfc(path)).parts]
    if parts:
        last = PurePosixPath(parts[-1])
        parts[-1:] = [last.stem, last.suffix]
    return tuple(_runs(part) for part in parts), nfc(path)


def _runs(part: str) -> tuple[tuple[str, int], ...]:
    """Text and number in turn: ``img12b`` -> ``("img", 12), ("b", -1)``."""
    pieces = re.split(r"([0-9]+)", part.casefold())
    numbers = [int(digits) for digits in pieces[1::2]]
    return tuple(zip(pieces[::2], [*numbers, -1], strict=True))


def is_ignored(path: PurePath) -> bool:
    """True for what systems leave behind: hidden files, Thumbs.db, __MACOSX."""
    return any(part.startswith(".") or part.lower() in _IGNORED for part in path.parts)


def files_under(folder: Path) -> list[Path]:
    """Files of a folder and its sub-folders in natural order, ignored ones left out.

    Symbolic links to folders are not followed; links to files are listed.
    """
    found = [path for path in _walk(folder) if not is_ignored(path.relative_to(folder))]
    return sorted(found, key=lambda path: natural_key(path.relative_to(folder).as_posix()))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if not path.is_symlink():
                yield from _walk(path)
        else:
            yield path


def parse_national_name(name: str) -> NationalName | None:
    """Kind, year, book, date and entry number of a national file name, else None.

    Entry numbers are read as integers: ``05`` and ``005`` are the same entry. Names with more
    than six parts are accepted as contractors' software does; the rest goes to ``suffix``.
    """
    name = nfc(name)
    if found := _COVER.fullmatch(name):
        return NationalName(
            found["kind"].upper(), int(found["year"]), found["volume"], "", 0, cover=True
        )
    if found := _NATIONAL.fullmatch(name):
        return NationalName(
            found["kind"].upper(),
            int(found["year"]),
            found["volume"],
            found["date"],
            int(found["entry"]),
            (found["suffix"] or "") + found["extra"],
        )
    return None


def is_nearly_national(name: str) -> bool:
    """True for a PDF that begins like a national name, whatever follows."""
    return name.lower().endswith(".pdf") and _NEARLY.match(name) is not None
