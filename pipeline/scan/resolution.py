"""Dots per inch of a scan: what the file says if it is possible, else what its size suggests."""

from __future__ import annotations

import math

MM_PER_INCH = 25.4
_LONG_SIDE_MM = (190.0, 650.0)
"""Plausible long side of what lies on the scanner: from half an A4 page to an opening of A2."""
_A4_MM, _A3_MM = 297.0, 420.0
_USUAL_DPI = (100, 150, 200, 300, 400, 600)
_SNAP = 0.03
"""A4 and A3 differ by 1.41, which no two usual resolutions do within 3 %: a hit tells the paper."""
_MAX_PORTRAIT_DPI = 450.0
_LANDSCAPE = 1.15


def plausible_dpi(claimed: tuple[float, float] | None, width: int, height: int) -> float:
    """Resolution of an image of ``width`` x ``height`` pixels, in dots per inch.

    The claim of the file is believed if it is square (within 5 %) and makes a sheet between
    190 and 650 mm long. Else (72 by default, 1, 0, a wrapper's guess) the sheet is taken for
    A4 or A3, whichever gives a resolution that scanners have; failing that, upright pages are
    A4 (A3 if that would be over 450 dpi) and landscape ones A3 openings.
    """
    long_side = max(width, height, 1)
    if claimed is not None:
        across, down = (float(value) for value in claimed)
        if (
            math.isfinite(across)
            and math.isfinite(down)
            and min(across, down) > 0
            and abs(across - down) <= 0.05 * max(across, down)
        ):
            dpi = (across + down) / 2
            if _LONG_SIDE_MM[0] <= long_side / dpi * MM_PER_INCH <= _LONG_SIDE_MM[1]:
                return dpi
    by_a4, by_a3 = (long_side / paper * MM_PER_INCH for paper in (_A4_MM, _A3_MM))
    for guess in (by_a4, by_a3):
        for usual in _USUAL_DPI:
            if abs(guess / usual - 1) <= _SNAP:
                return float(usual)
    landscape = width >= _LANDSCAPE * height
    return by_a3 if landscape or by_a4 > _MAX_PORTRAIT_DPI else by_a4
