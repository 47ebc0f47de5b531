"""Curved paper, strip by strip: how far the rules of each strip are from where they should be.

Across a strip a few columns wide the rules are as good as straight, so a projection shows
them sharp. From strip to strip they wander slowly; the path that fits all strips best is
found by dynamic programming, so that a strip with broken rules is carried by its neighbours.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

Floats = NDArray[np.float64]

_STEP_COST = 0.02
"""Cost of a change of one pixel from strip to strip, as a share of a strip's full score."""
_STRETCHES = 9


def strip_profiles(rules: Grey, count: int) -> tuple[Floats, Floats]:
    """Projections of ``count`` upright strips onto the height, 0..1.

    Args:
        rules: map of level rules (of upright ones transposed), shape (height, width).
        count: number of strips.

    Returns:
        Profiles of shape (count, height), and the middles of the strips in pixels.
    """
    edges = np.linspace(0, rules.shape[1], count + 1).astype(int)
    sums = np.add.reduceat(rules, edges[:-1], axis=1, dtype=np.float64)
    profiles = (sums / np.diff(edges)).T / 255.0
    return np.ascontiguousarray(profiles), (edges[:-1] + edges[1:] - 1) / 2.0


def follow(
    profiles: Floats, reference: Floats, reach: int, stretch: float
) -> tuple[Floats, Floats, float]:
    """Displacements that bring every strip onto its reference.

    Args:
        profiles: shape (strips, height).
        reference: what to look for, shape (strips, height) or (height,).
        reach: largest displacement, pixels.
        stretch: largest further displacement at both ends, in opposite directions, pixels.

    Returns:
        Per strip: displacement at mid-height, further displacement at the lower end (the upper
        end has its opposite), both in pixels; and the mean score reached, as a share of what a
        perfect strip would give.
    """
    strips, height = profiles.shape
    reference = np.broadcast_to(reference, profiles.shape)
    lags = np.arange(-reach, reach + 1)
    stretches = np.linspace(-stretch, stretch, _STRETCHES) if stretch > 0 else np.zeros(1)
    arm = np.linspace(-1, 1, height)
    at = np.arange(height, dtype=np.float64)
    size = 1 << int(np.ceil(np.log2(height + 2 * reach)))
    wanted = np.conj(np.fft.rfft(reference, size, axis=1))
    scores = np.empty((strips, len(stretches), len(lags)))
    for n, bend in enumerate(stretches):
        moved = at + bend * arm
        bent = np.stack([np.interp(moved, at, profile) for profile in profiles])
        turned = np.fft.irfft(np.fft.rfft(bent, size, axis=1) * wanted, size, axis=1)
        scores[:, n] = turned[:, lags]
    full = np.maximum((reference * reference).sum(axis=1), 1e-6)
    scores /= full.mean()
    path = _best_path(scores)
    best = scores[np.arange(strips), path[0], path[1]]
    return (
        lags[path[1]].astype(np.float64),
        stretches[path[0]].astype(np.float64),
        float(best.mean()),
    )


def _best_path(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stretch and lag of each strip along the best path, neighbours alike."""
    strips, bends, lags = scores.shape
    # A cost of distance spreads over lags and stretches one after the other.
    total = scores[0].copy()
    came: list[NDArray[np.int64]] = []
    for strip in range(1, strips):
        spread, source = _spread(total)
        came.append(source)
        total = spread + scores[strip]
    at = int(total.argmax())
    path = [at]
    for source in reversed(came):
        at = int(source.ravel()[at])
        path.append(at)
    flat = np.array(path[::-1])
    del bends
    return flat // lags, flat % lags


def _spread(total: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """For every state the best of its neighbours' scores less the way, and which it was."""
    bends, lags = total.shape
    source = np.arange(total.size).reshape(total.shape)
    best = total.copy()
    for axis, cost, steps in ((1, _STEP_COST, 6), (0, 2 * _STEP_COST, 2)):
        grown, from_ = best.copy(), source.copy()
        for step in [s for s in range(-steps, steps + 1) if s]:
            here: list[slice] = [slice(None), slice(None)]
            there: list[slice] = [slice(None), slice(None)]
            here[axis] = slice(max(0, step), (bends, lags)[axis] + min(0, step))
            there[axis] = slice(max(0, -step), (bends, lags)[axis] + min(0, -step))
            reached, came = grown[tuple(here)], from_[tuple(here)]
            moved = best[tuple(there)] - cost * abs(step)
            better = moved > reached
            np.copyto(reached, moved, where=better)
            np.copyto(came, source[tuple(there)], where=better)
        best, source = grown, from_
    return best, source


def straighten(profiles: Floats, reach: int, stretch: float) -> tuple[Floats, Floats, Floats]:
    """Bring strips onto each other without knowing the rules.

    Returns:
        Straightened profiles (shape of ``profiles``), displacement and stretch of each strip.
    """
    strips, height = profiles.shape
    arm, at = np.linspace(-1, 1, height), np.arange(height, dtype=np.float64)
    middle = slice(strips // 2 - strips // 8, strips // 2 + strips // 8 + 1)
    reference = profiles[middle].mean(axis=0)
    shift, bend, moved = np.zeros(strips), np.zeros(strips), profiles
    for blur in (5, 3, 1):
        wide = np.asarray(cv2.blur(reference.reshape(-1, 1), (1, blur)), np.float64).ravel()
        wide = np.clip(wide - np.median(wide), 0, None)
        shift, bend, _ = follow(profiles, wide, reach, stretch)
        moved = np.stack(
            [
                np.interp(at + shift[n] + bend[n] * arm, at, profile)
                for n, profile in enumerate(profiles)
            ]
        )
        reference = moved.mean(axis=0)
    return moved, shift, bend
