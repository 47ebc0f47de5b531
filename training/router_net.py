"""The router's nets in PyTorch: convolutions over a picture of any size, pooled, one layer over it.

In training pictures of several sizes lie in one batch, each in its own corner; what is beside
them is held at nothing, so that a picture says the same alone (as it is asked when pages are read)
as in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.types import Grey
from training.nets import write_onnx

WIDTHS = (16, 32, 64, 96)
INNER = 64
DROP = 0.3
_STEP = 8
"""Pixels of picture a pixel of what is pooled."""


def _conv(come: int, go: int, size: int, stride: int) -> nn.Sequential:
    inner = nn.Conv2d(come, go, size, stride, size // 2, bias=False)
    return nn.Sequential(inner, nn.BatchNorm2d(go), nn.ReLU())


class RouterNet(nn.Module):
    """Says of a picture which of some kinds it is (logits).

    ``measures`` numbers beside the picture are heard in the last layers.
    """

    def __init__(self, kinds: int, measures: int = 0) -> None:
        super().__init__()
        first, second, third, last = WIDTHS
        self.first = nn.Sequential(_conv(1, first, 5, 2), _conv(first, second, 3, 2))
        self.second = _conv(second, third, 3, 1)
        self.third, self.fourth = _conv(third, last, 3, 1), _conv(last, last, 3, 1)
        self.say = nn.Sequential(
            nn.Dropout(DROP),
            nn.Linear(3 * last + measures, INNER),
            nn.ReLU(),
            nn.Dropout(DROP),
            nn.Linear(INNER, kinds),
        )

    def forward(
        self, ink: Tensor, measures: Tensor | None = None, own: Tensor | None = None
    ) -> Tensor:
        """Logits (n, kinds) of pictures (n, 1, high, wide); ``own`` is 1 where each really is."""
        seen = self.first(ink)
        own = torch.ones_like(ink) if own is None else own
        near = nn.functional.max_pool2d(own, 4, ceil_mode=True)
        seen = nn.functional.max_pool2d(self.second(seen * near), 2, ceil_mode=True)
        near = nn.functional.max_pool2d(near, 2, ceil_mode=True)
        seen = (self.fourth(self.third(seen * near) * near) * near).float()
        area = near.sum((2, 3))
        mean = seen.sum((2, 3)) / area
        spread = ((seen * seen).sum((2, 3)) / area - mean * mean).clamp(min=1e-6).sqrt()
        pooled = [mean, spread, seen.amax((2, 3)), *([] if measures is None else [measures])]
        said: Tensor = self.say(torch.cat(pooled, 1))
        return said


def batch(pictures: Sequence[Grey]) -> tuple[Tensor, Tensor]:
    """Pictures (dark on white) as ink in one batch, and where each really is."""
    sizes = zip(*(one.shape for one in pictures), strict=True)
    high, wide = (-(-max(size) // _STEP) * _STEP for size in sizes)
    ink = np.zeros((len(pictures), 1, high, wide), np.float32)
    own = np.zeros_like(ink)
    for n, picture in enumerate(pictures):
        height, width = picture.shape
        ink[n, 0, :height, :width] = 1 - picture / np.float32(255)
        own[n, 0, :height, :width] = 1
    return torch.from_numpy(ink), torch.from_numpy(own)


def temper(net: RouterNet, temperature: float, shift: Sequence[float] | None = None) -> None:
    """Changes what a net says for good: divided, then moved."""
    last = net.say[-1]
    with torch.no_grad():
        last.weight /= temperature
        last.bias /= temperature
        if shift is not None:
            last.bias += torch.tensor(shift, dtype=last.bias.dtype)


def export(net: RouterNet, path: Path, measures: int = 0) -> None:
    """Writes the ONNX file.

    Raises:
        ValueError: the file does not say what the net says.
    """
    inputs = ("ink", "measures") if measures else ("ink",)
    trials = [
        (torch.rand(1, 1, high, wide), *([torch.rand(1, measures)] if measures else []))
        for high, wide in ((48, 160), (8, 8), (47, 331), (96, 420))
    ]
    net = net.eval().to(memory_format=torch.contiguous_format)
    write_onnx(net, path, inputs, "logits", {"ink": {2: "height", 3: "width"}}, trials)
