"""Tells a cell's own writing from what else is left in its crop, and draws it clean."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.reading.ink import MM_PER_INCH, Calm, Ink, calm, pixels, writing_level
from pipeline.reading.pieces import Flags, Mask, Pieces, deeper, grown, shrunk
from pipeline.reading.straighten import Straight
from pipeline.types import Grey

_BLUR_MM = 0.35
"""Soft edge of a stroke, kept with it."""
_PALEST = 30.0
"""Grey levels. Ink paler than this is not stretched to black: it would be noise."""
_TINY_MM2 = 0.05
_SPECK_MM = 0.9
"""A dot is no larger, blurred."""
_ROUND = 0.7
"""Least ratio of a dot's sides; a stroke of a ditto mark is slimmer."""
_FLAT_MM = (0.8, 0.45)
"""Width and height of a remnant of a rule; a dash is longer."""
_COMPANY_MM = (2.5, 1.4, 1.2, 0.5)
"""How far above, below, right and left of a letter its dots may be."""
_FRAME_MM = 0.6
_REST_MM = 1.6
_HANGING = 0.45
"""A stroke from above that ends in this share of the first line belongs to the line above."""
_STICKING = 0.42
"""The same from below. Letters with descenders begin above this: half of them is x-height."""
_DEEP_MM, _MUCH_MM2 = 3.5, 0.8
"""A neighbour's letters reach less far into the cell, or with less ink: a letter of the cell's
own hangs together with them (measured: ``python -m bench.corrections``)."""


@dataclass(frozen=True)
class Own:
    """A cell's own writing.

    ``ink`` is its ink map and ``mask`` where it is; ``pieces`` are all pieces of ink of the
    crop, ``keep`` says which of them are its own; ``calm`` is all ink, grain averaged.
    ``torn`` where what was left out to a neighbour holds letters of its own too.
    """

    ink: Ink
    mask: Mask
    pieces: Pieces
    keep: Flags
    calm: Calm
    torn: bool = False


def own_ink(ink: Ink, raw: Straight, lines: int) -> Own:
    """Only the cell's own writing, ``level`` and ``faint_level`` fitted to it.

    Args:
        ink: ink map, rules and leaders taken out.
        raw: the picture it was made of.
        lines: most lines of writing the cell is made for.
    """
    dpi = raw.dpi
    faint = max(3.5 * ink.noise, min(ink.faint_level, 0.6 * writing_level(ink.depth, ink.noise)))
    averaged = calm(raw.image, ink, dpi)
    # Grain tears pale strokes to pieces; averaged, they hold together.
    mask = deeper(ink.depth, faint) | averaged.mask
    pieces = Pieces.of(mask)
    strange = _neighbours(pieces, raw.inside, lines)
    torn = _torn(pieces, strange, raw.inside, dpi)
    beside = grown(pieces.mask(strange) | raw.printed, 5, 5)
    # Descenders of a label out of its box, and what a rule cut off a neighbour.
    strange |= (pieces.height <= pixels(_REST_MM, dpi)) & pieces.touching(beside)
    keep = pieces.touching(averaged.mask) & ~strange
    keep &= ~_specks(pieces, keep, raw.inside, dpi)
    kept = pieces.mask(keep)
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    # A neighbour must not come back with the rim of what is kept.
    depth = ink.depth & grown(kept, rim, rim) & ~(mask & ~kept)
    level = writing_level(depth, ink.noise)
    return Own(
        replace(ink, depth=depth, faint_level=faint, level=level),
        kept,
        pieces,
        keep,
        averaged,
        torn,
    )


def picture(image: Grey, before: Ink, own: Own, dpi: float) -> tuple[Grey, float]:
    """The grey picture with only the ink that was left, as deep as can be, on white.

    Also how deep that ink was.
    """
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    zone = grown(own.mask, rim, rim)
    lighter = cv2.add(image, cv2.subtract(before.depth, own.ink.depth))
    deep = np.where(zone, cv2.subtract(before.paper, lighter), 0).astype(np.uint8)
    strokes = deep[own.ink.mask > 0]
    if not strokes.size:
        strokes = deep[own.mask > 0]
    deepest = float(np.percentile(strokes, 95)) if strokes.size else 0.0
    full = max(_PALEST, deepest)
    return np.asarray(255 - cv2.convertScaleAbs(deep, alpha=255.0 / full), np.uint8), deepest


def _neighbours(pieces: Pieces, inside: Mask, lines: int) -> Flags:
    """Ink that comes in over the border of the crop and has its bulk outside of the cell.

    Also what hangs down from the line above or sticks up from the line below, and what
    stands wholly to the left of the cell, as the colon of a label does.
    """
    tall, wide = pieces.labels.shape
    bottom, right = pieces.bottom, pieces.right
    border = (pieces.top == 0) | (pieces.left == 0) | (bottom == tall) | (right == wide)
    strange = border & (pieces.within(inside) < 0.5 * pieces.area)
    line = tall / lines
    strange |= (pieces.top == 0) & (bottom < _HANGING * line)
    strange |= (bottom == tall) & (pieces.top > tall - _STICKING * line)
    first = int(np.argmax(inside.any(axis=0)))
    return np.asarray(strange | (right <= first + 1))


def _torn(pieces: Pieces, strange: Flags, inside: Mask, dpi: float) -> bool:
    """Whether a piece left to the row above or below reaches too deep into the cell for that."""
    rows = np.flatnonzero(inside.any(axis=1))
    if not rows.size:
        return False
    down = np.where(pieces.top == 0, pieces.bottom - rows[0], 0)
    up = np.where(pieces.bottom == len(pieces.labels), rows[-1] + 1 - pieces.top, 0)
    deep = strange & (np.maximum(down, up) >= pixels(_DEEP_MM, dpi))
    deep[0] = False
    much = pieces.within(inside) >= _MUCH_MM2 * (dpi / MM_PER_INCH) ** 2
    return bool((deep & much).any())


def _specks(pieces: Pieces, keep: Flags, inside: Mask, dpi: float) -> Flags:
    """Bits too small for a mark, remains of the frame, and dots that belong to no letter.

    A dot belongs to a letter below or above it (dấu), or just left of it (full stop).
    """
    longer = np.maximum(pieces.width, pieces.height)
    shorter = np.minimum(pieces.width, pieces.height)
    tiny = pieces.area < _TINY_MM2 * (dpi / MM_PER_INCH) ** 2
    dot = (longer <= pixels(_SPECK_MM, dpi)) & (shorter >= _ROUND * longer)
    dot |= (pieces.width <= pixels(_FLAT_MM[0], dpi)) & (pieces.height <= pixels(_FLAT_MM[1], dpi))
    core = shrunk(inside, 2 * pixels(_FRAME_MM, dpi) + 1)
    frame = ~pieces.touching(core) & (shorter <= pixels(_SPECK_MM, dpi))
    letters = pieces.mask(keep & ~(dot | frame | tiny))
    up, down, right, left = (pixels(mm, dpi) for mm in _COMPANY_MM)
    near = pieces.touching(grown(letters, up + down, left + right, (right, down)))
    return np.asarray(tiny | frame | (dot & ~near))
