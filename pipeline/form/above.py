"""The number of an entry stands alone above its lines, and is easily overlooked there.

Tesseract leaves out two letters by themselves on a page of text. The band above the first label
that was found, read by itself, shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.form.align import Match, Slot
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI, Token, ink_tokens
from pipeline.types import Grey

_HIGH_MM, _LEAST_MM = 12.0, 4.0
"""Height of the band, and the least that can hold a line."""
_APART_MM = 0.7
_SURE = 0.6

Band = tuple[float, float]
"""Top and bottom, mm."""


def bands_above(found: Sequence[Match], slots: Sequence[Slot], form: Form) -> tuple[Band, ...]:
    """Bands above the entries whose first label is a field that was not found."""
    if not form.items[0].field:
        return ()
    bands = []
    foot = 0.0
    for entry in range(form.entries):
        own = [match for match in found if slots[match.slot].entry == entry]
        if not own:
            continue
        if all(slots[match.slot].item for match in own):
            bottom = min(match.y0 for match in own) - _APART_MM
            top = max(foot, bottom - _HIGH_MM)
            if bottom - top >= _LEAST_MM:
                bands.append((top, bottom))
        foot = max(match.y1 for match in own)
    return tuple(bands)


def in_band(ink: Grey, band: Band) -> tuple[Token, ...]:
    """Words of a band of the common print (``READ_DPI``), in the frame."""
    px = READ_DPI / MM_PER_INCH
    rows = slice(max(0, round(band[0] * px)), max(0, round(band[1] * px)))
    cut = np.ascontiguousarray(ink[rows])
    if cut.shape[0] < _LEAST_MM * px:
        return ()
    top = rows.start / px
    return tuple(
        replace(token, y0=token.y0 + top, y1=token.y1 + top)
        for token in ink_tokens(cut)
        if token.confidence >= _SURE
    )
