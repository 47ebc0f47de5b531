"""What follows from what a cell is: some need no reader, some no text is believed of.

The empty stays empty, and nothing is lost: only what is surely empty is called blank; what may
be writing or dirt goes to a person without a text, so that no text is made up for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.recurring import RECURRING, recurring_marks
from pipeline.reading.router import Content, Looks
from pipeline.types import Crop, Reading, Word

STAMP, STAMPED = "stamp", "stamped"
"""Notes of a reading: a stamp is all there is; a stamp lies over the writing."""
_EMPTY = 0.99
"""Chance from which ink that the rule of blank cells keeps is dirt: the cell is empty."""
_MAY_BE_EMPTY = 0.15
"""Chance from which no reader is asked: no text would be believed."""
_LIKELIER, _LIKELIER_THAN_STAMP = 200.0, 20.0
"""A text is believed where its being right is so much likelier than an empty cell, than a stamp."""
_LONE_HARDLY = 0.001
"""Chance of an empty cell from which a lone sign is none, however sure: a blot, a hair or a
neighbour's tail is one to any reader, and a sign is typed as fast as it is confirmed."""
_DOUBTED, _SHORT = 0.52, 2
"""A text as likely wrong as right is none if it has so few signs ..."""
_BRIEF, _HARDLY, _BARELY = 12, 0.0002, 0.002
"""... or if an empty cell is likelier than this: one of so few signs; a longer one."""
_NONSENSE = 0.12
"""A brief text that is less likely than this is none: it is typed sooner than mended."""
_DITTO_SEEN, _DITTO_HARDLY = 0.1, 0.002
"""Chance of a ditto mark from which strokes that only a reader takes for one stay as a suggestion,
where an empty cell is no likelier than this."""
_ALONE = 0.5
_ALONE_SURE = 0.97
_DITTO = 0.85
_TWO_SPECKS = 0.002
"""Chance of an empty cell from which two short strokes are no ditto mark: it would repeat the
value above unseen."""
_STRUCK = 0.3
_STAMPED = 0.2
"""A stamp seen in vain costs a person one look; one overseen may cost a value."""
_NO_STROKE = 0.05
"""Chance of a deletion below which lines that the rule found through writing are none."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """What is known of a cell before it is read.

    ``ready`` is its reading where none has to read it; else the rest says what its reading is
    to be told: ``stamp`` is the chance of a stamp alone, ``stamped`` of any.
    """

    ready: Reading | None = None
    struck: bool = False
    stamp: float = 0.0
    stamped: float = 0.0
    empty: float = 0.0
    ditto: float = 0.0


def verdicts(crops: list[Crop], looks: Looks, reader: str) -> list[Verdict]:
    """A verdict a crop; ``reader`` names who reads what needs no reading."""
    chances = {kind: looks.of(kind) for kind in Content}
    alike = recurring_marks(crops, chances[Content.DITTO], chances[Content.BLANK])
    return [
        _repeated(max(RECURRING, float(chances[Content.DITTO][n])), reader)
        if n in alike
        else _verdict(crop, {kind: float(own[n]) for kind, own in chances.items()}, reader)
        for n, crop in enumerate(crops)
    ]


def _repeated(ditto: float, reader: str) -> Verdict:
    return Verdict(Reading('"', (Word('"', ditto),), ditto, ditto, reader))


def _verdict(crop: Crop, chance: dict[Content, float], reader: str) -> Verdict:
    empty, stamp, ditto = chance[Content.BLANK], chance[Content.STAMP], chance[Content.DITTO]
    if empty >= _EMPTY:
        return Verdict(Reading("", (), 1.0, empty, reader, blank=True))
    if stamp >= _ALONE:
        sure = stamp + empty >= _ALONE_SURE
        return Verdict(
            Reading("", (), float(sure), stamp if sure else 0.0, reader, sure, notes=(STAMP,))
        )
    specks = ditto >= _DITTO and empty >= _TWO_SPECKS
    if empty >= _MAY_BE_EMPTY or specks:
        return Verdict(Reading("", (), 0.0, 0.0, reader))
    if ditto >= _DITTO:
        return _repeated(ditto, reader)
    deleted = chance[Content.STRUCK]
    struck = deleted >= _STRUCK or (crop.struck and deleted >= _NO_STROKE)
    return Verdict(None, struck, stamp, stamp + chance[Content.STAMPED], empty, ditto)


def told(reading: Reading, verdict: Verdict) -> Reading:
    """The reading with what the verdict knows: it is never surer than the cell allows."""
    if reading.blank:
        return reading
    if reading.text == '"':
        # A sign of two strokes by the readers' rule: 11, a rest of a letter, or a ditto mark.
        reading = replace(reading, probability=min(reading.probability, max(verdict.ditto, 0.5)))
    least = max(_LIKELIER * verdict.empty, _LIKELIER_THAN_STAMP * verdict.stamp)
    if reading.probability < least or _doubted(reading, verdict):
        return replace(
            reading, text="", words=(), probability=0.0, greedy="", alternatives=(), unlearned=None
        )
    probability = reading.probability * (1 - verdict.empty)
    notes = reading.notes
    if verdict.stamped >= _STAMPED:
        probability, notes = probability * (1 - verdict.stamped), (*notes, STAMPED)
    return replace(reading, probability=probability, notes=notes, struck=verdict.struck)


def _doubted(reading: Reading, verdict: Verdict) -> bool:
    """True for a text that is more likely made up than it would help a person.

    Of 1,250 texts of smallest writings (one or two signs) all rules together leave 636, and 492 of
    the 702 right ones; of 190 texts in 12,000 empty cells none.
    """
    if reading.text == '"':
        return verdict.ditto < _DITTO_SEEN or verdict.empty > _DITTO_HARDLY
    doubted, nonsense = reading.probability < _DOUBTED, reading.probability < _NONSENSE
    if all(len(word) == 1 for word in reading.text.split()):
        return doubted or verdict.empty > _LONE_HARDLY
    if not doubted:
        return False
    signs = len(reading.text)
    if signs <= (_BRIEF if nonsense else _SHORT):
        return True
    return verdict.empty > (_HARDLY if nonsense or signs <= _BRIEF else _BARELY)
