"""Tells an empty cell from a written one, so that nothing is invented and nothing lost.

What counts is single strokes, not the share of dark pixels: a ditto mark is two strokes in
an empty cell, and a stained cell is dark all over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.reading.ink import MM_PER_INCH, Calm, pixels
from pipeline.reading.own import Own
from pipeline.reading.pieces import Mask, Pieces, shrunk
from pipeline.types import Crop

_INSET_MM = 0.4
"""What lies nearer to the edge of the cell is the rest of its frame."""
_LENGTH_MM = 0.5
_AREA_MM2 = 0.1
"""A stroke of a typed ditto mark is 0.3 mm by 0.8 mm."""
_GRAINY = 2.5
"""Grey levels of grain left after averaging; heavily worn generated pages have 4."""
_DOUBT = 3.2
_WORD_MM = (6.0, 3.0)
_CROWD_MM2 = 0.5
"""Specks above ``_DOUBT`` deviations in an area of a short word: of 90 empty, heavily worn
cells 4 have more, of 14 whose writing is lost in the grain 10 have."""
_ENOUGH = 5
"""Written cells that make a scan's usual depth of ink."""
_PALEST_SHARE = 0.22
"""Worn ink fades to a third of the page's usual depth here and there; writing on the back
shines through at a sixth at most (generated pages)."""
_PALEST_NOTE = 0.35
"""The same for a margin: it is wide and mostly empty, so that a whole column of the back shines
through; its darkest is then at a quarter (generated pages, heavy wear)."""

_LETTER_MM = (1.2, 0.5)
"""Least height and width of a letter; dots of a leader, alone or grown together, are 0.7 mm high
(three generated books, heavy wear)."""
_DRAWN = 128
"""Grey of a crop's picture, below which it is ink."""
_FORM, _FEW, _SHARE = 6, 3, 1 / 6
"""From so many boxes on a page specks can be told, where letters stand in so few of them, and in
so small a share of those with ink. Of 41 inked boxes of a filled, heavily worn page 39 have some;
of 21 of an empty one 2."""


def without_shine(crops: Sequence[Crop]) -> list[Crop]:
    """Crops of one scan; those whose ink is far paler than the scan's writing become blank.

    Writing on the back of the leaf shines through, and in an empty cell it is the darkest
    there is. Only the other cells tell that it is not ink.
    """
    depths = [crop.depth for crop in crops if crop.depth > 0 and not (crop.blank or crop.margin)]
    if len(depths) < _ENOUGH:
        return list(crops)
    usual = float(np.median(depths))
    return [
        replace(crop, blank=True)
        if 0 < crop.depth < usual * (_PALEST_NOTE if crop.margin else _PALEST_SHARE)
        else crop
        for crop in crops
    ]


def without_specks(crops: Sequence[Crop], pages: Sequence[int]) -> list[Crop]:
    """Crops of one scan; specks become blank on a page whose boxes hold hardly a letter.

    What is left of worn dotted leaders looks like small strokes, box after box. Where anybody
    wrote, letters stand in many boxes; a box with a letter stays as it is in any case, and so
    does one that is in doubt for its grain.

    Args:
        crops: of the scan's cells.
        pages: the page of each.
    """
    done = list(crops)
    for page in dict.fromkeys(pages):
        own = [n for n, at in enumerate(pages) if at == page and not crops[n].margin]
        inked = [n for n in own if not crops[n].blank]
        specks: list[int] = []
        lettered = 0
        for n in inked if len(own) >= _FORM else ():
            largest = _marks(crops[n])
            lettered += largest is True
            if lettered > min(_FEW, _SHARE * len(inked)):
                break
            if largest is False:
                specks.append(n)
        else:
            for n in specks:
                done[n] = replace(crops[n], blank=True)
    return done


def _marks(crop: Crop) -> bool | None:
    """True where a crop shows a letter, False where it shows only specks, None for all else.

    Upright strokes are no specks, however thin: a column of ditto marks stands under one word.
    """
    pieces = Pieces.of(np.asarray((crop.image < _DRAWN) * np.uint8(255), np.uint8))
    if len(pieces) < 2:
        return None
    tall, wide = (round(mm / MM_PER_INCH * crop.dpi) for mm in _LETTER_MM)
    high = pieces.height[1:] >= tall
    return bool((high & (pieces.width[1:] >= wide)).any()) or (None if high.any() else False)


def is_blank(own: Own, inside: Mask, dpi: float) -> bool:
    """True where no piece of the cell's own ink is a stroke of a pen, a type or a press.

    On very grainy paper a cell where many specks lie together is not called blank either,
    though none is certain: it goes to a person, without a text.
    """
    pieces = own.pieces
    within = pieces.within(shrunk(inside, 2 * pixels(_INSET_MM, dpi) + 1))
    scale = MM_PER_INCH / dpi
    long = np.maximum(pieces.width, pieces.height) * scale >= _LENGTH_MM
    stroke = long & (pieces.area * scale**2 >= _AREA_MM2) & (within >= 0.5 * pieces.area)
    return not bool((stroke & own.keep)[1:].any()) and not _doubtful(own.calm, inside, dpi)


def _doubtful(calm: Calm, inside: Mask, dpi: float) -> bool:
    if calm.noise < _GRAINY:
        return False
    specks = (calm.depth > _DOUBT * calm.noise) & (shrunk(inside, 2 * pixels(1.0, dpi) + 1) > 0)
    window = (pixels(_WORD_MM[0], dpi), pixels(_WORD_MM[1], dpi))
    crowd = cv2.boxFilter(specks.astype(np.float32), -1, window, normalize=False)
    return float(crowd.max()) * (MM_PER_INCH / dpi) ** 2 > _CROWD_MM2
