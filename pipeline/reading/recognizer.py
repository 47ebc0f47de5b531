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
from pipeline.reading.blank import without_shine, without_specks
from pipeline.reading.calibrate import (
    Calibration,
    Evidence,
    blank_probability,
    kind_of,
    load_calibration,
    probability,
    usual_confidence,
)
from pipeline.reading.corrections import deleted_texts, with_deleted
from pipeline.reading.crop import cut
from pipeline.reading.faint import calmer, softer
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.ink import pixels
from pipeline.reading.numbers import NUMERIC, join_number, reread_numbers
from pipeline.reading.overflow import followed, noted, widened
from pipeline.reading.signs import SURE, sign
from pipeline.reading.syllables import mend_words
from pipeline.reading.ticks import BOX_UNSURE
from pipeline.reading.tidy import tidy
from pipeline.reading.views import (
    BOTH,
    PICTURES,
    Views,
    first_two,
    judged,
    load_views,
    most_agreed,
)
from pipeline.settings import load_thresholds
from pipeline.tesseract import PrintedWord
from pipeline.types import Cell, Crop, Grey, Layout, PageImage, Reading, Word

BARE = "box_bare"
"""Note of a cell that was not read: nothing is written where its box lies, right or wrong."""
_BLOCK = 6
"""Page segmentation: one block of text. Reads single lines better than 7 does (measured)."""
_LINE = 7
_RIM_MM = 5.0
_INK = 200
_PLAIN = 0.9
"""Confidence from which a number of a worn page is not read in further pictures."""
_DOUBTFUL = 0.8
"""Confidence below which a printed word is read again: one in 25, and a third of those that
are wrong come out right."""


class Recognizer(Protocol):
    """Reads crops. ``name`` carries the version, e.g. ``tesseract-5.3.0/vie``."""

    @property
    def name(self) -> str:
        """Name and version, kept beside each reading."""
        ...

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """One reading a crop, in order. A blank crop gives a blank reading.

        ``guide`` says what is known of the fields; a reader may make use of it.
        """
        ...


@dataclass(frozen=True)
class NoRecognizer:
    """Keying only: whatever is written goes to a person."""

    name: str = "none"

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """Readings without text; blank cells are still told from written ones."""
        return [
            blank_reading(self.name, 1.0)
            if crop.blank
            else Reading("", (), 0.0, 0.0, self.name, struck=crop.struck)
            for crop in crops
        ]


@dataclass(frozen=True)
class TesseractRecognizer:
    """Tesseract in list mode: one call for all crops, and one for the numbers in them."""

    languages: str
    calibration: Calibration
    views: Views | None = None
    """What several pictures of a worn cell are worth; without it each is read in one."""

    @property
    def name(self) -> str:
        """E.g. ``tesseract-5.3.0/vie``."""
        return f"tesseract-{tesseract.version()}/{self.languages}"

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """One reading a crop, in order; the guide is not asked.

        Raises:
            TesseractMissingError, LanguageDataMissingError: this machine is not ready.
            PageError: Tesseract failed or took too long.
        """
        texts, seen = self._texts(crops)
        lowest = [_lowest(texts[n]) for n in texts]
        usual = usual_confidence(lowest)
        blank = blank_probability(self.calibration)
        return [
            self._reading(crop, texts[n], usual, seen.get(n, ""))
            if n in texts
            else blank_reading(self.name, blank)
            for n, crop in enumerate(crops)
        ]

    def _texts(self, crops: Sequence[Crop]) -> tuple[dict[int, list[list[Word]]], dict[int, str]]:
        """Words by line of each crop that is not blank, by its number.

        Also in how many pictures they were read, of crops that were shown in several.
        """
        texts: dict[int, list[list[Word]]] = {}
        agreed: dict[int, str] = {}
        for n, crop in enumerate(crops):
            mark = "" if crop.blank else sign(crop.image, crop.dpi)
            if mark:
                texts[n] = [[Word(mark, SURE)]]
            elif not crop.blank and crop.image.min() >= _INK:
                texts[n] = []  # Tesseract makes up letters where there is nothing at all
        chosen = [n for n, crop in enumerate(crops) if not crop.blank and n not in texts]
        if chosen:
            images = [prepare(crops[n]) for n in chosen]
            dpi = float(np.median([crops[n].dpi for n in chosen]))
            fields = [field_type(crops[n].field) for n in chosen]
            words = self._second_look(images, self._words(images, dpi), dpi)
            if self.views is not None:
                shown = [crops[n] for n in chosen]
                images, words, seen = self._in_several_pictures(shown, images, words, dpi)
                agreed = {chosen[at]: how for at, how in seen.items()}
            read = reread_numbers(images, words, fields, dpi)
            for n, lines, field in zip(chosen, read, fields, strict=True):
                texts[n] = join_number(tidy(lines)) if field in NUMERIC else tidy(lines)
        return texts, agreed

    def _words(self, images: list[Grey], dpi: float) -> list[list[PrintedWord]]:
        found = tesseract.read_list(images, dpi, psm=_BLOCK, languages=self.languages)
        # Now and then a lone short word is seen only as a line.
        missed = [n for n, words in enumerate(found) if not words]
        again = tesseract.read_list(
            [images[n] for n in missed], dpi, psm=_LINE, languages=self.languages
        )
        for n, words in zip(missed, again, strict=True):
            found[n] = words
        return [mend_words(image, words) for image, words in zip(images, found, strict=True)]

    def _second_look(
        self, images: list[Grey], found: list[list[PrintedWord]], dpi: float
    ) -> list[list[PrintedWord]]:
        """Doubtful readings of a legible scan once more with bolder strokes; the surer counts."""
        sure = [min((word.confidence for word in words), default=0.0) for words in found]
        doubtful = [n for n, lowest in enumerate(sure) if lowest < _DOUBTFUL]
        if usual_confidence(sure) < _DOUBTFUL:
            return found
        bolder = [cv2.erode(images[n], np.ones((2, 2), np.uint8)) for n in doubtful]
        again = self._words([np.asarray(image, np.uint8) for image in bolder], dpi)
        better = {
            n: words
            for n, words in zip(doubtful, again, strict=True)
            if words and min(word.confidence for word in words) > sure[n]
        }
        return [better.get(n, words) for n, words in enumerate(found)]

    def _in_several_pictures(
        self, crops: list[Crop], images: list[Grey], words: list[list[PrintedWord]], dpi: float
    ) -> tuple[list[Grey], list[list[PrintedWord]], dict[int, str]]:
        """Grainy cells in other pictures too: the picture and words to go by, and who agrees."""
        images, words = list(images), list(words)
        grainy = [
            n
            for n, crop in enumerate(crops)
            if crop.faint is not None and not _plainly_read(crop, words[n])
        ]
        faint = [prepare(crops[n], crops[n].faint) for n in grainy]
        seen = dict(zip(grainy, zip(faint, self._words(faint, dpi), strict=True), strict=True))
        agreed = {n: BOTH for n in grainy if first_two(words[n], seen[n][1])}
        rest = [n for n in grainy if n not in agreed]
        others = [[prepare(crops[n], draw(crops[n])) for n in rest] for draw in (calmer, softer)]
        read = [self._words(pictures, dpi) for pictures in others]
        for at, n in enumerate(rest):
            pictures = [images[n], seen[n][0], others[0][at], others[1][at]]
            views = [words[n], seen[n][1], read[0][at], read[1][at]]
            best, agreed[n] = most_agreed(views)
            images[n], words[n] = pictures[best], views[best]
        return images, words, agreed

    def _reading(
        self, crop: Crop, lines: list[list[Word]], usual: float, agreed: str = ""
    ) -> Reading:
        words = tuple(word for line in lines for word in line)
        if not words:
            return Reading("", (), 0.0, 0.0, self.name, struck=crop.struck)
        evidence = Evidence(_lowest(lines), float(np.mean([w.confidence for w in words])), usual)
        text = "\n".join(" ".join(word.text for word in line) for line in lines)
        kind = field_type(crop.field)
        right = probability(self.calibration, kind, evidence, text)
        if agreed and self.views is not None and kind_of(kind, text) == kind:
            right = judged(self.views, right, agreed, kind)
        return Reading(
            text=text,
            words=words,
            confidence=evidence.lowest,
            probability=right,
            reader=self.name,
            struck=crop.struck,
            notes=(f"{PICTURES}{agreed}",) if agreed else (),
        )


def _plainly_read(crop: Crop, words: Sequence[PrintedWord]) -> bool:
    """Whether one picture is enough: figures have no marks to lose, and were surely read."""
    sure = bool(words) and min(word.confidence for word in words) >= _PLAIN
    return sure and field_type(crop.field) in NUMERIC


def _lowest(lines: list[list[Word]]) -> float:
    return min((word.confidence for line in lines for word in line), default=0.0)


def tesseract_recognizer(languages: str, config: Path) -> TesseractRecognizer:
    """The reader of print with all that was fitted of it.

    Raises:
        SettingsError: a calibration cannot be used.
    """
    return TesseractRecognizer(languages, load_calibration(config, "tesseract"), load_views(config))


def recognizer(
    name: str, languages: str, config: Path, weights: str = "hand", adapter: Path | None = None
) -> Recognizer:
    """The reader of a name: ``auto``, ``tesseract``, ``hand`` or ``none``.

    Args:
        name: as in the settings.
        languages: as Tesseract writes them, e.g. ``vie``.
        config: the ``ocr_config`` folder, for calibrations and weights.
        weights: name of the net's weights.
        adapter: file of what the net has learned of a book.

    Raises:
        SettingsError: no reader of this name, or its calibration cannot be used.
        WeightsError: ``hand`` was asked for, and its weights cannot be used.
    """
    if name == "none":
        return NoRecognizer()
    if name == "tesseract":
        return tesseract_recognizer(languages, config)
    # Only who reads hands pays for loading the net.
    if name == "hand":
        from pipeline.reading.hand.reader import hand_recognizer

        return hand_recognizer(config, weights, adapter)
    if name == "auto":
        from pipeline.reading.auto import auto_recognizer

        return auto_recognizer(languages, config, weights, adapter)
    raise SettingsError(f"recognizer: {name}")


def read_cells(
    pages: Sequence[PageImage],
    layout: Layout,
    reader: Recognizer,
    config: Path,
    guide: Guide = UNGUIDED,
    *,
    least_confidence: float = 0.0,
) -> list[tuple[Cell, Reading]]:
    """Readings of all cells of a scan, in the layout's order.

    A cell whose place is less sure than ``least_confidence`` is not read: it goes to a person.
    """
    crops = cell_crops(pages, layout, config)
    sure = [cell.confidence >= least_confidence for cell in layout.cells]
    shown = [crop for crop, is_sure in zip(crops, sure, strict=True) if is_sure]
    read = reader.read([*shown, *deleted_texts(shown)], guide)
    told = map(noted, shown, with_deleted(shown, read))
    return [
        (widened(cell, crop, pages[cell.page].dpi), next(told))
        if is_sure
        else (cell, _misplaced(crop))
        for cell, crop, is_sure in zip(layout.cells, crops, sure, strict=True)
    ]


def _misplaced(crop: Crop) -> Reading:
    """For a cell whose place is in doubt: what stands in it may belong to another field."""
    notes = (BOX_UNSURE, BARE) if crop.blank else (BOX_UNSURE,)
    return Reading("", (), 0.0, 0.0, "none", notes=notes)


def cell_crops(pages: Sequence[PageImage], layout: Layout, config: Path) -> list[Crop]:
    """Crops of all cells of a scan, in the layout's order: what readers are shown."""
    dpi = load_thresholds(config).reading.work_dpi
    crops = [cut(pages[cell.page], cell, dpi) for cell in layout.cells]
    shown = without_shine(followed(pages, layout.cells, crops, dpi))
    return without_specks(shown, [cell.page for cell in layout.cells])


def field_type(field: str) -> str:
    """Type of a field name; ``text`` where nobody knows it."""
    spec = FIELDS.get(field)
    return spec.type.value if spec else "text"


def prepare(crop: Crop, image: Grey | None = None) -> Grey:
    """The crop as Tesseract likes it: the writing alone, with ample white around it.

    Args:
        crop: of a cell.
        image: another picture of the same cell, to be shown in place of its own.
    """
    shown = crop.image if image is None else image
    rows, columns = np.nonzero(shown < _INK)
    rim = pixels(_RIM_MM, crop.dpi)
    if not rows.size:
        return shown
    top, bottom = max(0, rows.min() - 2), rows.max() + 3
    left, right = max(0, columns.min() - 2), columns.max() + 3
    own = shown[top:bottom, left:right]
    return np.asarray(
        cv2.copyMakeBorder(own, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=255), np.uint8
    )


def blank_reading(reader: str, sure: float) -> Reading:
    """Nothing is written; ``sure`` is the probability of that."""
    return Reading("", (), 1.0, sure, reader, blank=True)
