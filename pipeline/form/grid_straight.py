"""Pages straightened by their own rules and laid on each other, no grid being known yet."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.grid_strips import straighten, strip_profiles
from pipeline.form.grid_types import MM_PER_INCH, Floats, Grid
from pipeline.form.warp import Warp, fit
from pipeline.page.rules import Rules
from pipeline.types import Grey

_STEP_MM = 0.25
_STRIPS = 20
_MERGE_MM = 2.2
"""Rules closer than this are one: double frames, and a rule drawn twice."""
_HINT = 0.18
"""The same for a first look, which the fit to every page confirms or not."""


@dataclass(frozen=True)
class Straight:
    """A page straightened by its own rules. Profiles run in steps of ``_STEP_MM``."""

    rules: Rules
    levels: Floats
    uprights: Floats
    warp: Warp
    """From straightened millimetres to page millimetres."""
    size: tuple[float, float]


def straightened(rules: Rules) -> Straight:
    """A page whose rules run level and upright, with the way back."""
    mm = MM_PER_INCH / rules.dpi
    height, width = rules.horizontal.shape
    size = (width * mm, height * mm)
    levels, y = _one_way(rules.horizontal, mm, size, axis=1)
    uprights, x = _one_way(rules.vertical, mm, size, axis=0)
    return Straight(rules, levels, uprights, Warp(*size, x, y), size)


def _one_way(
    image: Grey, mm: float, size: tuple[float, float], axis: int
) -> tuple[Floats, tuple[float, ...]]:
    source = np.ascontiguousarray(image if axis == 1 else image.T)
    profiles, middles = strip_profiles(source, _STRIPS)
    moved, shift, bend = straighten(profiles, round(6.0 / mm), 3.0 / mm)
    length = profiles.shape[1]
    arms = np.array([-0.8, -0.4, 0.0, 0.4, 0.8])
    points = np.empty((len(middles) * len(arms), 2))
    points[:, 1 - axis] = np.repeat(middles * mm, len(arms))
    points[:, axis] = np.tile((arms + 1) / 2 * length * mm, len(middles))
    value = (shift[:, None] + bend[:, None] * arms[None]).ravel() * mm
    solution, _ = fit(points, value, np.ones(len(value)), size, 3)
    # A rule counts by the share of strips that show it, however dark it is.
    usual = float(np.percentile(moved.max(axis=1), 50))
    seen = np.clip((moved - 0.2 * usual) / (0.5 * max(usual, 1e-6)), 0, 1).mean(axis=0)
    steps = np.arange(0, length * mm, _STEP_MM)
    return np.interp(steps, np.arange(length) * mm, seen), solution


def first_grid(pages: list[Straight]) -> tuple[Grid | None, list[Warp]]:
    """What most pages show, every rule right across, and where it lies on each; None: no table."""
    energy = [float((page.levels**2).sum()) * float((page.uprights**2).sum()) for page in pages]
    base = pages[int(np.argmax(energy))]
    levels, uprights = np.zeros(len(base.levels)), np.zeros(len(base.uprights))
    warps = []
    for page in pages:
        shift_y, scale_y = laid_on(page.levels, base.levels)
        shift_x, scale_x = laid_on(page.uprights, base.uprights)
        levels += _resampled(page.levels, len(levels), shift_y, scale_y)
        uprights += _resampled(page.uprights, len(uprights), shift_x, scale_x)
        warps.append(moved(base.size, page, (shift_x, shift_y), (scale_x, scale_y)))
    ys, xs = _summits(levels / len(pages)), _summits(uprights / len(pages))
    if len(ys) < 3 or len(xs) < 3:
        return None, warps
    grid = Grid(
        width=base.size[0],
        height=base.size[1],
        xs=tuple(xs),
        ys=tuple(ys),
        first=0,
        level=((1.0,) * (len(xs) - 1),) * len(ys),
        upright=((1.0,) * len(xs),) * (len(ys) - 1),
    )
    return grid, warps


def laid_on(profile: Floats, base: Floats) -> tuple[float, float]:
    """Shift (steps) and scale: ``profile[shift + scale * n]`` is most like ``base[n]``."""
    best = (-1.0, 0.0, 1.0)
    soft = np.asarray(cv2.GaussianBlur(profile.reshape(1, -1), (0, 0), 2.0), np.float64).ravel()
    wanted = np.asarray(cv2.GaussianBlur(base.reshape(1, -1), (0, 0), 1.0), np.float64).ravel()
    reach = round(25 / _STEP_MM)
    for scale in np.arange(0.96, 1.0401, 0.0025):
        scaled = np.interp(np.arange(len(wanted)) * scale, np.arange(len(soft)), soft, 0, 0)
        padded = np.pad(scaled, reach)
        scores = np.correlate(padded, wanted, mode="valid")
        at = int(scores.argmax())
        score = float(scores[at]) - 0.001 * abs(scale - 1)
        if score > best[0]:
            best = (score, (at - reach) * float(scale), float(scale))
    return best[1], best[2]


def _resampled(profile: Floats, length: int, shift: float, scale: float) -> Floats:
    at = np.arange(length) * scale + shift
    return np.asarray(np.interp(at, np.arange(len(profile)), profile, 0, 0), np.float64)


def moved(
    size: tuple[float, float],
    page: Straight,
    shift: tuple[float, float],
    scale: tuple[float, float],
) -> Warp:
    """From the base page's straight frame to the page, as one displacement."""
    mesh_x, mesh_y = np.meshgrid(np.linspace(0, size[0], 9), np.linspace(0, size[1], 9))
    points = np.stack([mesh_x.ravel(), mesh_y.ravel()], axis=1)
    straight = points * np.array(scale) + np.array(shift) * _STEP_MM
    moved = page.warp.apply(straight) - points
    full = np.ones(len(points))
    x, _ = fit(points, moved[:, 0], full, size, 3, rounds=1)
    y, _ = fit(points, moved[:, 1], full, size, 3, rounds=1)
    return Warp(*size, x, y)


def _summits(profile: Floats) -> list[float]:
    """Places of the rules in a profile, mm; those close together are one."""
    soft = np.asarray(cv2.GaussianBlur(profile.reshape(1, -1), (0, 0), 1.2), np.float64).ravel()
    floor = float(np.median(soft))
    peaks = [
        n
        for n in range(1, len(soft) - 1)
        if soft[n] >= soft[n - 1] and soft[n] > soft[n + 1] and soft[n] > floor + 0.02
    ]
    if not peaks:
        return []
    heights = np.sort([soft[n] for n in peaks])[::-1]
    usual = float(np.median(heights[: max(4, len(heights) // 3)]))
    strong = [n for n in peaks if soft[n] - floor > _HINT * (usual - floor)]
    merged: list[list[int]] = []
    for n in strong:
        if merged and (n - merged[-1][-1]) * _STEP_MM < _MERGE_MM:
            merged[-1].append(n)
        else:
            merged.append([n])
    return [float(np.average(group, weights=soft[group]) * _STEP_MM) for group in merged]


def straight_start(rules: Rules, grid: Grid) -> Warp:
    """Where a known grid lies on a page that is straightened by its own rules first."""
    page = straightened(rules)
    size = (grid.width, grid.height)
    shift_y, scale_y = laid_on(page.levels, _profile(grid.ys, grid.level, 1, size[1]))
    shift_x, scale_x = laid_on(page.uprights, _profile(grid.xs, grid.upright, 0, size[0]))
    return moved(size, page, (shift_x, shift_y), (scale_x, scale_y))


def _profile(
    places: tuple[float, ...], presence: tuple[tuple[float, ...], ...], axis: int, length: float
) -> Floats:
    profile = np.zeros(int(length / _STEP_MM) + 2)
    weights = np.array(presence).mean(axis=axis)
    for place, weight in zip(places, weights, strict=True):
        profile[min(len(profile) - 1, max(0, round(place / _STEP_MM)))] += weight
    return profile
