"""The picture the net sees: ink of one line, its paper divided out, at one height.

Training and reading call the same function. Whoever changes how writing looks in it raises
``INK_VERSION``: weights name the version they were trained with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

INK_VERSION = 1
HEIGHT = 48
"""Pixels from the top of the highest to the bottom of the deepest ink."""
SQUEEZE = 0.75
"""Width over height of what was a square: strokes bear it, and the net has less to look at."""
MAX_WIDTH = 1200
"""Longer lines are squeezed further, to some 3 pixels a letter."""
MIN_WIDTH = 16
PAD_TO = 32
"""Widths are padded with 0 to the next multiple of this, at least ``MARGIN`` more."""
MARGIN = 12

InkLine = NDArray[np.float32]
Grey = NDArray[np.uint8]

_WORK_HEIGHT = 112
_LEAST_HEIGHT = 40
_MOST_WIDTH = 6000
_FAINTEST = 18.0
"""Of 255, the paper's light. Paler than this is no ink in any picture."""
_INK = 90
_SPECK = 3
"""Pixels; whatever is smaller is dust."""
_ALL_INK = 0.6
"""Share of the picture. Where more is dark, nothing is written that could be read."""
_NEAR = 0.5
"""Of the height. An upright stroke so close to writing is a letter rather than a rule."""
_SOME, _PALER = 0.05, 0.8
"""Writing is toned by itself where it is such a share of all ink, and so much paler than rules."""
_PALE = 45
_LETTER_AREA, _LETTER_HEIGHT, _WORD_GAP = 0.012, 0.18, 1.0
"""Of the line's height (its square): what counts as a letter, and how far it may be from others."""
_MARK_GAP = 0.1
"""Of the height, between a tone mark and its letter in a picture cut close to the writing."""


def padded_width(width: int) -> int:
    """Width a line is padded to, whatever is batched with it: so batches change nothing."""
    return -(-(width + MARGIN) // PAD_TO) * PAD_TO


def own_frames(width: int, frames: int) -> int:
    """How many of a padded line's frames are its own: training asks nothing of those behind.

    Args:
        width: of the line's ink map.
        frames: that a net made of it, padding included.
    """
    return max(1, (width + MARGIN) * frames // padded_width(width))


def stack(lines: list[InkLine], width: int | None = None) -> NDArray[np.float32]:
    """Lines padded with 0 to one width (the widest one's), shape ``(lines, 1, HEIGHT, width)``."""
    width = width or max(padded_width(line.shape[1]) for line in lines)
    batch = np.zeros((len(lines), 1, HEIGHT, width), np.float32)
    for row, line in zip(batch, lines, strict=True):
        row[0, :, : line.shape[1]] = line
    return batch


def ink_line(picture: NDArray[Any]) -> InkLine:
    """Ink map of a picture of one line, 0 (paper) to 1 (ink), shape ``(HEIGHT, width)``.

    Args:
        picture: grey or colour (BGR), dark on light, any size, at any resolution. Neighbouring
            lines may reach in at the rims; long rules are borne.

    Returns:
        The map cut to the ink; ``MIN_WIDTH`` columns of 0 where there is no ink at all (blank,
        one pixel, one tone).
    """
    found = ink_and_box(picture)
    if found is None:
        return empty_line()
    ink, (top, bottom, left, right) = found
    return _fitted(ink[max(0, top) : bottom, left:right], bottom - top, max(0, -top))


def ink_and_box(picture: NDArray[Any]) -> tuple[Grey, tuple[int, int, int, int]] | None:
    """Ink of a whole picture, 0..255, and top, bottom, left, right of its line.

    ``top`` may be negative and ``bottom`` below the picture. None where there is no ink.
    """
    grey = _grey(picture)
    if min(grey.shape) < _SPECK:
        return None
    found = _contrast(_scaled(grey))
    box = None if found is None else _band(found[1], found[0].shape[1])
    return None if found is None or box is None else (found[0], _with_pale_ends(*found, box))


def empty_line() -> InkLine:
    """The map of a picture without ink."""
    return np.zeros((HEIGHT, MIN_WIDTH), np.float32)


def _grey(picture: NDArray[Any]) -> Grey:
    flat = picture
    if flat.ndim == 3:
        flat = (
            flat[..., :3].mean(axis=2)
            if flat.shape[2] != 3
            else cv2.cvtColor(np.ascontiguousarray(flat, np.uint8), cv2.COLOR_BGR2GRAY)
        )
    return np.ascontiguousarray(flat).astype(np.uint8)


def _scaled(grey: Grey) -> Grey:
    height, width = grey.shape
    scale = min(1.0, _WORK_HEIGHT / height)
    if height < _LEAST_HEIGHT:
        scale = _LEAST_HEIGHT / height
    across = min(scale, _MOST_WIDTH / width)
    if scale == 1.0 and across == 1.0:
        return grey
    size = (max(_SPECK, round(width * across)), max(_SPECK, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)


@dataclass(frozen=True, eq=False)
class _Strong:
    """What is surely ink, at half size: all of it, strokes from top to bottom, lines across."""

    half: Grey
    """All ink, 0..255."""
    mask: Grey
    upright: Grey
    level: Grey

    @property
    def rules(self) -> Grey:
        """Whatever is no writing, as far as its shape tells."""
        return np.asarray(self.upright | self.level, np.uint8)


def _strong(ink: Grey) -> _Strong:
    half = _half(ink)
    mask = _mask(half, _INK)
    return _Strong(half, mask, _upright(mask), _level(mask))


def _half(ink: Grey) -> Grey:
    size = (max(1, ink.shape[1] // 2), max(1, ink.shape[0] // 2))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


def _mask(ink: Grey, above: int) -> Grey:
    return np.asarray(cv2.threshold(ink, above, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _contrast(grey: Grey) -> tuple[Grey, _Strong] | None:
    """How dark against the paper around, the usual ink being 255; None where nothing is."""
    depth, least = _depth(grey)
    usual, total = _usual(depth[::3, ::2], least)
    if total < _SPECK or total > _ALL_INK * depth[::3, ::2].size:
        return None
    ink = _toned(depth, least, usual)
    strong = _strong(ink)
    rules = strong.rules
    if rules.any():
        # Rules darker than the writing would leave it too pale to be seen.
        wide = cv2.resize(cv2.dilate(rules, np.ones((3, 3), np.uint8)), depth.shape[::-1])
        own, left = _usual(np.where(wide > 0, 0, depth)[::3, ::2], least)
        if left >= max(_SPECK, _SOME * total) and own < _PALER * usual:
            ink = _toned(depth, least, own)
            strong = _strong(ink)
    return ink, strong


def _depth(grey: Grey) -> tuple[Grey, float]:
    """How much darker than the paper around each pixel is, and from where on it is no noise."""
    height, width = grey.shape
    small = cv2.resize(
        grey, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA
    )
    reach = max(3, height // 12) | 1
    paper = cv2.morphologyEx(
        small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    paper = np.maximum(cv2.blur(paper, (reach, reach), borderType=cv2.BORDER_REPLICATE), 24)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    depth = np.asarray(cv2.bitwise_not(cv2.divide(grey, paper, scale=255)), np.uint8)
    some = depth[::3, ::2]
    noise = float(cv2.absdiff(some[:, 1:], some[:, :-1]).mean()) if some.shape[1] > 1 else 0.0
    return depth, max(_FAINTEST, 1.2 * noise)


def _usual(depth: Grey, least: float) -> tuple[int, int]:
    """Depth of the usual ink, and how many pixels are ink."""
    counts = np.bincount(depth.ravel(), minlength=256)
    counts[: int(least) + 1] = 0
    total = int(counts.sum())
    return int(np.searchsorted(np.cumsum(counts), 0.75 * total)), total


def _toned(depth: Grey, least: float, usual: int) -> Grey:
    """The usual ink at 255, noise at 0."""
    full, low = max(float(usual), 1.6 * least), 0.35 * least
    table = np.clip((np.arange(256) - low) / (full - low) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(depth, table), np.uint8)


def _band(strong: _Strong, wide: int) -> tuple[int, int, int, int] | None:
    """Top, bottom, left, right of the line's ink, rules and neighbours left out.

    ``wide`` is the width of the picture. ``top`` may be negative: the line then lacks space above
    it that its letters should have.
    """
    mask, upright = strong.mask, strong.upright
    height = mask.shape[0]
    kept = np.where(strong.rules > 0, np.uint8(0), mask)
    _drop_neighbours(kept)
    if not kept.any():  # a lone 1, or a dash: what looks like a rule is all there is
        kept, upright = mask, np.zeros_like(mask)
    mask = kept
    rows = mask.sum(axis=1, dtype=np.float32)
    total = float(rows.sum())
    if total < 1:
        return None
    top, core_top, core_bottom, bottom = _extent(rows, total)
    core = max(core_bottom - core_top, height * 0.08, 3.0)
    top = max(top, round(core_top - 2.0 * core))
    bottom = min(bottom, round(core_bottom + 1.8 * core))
    least = round(max(1.5 * core, 0.22 * height))
    if bottom - top < least:  # a dash, or letters without any stroke up or down
        middle = (core_top + core_bottom) / 2
        top, bottom = min(top, round(middle - least / 2)), max(bottom, round(middle + least / 2))
    inked = np.flatnonzero(mask[max(0, top) : bottom].any(axis=0))
    if not inked.size:
        return None
    rim = max(1, round(0.08 * core))
    left, right = _beside(upright, int(inked[0]), int(inked[-1]), round(_NEAR * height))
    return (
        2 * top - 1,
        2 * bottom + 1,
        2 * max(0, left - rim),
        min(wide, 2 * (right + 1 + rim)),
    )


def _with_pale_ends(
    ink: Grey, strong: _Strong, box: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """The box up to where paler writing goes on: a pen runs dry, a shadow lies on half a line."""
    top, bottom, left, right = box
    rows = slice(max(0, top) // 2, max(1, bottom // 2))
    pale = _mask(strong.half[rows], _PALE)
    pale[strong.rules[rows] > 0] = 0
    begin, end = left // 2, right // 2
    if not (pale[:, :begin].any() or pale[:, end:].any()):
        return box
    height = pale.shape[0]
    _, _, stats, _ = cv2.connectedComponentsWithStats(pale, connectivity=8)
    big = stats[1:][
        (stats[1:, cv2.CC_STAT_AREA] >= _LETTER_AREA * height * height)
        & (stats[1:, cv2.CC_STAT_HEIGHT] >= _LETTER_HEIGHT * height)
    ]
    first = big[:, cv2.CC_STAT_LEFT]
    last = first + big[:, cv2.CC_STAT_WIDTH]
    gap = round(_WORD_GAP * height)
    for start, stop in sorted(zip(first.tolist(), last.tolist(), strict=True)):
        if left // 2 <= start <= end + gap:
            end = max(end, stop)
    for start, stop in sorted(zip(first.tolist(), last.tolist(), strict=True), reverse=True):
        if begin - gap <= stop <= right // 2:
            begin = min(begin, start)
    if begin < left // 2:
        left = max(0, 2 * begin - 2)
    if end > right // 2:
        right = min(ink.shape[1], 2 * end + 2)
    return top, bottom, left, right


def _beside(upright: Grey, left: int, right: int, near: int) -> tuple[int, int]:
    """First and last column of ink, upright strokes close by taken in: letters may be such."""
    strokes = np.flatnonzero(upright.any(axis=0))
    before = strokes[(strokes < left) & (strokes >= left - near)]
    after = strokes[(strokes > right) & (strokes <= right + near)]
    return int(min((left, *before[:1]))), int(max((right, *after[-1:])))


def _extent(rows: NDArray[np.float32], total: float) -> tuple[int, int, int, int]:
    """Top of all ink, top and bottom of the body of the letters, bottom of all ink."""
    inked = np.flatnonzero(rows > max(0.5, 0.002 * total))
    if not inked.size:
        inked = np.flatnonzero(rows > 0)
    smooth = np.convolve(rows, np.ones(3, np.float32) / 3, mode="same")
    level = 0.45 * float(np.percentile(smooth[smooth > 0], 92))
    dense = smooth > level
    best = (0.0, int(inked[0]), int(inked[-1]) + 1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], dense.view(np.int8), [0]))))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        best = max(best, (float(rows[start:stop].sum()), int(start), int(stop)))
    return int(inked[0]), best[1], best[2], int(inked[-1]) + 1


def _level(mask: Grey) -> Grey:
    """Long lines across; slanted ones too, as far as they are thick."""
    height, width = mask.shape
    long = max(20, round(1.1 * height))
    if width <= long:
        return np.zeros_like(mask)
    thick = cv2.dilate(mask, np.ones((2, 1), np.uint8))
    across = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    return np.asarray(cv2.dilate(across, np.ones((3, 5), np.uint8)), np.uint8)


def _upright(mask: Grey) -> Grey:
    """Lines from the top of the picture to its bottom, or nearly."""
    tall = max(12, round(0.88 * mask.shape[0]))
    thick = cv2.dilate(mask, np.ones((1, 2), np.uint8))
    down = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8))
    return np.asarray(cv2.dilate(down, np.ones((5, 3), np.uint8)), np.uint8)


def _drop_neighbours(mask: Grey) -> None:
    """Takes out specks, and pieces that hang in from the rims above and below."""
    height = mask.shape[0]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return
    top = stats[:, cv2.CC_STAT_TOP]
    bottom = top + stats[:, cv2.CC_STAT_HEIGHT]
    drop = stats[:, cv2.CC_STAT_AREA] < _SPECK
    drop[0] = False
    hanging = (top <= 1) & (bottom < 0.26 * height)
    rising = (bottom >= height - 1) & (top > 0.80 * height)
    hanging[0] = rising[0] = False
    gap = max(2, round(_MARK_GAP * height))
    for n in np.flatnonzero(hanging | rising):
        left, wide = stats[n, cv2.CC_STAT_LEFT], stats[n, cv2.CC_STAT_WIDTH]
        rows = (
            slice(bottom[n], bottom[n] + gap) if hanging[n] else slice(max(0, top[n] - gap), top[n])
        )
        # A mark has its letter close by; what hangs in from another line has not.
        drop[n] |= not mask[rows, max(0, left - 2) : left + wide + 2].any()
    if drop.any() and not drop[1:].all():
        mask[drop[labels]] = 0


def _fitted(cut: Grey, tall: int, above: int) -> InkLine:
    """The cut at the net's height; ``tall`` rows with what is missing above and below."""
    height, width = cut.shape
    scale = HEIGHT / tall
    across = min(max(round(width * scale * SQUEEZE), MIN_WIDTH // 2), MAX_WIDTH)
    body = max(1, min(HEIGHT, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(cut, (across, body), interpolation=how)
    start = min(HEIGHT - body, round(above * scale))
    line = np.zeros((HEIGHT, max(across, MIN_WIDTH)), np.float32)
    line[start : start + body, :across] = small.astype(np.float32) / 255
    return line
