"""Struck-out text with its correction above it: which ink is which.

A stroke runs through the middle of the wrong word's small letters; as far as they reach below
it, so far they reach above. What stands higher is the wrong word's own stems and marks, or the
right word, whose letters reach higher still. Only where the latter is plainly a text are the two
taken apart; else the cell stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH, pixels
from pipeline.reading.own import Own
from pipeline.reading.pieces import Flags, Mask, Pieces, grown
from pipeline.types import Crop, Reading

CORRECTED, STRUCK_OUT = "corrected", "struck_out"
"""Notes of a reading: struck text stands under it; what that was (``struck_out=Hoa``)."""
_STRUCK_SHARE = 0.01
"""Share by which the struck text stands among the other readings: last, but there."""

_STROKE_MM = 0.45
"""So near to the stroke ink is the stroke's own."""
_HALF_MM = (0.5, 2.2)
"""How far below the stroke the feet of the wrong text's letters lie."""
_FALLS = 0.6
"""Of the ink's densest row, below which the feet are passed."""
_RISE = 0.35
"""Half heights above the small letters' tops where the two are parted, at the emptiest row."""
_HIGHER = 1.9
"""Letters of the correction reach higher over the stroke, in half heights; stems end at 1.8."""
_LETTER_MM = 1.2
"""Lower pieces are marks (dấu) of the wrong text."""
_WIDTH_MM, _WIDTH = 4.0, 0.48
"""Letters of a correction stand over so much, also of the stroke's length; marks do not."""
_REACH_MM, _ASIDE_MM = 2.6, 2.0
_NEARLY_ALL = 0.75
"""Share of the lower text that must lie along the stroke."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Apart:
    """Writing of one cell in two parts."""

    struck: Own
    above: Own


def taken_apart(own: Own, strikes: Mask, dpi: float) -> Apart | None:
    """The struck text and the correction above it, or None where that is not plain.

    Args:
        own: the cell's writing.
        strikes: lines through writing.
        dpi: resolution of the crop.
    """
    course = _course(strikes)
    if course is None:
        return None
    rows = np.arange(len(strikes))[:, None] - np.round(course).astype(int)[None, :]
    ink = own.mask > 0
    free = ink & (np.abs(rows) > pixels(_STROKE_MM, dpi))
    half = _half_height(free & strikes.any(axis=0), rows, dpi)
    if half is None:
        return None
    above = _above(free, rows, half, dpi)
    struck = ink & ~above
    if not _is_text(above, strikes, dpi) or not _along(struck, strikes, dpi):
        return None
    return Apart(_part(own, struck, dpi), _part(own, above, dpi))


def deleted_texts(crops: Sequence[Crop]) -> list[Crop]:
    """The struck-out texts that stood in some of the cells too, in order."""
    return [crop.deleted for crop in crops if crop.deleted is not None]


def with_deleted(crops: Sequence[Crop], readings: Sequence[Reading]) -> list[Reading]:
    """One reading a crop: where a struck text stood under it, with that as another reading.

    Args:
        crops: of cells.
        readings: of all crops, then of all their :func:`deleted_texts`.
    """
    rest = iter(readings[len(crops) :])
    return [
        reading if crop.deleted is None else _corrected(reading, next(rest))
        for crop, reading in zip(crops, readings, strict=False)
    ]


def _corrected(reading: Reading, deleted: Reading) -> Reading:
    """The correction is the text; the struck one is kept beside it, with where it came from."""
    text = " ".join(deleted.text.split())
    others = tuple(one for one in reading.alternatives if one[0] != text)
    return replace(
        reading,
        struck=False,
        blank=False,
        alternatives=(*others[:2], (text, _STRUCK_SHARE)) if text else others,
        notes=(*reading.notes, CORRECTED, f"{STRUCK_OUT}={text}"),
    )


def _course(strikes: Mask) -> Floats | None:
    """The stroke's row in each column of the crop; level beyond its ends."""
    if not strikes.any():
        return None
    counts = np.count_nonzero(strikes, axis=0)
    seen = np.flatnonzero(counts)
    sums = (np.arange(len(strikes))[:, None] * (strikes > 0)).sum(axis=0)
    course = np.interp(np.arange(strikes.shape[1]), seen, sums[seen] / counts[seen])
    return np.asarray(course, np.float64)


def _half_height(free: Flags, rows: NDArray[np.intp], dpi: float) -> int | None:
    """How far below the stroke the feet of the letters lie, px, or None."""
    near, far = (pixels(mm, dpi) for mm in _HALF_MM)
    profile = np.array([np.count_nonzero(free & (rows == n)) for n in range(near, far + 1)])
    densest = int(profile.argmax())
    passed = np.flatnonzero(profile[densest:] < _FALLS * profile[densest])
    return near + densest + int(passed[0]) if passed.size else None


def _above(free: Flags, rows: NDArray[np.intp], half: int, dpi: float) -> Flags:
    """Ink of the correction: what stands wholly over the wrong text, or rises higher than it."""
    span = range(half, half + max(1, round(_RISE * half)) + 1)
    fewest = min(span, key=lambda n: int(np.count_nonzero(free & (rows == -n))))
    upper = free & (rows < -fewest)
    pieces = Pieces.of(np.where(upper, 255, 0).astype(np.uint8))
    touching = pieces.touching(np.where(rows == -fewest - 1, 255, 0).astype(np.uint8))
    high = pieces.touching(np.where(rows < -round(_HIGHER * half), 255, 0).astype(np.uint8))
    letters = high & (pieces.height >= pixels(_LETTER_MM, dpi))
    # Marks belong to the text whose letters they are nearer to: those of the correction are high.
    return np.asarray(pieces.mask(letters | (high & ~touching)) > 0)


def _is_text(above: Flags, strikes: Mask, dpi: float) -> bool:
    pieces = Pieces.of(np.where(above, 255, 0).astype(np.uint8))
    letters = pieces.height >= pixels(_LETTER_MM, dpi)
    letters[0] = False
    covered = float(pieces.mask(letters).any(axis=0).sum())
    long = float(strikes.any(axis=0).sum())
    return covered >= max(_WIDTH_MM * dpi / MM_PER_INCH, _WIDTH * long)


def _along(struck: Flags, strikes: Mask, dpi: float) -> bool:
    reach, aside = (2 * pixels(mm, dpi) + 1 for mm in (_REACH_MM, _ASIDE_MM))
    near = grown(strikes, reach, aside) > 0
    return bool((struck & near).sum() >= _NEARLY_ALL * struck.sum() > 0)


def _part(own: Own, chosen: Flags, dpi: float) -> Own:
    mask = np.where(chosen, 255, 0).astype(np.uint8)
    rim = 2 * pixels(0.35, dpi) + 1
    depth = own.ink.depth & grown(mask, rim, rim) & ~(own.mask & ~mask)
    return replace(own, ink=replace(own.ink, depth=np.asarray(depth, np.uint8)), mask=mask)
