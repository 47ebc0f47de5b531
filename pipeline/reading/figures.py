"""What a crop looks like in figures, for the router: turns of outlines, evenness, sizes.

Along the outline of the ink the directions of two short legs are counted together (the hinge
of Bulacu and Schomaker 2007): print has few directions and sharp corners, a pen many and soft
ones. How well letters keep a line, a height and a stroke's width is counted too, and what only
the size on paper tells: short strokes, long lines, arcs, specks.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH
from pipeline.reading.signs import SURE, hand_sign
from pipeline.types import Crop, Grey

Floats = NDArray[np.float64]

LETTER_PX = 22.0
"""Height to which letters are brought before they are looked at."""
_LEGS = (5, 10)
_WAYS, _TURNS, _FINE = 16, 12, 36
_INK = 128
_MOST = 4.0
_WIDEST = 520
"""Columns that are looked at: some words tell as much as a long line."""
_LEAST_PIECES = 2
_HINGES = len(_LEGS) * _WAYS * _TURNS // 2
FIGURES = _HINGES + _FINE + 12

_COARSE_DPI = 90.0
_LONG_MM = 4.0
"""Longer straight strokes than letters have: deletions, arcs of seals, rests of rules."""
_WAYS_OF_LINES = (0, 20, 45, 70, 90, 110, 135, 160)
_SPECK_MM2 = 0.02
_EDGE_MM = 1.2
SIZES = 36 + len(_WAYS_OF_LINES)


def figures(image: Grey) -> Floats:
    """How something is written, whatever its size: ``FIGURES`` numbers of a clean crop."""
    mask = _letters(image)
    return np.concatenate([_hinges(mask), _regularity(mask)])


def sizes(crop: Crop) -> Floats:
    """What stands in a cell, on its true scale: ``SIZES`` numbers of a clean crop."""
    scale = MM_PER_INCH / crop.dpi
    image = crop.image
    height, width = image.shape
    mask = _below(image)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    own = np.asarray(stats[1:], np.float64)
    own = own[own[:, cv2.CC_STAT_AREA] * scale * scale >= _SPECK_MM2]
    found = np.zeros(SIZES)
    found[:6] = (
        np.log1p(height * scale),
        np.log1p(width * scale),
        np.log1p(crop.depth),
        np.log1p(1000 * crop.ink_share),
        float(crop.struck),
        crop.lines,
    )
    if not len(own):
        return found
    left, top, wide, high, area = own.T
    wide, high, area = wide * scale, high * scale, area * scale * scale
    bottom, right = top * scale + high, left * scale + wide
    most = int(area.argmax())
    whole = (bottom.max() - top.min() * scale, right.max() - left.min() * scale)
    order = np.sort(high)
    edge = _EDGE_MM
    outer = (
        (top * scale < edge)
        | (left * scale < edge)
        | (bottom > height * scale - edge)
        | (right > width * scale - edge)
    )
    mark, sure = hand_sign(image, crop.dpi)
    plain = mark if sure >= SURE else ""
    found[6:31] = (
        np.log1p(len(own)),
        np.log1p((area >= 0.3).sum()),
        np.log1p((area < 0.12).sum()),
        np.log1p(whole[0]),
        np.log1p(whole[1]),
        np.log1p(area.sum()),
        area[most] / area.sum(),
        np.log1p(high[most]),
        np.log1p(wide[most]),
        np.log1p(order[len(order) // 2]),
        np.log1p(order[int(0.9 * (len(order) - 1))]),
        float((area / (wide * high)) @ area / area.sum()),
        float((wide / high) @ area / area.sum()),
        area[outer].sum() / area.sum(),
        outer.mean(),
        (top.min() * scale + bottom.max()) / (2 * height * scale),
        (left.min() * scale + right.max()) / (2 * width * scale),
        whole[0] / (height * scale),
        whole[1] / (width * scale),
        float(plain == '"'),
        float(plain == "-"),
        float(bool(mark)),
        float(np.std(top * scale + high / 2)),
        float(np.min(high / wide)),
        float(np.max(high / wide)),
    )
    found[31:36] = _tones(image, mask, scale)
    found[36:] = _long_lines(mask, crop.dpi)
    return found


def _tones(image: Grey, mask: Grey, scale: float) -> Floats:
    """Stroke's width and its spread in mm; how dark ink is, how uneven, how much is half-dark."""
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    thick = cv2.distanceTransform(framed, cv2.DIST_L2, 3)
    core = thick[thick > 1]
    inked = image[mask > 0]
    dark, mid, pale = np.percentile(inked, (10, 50, 90)) if inked.size else (0, 0, 0)
    soft = np.count_nonzero((image > _INK) & (image < 225))
    return np.array(
        [
            float(core.mean()) * scale if core.size else 0.0,
            float(core.std() / core.mean()) if core.size else 0.0,
            mid / 128,
            (pale - dark) / 128,
            soft / max(1, inked.size),
        ]
    )


@lru_cache(maxsize=64)
def _line_kernel(way: int, length: int) -> Grey:
    turn = np.deg2rad(way)
    half = length / 2
    reach = int(half) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    dx, dy = half * np.cos(turn), -half * np.sin(turn)
    cv2.line(
        kernel,
        (round(reach - dx), round(reach - dy)),
        (round(reach + dx), round(reach + dy)),
        1,
    )
    rows, columns = np.flatnonzero(kernel.any(axis=1)), np.flatnonzero(kernel.any(axis=0))
    return np.ascontiguousarray(kernel[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _long_lines(mask: Grey, dpi: float) -> Floats:
    """Share of the ink that lies in long straight strokes, by their way."""
    scale = min(1.0, _COARSE_DPI / dpi)
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    small = cv2.threshold(small, 90, 255, cv2.THRESH_BINARY)[1]
    inked = max(1, cv2.countNonZero(small))
    length = round(_LONG_MM * dpi * scale / MM_PER_INCH)
    return np.array(
        [
            cv2.countNonZero(cv2.morphologyEx(small, cv2.MORPH_OPEN, _line_kernel(way, length)))
            / inked
            for way in _WAYS_OF_LINES
        ]
    )


def _letter_height(own: Grey) -> float:
    """Usual height of what is tall in a picture cut to its ink, in pixels."""
    heights = np.sort(cv2.connectedComponentsWithStats(_below(own), connectivity=8)[2][1:, 3])
    tall = heights[heights >= 0.5 * heights[int(0.9 * (len(heights) - 1))]]
    return max(1.0, float(tall[len(tall) // 2]))


def _letters(image: Grey) -> Grey:
    """Ink (255) of a crop, its letters about ``LETTER_PX`` high, nothing around it."""
    left, top, width, height = cv2.boundingRect(_below(image))
    if not width:
        return np.zeros((1, 1), np.uint8)
    own = image[top : top + height, left : left + width]
    scale = min(_MOST, LETTER_PX / _letter_height(own))
    own = own[:, : round(_WIDEST / scale)]
    light = cv2.copyMakeBorder(own, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    size = (max(4, round(light.shape[1] * scale)), max(4, round(light.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(light, size, interpolation=way), np.uint8)
    return _below(sized)


def _below(image: Grey) -> Grey:
    """255 where there is ink."""
    return np.asarray(cv2.threshold(image, _INK - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


@lru_cache(maxsize=1)
def _angles() -> NDArray[np.float32]:
    """Direction of each step of whole pixels that a leg can be, by row and column."""
    reach = max(_LEGS)
    steps = np.arange(-reach, reach + 1)
    return np.asarray(np.arctan2(steps[:, None], steps[None, :]), np.float32)


def _hinges(mask: Grey) -> Floats:
    """Square roots of the shares of each pair of way and turn, and of fine ways of long legs."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [np.asarray(ring).reshape(-1, 2) for ring in outlines if len(ring) >= 3 * min(_LEGS)]
    if not rings:
        return np.zeros(_HINGES + _FINE)
    points = np.concatenate(rings)
    counts = np.array([len(ring) for ring in rings])
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    size = np.repeat(counts, counts)
    place = np.arange(len(points)) - starts
    angles, reach = _angles(), max(_LEGS)
    parts = []
    fine = np.zeros(_FINE)
    for leg in _LEGS:
        # Each outline is a ring: legs go on around its end.
        on = points[starts + (place + leg) % size] - points + reach
        back = points[starts + (place - leg) % size] - points + reach
        way = angles[on[:, 1], on[:, 0]]
        turn = np.abs((angles[back[:, 1], back[:, 0]] - way) % (2 * np.pi) - np.pi)
        ways = ((way + np.pi) / (2 * np.pi) * _WAYS + 0.5).astype(int) % _WAYS
        turns = np.minimum(_TURNS // 2 - 1, turn / np.pi * _TURNS).astype(int)
        long = size >= 3 * leg
        pairs = np.bincount((ways * (_TURNS // 2) + turns)[long], minlength=_HINGES // len(_LEGS))
        parts.append(np.sqrt(pairs / max(1, pairs.sum())))
        if leg == reach:
            straight = long & (turn < 0.35)
            slots = ((way / np.pi % 1.0) * _FINE + 0.5).astype(int) % _FINE
            fine = np.bincount(slots[straight], minlength=_FINE) / max(1, int(long.sum()))
    return np.concatenate([*parts, np.sqrt(fine)])


def _regularity(mask: Grey) -> Floats:
    """How evenly letters stand, how alike they are in height and stroke."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, area = np.asarray(stats[1:], np.float64).T
    large = height >= 0.55 * LETTER_PX
    thick = cv2.distanceTransform(
        cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3
    )
    ridge = thick[(thick >= cv2.dilate(thick, np.ones((3, 3), np.uint8))) & (thick > 0)]
    count = int(large.sum())
    if count < _LEAST_PIECES or not ridge.size:
        return np.concatenate([[float(count), float(len(height))], np.zeros(10)])
    bottom, middle = (top + height)[large], (left + width / 2)[large]
    off = middle - middle.mean()
    feet = np.abs(_centred(bottom - off * (off @ bottom) / max(1.0, float(off @ off))))
    size = height[large]
    uneven = np.abs(_centred(size))
    aspect = np.sort(width[large] / size)
    return np.array(
        [
            np.log1p(count),
            np.log1p(len(height)),
            np.sort(feet)[count // 2],
            (feet <= 1.5).mean(),
            np.sort(uneven)[count // 2],
            (uneven <= 1.5).mean(),
            aspect.mean(),
            aspect[int(0.9 * (count - 1))],
            (area[large] / (width[large] * size)).mean(),
            ridge.mean(),
            ridge.std() / ridge.mean(),
            LETTER_PX * count / mask.shape[1],
        ],
        np.float64,
    )


def _centred(values: Floats) -> Floats:
    return np.asarray(values - np.sort(values)[len(values) // 2])
