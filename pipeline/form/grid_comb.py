"""First guesses where a grid lies on a page: a comb of its rules over the page's projections."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.form.grid_strips import strip_profiles
from pipeline.form.grid_types import CLEAR_RULE, MM_PER_INCH, Floats, Grid
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules
from pipeline.types import Grey

_HELD = 0.6
"""What holding all crossing rules is worth to a comb, in full sets of teeth."""


def comb_starts(rules: Rules, grid: Grid, count: int) -> list[Warp]:
    """Likely shifts and scales of the grid on the page, best first."""
    mm = MM_PER_INCH / rules.dpi
    # Rows are alike and ruled paper goes on beyond the table: upright rules tell where it ends.
    tall = np.cumsum((rules.vertical > CLEAR_RULE).mean(axis=1))
    tall = tall / max(1e-6, float(tall[-1]))
    levels = _comb(rules.horizontal, np.array(grid.ys), _weights(grid.level, 1), mm, count, tall)
    uprights = _comb(rules.vertical.T, np.array(grid.xs), _weights(grid.upright, 0), mm, count)
    pairs = [(x, y) for x in uprights for y in levels]
    pairs.sort(key=lambda pair: -(pair[0][0] / uprights[0][0] + pair[1][0] / levels[0][0]))
    half_x, half_y = grid.width / 2, grid.height / 2
    starts = []
    for (_, shift_x, scale_x), (_, shift_y, scale_y) in pairs[:count]:
        # Displacement as a polynomial of coordinates -1..1 over the frame.
        x = (shift_x + (scale_x - 1) * half_x, (scale_x - 1) * half_x, 0.0)
        y = (shift_y + (scale_y - 1) * half_y, 0.0, (scale_y - 1) * half_y)
        starts.append(Warp(grid.width, grid.height, x, y))
    return starts


def _weights(presence: tuple[tuple[float, ...], ...], axis: int) -> Floats:
    return np.asarray(np.array(presence).mean(axis=axis), dtype=np.float64)


def _comb(
    rules: Grey,
    teeth: Floats,
    weights: Floats,
    mm: float,
    count: int,
    crossing: Floats | None = None,
) -> list[tuple[float, float, float]]:
    """Best (score, shift, scale), apart from each other: position = shift + scale * tooth, mm.

    ``crossing`` is the share of the crossing rules' length above each pixel, 0..1: the comb
    should hold it all between its first and last tooth.
    """
    profiles, _ = strip_profiles(rules, 10)
    # Strips wander: each may lie up to 1.5 mm aside.
    wide = max(3, round(3.0 / mm)) | 1
    loose = cv2.dilate(profiles, np.ones((1, wide)))
    profile = np.asarray(loose, np.float64).mean(axis=0) + 0.5 * profiles.mean(axis=0)
    profile = np.clip(profile - np.median(profile), 0, None)
    length = len(profile)
    shifts = np.arange(-round(0.15 * length), round(0.15 * length) + 1)
    found: list[tuple[float, float, float]] = []
    for scale in np.arange(0.955, 1.046, 0.005):
        at = np.round((scale * teeth / mm)[:, None] + shifts[None]).astype(int)
        seen = np.where((at >= 0) & (at < length), profile[np.clip(at, 0, length - 1)], 0.0)
        scores = (weights[:, None] * seen).sum(axis=0) - 0.02 * abs(scale - 1)
        if crossing is not None:
            ends = crossing[np.clip(at[[0, -1]], 0, length - 1)]
            scores = scores + _HELD * float(weights.sum()) * (ends[1] - ends[0])
        highest = np.argsort(scores)[::-1][: 4 * count]
        found += [(float(scores[n]), float(shifts[n] * mm), float(scale)) for n in highest]
    found.sort(reverse=True)
    middle = float(teeth.mean())
    chosen: list[tuple[float, float, float]] = []
    for score, shift, scale in found:
        place = shift + scale * middle
        if all(abs(place - other[1] - other[2] * middle) > 2.5 for other in chosen):
            chosen.append((max(score, 1e-6), shift, scale))
        if len(chosen) == count:
            break
    return chosen
