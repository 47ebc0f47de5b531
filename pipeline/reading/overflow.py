"""Writing that runs over the right edge of its cell, followed into the next one or the margin.

A stroke that goes on over the edge begins it; what follows without the gap between words belongs
to it. Both cells then go to a person: the next one may have held the word after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.reading.crop import Seen, crop_of, crossing, seen
from pipeline.reading.ink import MM_PER_INCH, pixels
from pipeline.reading.own import Own, picture
from pipeline.reading.pieces import Flags, Pieces, grown
from pipeline.types import Cell, Crop, Grey, PageImage, Polygon, Reading

OVERFLOWS, OVERRUN, TORN = "overflows", "overrun", "torn"
"""Notes of a reading: the writing runs over the edge of its cell; the cell on the left runs over
into this one; letters hang together with the row above or below and were left out."""
_APART_MM = 2.5
"""The next cell begins so near; further right is a label, or the margin."""
_SAME_ROW = 0.6
_MARGIN_MM = 16.0
"""So far into a margin writing is followed."""
_INTO_MM = 0.9
"""A tail that ends before this is left where it is."""
_MEET_MM = 0.8
"""How far the heights may differ at which a stroke leaves a cell and comes into the next."""
_CLOSE_MM = 1.1
"""Gap within a word."""
_AFTER_MM = 1.0
_RIM_MM = 0.35


def followed(
    pages: Sequence[PageImage], cells: Sequence[Cell], crops: Sequence[Crop], dpi: float
) -> list[Crop]:
    """The crops of a scan; writing that crosses an edge stands whole in the cell it began in.

    Args:
        pages: of the scan.
        cells: all of its cells.
        crops: of the cells, as ``cut`` gives them.
        dpi: resolution they were cut at.
    """
    done = list(crops)
    for n, crop in enumerate(crops):
        # What only begins at the edge of an empty cell is the next one's.
        if not crop.crosses or crop.blank or crop.deleted is not None:
            continue
        page, cell = pages[cells[n].page], cells[n]
        at = _next(cells, n, page.dpi)
        beyond = _beside(cell, page) if at is None else cells[at]
        if beyond is None:
            continue
        first, second = seen(page, cell, dpi), seen(page, beyond, dpi)
        begun = _goes_on(first, second)
        if not begun.any():
            continue
        word = _closely(second.own.pieces, begun, second.raw.dpi)
        done[n] = _joined(done[n], first, second, word)
        if at is not None:
            rest = _only(second, second.own.keep & ~word)
            kept = crop_of(cells[at], replace(second, own=rest))
            done[at] = replace(kept, overrun=True, faint=None)
    return done


def noted(crop: Crop, reading: Reading) -> Reading:
    """The reading with what is to be known of writing that crossed an edge."""
    told = [OVERFLOWS] if crop.over_mm else []
    told += [OVERRUN] if crop.overrun else []
    told += [TORN] if crop.torn else []
    return replace(reading, notes=(*reading.notes, *told)) if told else reading


def widened(cell: Cell, crop: Crop, dpi: float) -> Cell:
    """The cell as far as its writing was followed, for the person who looks at it."""
    half = len(cell.polygon) // 2
    if not crop.over_mm or len(cell.polygon) % 2:
        return cell
    by = crop.over_mm * dpi / MM_PER_INCH
    points = [(x + by, y) if n in (half - 1, half) else (x, y)
              for n, (x, y) in enumerate(cell.polygon)]  # fmt: skip
    return replace(cell, polygon=tuple(points))


def _box(polygon: Polygon) -> tuple[float, float, float, float]:
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _next(cells: Sequence[Cell], n: int, dpi: float) -> int | None:
    """The number of the cell right of another, of the same row, if one begins there."""
    _, y0, x1, y1 = _box(cells[n].polygon)
    best, gap = None, _APART_MM * dpi / MM_PER_INCH
    for at, cell in enumerate(cells):
        if at == n or cell.page != cells[n].page or cell.entry != cells[n].entry or cell.margin:
            continue
        left, top, _, bottom = _box(cell.polygon)
        common = min(y1, bottom) - max(y0, top)
        if abs(left - x1) <= gap and common >= _SAME_ROW * min(y1 - y0, bottom - top):
            best, gap = at, abs(left - x1)
    return best


def _beside(cell: Cell, page: PageImage) -> Cell | None:
    """The paper right of a cell, as if it were one."""
    half = len(cell.polygon) // 2
    if len(cell.polygon) % 2:
        return None
    (ax, ay), (bx, by) = cell.polygon[half - 1], cell.polygon[half]
    end = min(page.grey.shape[1] - 1.0, max(ax, bx) + _MARGIN_MM * page.dpi / MM_PER_INCH)
    if end - max(ax, bx) < 2 * _INTO_MM * page.dpi / MM_PER_INCH:
        return None
    outline = ((ax, ay), (end, ay), (end, by), (bx, by))
    return replace(cell, polygon=outline, printed=())


def _goes_on(first: Seen, second: Seen) -> Flags:
    """Pieces of the second cell's ink that come in where the first one's leave."""
    ours, theirs = first.own.pieces, second.own.pieces
    meet, margin = pixels(_MEET_MM, first.raw.dpi), first.raw.margin
    last = ours.mask(crossing(first.own))[:, -margin:]
    leaving: Flags = np.asarray(last.max(axis=1) > 0)
    rows = np.zeros(theirs.labels.shape[0], bool)
    common = min(len(rows), len(leaving))
    rows[:common] = np.convolve(leaving[:common], np.ones(2 * meet + 1), "same") > 0
    coming = np.zeros(theirs.labels.shape, np.uint8)
    coming[rows, 0] = 255
    deep = theirs.right >= second.raw.margin + pixels(_INTO_MM, second.raw.dpi)
    begun = theirs.touching(coming) & deep
    begun[0] = False
    return np.asarray(begun)


def _closely(pieces: Pieces, begun: Flags, dpi: float) -> Flags:
    """The pieces begun with, and all that follow one another without the gap between words."""
    taken, close = begun.copy(), 2 * pixels(_CLOSE_MM, dpi) + 1
    while True:
        near = pieces.touching(grown(pieces.mask(taken), close, close))
        near[0] = False
        if not (near & ~taken).any():
            return taken
        taken |= near


def _only(seen: Seen, chosen: Flags) -> Own:
    """A cell's writing reduced to some of its pieces."""
    own, rim = seen.own, 2 * pixels(_RIM_MM, seen.raw.dpi) + 1
    mask = own.pieces.mask(chosen)
    strange = own.pieces.mask(np.ones(len(own.pieces), bool)) & ~mask
    depth = np.asarray(seen.clean.depth & grown(mask, rim, rim) & ~strange, np.uint8)
    return replace(own, ink=replace(own.ink, depth=depth), mask=mask, keep=chosen)


def _joined(crop: Crop, first: Seen, second: Seen, taken: Flags) -> Crop:
    """The crop with the rest of its writing beside it."""
    part = _only(second, taken)
    drawn, _ = picture(second.raw.image, second.ink, part, second.raw.dpi)
    end = int(second.own.pieces.right[taken].max())
    stop = min(drawn.shape[1], end + pixels(_AFTER_MM, second.raw.dpi))
    margin = first.raw.margin
    height = max(crop.image.shape[0], drawn.shape[0])
    image = np.hstack(
        [_high(crop.image[:, :-margin], height), _high(drawn[:, second.raw.margin : stop], height)]
    )
    over = (end - second.raw.margin) * MM_PER_INCH / second.raw.dpi
    joined = np.ascontiguousarray(image)
    return replace(crop, image=joined, over_mm=round(over, 2), faint=None)


def _high(image: Grey, height: int) -> Grey:
    return np.pad(image, ((0, height - image.shape[0]), (0, 0)), constant_values=255)
