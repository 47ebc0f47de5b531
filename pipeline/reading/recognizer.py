"""Readers: each turns crops into readings. A reader says what it sees, never what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from pipeline import tesseract
from pipeline.errors import SettingsError
from pipeline.fields import FIELDS
from pipeline.reading.blank import without_shine
from pipeline.reading.calibrate import BLANK, Calibration, load_calibration, probability
from pipeline.reading.crop import cut
from pipeline.reading.ink import pixels
from pipeline.reading.numbers import reread_numbers
from pipeline.reading.signs import SURE, sign
from pipeline.reading.spaces import part_words
from pipeline.reading.tidy import tidy
from pipeline.settings import load_thresholds
from pipeline.tesseract import PrintedWord
from pipeline.types import Cell, Crop, Grey, Layout, PageImage, Reading, Word

_BLOCK = 6
"""Page segmentation: one block of text. Reads single lines better than 7 does (measured)."""
_LINE = 7
_RIM_MM = 5.0
_INK = 200


class Recognizer(Protocol):
    """Reads crops. ``name`` carries the version, e.g. ``tesseract-5.3.0/vie``."""

    @property
    def name(self) -> str:
        """Name and version, kept beside each reading."""
        ...

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """One reading a crop, in order. A blank crop gives a blank reading."""
        ...


@dataclass(frozen=True)
class NoRecognizer:
    """Keying only: whatever is written goes to a person."""

    name: str = "none"

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Readings without text; blank cells are still told from written ones."""
        return [
            _blank(self.name, 1.0) if crop.blank else Reading("", (), 0.0, 0.0, self.name)
            for crop in crops
        ]


@dataclass(frozen=True)
class TesseractRecognizer:
    """Tesseract in list mode: one call for all crops, and one for the numbers in them."""

    languages: str
    calibration: Calibration

    @property
    def name(self) -> str:
        """E.g. ``tesseract-5.3.0/vie``."""
        return f"tesseract-{tesseract.version()}/{self.languages}"

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """One reading a crop, in order.

        Raises:
            TesseractMissingError, LanguageDataMissingError: this machine is not ready.
            PageError: Tesseract failed or took too long.
        """
        blank = probability(self.calibration, BLANK, 1.0)
        readings = [_blank(self.name, blank)] * len(crops)
        chosen: list[int] = []
        for n, crop in enumerate(crops):
            mark = "" if crop.blank else sign(crop.image, crop.dpi)
            if mark:
                readings[n] = self._reading(crop, [[Word(mark, SURE)]])
            elif not crop.blank:
                chosen.append(n)
        if not chosen:
            return readings
        images = [prepare(crops[n]) for n in chosen]
        dpi = float(np.median([crops[n].dpi for n in chosen]))
        found = self._words(images, dpi)
        fields = [field_type(crops[n].field) for n in chosen]
        lines = reread_numbers(images, found, fields, dpi)
        for n, line in zip(chosen, lines, strict=True):
            readings[n] = self._reading(crops[n], line)
        return readings

    def _words(self, images: list[Grey], dpi: float) -> list[list[PrintedWord]]:
        found = tesseract.read_list(images, dpi, psm=_BLOCK, languages=self.languages)
        # Now and then a lone short word is seen only as a line.
        missed = [n for n, words in enumerate(found) if not words]
        again = tesseract.read_list(
            [images[n] for n in missed], dpi, psm=_LINE, languages=self.languages
        )
        for n, words in zip(missed, again, strict=True):
            found[n] = words
        return [part_words(image, words) for image, words in zip(images, found, strict=True)]

    def _reading(self, crop: Crop, lines: list[list[Word]]) -> Reading:
        lines = tidy(lines)
        words = tuple(word for line in lines for word in line)
        if not words:
            return Reading("", (), 0.0, 0.0, self.name)
        lowest = min(word.confidence for word in words)
        return Reading(
            text="\n".join(" ".join(word.text for word in line) for line in lines),
            words=words,
            confidence=lowest,
            probability=probability(self.calibration, field_type(crop.field), lowest),
            reader=self.name,
        )


def recognizer(name: str, languages: str, config: Path) -> Recognizer:
    """The reader of a name: ``tesseract`` or ``none``.

    Args:
        name: as in the settings.
        languages: as Tesseract writes them, e.g. ``vie``.
        config: the ``ocr_config`` folder, for the calibration.

    Raises:
        SettingsError: no reader of this name, or its calibration cannot be used.
    """
    if name == "none":
        return NoRecognizer()
    if name == "tesseract":
        return TesseractRecognizer(languages, load_calibration(config, "tesseract"))
    raise SettingsError(f"recognizer: {name}")


def read_cells(
    pages: Sequence[PageImage], layout: Layout, reader: Recognizer, config: Path
) -> list[tuple[Cell, Reading]]:
    """Readings of all cells of a scan, in the layout's order."""
    dpi = load_thresholds(config).reading.work_dpi
    crops = without_shine([cut(pages[cell.page], cell, dpi) for cell in layout.cells])
    return list(zip(layout.cells, reader.read(crops), strict=True))


def field_type(field: str) -> str:
    """Type of a field name; ``text`` where nobody knows it."""
    spec = FIELDS.get(field)
    return spec.type.value if spec else "text"


def prepare(crop: Crop) -> Grey:
    """The crop as Tesseract likes it: the writing alone, with ample white around it."""
    rows, columns = np.nonzero(crop.image < _INK)
    rim = pixels(_RIM_MM, crop.dpi)
    if not rows.size:
        return crop.image
    top, bottom = max(0, rows.min() - 2), rows.max() + 3
    left, right = max(0, columns.min() - 2), columns.max() + 3
    own = crop.image[top:bottom, left:right]
    return np.asarray(
        cv2.copyMakeBorder(own, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=255), np.uint8
    )


def _blank(reader: str, sure: float) -> Reading:
    return Reading("", (), 1.0, sure, reader, blank=True)
