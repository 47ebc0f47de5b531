"""Scans become pages: upright, cut at the fold, deskewed, evenly lit, never binarized."""

from __future__ import annotations

import cv2

# One process a core does the work; threads inside OpenCV would only fight over it.
cv2.setNumThreads(1)

from pipeline.page.points import to_page_polygon, to_scan_polygon  # noqa: E402
from pipeline.page.prepare import prepare  # noqa: E402
from pipeline.page.rules import Rules, page_rules  # noqa: E402

__all__ = ["Rules", "page_rules", "prepare", "to_page_polygon", "to_scan_polygon"]
