"""Muon: steps whose matrices are made orthogonal, for the kernels of convolutions.

After Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_A, _B, _C = 3.4445, -4.7750, 2.0315
"""Coefficients of the Newton-Schulz iteration in that work."""


class Muon(torch.optim.Optimizer):
    """Momentum, then the nearest orthogonal matrix of a kernel's ``(out, rest)`` as the step."""

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.02
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step along the gradients there are."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                past = state.setdefault("past", torch.zeros_like(weight))
                past.lerp_(weight.grad, 1 - group["momentum"])
                wanted = weight.grad.lerp(past, group["momentum"])
                flat = wanted.reshape(wanted.shape[0], -1)
                step = _orthogonal(flat).view_as(weight)
                step = step * max(1.0, flat.shape[0] / flat.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"]).add_(step, alpha=-group["lr"])


def _orthogonal(matrix: Tensor, rounds: int = 4) -> Tensor:
    flip = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if flip else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    return x.T if flip else x
