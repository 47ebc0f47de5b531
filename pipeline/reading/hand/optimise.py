"""AdamW on differences to base weights (Kingma and Ba 2015; Loshchilov and Hutter 2019).

What decays is the difference, not the weight: what the lines of a book do not ask for goes back
to what was known before (L2-SP, Li et al. 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FIRST, _SECOND = 0.9, 0.99
_SMALL = 1e-8


@dataclass(eq=False)
class Optimiser:
    """Moves weights in place.

    Attributes:
        weights: all in one row.
        base: where they decay to.
        scale: of the rate, a number a weight.
        decay: share of the difference that goes in a step of rate 1.
        clip: largest length of a gradient.
    """

    weights: Floats
    base: Floats
    scale: Floats | float = 1.0
    decay: float = 0.0
    clip: float = 1.0
    steps: int = 0
    _mean: Floats = field(init=False)
    _square: Floats = field(init=False)
    _work: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._mean = np.zeros_like(self.weights)
        self._square = np.zeros_like(self.weights)
        self._work = np.empty_like(self.weights)

    def step(self, gradient: Floats, rate: float) -> None:
        """One step; ``gradient`` is used up."""
        length = float(np.sqrt(np.dot(gradient, gradient)))
        if not math.isfinite(length):
            return
        if length > self.clip:
            gradient *= self.clip / length
        self.steps += 1
        self._mean *= _FIRST
        self._mean += np.multiply(gradient, 1 - _FIRST, out=self._work)
        np.multiply(gradient, gradient, out=gradient)
        gradient *= 1 - _SECOND
        self._square *= _SECOND
        self._square += gradient
        np.divide(self._square, 1 - _SECOND**self.steps, out=self._work)
        np.sqrt(self._work, out=self._work)
        self._work += _SMALL
        np.divide(self._mean, self._work, out=self._work)
        self._work *= rate / (1 - _FIRST**self.steps)
        self._work *= self.scale
        if self.decay:
            np.subtract(self.weights, self.base, out=gradient)
            gradient *= rate * self.decay
            self._work += gradient
        self.weights -= self._work
