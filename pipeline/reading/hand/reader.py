"""The reader of handwriting: lines parted, read by the net, decoded under their field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.reading.calibrate import (
    Calibration,
    Evidence,
    blank_probability,
    load_calibration,
    probability,
    usual_confidence,
)
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.hand.alone import alone
from pipeline.reading.hand.decode import Decoded, decode
from pipeline.reading.hand.ink import InkLine, ink_line
from pipeline.reading.hand.level import levelled
from pipeline.reading.hand.net import Net, load_net
from pipeline.reading.hand.rows import rows_of
from pipeline.reading.hand.words import WordModel, load_words
from pipeline.reading.ink import MM_PER_INCH
from pipeline.reading.recognizer import blank_reading, field_type
from pipeline.reading.signs import hand_sign
from pipeline.types import Crop, Grey, Reading, Word

_LINE_MM = 6.0
"""Height that a line of writing takes at least where a cell holds several."""
_NOTHING = Decoded("", (), 0.0, "", (), 0.0)
"""Where nothing can be made out, though the paper is not known to be blank."""


@dataclass(frozen=True)
class HandRecognizer:
    """The handwriting net in front of the rules of the fields."""

    net: Net
    calibration: Calibration
    model: WordModel | None = None
    unlearned: Net | None = None
    """The net without what it has learned of a hand, as a second opinion."""

    @property
    def name(self) -> str:
        """E.g. ``hand-3f9a2c10``: the weights' digest."""
        return self.net.name

    def with_learned(self, net: Net) -> HandRecognizer:
        """The same reader with a net that has learned; its own stays as the second opinion."""
        return replace(self, net=net, unlearned=self.unlearned or self.net)

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """One reading a crop, in order; a blank crop gives a blank reading."""
        signs: dict[int, tuple[str, float]] = {}
        maps: list[list[InkLine]] = []
        for n, crop in enumerate(crops):
            signs[n] = ("", 0.0) if crop.blank else hand_sign(crop.image, crop.dpi)
            maps.append([] if crop.blank or signs[n][0] else line_maps(crop))
        decoded = self._decoded(self.net, crops, maps, guide)
        for n, (mark, sure) in signs.items():
            if mark:
                decoded[n] = Decoded(mark, (Word(mark, sure),), sure, mark, ((mark, sure),), sure)
        before = self._decoded(self.unlearned, crops, maps, guide)
        return self._readings(crops, decoded, before)

    def read_raw(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """The same for pictures of single lines as they are, neither cleaned nor cut."""
        return self.read_maps(crops, [seen_alone(crop.image) for crop in crops], guide)

    def read_maps(
        self, crops: Sequence[Crop], maps: Sequence[InkLine], guide: Guide = UNGUIDED
    ) -> list[Reading]:
        """The same for pictures of single lines whose ink maps are there already."""
        lines = [[ink] for ink in maps]
        decoded, before = (
            self._decoded(net, crops, lines, guide) for net in (self.net, self.unlearned)
        )
        return self._readings(crops, decoded, before)

    def _decoded(
        self,
        net: Net | None,
        crops: Sequence[Crop],
        maps: Sequence[Sequence[InkLine]],
        guide: Guide,
    ) -> dict[int, Decoded]:
        """What a net sees in each crop that has lines, by its number; nothing without a net."""
        if net is None:
            return {}
        # The net has never seen paper alone: it would make up a letter there.
        inked = [[ink for ink in own if ink.any()] for own in maps]
        lines = iter(net.posteriors([ink for own in inked for ink in own]))
        decoded = {n: _NOTHING for n, own in enumerate(maps) if own}
        for n, own in enumerate(inked):
            if own:
                inks = [next(lines) for _ in own]
                field = crops[n].field
                decoded[n] = decode(
                    inks, net.card.letters, field, field_type(field), guide, self.model
                )
        return decoded

    def _readings(
        self, crops: Sequence[Crop], decoded: dict[int, Decoded], before: dict[int, Decoded]
    ) -> list[Reading]:
        usual = usual_confidence([legibility(found.words) for found in decoded.values()])
        blank = blank_probability(self.calibration)
        return [
            self._reading(crop, decoded[n], usual, before.get(n))
            if n in decoded
            else blank_reading(self.name, blank)
            for n, crop in enumerate(crops)
        ]

    def _reading(self, crop: Crop, found: Decoded, usual: float, before: Decoded | None) -> Reading:
        if not found.text:
            return Reading("", (), 0.0, 0.0, self.name, struck=crop.struck)
        return Reading(
            text=found.text,
            words=found.words,
            confidence=_least(found),
            probability=probability(
                self.calibration, field_type(crop.field), evidence_of(found, usual)
            ),
            reader=self.name,
            struck=crop.struck,
            greedy=found.greedy,
            alternatives=found.alternatives,
            margin=found.margin,
            unlearned=(before.text, _least(before)) if before else None,
        )


def _least(found: Decoded) -> float:
    """Confidence of the least sure word; 0 where there is none."""
    return min((word.confidence for word in found.words), default=0.0)


def most_lines(crop: Crop) -> int:
    """Most lines that may stand in a cell: a clerk breaks a line where a form has but one."""
    return max(crop.lines, int(crop.image.shape[0] * MM_PER_INCH / crop.dpi / _LINE_MM))


def line_maps(crop: Crop) -> list[InkLine]:
    """The ink maps of the lines of a cell, top to bottom, as the net sees them."""
    return [seen(row) for row in rows_of(crop.image, crop.dpi, most_lines(crop))]


def seen(picture: Grey) -> InkLine:
    """The ink map of one line, brought to the level."""
    return ink_line(levelled(picture))


def seen_alone(picture: Grey) -> InkLine:
    """The same of a picture as it is, in which whole neighbours may stand above and below."""
    return seen(alone(picture))


def evidence_of(found: Decoded, usual: float) -> Evidence:
    """What the calibration is given: the share of the text, the mean of its words."""
    return Evidence(found.share, legibility(found.words), usual)


def legibility(words: Sequence[Word]) -> float:
    """Mean confidence of some words; the median over a scan says how well a hand is known."""
    return float(np.mean([word.confidence for word in words] or [0.0]))


def hand_recognizer(
    config: Path, weights: str = "hand", adapter: Path | None = None
) -> HandRecognizer:
    """The reader of handwriting of an ``ocr_config`` folder, with the weights of a name.

    ``adapter`` is the file of what was learned of a book; the net without it reads as well.

    Raises:
        WeightsError: the weights (or the adapter) are missing, damaged, or of another version.
        SettingsError: its calibration or its word model cannot be used.
    """
    bare = HandRecognizer(
        load_net(config, weights), load_calibration(config, weights), load_words(config)
    )
    return bare.with_learned(load_net(config, weights, adapter)) if adapter else bare
