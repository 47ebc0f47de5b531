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
from pipeline.reading.calibrate import Calibration, load_calibration, probability
from pipeline.reading.crop import cut
from pipeline.reading.ink import paper_of, pixels
from pipeline.settings import load_thresholds
from pipeline.tesseract import PrintedWord
from pipeline.types import Cell, Crop, Grey, Layout, PageImage, Reading, Word

_SINGLE_LINE, _BLOCK = 7, 6
_PADDING_MM = 1.2


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
            _blank(self.name) if crop.blank else Reading("", (), 0.0, 0.0, self.name)
            for crop in crops
        ]


@dataclass(frozen=True)
class TesseractRecognizer:
    """Tesseract in list mode: two calls for any number of crops, one a page segmentation."""

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
        readings = [_blank(self.name)] * len(crops)
        for psm in (_SINGLE_LINE, _BLOCK):
            chosen = [
                n
                for n, crop in enumerate(crops)
                if not crop.blank and (crop.lines > 1) == (psm == _BLOCK)
            ]
            if not chosen:
                continue
            images = [prepare(crops[n]) for n in chosen]
            dpi = float(np.median([crops[n].dpi for n in chosen]))
            found = tesseract.read_list(images, dpi, psm=psm, languages=self.languages)
            for n, words in zip(chosen, found, strict=True):
                readings[n] = self._reading(crops[n], words)
        return readings

    def _reading(self, crop: Crop, words: list[PrintedWord]) -> Reading:
        if not words:
            return Reading("", (), 0.0, 0.0, self.name)
        lines: dict[tuple[int, int, int], list[str]] = {}
        for word in words:
            lines.setdefault(word.line_key, []).append(word.text)
        text = "\n".join(" ".join(line) for line in lines.values())
        lowest = min(word.confidence for word in words)
        return Reading(
            text=text,
            words=tuple(Word(word.text, word.confidence) for word in words),
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
    crops = [cut(pages[cell.page], cell, dpi) for cell in layout.cells]
    return list(zip(layout.cells, reader.read(crops), strict=True))


def field_type(field: str) -> str:
    """Type of a field name; ``text`` where nobody knows it."""
    spec = FIELDS.get(field)
    return spec.type.value if spec else "text"


def prepare(crop: Crop) -> Grey:
    """The crop as Tesseract likes it: a rim of paper around the writing."""
    rim = pixels(_PADDING_MM, crop.dpi)
    tone = int(np.median(paper_of(crop.image, crop.dpi)))
    padded = cv2.copyMakeBorder(crop.image, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=tone)
    return np.asarray(padded, np.uint8)


def _blank(reader: str) -> Reading:
    return Reading("", (), 1.0, 1.0, reader, blank=True)
