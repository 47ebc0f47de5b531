"""A ruled grid as a book taught it, and that grid found on a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.form.warp import Warp

Floats = NDArray[np.float64]

MM_PER_INCH = 25.4
CLEAR_RULE = 90
"""Of 255: a rule, not a line of print."""


@dataclass(frozen=True)
class Grid:
    """Rules of one side of a book in the side's own frame. Lengths are millimetres.

    ``xs`` are the upright rules from left to right, ``ys`` the level ones from the top; the
    entries' rows begin at ``ys[first]``. ``level[j][i]`` tells how often (0..1) rule ``j`` was
    seen over column ``i``, ``upright[j][i]`` how often upright rule ``i`` was seen in band ``j``.
    ``print`` is what is printed in each column of the head: darkness 0..255, one row of
    ``PRINT_SIZE`` numbers a column.
    """

    width: float
    height: float
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    first: int
    level: tuple[tuple[float, ...], ...]
    upright: tuple[tuple[float, ...], ...]
    print: tuple[tuple[int, ...], ...] = ()

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.xs) - 1

    @property
    def bands(self) -> int:
        """Number of bands between level rules, the head's and the entries'."""
        return len(self.ys) - 1

    @property
    def rows(self) -> int:
        """Number of rows for entries."""
        return self.bands - self.first

    @property
    def pitch(self) -> float:
        """Usual height of a row."""
        return float(np.median(np.diff(self.ys[self.first :])))

    def data(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def grid_from(data: dict[str, Any]) -> Grid:
    """The grid of plain data, also after a journey through JSON."""
    return Grid(
        width=float(data["width"]),
        height=float(data["height"]),
        xs=tuple(data["xs"]),
        ys=tuple(data["ys"]),
        first=int(data["first"]),
        level=tuple(tuple(row) for row in data["level"]),
        upright=tuple(tuple(row) for row in data["upright"]),
        print=tuple(tuple(row) for row in data["print"]),
    )


@dataclass(frozen=True)
class GridFit:
    """A grid on a page. ``warp`` takes the grid's frame to page millimetres.

    ``level`` and ``upright`` tell for each edge how surely ink lies under it, 0..1, in the
    shape of ``Grid.level`` and ``Grid.upright``; ``support`` is their mean over the edges the
    book has. ``strength`` is the mean darkness of each level rule where it is seen: solid rules
    are darker than dotted ones.
    """

    warp: Warp
    level: Floats
    upright: Floats
    support: float
    strength: Floats
