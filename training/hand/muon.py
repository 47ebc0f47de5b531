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
            alike: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = {}
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                past = state.setdefault("past", torch.zeros_like(weight))
                past.lerp_(weight.grad, 1 - group["momentum"])
                flat = weight.grad.lerp(past, group["momentum"]).flatten(1)
                alike.setdefault((flat.shape[0], flat.shape[1]), []).append((weight, flat))
            for (high, wide), members in alike.items():
                steps = _orthogonal(torch.stack([flat for _, flat in members]))
                reach = group["lr"] * max(1.0, high / wide) ** 0.5
                for (weight, _), step in zip(members, steps, strict=True):
                    weight.mul_(1 - group["lr"] * group["decay"])
                    weight.add_(step.view_as(weight), alpha=-reach)


def _orthogonal(matrices: Tensor, rounds: int = 4) -> Tensor:
    """The nearest orthogonal matrix of each of a batch, all of one shape."""
    flip = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if flip else matrices
    x = x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = _A * x + (_B * square + _C * square @ square) @ x
    return x.mT if flip else x
