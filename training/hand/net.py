"""The net: convolutions over the ink, folded to one row, then a stack that looks along the line.

No part looks at the whole line at once, so that a line reads alike in any batch, and none is
recurrent, so that one core reads fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from pipeline.reading.hand.alphabet import ALPHABET
from pipeline.reading.hand.ink import HEIGHT

STRIDE = 4
"""Columns of ink a frame."""


@dataclass(frozen=True)
class Shape:
    """Sizes of a net. ``widths`` are the channels of the four stages of the 2-D part."""

    widths: tuple[int, int, int, int] = (16, 32, 64, 112)
    along: int = 256
    blocks: int = 8
    inner: int = 256
    reach: int = 11


class Dropped(nn.Module):
    """Stochastic depth: in training a whole block is left out for some lines of a batch."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, ink: Tensor) -> Tensor:
        """What comes in, zero for some lines, the others stronger for it."""
        if not self.training or not self.rate:
            return ink
        shape = (ink.shape[0],) + (1,) * (ink.dim() - 1)
        kept = torch.empty(shape, dtype=ink.dtype, device=ink.device).bernoulli_(1 - self.rate)
        return ink * kept / (1 - self.rate)


def _conv(
    come: int, go: int, size: int | tuple[int, int] = 3, stride: int | tuple[int, int] = 1
) -> nn.Sequential:
    pad = size // 2 if isinstance(size, int) else 0
    return nn.Sequential(
        nn.Conv2d(come, go, size, stride, pad, bias=False), nn.BatchNorm2d(go), nn.ReLU(True)
    )


class Beside(nn.Module):
    """Convolution added to what comes in."""

    def __init__(self, width: int, drop: float) -> None:
        super().__init__()
        self.change = _conv(width, width)
        self.drop = Dropped(drop)

    def forward(self, ink: Tensor) -> Tensor:
        """Same shape as what comes in."""
        return ink + self.drop(self.change(ink))


class Pointwise(nn.Conv2d):
    """A 1x1 convolution; in training a matrix product, which is twice as fast on a CPU."""

    def __init__(self, come: int, go: int, bias: bool = True) -> None:
        super().__init__(come, go, 1, bias=bias)

    def forward(self, frames: Tensor) -> Tensor:
        """Channels mixed, frame by frame."""
        if not self.training:
            return super().forward(frames)
        mixed = nn.functional.linear(frames.permute(0, 2, 3, 1), self.weight[:, :, 0, 0], self.bias)
        return mixed.permute(0, 3, 1, 2)


class _Sweep(torch.autograd.Function):
    """Sums of shifted products, forwards and backwards, each shift in one pass."""

    @staticmethod
    def forward(ctx: Any, wide: Tensor, weight: Tensor) -> Tensor:  # type: ignore[override]
        """``wide`` is padded by half the reach on both sides; ``weight`` is (channels, reach)."""
        ctx.save_for_backward(wide, weight)
        return _swept(wide, weight.to(wide.dtype))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Of ``wide``, the rims too, and of ``weight``."""
        wide, weight = ctx.saved_tensors
        reach, length = weight.shape[1], grad.shape[3]
        rims = nn.functional.pad(grad, (reach - 1, reach - 1))
        back = _swept(rims, weight.flip(1).to(grad.dtype))
        parts = [
            (grad * wide[..., at : at + length]).sum((0, 2, 3), dtype=torch.float32)
            for at in range(reach)
        ]
        return back, torch.stack(parts, 1)


def _swept(wide: Tensor, weight: Tensor) -> Tensor:
    reach = weight.shape[1]
    length = wide.shape[3] - reach + 1
    columns = weight.view(1, -1, 1, reach).unbind(3)
    total = wide[..., :length] * columns[0].unsqueeze(3)
    for at in range(1, reach):
        total.addcmul_(wide[..., at : at + length], columns[at].unsqueeze(3))
    return total


class Swept(nn.Conv2d):
    """A depthwise convolution along the line; on a card a sum of shifted products.

    Libraries for cards are slow at the weights of a kernel so long and so low.
    """

    def __init__(self, width: int, reach: int) -> None:
        super().__init__(width, width, (1, reach), 1, (0, reach // 2), groups=width, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Same shape as what comes in."""
        if not self.training or not frames.is_cuda:
            return super().forward(frames)
        return self.by_shifts(frames)

    def by_shifts(self, frames: Tensor) -> Tensor:
        """The same, as sums of shifted products."""
        rim = self.kernel_size[1] // 2
        wide = nn.functional.pad(frames, (rim, rim))
        return cast(Tensor, _Sweep.apply(wide, self.weight.flatten(1)))


class Along(nn.Module):
    """Looks ``reach`` frames along the line, then mixes channels, added to what comes in."""

    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        width, inner = shape.along, shape.inner
        self.change = nn.Sequential(
            Swept(width, shape.reach),
            nn.BatchNorm2d(width),
            Pointwise(width, inner),
            nn.ReLU(True),
            Pointwise(inner, width, bias=False),
            nn.BatchNorm2d(width),
        )
        self.drop = Dropped(drop)

    def forward(self, frames: Tensor) -> Tensor:
        """Same shape as what comes in."""
        return frames + self.drop(self.change(frames))


class HandNet(nn.Module):
    """Ink ``[batch, 1, HEIGHT, width]`` to log-probabilities ``[batch, width / 4, classes]``."""

    def __init__(self, shape: Shape = Shape(), drop: float = 0.06) -> None:
        super().__init__()
        first, second, third, fourth = shape.widths
        self.look = nn.Sequential(
            _conv(1, first, 5, 2),
            _conv(first, second),
            _conv(second, third, 3, 2),
            Beside(third, drop * 0.3),
            _conv(third, fourth, 3, (2, 1)),
            Beside(fourth, drop * 0.6),
            _conv(fourth, shape.along, (HEIGHT // 8, 1)),
        )
        self.along = nn.Sequential(
            nn.Dropout(drop),
            *(Along(shape, drop) for _ in range(shape.blocks)),
            nn.ReLU(True),
            nn.Dropout(drop),
        )
        self.say = Pointwise(shape.along, len(ALPHABET))
        # Before anything is learned the blank is the likeliest, as it is in every line.
        nn.init.constant_(self.say.bias, -1.0)  # type: ignore[arg-type]
        nn.init.constant_(self.say.bias[:1], 2.0)  # type: ignore[index]

    def forward(self, ink: Tensor) -> Tensor:
        """Log-probabilities of each class in each frame."""
        seen = self.look(ink).contiguous(memory_format=torch.channels_last)
        frames = self.say(self.along(seen))
        return frames.squeeze(2).transpose(1, 2).float().log_softmax(-1)
