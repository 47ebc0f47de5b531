"""From a grid's frame to pixels of the page and of the scan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.form.warp import Warp
from pipeline.page.points import through
from pipeline.types import PageImage

Floats = NDArray[np.float64]

MM_PER_INCH = 25.4


def frame_to_page(page: PageImage, warp: Warp, points: Floats, factor: float = 1.0) -> Floats:
    """Points of the frame (mm) in page pixels, shape (n, 2).

    Args:
        page: the page.
        warp: from the frame to millimetres of the page's small picture.
        points: shape (n, 2).
        factor: page pixels in a pixel of the small picture the grid was fitted on; its first
            pixel's middle lies that much inside the page.
    """
    return warp.apply(points) / MM_PER_INCH * page.dpi + (factor - 1) / 2


def frame_to_scan(page: PageImage, warp: Warp, points: Floats) -> Floats:
    """Points of the frame (mm) in millimetres of the scan, upright as the page is."""
    scan = through(frame_to_page(page, warp, points), page.to_scan)
    quarter = page.rotation // 90
    # Turn the scan's axes so that y runs down the page again.
    turned = (
        scan,
        np.stack([-scan[:, 1], scan[:, 0]], axis=1),
        -scan,
        np.stack([scan[:, 1], -scan[:, 0]], axis=1),
    )[quarter]
    return np.asarray(turned / page.dpi * MM_PER_INCH, dtype=np.float64)
