"""Reliability: how often values of a probability are right, as figures and as a diagram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.checks.sampling import interval

EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
"""Bins of the diagram: finer where fields are accepted."""
_TENTHS = 10
_LEVEL = 0.95
_THROWS = 60


@dataclass(frozen=True)
class Weighed:
    """A value: its probability, whether it was right, and how many fields it stands for."""

    probability: float
    right: bool
    weight: float = 1.0


@dataclass(frozen=True)
class Bin:
    """Values of like probability. ``low`` and ``high`` bound the share right (95 %)."""

    fields: int
    probability: float
    right: float
    low: float
    high: float


def reliability(seen: Iterable[Weighed], edges: Sequence[float] = EDGES) -> tuple[Bin, ...]:
    """Bins that hold something, rising."""
    groups: dict[int, list[Weighed]] = {}
    last = len(edges) - 2
    for one in seen:
        at = next((n for n in range(last) if one.probability < edges[n + 1]), last)
        groups.setdefault(at, []).append(one)
    return tuple(_bin(group) for _, group in sorted(groups.items()))


def _bin(group: Sequence[Weighed]) -> Bin:
    total = sum(one.weight for one in group)
    right = sum(one.weight for one in group if one.right) / total
    # what so unequal weights are worth (Kish 1965)
    worth = max(1, round(total**2 / sum(one.weight**2 for one in group)))
    wrong = min(worth, round((1 - right) * worth))
    low, high = interval(wrong, worth, _LEVEL)
    mean = sum(one.weight * one.probability for one in group) / total
    return Bin(len(group), mean, right, 1 - high, 1 - low)


def calibration_error(seen: Sequence[Weighed]) -> float | None:
    """Mean gap between probability and share right over ten equal bins (Naeini et al. 2015)."""
    if not seen:
        return None
    return float(_gaps(seen, np.array([[one.right for one in seen]]))[0])


def error_by_chance(seen: Sequence[Weighed], seed: int = 1) -> float | None:
    """The calibration error that these values would show if each probability were exact.

    What is right is thrown as coins of the probabilities, some dozens of times; the mean. Few
    values show an error however true their probabilities are: a measured one says something
    only where it is larger.
    """
    if not seen:
        return None
    coins = np.random.default_rng(seed).random((_THROWS, len(seen)))
    return float(_gaps(seen, coins < [one.probability for one in seen]).mean())


def _gaps(seen: Sequence[Weighed], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Calibration error of each row of outcomes; ``right`` has shape (rows, values)."""
    probabilities = np.array([one.probability for one in seen])
    weights = np.array([one.weight for one in seen])
    tenths = np.minimum((probabilities * _TENTHS).astype(int), _TENTHS - 1)
    gaps = weights * (probabilities - right)
    summed = np.stack([gaps[:, tenths == n].sum(axis=1) for n in range(_TENTHS)])
    return np.asarray(np.abs(summed).sum(axis=0) / weights.sum(), np.float64)


# --- diagram --------------------------------------------------------------------------------------

_SIDE, _RIM, _GAP = 220, 34, 46
_SURE = 0.9
_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#333}.f{fill:none;stroke:#999}"
    ".d{stroke:#bbb;stroke-dasharray:4 3}.i{stroke:#1c5d99}.p{fill:#1c5d99;fill-opacity:.75}"
)


def diagram(bins: Sequence[Bin], title: str) -> str:
    """Two panels as SVG within HTML: all probabilities, and those above 0.9 enlarged.

    Points are bins, their area the fields in them, bars 95 % intervals; on the dashed line
    probability and share right are equal.
    """
    width, height = 2 * (_SIDE + _RIM) + _GAP, _SIDE + 2 * _RIM
    parts = [
        f'<svg viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{_plain(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text x="{_RIM}" y="16" font-weight="bold">{_plain(title)}</text>',
    ]
    most = max((one.fields for one in bins), default=1)
    for left, start in ((_RIM, 0.0), (2 * _RIM + _SIDE + _GAP - _RIM // 2, _SURE)):
        parts += _panel([one for one in bins if one.probability >= start], left, start, most)
    return "\n".join((*parts, "</svg>"))


def _panel(bins: Sequence[Bin], left: int, start: float, most: int) -> list[str]:
    def across(value: float) -> float:
        return left + _SIDE * (value - start) / (1 - start)

    def up(value: float) -> float:
        return _RIM + _SIDE * (1 - (max(value, start) - start) / (1 - start))

    bottom, right = _RIM + _SIDE, left + _SIDE
    parts = [
        f'<rect class="f" x="{left}" y="{_RIM}" width="{_SIDE}" height="{_SIDE}"/>',
        f'<line class="d" x1="{left}" y1="{bottom}" x2="{right}" y2="{_RIM}"/>',
    ]
    for value in (start, (start + 1) / 2, 1.0):
        label = f"{value:g}"
        parts += [
            f'<text x="{across(value):.1f}" y="{bottom + 15}" text-anchor="middle">{label}</text>',
            f'<text x="{left - 4}" y="{up(value) + 4:.1f}" text-anchor="end">{label}</text>',
        ]
    for one in bins:
        x, y = across(one.probability), up(one.right)
        size = 2.5 + 6 * (one.fields / most) ** 0.5
        parts += [
            f'<line class="i" x1="{x:.1f}" y1="{up(one.low):.1f}" '
            f'x2="{x:.1f}" y2="{up(one.high):.1f}"/>',
            f'<circle class="p" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}">'
            f"<title>p {one.probability:.4f}, {one.right:.4f}, n {one.fields}</title></circle>",
        ]
    return parts


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
