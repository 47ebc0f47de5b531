"""Scans that hold no entries or must be made again: cover, blank page, blurred, upside down."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.lines_layout import STATE_TITLE
from samples.printer import Printer
from samples.sheet import Label, Sheet

Grey = NDArray[np.uint8]


def cover_sheet(sheet: Sheet, printer: Printer, unit: str, district: str, volume: str) -> Sheet:
    """The printed cover of a book: state, office, title, number of the volume."""
    width, height = sheet.width, sheet.height
    left = width / 2 if sheet.gutter is None else width * 0.75
    size = printer.size
    lines = (
        (0.10, STATE_TITLE[0], 1.1),
        (0.13, STATE_TITLE[1], 1.0),
        (0.22, f"{district.upper()}, THÀNH PHỐ HẢI PHÒNG", 1.0),
        (0.26, unit.upper(), 1.2),
        (0.45, "SỔ ĐĂNG KÝ", 2.2),
        (0.51, printer.heading.removeprefix("SỔ ").removeprefix("ĐĂNG KÝ "), 2.6),
        (0.66, f"Quyển số: {volume}", 1.3),
        (0.72, "Mở ngày: ....................", 1.1),
        (0.76, "Khóa ngày: ..................", 1.1),
    )
    cover = Sheet(width, height, gutter=sheet.gutter)
    cover.labels = [
        Label(left, height * y, text, size * share, share > 1, "m") for y, text, share in lines
    ]
    return cover


def empty_sheet(sheet: Sheet) -> Sheet:
    """The same paper with nothing printed."""
    return Sheet(sheet.width, sheet.height, gutter=sheet.gutter)


def blurred(picture: Grey, dpi: float) -> Grey:
    """Out of focus beyond use: letters of 4 mm melt together."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.75 * dpi / 25.4), np.uint8)


def upside_down(picture: Grey, truth: dict[str, Any]) -> tuple[Grey, dict[str, Any]]:
    """The same scan turned by half; polygons keep the order of the upright page."""
    height, width = picture.shape[:2]
    entries = [
        {
            **entry,
            "fields": [
                {
                    **field,
                    "polygon": [
                        [round(width - x, 1), round(height - y, 1)] for x, y in field["polygon"]
                    ],
                }
                for field in entry["fields"]
            ],
        }
        for entry in truth["entries"]
    ]
    return np.ascontiguousarray(picture[::-1, ::-1]), {**truth, "entries": entries, "rotation": 180}
