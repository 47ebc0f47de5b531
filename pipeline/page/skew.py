"""The angle at which lines of print run, from projections.

The page is cut into upright strips; each strip is projected once; for every angle the
projections are shifted and summed, and the angle of the sharpest sum wins. Shifting is done
in the frequency domain, so angles between pixels cost no more than others.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.page.scale import MM_PER_INCH
from pipeline.types import Grey

_STRIPS = 24
_FINEST_MM = 0.8
"""Shortest wave listened to: thinner than a line of print, thicker than noise."""
_COARSEST_MM = 30.0


def skew_angle(ink: Grey, dpi: float, reach: float = 15.0) -> float:
    """Degrees by which lines fall to the right (clockwise skew is positive).

    Args:
        ink: darkness at work resolution, 0 where nothing is to be looked at.
        dpi: its resolution.
        reach: largest angle looked for, degrees.

    Returns:
        The angle, within 0.1 degrees where lines are straight; 0.0 where there is no line.
    """
    height, width = ink.shape
    if height < 32 or width < 32:
        return 0.0
    edges = np.linspace(0, width, _STRIPS + 1).astype(int)
    middles = (edges[:-1] + edges[1:]) / 2 - width / 2
    strips = np.add.reduceat(np.minimum(ink, 128), edges[:-1], axis=1, dtype=np.float32)
    strips = strips - strips.mean(axis=0)
    if not strips.any():
        return 0.0
    waves = np.fft.rfft(strips, axis=0)
    length = height * MM_PER_INCH / dpi
    finest = min(len(waves) - 1, int(length / _FINEST_MM))
    at = np.arange(1, finest + 1)
    # Fine detail tells the angle best; long waves (blocks of text, shadows) mislead.
    loud = np.where(at < length / _COARSEST_MM, 0.0, 1.0)
    waves = waves[1 : finest + 1] * loud[:, None]
    coarse = at <= length / 4.0
    best = _sharpest(waves[coarse], at[coarse], middles, height, 0.0, reach, 0.25)
    best = _sharpest(waves, at, middles, height, best, 0.5, 0.05)
    return _sharpest(waves, at, middles, height, best, 0.06, 0.01)


def _sharpest(
    waves: NDArray[np.complex128],
    at: NDArray[np.int64],
    middles: NDArray[np.float64],
    height: int,
    centre: float,
    reach: float,
    step: float,
) -> float:
    steps = round(reach / step)
    angles = centre + step * np.arange(-steps, steps + 1)
    slopes = np.tan(np.radians(angles))
    energies = np.zeros(len(angles))
    turn = 2j * math.pi / height * at[:, None] * middles[None, :]
    for n, slope in enumerate(slopes):
        summed = np.einsum("fs,fs->f", waves, np.exp(turn * slope))
        energies[n] = float((summed.real**2 + summed.imag**2).sum())
    return float(angles[int(energies.argmax())])
