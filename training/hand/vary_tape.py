"""A batch of lines changed by chance on the graphics card (see ``training.hand.tape``)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.reading.hand.ink import HEIGHT


class Look(NamedTuple):
    """How each line of a batch is laid, one number a line each; see ``tape._moves``."""

    offset: Tensor
    stride: Tensor
    wide: Tensor
    high: Tensor
    begin: Tensor
    top: Tensor
    across: Tensor
    scale: Tensor
    width: Tensor
    slant: Tensor
    tilt: Tensor
    bow: Tensor
    wave: Tensor


def shown(ink: Tensor, look: Look, width: int) -> Tensor:
    """Lines as the net sees them, changed by chance, shape ``(lines, 1, HEIGHT, width)``, 0..1."""
    line = _moved(ink, look, width)
    inside = _columns(width, line) < look.width.view(-1, 1, 1, 1)
    line = _dirtied(_penned(line))
    return (_hung(line, look) * inside).clamp(0, 1)


def _columns(width: int, like: Tensor) -> Tensor:
    return torch.arange(width, device=like.device).view(1, 1, 1, -1)


def _moved(ink: Tensor, look: Look, width: int) -> Tensor:
    count, device = len(look.offset), ink.device
    part = {name: value.float().view(-1, 1, 1) for name, value in look._asdict().items()}
    x = torch.arange(width, device=device).float().view(1, 1, -1)
    y = torch.arange(HEIGHT, device=device).float().view(1, -1, 1)
    grid = torch.randn(count, 2, 3, max(2, width // 24), device=device)
    waves = nn.functional.interpolate(grid, (HEIGHT, width), mode="bilinear") * part[
        "wave"
    ].unsqueeze(1)
    along = x / part["width"]
    lift = part["tilt"] * (along - 0.5) + part["bow"] * ((2 * along - 1) ** 2 - 0.5)
    from_x = part["begin"] + (x + part["slant"] * (y - HEIGHT / 2) + waves[:, 0]) / part["across"]
    from_y = part["top"] + (y + lift + waves[:, 1]) / part["scale"]
    left, above = from_x.floor(), from_y.floor()
    right_share, low_share = from_x - left, from_y - above
    base, stride = look.offset.long().view(-1, 1, 1), look.stride.long().view(-1, 1, 1)
    line = torch.zeros_like(from_x)
    for down in (0, 1):
        row = above + down
        for over in (0, 1):
            column = left + over
            there = (row >= 0) & (row < part["high"]) & (column >= 0) & (column < part["wide"])
            at = base + row.long() * stride + column.long()
            value = ink[torch.where(there, at, base)].float() * there
            share = (right_share if over else 1 - right_share) * (
                low_share if down else 1 - low_share
            )
            line += value * share
    return (line / 255).unsqueeze(1)


def _coin(line: Tensor, rate: float) -> Tensor:
    """1.0 for some lines of a batch."""
    return (torch.rand(len(line), 1, 1, 1, device=line.device) < rate).float()


def _between(line: Tensor, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(len(line), 1, 1, 1, device=line.device)


def _mixed(line: Tensor, other: Tensor, share: Tensor) -> Tensor:
    return line + share * (other - line)


def _thick(line: Tensor, size: int = 2) -> Tensor:
    rim = (size - 1, 0, size - 1, 0) if size == 2 else (1, 1, 1, 1)
    return nn.functional.max_pool2d(nn.functional.pad(line, rim), size, 1)


def _blurred(line: Tensor, sigma: Tensor) -> Tensor:
    near, far = (-0.5 / sigma**2).exp(), (-2.0 / sigma**2).exp()
    total = 1 + 2 * near + 2 * far
    for axis in (2, 3):
        line = (
            line
            + near * (line.roll(1, axis) + line.roll(-1, axis))
            + far * (line.roll(2, axis) + line.roll(-2, axis))
        ) / total
    return line


def _penned(line: Tensor) -> Tensor:
    pick = torch.rand(len(line), 1, 1, 1, device=line.device)
    line = _mixed(line, _thick(line), 0.6 * (pick < 0.15))
    line = _mixed(line, 1 - _thick(1 - line), 0.5 * ((pick >= 0.15) & (pick < 0.3)))
    soft = _blurred(line, _between(line, 0.4, 0.9))
    line = _mixed(line, soft, ((pick >= 0.3) & (pick < 0.42)).float())
    line = _mixed(line, _thick(line, 3), 0.5 * ((pick >= 0.42) & (pick < 0.45)))
    half = nn.functional.avg_pool2d(line, 2)
    coarse = nn.functional.interpolate(half, line.shape[2:], mode="bilinear")
    line = _mixed(line, coarse, ((pick >= 0.45) & (pick < 0.52)).float())
    bent = line.clamp_min(1e-4) ** (0.35 * torch.randn_like(pick)).exp()
    line = _mixed(line, bent, _coin(line, 0.4))
    hard = torch.sigmoid((line - _between(line, 0.3, 0.5)) * _between(line, 8, 25))
    line = _mixed(line, hard, _coin(line, 0.08))
    size = (len(line), 1, 2, max(2, line.shape[3] // 60))
    spots = torch.rand(size, device=line.device)
    field = 0.35 + 0.65 * nn.functional.interpolate(
        spots, line.shape[2:], mode="bilinear", align_corners=True
    )
    return line * (1 - _coin(line, 0.25) * (1 - field))


def _dirtied(line: Tensor) -> Tensor:
    x = _columns(line.shape[3], line)
    y = torch.arange(HEIGHT, device=line.device).view(1, 1, -1, 1)
    at = _between(line, 2, HEIGHT) + _between(line, -2, 2) * (x / line.shape[3])
    rule = ((y - at).abs() < _between(line, 0.5, 1.3)).float() * _between(line, 0.4, 1.0)
    dots = (x % _between(line, 3, 7).floor() <= 1).float()
    rule = _mixed(rule, rule * dots, _coin(line, 0.5))
    line = torch.maximum(line, rule * _coin(line, 0.15))
    edge = ((x - _between(line, 0, 1) * line.shape[3]).abs() < 1.0).float()
    line = torch.maximum(line, edge * _between(line, 0.3, 1.0) * _coin(line, 0.06))
    for _ in range(3):
        left, top = _between(line, 0, line.shape[3]), _between(line, 0, HEIGHT)
        gone = (x >= left) & (x < left + _between(line, 2, 9))
        gone = gone & (y >= top) & (y < top + _between(line, 4, HEIGHT))
        line = line * (1 - gone * _coin(line, 0.15) * _between(line, 0.5, 1.0))
    noise = torch.randn_like(line) * _between(line, 0.02, 0.12)
    return (line + noise * _coin(line, 0.3)).clamp(0, 1)


def _hung(line: Tensor, look: Look) -> Tensor:
    """Rims of another line hang in from above and below; another shines through."""
    other = line.roll(1, 0)
    y = torch.arange(HEIGHT, device=line.device).view(1, 1, -1, 1)
    reach = _between(line, 2, 8).round()
    shift = int(torch.randint(2, 8, ()).item())
    above = other.roll(shift, 2) * (y < shift) * (y < reach)
    below = other.roll(-shift, 2) * (y >= HEIGHT - shift) * (y >= HEIGHT - reach)
    line = torch.maximum(line, above * _coin(line, 0.07))
    line = torch.maximum(line, below * _coin(line, 0.07))
    behind = _blurred(other.flip(3), torch.full_like(reach, 0.8)) * _between(line, 0.08, 0.3)
    return torch.maximum(line, behind * _coin(line, 0.05))
