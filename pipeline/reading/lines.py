"""Reads image files of single lines, to try a reader and to measure it (``hotich read``)."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from pipeline.errors import (
    ImageTooLargeError,
    InputError,
    MissingFileError,
    NoPagesError,
    UnreadableFileError,
)
from pipeline.fields import FIELDS, FieldType
from pipeline.reading.crop import cut
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.recognizer import recognizer
from pipeline.settings import Settings, load_thresholds
from pipeline.types import IDENTITY, Cell, Crop, Grey, PageImage, Reading, Side

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".pgm", ".webp"})
_LINE_MM = 6.5
"""Height of the picture of a line on paper, where its file gives no resolution."""
_RIM_MM = 1.5
_BATCH = 100
_DARK = 90
"""Grey level of paper below which writing is lighter than its paper, if anything is."""


@dataclass(frozen=True)
class LineFile:
    """Picture of one line: its name as the caller knows it, and where it lies.

    ``text`` is what truly stands there and ``writer`` who wrote it, where that is known.
    """

    name: str
    path: Path
    text: str | None = None
    writer: str = ""


@dataclass(frozen=True)
class LineReading:
    """What was read in one line; ``confidence`` is the calibrated probability."""

    file: str
    text: str
    confidence: float


def line_files(folder: Path, *, all_there: bool = True) -> list[LineFile]:
    """Pictures named in a ``labels.tsv`` (itself, or in the folder), else all in the folder.

    Args:
        folder: the folder or the table.
        all_there: refuse a table that names a file which is not there.

    Raises:
        MissingFileError: the folder, or a file that labels.tsv names, is not there.
        InputError: labels.tsv has no column ``file``.
        NoPagesError: no picture at all.
    """
    if not folder.exists():
        raise MissingFileError(str(folder))
    labels = folder / "labels.tsv" if folder.is_dir() else folder
    if labels.exists():
        files = _labelled(labels)
        missing = [file.name for file in files if not file.path.exists()]
        if missing and all_there:
            raise MissingFileError(", ".join(missing[:5]), where=str(labels))
    else:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        files = [LineFile(path.name, path) for path in paths]
    if not files:
        raise NoPagesError(str(folder))
    return files


def read_lines(
    files: Sequence[LineFile],
    field: FieldType,
    settings: Settings,
    progress: Callable[[int], None] | None = None,
    guide: Guide = UNGUIDED,
    refused: Callable[[LineFile, InputError], None] | None = None,
) -> Iterator[LineReading]:
    """Readings in the order of the files; ``progress`` is told how many are done.

    ``settings.recognizer`` names the reader; the net reads the pictures as they are, Tesseract
    cleaned as cells are. ``refused`` is told of each file that cannot be read; it then has an
    empty reading, and the rest is read all the same.

    Raises:
        UnreadableFileError, ImageTooLargeError: a file is no picture, or too large a one, and
            nobody is told.
        SetupError: the reader cannot work on this machine.
    """
    read = _reader(settings)
    name = next((spec.name for spec in FIELDS.values() if spec.type is field), "notes")
    for start in range(0, len(files), _BATCH):
        group = files[start : start + _BATCH]
        good = [file for file in group if refused is None or _sound(file, settings, refused)]
        readings = dict(zip(good, read(good, name, guide), strict=True)) if good else {}
        for file in group:
            if file in readings:
                text = readings[file].text.replace("\n", " ")
                yield LineReading(file.name, text, readings[file].probability)
            else:
                yield LineReading(file.name, "", 0.0)
        if progress:
            progress(start + len(group))


def _sound(
    file: LineFile, settings: Settings, refused: Callable[[LineFile, InputError], None]
) -> bool:
    """True where a file is a picture that can be read; else somebody is told why it is not."""
    try:
        _load(file.path, settings.max_megapixels)
    except InputError as error:
        refused(file, error)
        return False
    return True


def _reader(settings: Settings) -> Callable[[Sequence[LineFile], str, Guide], list[Reading]]:
    """What reads some files: the net as they are, Tesseract cleaned as cells are."""
    dpi = load_thresholds(settings.config).reading.work_dpi
    most = settings.max_megapixels

    def clean(group: Sequence[LineFile], field: str) -> list[Crop]:
        return [line_crop(one.path, field, dpi, most) for one in group]

    def raw(group: Sequence[LineFile], field: str) -> list[Crop]:
        return [raw_crop(one.path, field, most) for one in group]

    if settings.recognizer == "auto":
        from pipeline.reading.auto import auto_recognizer

        both = auto_recognizer(settings.ocr_languages, settings.config, settings.hand_weights)
        return lambda group, field, guide: both.read_lines(
            raw(group, field), lambda n: clean(group[n : n + 1], field)[0], guide
        )
    if settings.recognizer == "hand":
        from pipeline.reading.hand.reader import hand_recognizer

        hand = hand_recognizer(settings.config, settings.hand_weights)
        return lambda group, field, guide: hand.read_raw(raw(group, field), guide)
    one = recognizer(settings.recognizer, settings.ocr_languages, settings.config)
    return lambda group, field, guide: one.read(clean(group, field), guide)


def raw_crop(path: Path, field: str, max_megapixels: int) -> Crop:
    """The picture of a line as it is: the net's own ink map cleans it as in its training."""
    grey, dpi = _load(path, max_megapixels)
    return Crop(grey, dpi, field)


def line_crop(path: Path, field: str, dpi: float, max_megapixels: int) -> Crop:
    """The crop of a line's picture, cleaned as a cell of a page is."""
    grey, own_dpi = _load(path, max_megapixels)
    rim = max(2, round(_RIM_MM * own_dpi / 25.4))
    tone = int(np.percentile(grey, 85))
    grey = np.asarray(
        cv2.copyMakeBorder(grey, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=tone), np.uint8
    )
    height, width = (float(n) for n in grey.shape)
    page = PageImage(grey, own_dpi, Side.SINGLE, IDENTITY, 0, 0.0)
    polygon = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return cut(page, Cell(0, 0, field, polygon, 1.0), dpi)


def _labelled(labels: Path) -> list[LineFile]:
    try:
        with labels.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            if "file" not in (table.fieldnames or ()):
                raise InputError("file?", where=str(labels))
            rows = [row for row in table if row["file"]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(error), where=str(labels)) from error
    return [
        LineFile(row["file"], labels.parent / row["file"], row.get("text"), row.get("writer") or "")
        for row in rows
    ]


def _load(path: Path, max_megapixels: int) -> tuple[Grey, float]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                width, height = image.size
                if width * height > max_megapixels * 1_000_000:
                    raise ImageTooLargeError(f"{width} x {height}", where=str(path))
                said = float(image.info.get("dpi", (0.0, 0.0))[1])
                grey = _grey(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise MissingFileError(path.name, where=str(path)) from error
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableFileError(path.name, where=str(path)) from error
    guessed = grey.shape[0] / _LINE_MM * 25.4
    # A picture's own word counts where it is possible at all for one line.
    return grey, said if 0.4 * guessed < said < 2.5 * guessed else guessed


def _grey(image: Image.Image) -> Grey:
    """Grey, dark on light: what is see-through is paper, light writing on black is turned."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        deep = np.asarray(image, np.float32)
        span = max(float(deep.max() - deep.min()), 1.0)
        grey = np.asarray((deep - deep.min()) * (255.0 / span), np.uint8)
    elif "A" in image.getbands() or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        grey = np.asarray(Image.alpha_composite(paper, seen).convert("L"), np.uint8)
    else:
        grey = np.asarray(image.convert("L"), np.uint8)
    usual, bright = np.percentile(grey, (50, 99))
    turned = usual < _DARK and bright - usual > _DARK / 2
    return np.asarray(255 - grey if turned else grey, np.uint8)
