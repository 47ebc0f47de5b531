"""The only place that talks to pytesseract.

Tesseract is called once for many pictures (*list mode*: a text file that names the image
files), because a process per cell costs 9 to 13 times as much (measured;
madmaze/pytesseract#265 names the same way). Pictures are handed over as uncompressed PGM
on a memory disk where there is one. The resolution is always given: Tesseract loses it
otherwise and reads a third fewer cells right.
"""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Before Tesseract starts: parallel calls collapse otherwise (tesseract-ocr/tesseract#3109).
os.environ["OMP_THREAD_LIMIT"] = "1"

import pytesseract

from pipeline.errors import (
    DiskFullError,
    LanguageDataMissingError,
    PageError,
    TesseractMissingError,
)
from pipeline.types import Grey

_MEMORY_DISK = Path("/dev/shm")
_PREFIX = "hotich-ocr-"
_WORD_LEVEL = "5"
_COLUMNS = 12


@dataclass(frozen=True)
class PrintedWord:
    """A word Tesseract saw. The box is in pixels of the picture handed over.

    ``line_key`` is equal for the words of one line and ascends in reading order.
    """

    text: str
    x: int
    y: int
    w: int
    h: int
    confidence: float
    line_key: tuple[int, int, int]


def page_words(
    grey: Grey, dpi: float, *, psm: int = 11, languages: str = "vie", timeout: float = 120.0
) -> list[PrintedWord]:
    """Words of one whole picture; page segmentation 11 (sparse text) suits ruled pages.

    Raises:
        TesseractMissingError, LanguageDataMissingError: this machine is not ready.
        PageError: Tesseract failed on the picture or took longer than ``timeout`` seconds.
    """
    return read_list([grey], dpi, psm=psm, languages=languages, timeout=timeout)[0]


def read_list(
    images: Sequence[Grey],
    dpi: float,
    *,
    psm: int = 7,
    languages: str = "vie",
    config: str = "",
    timeout: float = 120.0,
) -> list[list[PrintedWord]]:
    """Words of each picture, read in one call; no words where Tesseract saw none.

    Args:
        images: grey pictures, each of at least one pixel.
        dpi: resolution told to Tesseract.
        psm: page segmentation mode, e.g. 7 for a single line, 6 for a block of lines.
        languages: as Tesseract writes them, e.g. ``vie+fra``.
        config: further command-line options, e.g. ``-c tessedit_char_whitelist=0123456789``.
        timeout: seconds for the whole call.

    Raises:
        TesseractMissingError, LanguageDataMissingError: this machine is not ready.
        PageError: Tesseract failed on a picture or took too long.
        DiskFullError: no room for the pictures.
    """
    if not images:
        return []
    _require(languages)
    options = f"--psm {psm} --dpi {max(70, round(dpi))} {config}".strip()
    _clear_orphans()
    prefix = f"{_PREFIX}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_scratch(images)) as folder:
        names = [Path(folder, f"{number}.pgm") for number in range(len(images))]
        listing = Path(folder, "list.txt")
        try:
            for name, image in zip(names, images, strict=True):
                _write_pgm(name, image)
            listing.write_text("".join(f"{name}\n" for name in names), "utf-8")
            # One picture goes by its own name: a list of one is an extra way to go wrong.
            source = str(names[0]) if len(names) == 1 else str(listing)
            table = _call(source, languages, options, timeout)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFullError(str(error)) from error
            raise
    return _parse(table, len(images))


@lru_cache(maxsize=1)
def version() -> str:
    """Version of the installed Tesseract, e.g. ``5.3.0``.

    Raises:
        TesseractMissingError: it is not installed.
    """
    try:
        return str(pytesseract.get_tesseract_version())
    except pytesseract.TesseractNotFoundError as error:
        raise TesseractMissingError from error
    except SystemExit as error:  # pytesseract's answer to a version it cannot understand
        raise TesseractMissingError(str(error)) from error


def languages() -> set[str]:
    """Languages whose data is installed.

    Raises:
        TesseractMissingError: Tesseract is not installed.
    """
    return set(_languages(os.environ.get("TESSDATA_PREFIX", ""), os.environ.get("PATH", "")))


@lru_cache(maxsize=8)
def _languages(_data: str, _path: str) -> frozenset[str]:
    try:
        return frozenset(pytesseract.get_languages())
    except pytesseract.TesseractNotFoundError as error:
        raise TesseractMissingError from error


def _require(wanted: str) -> None:
    # Tesseract itself only warns when one of several languages is missing.
    missing = [name for name in wanted.split("+") if name not in languages()]
    if missing:
        raise LanguageDataMissingError(", ".join(missing))


def _call(source: str, wanted: str, options: str, timeout: float) -> str:
    try:
        table: bytes = pytesseract.image_to_data(
            source,
            lang=wanted,
            config=options,
            timeout=timeout,
            output_type=pytesseract.Output.BYTES,
        )
    except pytesseract.TesseractNotFoundError as error:
        raise TesseractMissingError from error
    except pytesseract.TesseractError as error:
        raise PageError(f"tesseract {error.status}: {error.message[:200]}") from error
    except RuntimeError as error:  # how pytesseract says that the time was up
        raise PageError(f"tesseract: {error} ({timeout:g} s)") from error
    return table.decode("utf-8")


def _parse(table: str, count: int) -> list[list[PrintedWord]]:
    # Own parser: pytesseract's cuts confidences to whole per cents.
    pages: list[list[PrintedWord]] = [[] for _ in range(count)]
    for row in table.split("\n")[1:]:
        columns = row.split("\t", _COLUMNS - 1)
        if len(columns) < _COLUMNS or columns[0] != _WORD_LEVEL or not columns[11].strip():
            continue
        page, block, paragraph, line = (int(value) for value in columns[1:5])
        x, y, w, h = (int(value) for value in columns[6:10])
        pages[page - 1].append(
            PrintedWord(
                text=unicodedata.normalize("NFC", columns[11].strip()),
                x=x,
                y=y,
                w=w,
                h=h,
                confidence=min(1.0, max(0.0, float(columns[10]) / 100)),
                line_key=(block, paragraph, line),
            )
        )
    return pages


def _write_pgm(path: Path, image: Grey) -> None:
    height, width = image.shape
    with path.open("wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (width, height))
        file.write(image.tobytes())


def _scratch(images: Sequence[Grey]) -> Path | None:
    """The memory disk where it has ample room (a container often has 64 MB), else the usual."""
    needed = 4 * sum(image.size for image in images) + 8_000_000
    if os.access(_MEMORY_DISK, os.W_OK) and shutil.disk_usage(_MEMORY_DISK).free > needed:
        return _MEMORY_DISK
    return None


@lru_cache(maxsize=1)
def _clear_orphans() -> None:
    """Once a process: take away pictures that killed processes left on the memory disk."""
    for folder in _MEMORY_DISK.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, PermissionError):
            continue


def whitelist(characters: str) -> str:
    """Option that lets Tesseract write these characters only."""
    return f"-c tessedit_char_whitelist={shlex.quote(characters)}"
