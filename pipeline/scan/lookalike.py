"""Finds a page that was scanned twice, although no byte of the two files is the same.

Pages of one printed form look alike as wholes: hashes of a small picture (dHash and the
like) and correlation of whole pages find different entries on the same form as similar as two
scans of one page (0.95 against 0.75 on generated books). So the ink is compared piece by
piece, each piece of one page with its surroundings on the other: print agrees everywhere,
writing only where the page is the same, and the least agreeing tenth tells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import InputError
from pipeline.scan.load import load_scan
from pipeline.scan.report import Notice, Progress, notice
from pipeline.settings import QualityThresholds, Settings
from pipeline.types import BookSource, Grey, Scan

_DPI = 90.0
_PIECE, _REACH = 32, 20
"""Pixels at 90 dpi: pieces of 9 mm are looked for 5.6 mm around, after the whole was shifted."""
_PIECES = 120
_FEWEST = 12
_TENTH = 10.0
_INK_SHARE = 0.35
"""A piece holds ink if its contrast has this share of the median of the page's 30 strongest."""
_LEAST_CONTRAST = 6.0
_NEIGHBOURS = 2
"""A page is scanned twice in a row, or once more after the next."""


def look_alikes(
    book: BookSource,
    root: Path,
    settings: Settings,
    thresholds: QualityThresholds,
    progress: Progress | None = None,
) -> tuple[Notice, ...]:
    """Notices of scans that show the same page as one of the two scans before them.

    Decodes every scan of the book once (about 0.15 CPU seconds for A3 all in all), so it is no
    part of queueing. Scans that cannot be read are left out.
    """
    before: deque[tuple[str, Grey]] = deque(maxlen=_NEIGHBOURS)
    found = []
    for done, ref in enumerate(book.scans, 1):
        try:
            picture = sketch(load_scan(ref, root, settings))
        except InputError:
            continue
        for name, other in before:
            if (likeness(picture, other) or 0.0) >= thresholds.min_likeness:
                found.append(notice("look_alikes", f"{book.path}: {ref.name}", other=name))
                break
        before.append((ref.name, picture))
        if progress:
            progress(done, len(book.scans), ref.name)
    return tuple(found)


def sketch(scan: Scan) -> Grey:
    """How far each point is darker than its surroundings, at 90 dpi."""
    factor = _DPI / scan.dpi
    width, height = (max(1, round(side * factor)) for side in scan.grey.shape[::-1])
    small = cv2.resize(scan.grey, (width, height), interpolation=cv2.INTER_AREA)
    depth = cv2.subtract(cv2.medianBlur(small, 31), small)
    return cv2.GaussianBlur(depth, (0, 0), 0.7).astype(np.uint8)


def likeness(one: Grey, other: Grey) -> float | None:
    """Correlation of the least agreeing tenth of the ink of two sketches, -1..1.

    None where there is too little ink to tell. Generated books in all levels of wear: two
    scans of a page (turned by 1.5 degrees, scaled by 1 %, other light and grain) have 0.93 or
    more, different pages of a form 0.79 or less.
    """
    across, down = _shift(one, other)
    agreement = []
    for x, y in _inked(one):
        left, top = x + across - _REACH, y + down - _REACH
        right, bottom = left + _PIECE + 2 * _REACH, top + _PIECE + 2 * _REACH
        if left < 0 or top < 0 or right > other.shape[1] or bottom > other.shape[0]:
            continue
        piece = one[y : y + _PIECE, x : x + _PIECE]
        around = other[top:bottom, left:right]
        agreement.append(float(cv2.matchTemplate(around, piece, cv2.TM_CCOEFF_NORMED).max()))
    if len(agreement) < _FEWEST:
        return None
    return float(np.percentile(agreement, _TENTH))


def _shift(one: Grey, other: Grey) -> tuple[int, int]:
    """Whole shift from one sketch to the other, pixels, to some 4 of them."""
    shape = tuple(max(sides) for sides in zip(one.shape, other.shape, strict=True))
    spectra = []
    for picture in (one, other):
        canvas = np.zeros(shape, np.float32)
        canvas[: picture.shape[0], : picture.shape[1]] = picture
        coarse = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        spectra.append(np.fft.rfft2(coarse))
    size = coarse.shape
    agreement = np.fft.irfft2(np.conj(spectra[0]) * spectra[1], s=size)
    down, across = np.unravel_index(int(agreement.argmax()), size)
    signed = [
        int(at) - side if at > side // 2 else int(at)
        for at, side in zip((across, down), size[::-1], strict=True)
    ]
    return signed[0] * 4, signed[1] * 4


def _inked(picture: Grey) -> Sequence[tuple[int, int]]:
    """Left top corners of pieces with ink, evenly picked from strong to weak."""
    height, width = picture.shape
    margin = _PIECE // 2
    pieces = [
        (float(picture[y : y + _PIECE, x : x + _PIECE].std()), x, y)
        for y in range(margin, height - _PIECE - margin, _PIECE)
        for x in range(margin, width - _PIECE - margin, _PIECE)
    ]
    pieces.sort(reverse=True)
    if not pieces:
        return ()
    strong = float(np.median([contrast for contrast, _, _ in pieces[:30]]))
    least = max(_LEAST_CONTRAST, _INK_SHARE * strong)
    inked = [(x, y) for contrast, x, y in pieces if contrast > least]
    return inked[:: max(1, len(inked) // _PIECES)]
