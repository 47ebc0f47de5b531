"""A layout drawn over its pages, for people to look at.

``overlay_of`` gives the same as plain shapes in scan pixels (``overlay_shapes``), for the picture
of ``hotich show page`` and for the desk.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.overlay_shapes import Box, Overlay, draw_overlay, overlay_of
from pipeline.page.scale import shrink
from pipeline.types import Layout, PageImage

Colour = NDArray[np.uint8]

__all__ = ["Box", "Overlay", "draw_layout", "draw_overlay", "overlay_of"]

_SHOWN_DPI = 100.0
_SURE, _DOUBTFUL, _PRINTED = (60, 160, 0), (0, 0, 220), (200, 120, 0)
"""Blue, green, red of a cell that is sure, one that is not, and of print inside a cell."""
_GAP = 8


def draw_layout(
    pages: Sequence[PageImage], layout: Layout, *, dpi: float = _SHOWN_DPI, names: bool = True
) -> Colour:
    """The pages side by side with the cells of a layout.

    Args:
        pages: pages of the scan the layout is of.
        layout: cells in page pixels; green where they are sure, red where they are not.
        dpi: of the picture.
        names: whether entry and field are written into each cell.

    Returns:
        Picture of shape (height, width, 3), blue first as OpenCV has it.
    """
    sheets = []
    for index, page in enumerate(pages):
        small, factor = shrink(page.grey, page.dpi, dpi)
        sheet = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
        for cell in (cell for cell in layout.cells if cell.page == index):
            share = min(1.0, max(0.0, cell.confidence))
            colour = [share * a + (1 - share) * b for a, b in zip(_SURE, _DOUBTFUL, strict=True)]
            outline = _pixels(cell.polygon, factor)
            cv2.polylines(sheet, [outline], True, colour, 1, cv2.LINE_AA)
            for printed in cell.printed:
                cv2.polylines(sheet, [_pixels(printed, factor)], True, _PRINTED, 1, cv2.LINE_AA)
            if names:
                x, y = outline.min(axis=0).tolist()
                text = f"{cell.entry + 1} {cell.field}"
                cv2.putText(sheet, text, (x + 2, y + 8), cv2.FONT_HERSHEY_PLAIN, 0.6, colour, 1)
        sheets.append(np.asarray(sheet, dtype=np.uint8))
    height = max(sheet.shape[0] for sheet in sheets) + 2 * _GAP + 12
    canvas = [
        cv2.copyMakeBorder(
            sheet,
            _GAP + 12,
            height - sheet.shape[0] - _GAP - 12,
            _GAP,
            _GAP,
            cv2.BORDER_CONSTANT,
            value=(90, 90, 90),
        )
        for sheet in sheets
    ]
    picture = np.hstack(canvas)
    title = f"{layout.form_id}  {layout.page_class}  confidence {layout.confidence:.2f}"
    title = "  ".join([title, *layout.notes])
    cv2.putText(picture, title, (_GAP, 14), cv2.FONT_HERSHEY_PLAIN, 1.0, (255, 255, 255), 1)
    return np.asarray(picture, dtype=np.uint8)


def _pixels(polygon: tuple[tuple[float, float], ...], factor: float) -> NDArray[np.int32]:
    return np.round(np.array(polygon) / factor).astype(np.int32)
