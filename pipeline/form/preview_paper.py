"""A sheet of paper to draw a form on: millimetres in, pixels out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MM_PER_INCH = 25.4
Colour = tuple[int, int, int]
Spot = tuple[float, float]
INK: Colour = (30, 30, 30)
FAINT: Colour = (130, 130, 130)
PEN: Colour = (170, 90, 20)
"""Blue, green, red: printed, printed by some, written."""
_SMALLEST = 1.4


class Paper:
    """A white page of so many millimetres; x runs right, y down, texts stand on ``y``."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        self.width, self.height = width, height
        self._scale = dpi / MM_PER_INCH
        # OpenCV carries its own font, with all Vietnamese letters; nothing is read from disk.
        self._font = cv2.FontFace("sans")
        self.picture: NDArray[np.uint8] = np.full(
            (round(height * self._scale), round(width * self._scale), 3), 255, np.uint8
        )

    def wide(self, text: str, size: float) -> float:
        """Width of a text in millimetres; ``size`` is the em."""
        if not text:
            return 0.0
        _, _, pixels, _ = cv2.getTextSize(
            (0, 0), text, (0, 0), self._font, round(size * self._scale), 400
        )
        return float(pixels) / self._scale

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: Colour = INK,
        *,
        centred: bool = False,
    ) -> None:
        """Write a text from ``x``, or around it."""
        if not text:
            return
        if centred:
            x -= self.wide(text, size) / 2
        cv2.putText(
            self.picture,
            text,
            (round(x * self._scale), round(y * self._scale)),
            colour,
            self._font,
            round(size * self._scale),
            400,
        )

    def fitted(
        self, x: float, y: float, text: str, size: float, room: float, colour: Colour = INK
    ) -> float:
        """Write a text into ``room``, smaller and at last cut where it must be.

        Returns:
            Where it ends.
        """
        while size > _SMALLEST and self.wide(text, size) > room:
            size *= 0.93
        while len(text) > 1 and self.wide(text, size) > room:
            text = text.rstrip("…")[:-1] + "…"
        self.text(x, y, text, size, colour)
        return x + self.wide(text, size)

    def rule(self, start: Spot, end: Spot, colour: Colour = INK) -> None:
        """A printed rule."""
        a, b = ((round(x * self._scale), round(y * self._scale)) for x, y in (start, end))
        cv2.line(self.picture, a, b, colour, 1, cv2.LINE_AA)

    def dots(self, span: tuple[float, float], y: float) -> None:
        """A dotted line to write on."""
        for x in np.arange(span[0], span[1], 1.2):
            at = (round(float(x) * self._scale), round(y * self._scale))
            cv2.circle(self.picture, at, 1, FAINT, -1)
