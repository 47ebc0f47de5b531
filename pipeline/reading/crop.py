"""Cuts a cell out of a page: straight, grey, free of rules, leaders, labels and neighbours.

Never binarized: Tesseract reads a binarized crop far worse than a grey one (anchors.md 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from pipeline.reading.blank import is_blank
from pipeline.reading.corrections import taken_apart
from pipeline.reading.deletions import stroke_through
from pipeline.reading.faint import around
from pipeline.reading.ink import Ink, ink_of, pixels
from pipeline.reading.leaders import without_leaders
from pipeline.reading.margins import away_from, edges
from pipeline.reading.own import Own, own_ink, picture
from pipeline.reading.pieces import Flags, Mask, grown
from pipeline.reading.rules import without_rules
from pipeline.reading.straighten import Straight, straighten
from pipeline.types import Cell, Crop, PageImage

_MARGIN_MM = 1.0
"""Outward: dấu on capitals and descenders cross the rules of a full row."""
_LABEL_RIM_MM = 0.4
"""Around a printed label, for its colon and its blur."""

_LETTER_MM, _ASIDE_MM = 2.4, 2.0
_NEARLY_ALL = 0.8


@dataclass(frozen=True)
class Seen:
    """A cell pulled straight, and its ink: all of it, without rules and leaders, and its own."""

    raw: Straight
    ink: Ink
    clean: Ink
    own: Own
    inside: Mask
    strikes: Mask


def cut(page: PageImage, cell: Cell, dpi: float) -> Crop:
    """The crop of one cell, ``blank`` decided, its ink stretched to black on white.

    The crop is averaged over areas down to ``dpi``; a page below it is not enlarged.
    """
    return crop_of(cell, seen(page, cell, dpi))


def seen(page: PageImage, cell: Cell, dpi: float) -> Seen:
    """A cell with its ink told apart, at ``dpi`` at most."""
    raw = straighten(page, cell.polygon, cell.printed, dpi, _MARGIN_MM, _LABEL_RIM_MM)
    ink = ink_of(raw.image, raw.dpi, ignore=raw.printed)
    unruled, strikes = without_rules(ink, raw.dpi, raw.margin)
    dotless = without_leaders(unruled, replace(ink, depth=unruled).faint, raw.dpi)
    inside = raw.inside
    if cell.margin:
        edge = edges(replace(ink, depth=dotless).faint, raw.dpi)
        dotless = np.asarray(dotless & ~edge, np.uint8)
        inside = away_from(edge, inside, raw.dpi)
    clean = replace(ink, depth=dotless)
    return Seen(raw, ink, clean, own_ink(clean, raw, cell.lines), inside, strikes)


def crop_of(cell: Cell, seen: Seen) -> Crop:
    """The crop of a cell from what was seen of it."""
    raw, ink, own = seen.raw, seen.ink, seen.own
    crop = Crop(
        image=raw.image,
        dpi=raw.dpi,
        field=cell.field,
        lines=cell.lines,
        blank=is_blank(own, seen.inside, raw.dpi),
        margin=cell.margin,
        torn=own.torn and not cell.margin,
        crosses=not cell.margin and bool(crossing(own).any()),
    )
    stroke = stroke_through(own.mask, raw.dpi)
    apart = taken_apart(own, stroke, raw.dpi) if stroke is not None else None
    if apart is None:
        struck = _struck(own.mask, seen.strikes, raw.dpi)
        return replace(_drawn(crop, raw, ink, own), struck=struck, **_faint(crop, seen))
    deleted = replace(_drawn(crop, raw, ink, apart.struck), struck=True)
    return replace(_drawn(crop, raw, ink, apart.above), deleted=deleted)


def _faint(crop: Crop, seen: Seen) -> dict[str, Any]:
    """``faint`` and ``grain`` of a crop, where its page is grainy."""
    found = None if crop.blank else around(seen.clean, seen.own, seen.raw.dpi)
    return {"faint": found[0], "grain": round(found[1], 1)} if found else {}


def crossing(own: Own) -> Flags:
    """Which pieces of a cell's own writing run on over the right border of its crop."""
    pieces = own.pieces
    return np.asarray(own.keep & (pieces.right == pieces.labels.shape[1]))


def _drawn(crop: Crop, raw: Straight, ink: Ink, own: Own) -> Crop:
    """The crop with a picture of some of its writing."""
    image, depth = picture(raw.image, ink, own, raw.dpi)
    share = round(cv2.countNonZero(own.mask & raw.inside) / raw.inside.size, 5)
    return replace(crop, image=image, depth=round(depth, 1), ink_share=share)


def _struck(own: Mask, strikes: Mask, dpi: float) -> bool:
    """True where lines run through nearly all of the writing."""
    if not strikes.any():
        return False
    reach, aside = 2 * pixels(_LETTER_MM, dpi) + 1, 2 * pixels(_ASIDE_MM, dpi) + 1
    covered = cv2.countNonZero(own & grown(strikes, reach, aside))
    return covered >= _NEARLY_ALL * cv2.countNonZero(own)
