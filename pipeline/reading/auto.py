"""The reader that chooses: print and type to Tesseract, handwriting to the net, doubt to both.

Cells of one scan are mostly written in one way, so each cell leans on the others. Where both
readers read a cell, the one whose text is likelier to be right is believed, the field's
grammar counted in.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import WeightsError
from pipeline.reading.evidence import agreeing
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.hand.ink import SQUEEZE, InkLine
from pipeline.reading.hand.net import weights_there
from pipeline.reading.hand.reader import HandRecognizer, hand_recognizer, seen_alone
from pipeline.reading.pair import Pairing, Seen, judged, load_pairing
from pipeline.reading.recognizer import (
    NoRecognizer,
    Recognizer,
    TesseractRecognizer,
    field_type,
    tesseract_recognizer,
)
from pipeline.reading.router import Router, load_router
from pipeline.reading.verdict import told, verdicts
from pipeline.reading.views import agreement
from pipeline.settings import EvidenceThresholds, load_thresholds
from pipeline.types import Crop, Grey, Reading

_SURE = 0.9
"""Chance of a way of writing from which only its reader is asked."""
_DOUBTED = 0.97
"""Probability of print below which the net is asked too: it reads print nearly as well."""
_SURELY_PRINT = 0.002
"""Chance of handwriting from which the net is asked, however sure Tesseract is: of hands like
print it reads one digit for another (3 as 8) and is as sure as of print."""
_LEAN = 1.5
"""How much a cell leans on the other cells of its scan."""
_WRITTEN = 0.5
"""Chance and probability from which a line is believed that Tesseract's cleaning left empty."""
_UNREAD = 0.1
"""Probability below which a text says nothing of whose it is: the look of the writing decides."""
_FEW = 3.0
"""So many cells without any sign count as seen before the first."""
_AROUND_SIGNS = re.compile(r"\s*([-–,.;:/])\s*")
_BOLDEST = 4.0
"""Logit beyond which a single cell does not speak to the others."""

Floats = NDArray[np.float64]
Asked = Callable[[Sequence[int]], list[Reading]]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class AutoRecognizer:
    """Two readers and what chooses between them."""

    printed: TesseractRecognizer
    hand: Recognizer
    router: Router
    pairing: Pairing
    evidence: EvidenceThresholds = field(default_factory=EvidenceThresholds)

    @property
    def name(self) -> str:
        """Both names; each reading carries that of its own reader."""
        return f"auto({self.printed.name}, {self.hand.name})"

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """One reading a crop, in order.

        Raises:
            TesseractMissingError, LanguageDataMissingError: this machine is not ready.
            PageError: Tesseract failed or took too long.
        """
        written = [n for n, crop in enumerate(crops) if not crop.blank]
        looks = self.router.looks([crops[n] for n in written])
        known = verdicts([crops[n] for n in written], looks, f"router-{self.router.version}")
        # Blank crops go with the rest: readers know what to say of them.
        by_hand = leaning(looks.hand)
        held = zip(written, known, by_hand.tolist(), strict=True)
        chances = {n: 0.0 for n, crop in enumerate(crops) if crop.blank}
        chances |= {n: chance for n, verdict, chance in held if verdict.ready is None}
        to_read = sorted(chances)
        some = [crops[n] for n in to_read]
        read = self._both(
            [crop.field for crop in some],
            np.array([chances[n] for n in to_read]),
            middle(by_hand),
            lambda numbers: self.printed.read([some[n] for n in numbers], guide),
            lambda numbers: self.hand.read([some[n] for n in numbers], guide),
            guide,
        )
        found = dict(zip(to_read, read, strict=True))
        for n, verdict in zip(written, known, strict=True):
            found[n] = verdict.ready or told(found[n], verdict)
        return [found[n] for n in range(len(crops))]

    def by_hand(self, crops: Sequence[Crop]) -> Floats:
        """Chance of handwriting of each cell of a scan, in order; 0 of blank ones."""
        written = [n for n, crop in enumerate(crops) if not crop.blank]
        chances = np.zeros(len(crops))
        if written:
            chances[written] = leaning(self.router.hand([crops[n].image for n in written]))
        return chances

    def read_lines(
        self, raw: Sequence[Crop], cleaned: Callable[[int], Crop], guide: Guide = UNGUIDED
    ) -> list[Reading]:
        """The same for pictures of single lines; they lean on nothing.

        Args:
            raw: the pictures as they are, which the net cleans itself.
            cleaned: the n-th as Tesseract wants it; made only where it is asked for.
            guide: what is known of the fields.
        """
        maps = [seen_alone(crop.image) for crop in raw]
        logits = self.router.hand([shown(ink) for ink in maps])

        def by_hand(numbers: Sequence[int]) -> list[Reading]:
            crops = [raw[n] for n in numbers]
            if isinstance(self.hand, HandRecognizer):
                return self.hand.read_maps(crops, [maps[n] for n in numbers], guide)
            return self.hand.read(crops, guide)

        fields = [crop.field for crop in raw]
        return self._both(
            fields,
            1 / (1 + np.exp(-np.clip(logits, -50, 50))),
            0.0,
            lambda numbers: self.printed.read([cleaned(n) for n in numbers], guide),
            by_hand,
            guide,
        )

    def _both(
        self,
        fields: Sequence[str],
        chances: Floats,
        usual: float,
        by_print: Asked,
        by_hand: Asked,
        guide: Guide,
    ) -> list[Reading]:
        """Each crop by the reader it is for, or by both and the better taken.

        Args:
            fields: of the crops.
            chances: how likely each is handwriting.
            usual: the middle one of their scan; 0 where they share none.
            by_print: readings of some crops, by their numbers, as Tesseract sees them.
            by_hand: as the net sees them.
            guide: what is known of the fields.
        """
        found: dict[int, list[Reading]] = {n: [] for n in range(len(fields))}
        for_print = [n for n, chance in enumerate(chances) if asks_print(chance)]
        for n, reading in zip(for_print, by_print(for_print), strict=True):
            found[n].append(reading)
        for_hand = [
            n
            for n, chance in enumerate(chances)
            if not found[n] or asks_hand(chance, usual, found[n][0])
        ]
        for n, reading in zip(for_hand, by_hand(for_hand), strict=True):
            found[n].append(reading)
        return [
            self._better(readings, float(chances[n]), fields[n], guide)
            for n, readings in found.items()
        ]

    def _better(
        self, readings: Sequence[Reading], chance: float, field: str, guide: Guide
    ) -> Reading:
        """The likelier of two readings; the other's text stays among its alternatives.

        Args:
            readings: of one cell, of one reader or of both.
            chance: how likely it is handwriting.
            field: what it is.
            guide: its grammar.
        """
        if len(readings) == 1:
            return readings[0]
        printed, hand = readings
        if printed.blank or hand.blank:
            # A line whose ink was cleaned away may still be one.
            surely = bool(hand.text) and min(chance, hand.probability) >= _WRITTEN
            return hand if surely or not printed.blank else printed
        if not printed.text or not hand.text:
            return printed if printed.text else hand
        fits = [guide.fits(field, one.text) for one in readings]
        if _unspaced(printed.text) == _unspaced(hand.text):
            shares = (1 - chance, chance)
            first, second = map(_weight, readings, fits, shares)
            chosen, other = (printed, hand) if first >= second else (hand, printed)
            return self._agreed(chosen, other)
        seen = Seen(field_type(field), printed.probability, hand.probability, chance, *fits)
        known = judged(self.pairing, seen)
        both = [replace(one, probability=p) for one, p in zip(readings, known, strict=True)]
        chosen, other = sorted(both, key=lambda one: one.probability, reverse=True)
        rivals = (*chosen.alternatives, (other.text, other.probability))
        return replace(chosen, alternatives=rivals)

    def _agreed(self, chosen: Reading, other: Reading) -> Reading:
        """A reading, surer because the other reader saw the same."""
        relation = self.evidence.relation("two_readers")
        raised = agreeing(chosen.probability, other.probability, relation, self.evidence.ceiling)
        return replace(chosen, probability=raised)


def leaning(logits: Floats) -> Floats:
    """Chances of handwriting, each cell leaning on the others of its scan."""
    signs = np.clip(logits, -_BOLDEST, _BOLDEST)
    others = (signs.sum() - signs) / (len(signs) - 1 + _FEW)
    return np.asarray(1 / (1 + np.exp(-np.clip(logits + _LEAN * others, -50, 50))))


def middle(chances: Floats) -> float:
    """The middle one of the chances of a scan's written cells; 0 where nothing is written."""
    return float(np.median(chances)) if len(chances) else 0.0


def shown(ink: InkLine) -> Grey:
    """A raw line as the router sees it: clean, dark on white, out of the net's own ink map."""
    size = (max(1, round(ink.shape[1] / SQUEEZE)), len(ink))
    return np.asarray(255 - cv2.resize(ink, size, interpolation=cv2.INTER_AREA) * 255, np.uint8)


def asks_print(chance: float) -> bool:
    """Whether Tesseract is shown a cell with this chance of handwriting."""
    return chance < _SURE


def asks_hand(chance: float, usual: float, printed: Reading) -> bool:
    """Whether the net is shown a cell too that Tesseract has read.

    Args:
        chance: of handwriting.
        usual: the middle one of the scan: where all of it may be a hand, so may each cell.
        printed: Tesseract's reading.
    """
    if printed.blank:
        return chance > _SURELY_PRINT
    if agreement(printed):
        # Of a worn page, always: what both see there was right 380 times of 380, else 0.84 at best.
        return True
    return max(chance, usual) > _SURELY_PRINT or printed.probability < _DOUBTED


def _unspaced(text: str) -> str:
    """The text without the spaces around its signs, which no two readers see alike."""
    return _AROUND_SIGNS.sub(r"\1", " ".join(text.split()))


def _weight(reading: Reading, fits: float, share: float) -> float:
    """Whose reading a text goes down as, where both see the same."""
    return max(reading.probability * fits, _UNREAD) * (0.1 + 0.9 * share)


def auto_recognizer(
    languages: str, config: Path, weights: str = "hand", adapter: Path | None = None
) -> AutoRecognizer:
    """The reader that chooses; handwriting goes to a person where the net cannot be used.

    An ``adapter`` (file of what was learned of a book) that cannot be used is left out.

    Raises:
        SettingsError: a calibration, the router or the word model cannot be used.
    """
    hand: Recognizer
    try:
        hand = _hand(config, weights, adapter)
    except WeightsError as error:
        # An office without weights keys by hand; a damaged file is worth a word in the log.
        (_LOG.warning if weights_there(config, weights) else _LOG.info)("%s", error)
        hand = NoRecognizer()
    printed = tesseract_recognizer(languages, config)
    evidence = load_thresholds(config).evidence
    return AutoRecognizer(printed, hand, load_router(config), load_pairing(config), evidence)


def _hand(config: Path, weights: str, adapter: Path | None) -> HandRecognizer:
    if adapter is not None:
        try:
            return hand_recognizer(config, weights, adapter)
        except WeightsError as error:
            _LOG.warning("%s", error)
    return hand_recognizer(config, weights)
