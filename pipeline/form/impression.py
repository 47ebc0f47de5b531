"""The ink of a page at a small, known scale, and how printed pieces of it are found again."""

from __future__ import annotations

import base64
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

MATCH_DPI = 100.0
"""Fine enough to place a label to 0.1 mm, coarse enough to search a page in milliseconds."""
_LEVELS = 17
"""Grey step kept in stored print: 16 levels match as well as 256 and pack three times smaller."""


def impression(grey: Grey, dpi: float, at: float = MATCH_DPI) -> Grey:
    """Darkness of ink against the paper around it, 0..255, drawn at ``at`` dpi."""
    scale = at / dpi
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how)
    # Paper is the median within 9 mm, which no print fills by half; the brightest would rise
    # with the grain and make all paper look inked.
    coarse = cv2.resize(small, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = max(3, round(9 * at / 4 / 25.4)) | 1
    middle = cv2.medianBlur(coarse, wide)
    paper = cv2.resize(middle, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
    ink = cv2.subtract(paper, small)
    return np.asarray(cv2.divide(ink, np.maximum(paper, 40), scale=255), dtype=np.uint8)


def flat_rows(ink: Grey, dpi: float) -> Grey:
    """Only what is thin upright: dots, dashes and rules stay, the body of letters goes."""
    tall = max(3, round(1.3 * dpi / 25.4)) | 1
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8))
    return np.asarray(cv2.subtract(ink, upright), dtype=np.uint8)


def correlation(page: Grey, patch: Grey) -> NDArray[np.float32]:
    """Normalized cross-correlation of ``patch`` at every place of ``page``, -1..1.

    A flat window has no correlation; faint grain keeps the quotient finite there.
    """
    result = cv2.matchTemplate(_grained(page), patch.astype(np.float32), cv2.TM_CCOEFF_NORMED)
    return np.asarray(np.nan_to_num(result, posinf=0.0, neginf=0.0), dtype=np.float32)


def _grained(page: Grey) -> NDArray[np.float32]:
    grain = _grain()[: page.shape[0], : page.shape[1]]
    if grain.shape != page.shape:
        grain = np.resize(_grain(), page.shape)
    return np.asarray(page + grain, dtype=np.float32)


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.float32]:
    grain = np.random.default_rng(7).normal(0, 3, (512, 512))
    return np.asarray(grain, dtype=np.float32)


def summit(map_: NDArray[np.float32]) -> tuple[float, float, float]:
    """Highest place of a correlation map: (x, y) to fractions of a pixel, and its height."""
    _, value, _, (x, y) = cv2.minMaxLoc(map_)
    fine = [float(x), float(y)]
    for axis, at, row in ((0, x, map_[y, :]), (1, y, map_[:, x])):
        if 0 < at < len(row) - 1:
            before, top, after = (float(v) for v in row[at - 1 : at + 2])
            bend = before - 2 * top + after
            if bend < -1e-6:
                fine[axis] += 0.5 * (before - after) / bend
    return fine[0], fine[1], float(value)


def pack(ink: Grey) -> str:
    """Ink as base64 PNG of 16 levels, for the geometry's JSON."""
    levels = (ink.astype(np.uint16) + _LEVELS // 2) // _LEVELS * _LEVELS
    ok, data = cv2.imencode(".png", levels.astype(np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not ok:
        raise ValueError("the print could not be packed")
    return base64.b64encode(data.tobytes()).decode("ascii")


@lru_cache(maxsize=16)
def unpack(packed: str) -> Grey:
    """The ink that ``pack`` stored."""
    data = np.frombuffer(base64.b64decode(packed), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("the print of the form is damaged")
    return np.asarray(image, dtype=np.uint8)
