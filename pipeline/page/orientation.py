"""Which way up a scan is: 0, 90, 180 or 270 degrees clockwise to be turned.

Two cheap signs are looked at first. Lines of print make rows, not columns, of letters; and
neighbouring letters stand on one line, while their tops differ (capitals, ascenders, marks).
Only where these speak against the picture as it is, or not clearly, is Tesseract asked, and
only its word turns a page: a page turned wrongly costs more than half a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.points import turned
from pipeline.page.scale import MM_PER_INCH, darkness, odd, shrink
from pipeline.tesseract import read_list
from pipeline.types import Grey

LETTER_DPI = 150.0
"""Letters of print stand apart here; at 100 dpi words flow together."""
_INK = 70
_LEVEL = 0.2
"""Margin of the first sign from which lines of print are surely level (measured 0.73–0.84)."""
_SURE = 3.0
"""Spreads by which pairs of letters level at the foot must outnumber those level at the top."""
_LEAST_PAIRS = 25
_ENOUGH_LETTERS = 150
"""Fewer letters on the first half (the foot of a page turned upside down): look at the second."""
_LEVEL_MM = 0.35
_GAP_MM = 3.0
_LETTER_MM = (1.1, 5.5)
_STRIP_MM = 24.0
_WINDOW_MM = (110.0, 80.0)
_WINDOWS = 2
_WON = 1.3
"""A turn must be read this many times better than the picture as it is."""
_LEAST_GAIN = 6.0


def upright_turn(grey: Grey, dpi: float, paper: Grey) -> int:
    """Degrees clockwise by which the picture must be turned to stand upright.

    Args:
        grey: the scan.
        dpi: its resolution.
        paper: mask of the paper, of any size; what lies off it is not looked at.
    """
    # Half of the scan shows it as well as all of it, where there is writing on that half.
    looks = [_look(grey, dpi, paper, second=False)]
    if len(looks[0].letters) < _ENOUGH_LETTERS:
        looks.append(_look(grey, dpi, paper, second=True))
    look = max(looks, key=lambda look: len(look.letters))
    small, ink, letters, dpi = look.small, look.ink, look.letters, look.dpi
    if len(letters) < _LEAST_PAIRS:
        return 0
    text = _drawn(letters, ink.shape)
    level = level_margin(text, dpi)
    if level > _LEVEL:
        if foot_margin(letters, dpi) > _SURE:
            return 0
        return _best_read(small, text, dpi, (0, 180))
    if level < -_LEVEL:
        return _best_read(small, text, dpi, (0, 90, 270))
    return _best_read(small, text, dpi, (0, 90, 180, 270))


@dataclass(frozen=True)
class _Look:
    """Half of the scan at letter resolution: grey, ink on the paper, boxes of letters."""

    small: Grey
    ink: Grey
    letters: NDArray[np.int32]
    dpi: float


def _look(grey: Grey, dpi: float, paper: Grey, *, second: bool) -> _Look:
    small, factor = shrink(grey[_half(grey, second=second)], dpi, LETTER_DPI)
    ink = darkness(small, dpi / factor)
    size = (ink.shape[1], ink.shape[0])
    half = paper[_half(paper, second=second)]
    mask = cv2.resize(half, size, interpolation=cv2.INTER_NEAREST)
    ink = np.asarray(cv2.bitwise_and(ink, mask), dtype=np.uint8)
    return _Look(small, ink, letter_boxes(ink, dpi / factor), dpi / factor)


def _half(image: Grey, *, second: bool) -> tuple[slice, slice]:
    """Left or right half of a wide image, upper or lower of a high one."""
    height, width = image.shape
    middle = max(height, width) // 2
    half = slice(middle, None) if second else slice(0, middle)
    return (slice(None), half) if width > height else (half, slice(None))


def letter_boxes(ink: Grey, dpi: float) -> NDArray[np.int32]:
    """Boxes (x, y, width, height) of what has the size of a letter, shape (n, 4)."""
    mm = MM_PER_INCH / dpi
    mask = (ink > _INK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = stats[1:, :4]
    size = boxes[:, 2:] * mm
    # Either side may be the height: the picture may lie on its side.
    short, long_ = size.min(axis=1), size.max(axis=1)
    fits = (short > 0.3) & (long_ > _LETTER_MM[0]) & (long_ < _LETTER_MM[1])
    return np.asarray(boxes[fits], dtype=np.int32)


def _drawn(boxes: NDArray[np.int32], shape: tuple[int, ...]) -> Grey:
    canvas = np.zeros((shape[0], shape[1]), np.uint8)
    for x, y, w, h in boxes.tolist():
        canvas[y : y + h, x : x + w] = 128
    return canvas


def level_margin(text: Grey, dpi: float) -> float:
    """Above 0 where print runs in level lines, below where it runs upright; -1..1."""
    across, down = _unrest(text, dpi), _unrest(np.ascontiguousarray(text.T), dpi)
    return (across - down) / max(1e-9, across + down)


def _unrest(text: Grey, dpi: float) -> float:
    """How much projections of upright strips change within the height of a line of print."""
    width = text.shape[1]
    count = max(2, round(width * MM_PER_INCH / dpi / _STRIP_MM))
    edges = np.linspace(0, width, count + 1).astype(int)[:-1]
    sums = np.add.reduceat(text, edges, axis=1, dtype=np.float32)
    fine = cv2.blur(sums, (1, odd(0.8, dpi))) - cv2.blur(sums, (1, odd(7.0, dpi)))
    return float((fine**2).sum())


def foot_margin(letters: NDArray[np.int32], dpi: float) -> float:
    """Spreads by which neighbours level at the foot outnumber those level at the top.

    A sign test over the pairs where only one of foot and top is level; near 0 where the
    letters do not tell.
    """
    mm = MM_PER_INCH / dpi
    tall = letters[letters[:, 3] * mm > _LETTER_MM[0]]
    tall = tall[np.argsort(tall[:, 0])]
    x0, y0 = tall[:, 0], tall[:, 1]
    x1, y1 = x0 + tall[:, 2], y0 + tall[:, 3]
    first = np.searchsorted(x0, x1 - 1)
    last = np.searchsorted(x0, x1 + _GAP_MM / mm)
    foot = top = 0
    for at, (start, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if end <= start:
            continue
        overlap = np.minimum(y1[at], y1[start:end]) - np.maximum(y0[at], y0[start:end])
        least = np.minimum(tall[at, 3], tall[start:end, 3])
        beside = np.flatnonzero(overlap > 0.6 * least)
        if not len(beside):
            continue
        other = start + int(beside[0])
        level_foot = abs(int(y1[at] - y1[other])) * mm < _LEVEL_MM
        level_top = abs(int(y0[at] - y0[other])) * mm < _LEVEL_MM
        foot += level_foot and not level_top
        top += level_top and not level_foot
    return float((foot - top) / np.sqrt(max(1, foot + top)))


def _best_read(small: Grey, text: Grey, dpi: float, turns: tuple[int, ...]) -> int:
    """The turn in which Tesseract reads most of the windows full of print."""
    windows = _windows(text, dpi)
    if not windows:
        return 0
    crops = [turned(small[window], turn) for turn in turns for window in windows]
    read = read_list([np.ascontiguousarray(crop) for crop in crops], dpi, psm=11)
    gain = [
        sum(
            word.confidence * len(word.text)
            for words in read[at : at + len(windows)]
            for word in words
            if word.confidence > 0.5 and sum(sign.isalpha() for sign in word.text) >= 3
        )
        for at in range(0, len(read), len(windows))
    ]
    best = int(np.argmax(gain))
    return turns[best] if gain[best] > _WON * gain[0] + _LEAST_GAIN else 0


def _windows(text: Grey, dpi: float) -> list[tuple[slice, slice]]:
    """Places of the picture with most print, apart from each other."""
    wide = min(round(_WINDOW_MM[0] * dpi / MM_PER_INCH), text.shape[1])
    high = min(round(_WINDOW_MM[1] * dpi / MM_PER_INCH), text.shape[0])
    full = cv2.boxFilter(
        text.astype(np.float32),
        -1,
        (wide, high),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    found: list[tuple[slice, slice]] = []
    for _ in range(_WINDOWS):
        _, value, _, (x, y) = cv2.minMaxLoc(full)
        if value <= 0:
            break
        left = min(max(0, x - wide // 2), text.shape[1] - wide)
        top = min(max(0, y - high // 2), text.shape[0] - high)
        found.append((slice(top, top + high), slice(left, left + wide)))
        full[max(0, y - high) : y + high, max(0, x - wide) : x + wide] = 0
    return found
