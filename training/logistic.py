"""Logistic regression by Newton steps with a little shrinkage: few figures, some thousand rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 30


def logistic(x: Floats, right: Floats, shrink: float) -> Floats:
    """Weights of shape (m,) for figures of shape (n, m) and outcomes 0 or 1 of shape (n,)."""
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        known = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (right - known) - shrink * weights
        bend = (x * (known * (1 - known))[:, None]).T @ x + shrink * np.eye(x.shape[1])
        weights += np.linalg.solve(bend, slope)
    return weights
