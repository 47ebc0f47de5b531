"""The edges of a grid that a book has: what is looked for on a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_types import Floats, Grid

_EXISTS = 0.35
"""Share of the book's usual presence from which an edge is expected on a page."""


@dataclass(frozen=True)
class Edges:
    """The edges of a grid that a book has, as frame points (mm).

    ``ends`` has shape (n, 2, 2): start and end; ``at`` the index (j, i) in the grid's table.
    """

    ends: Floats
    at: NDArray[np.int64]


def level_edges(grid: Grid) -> Edges:
    """Edges along level rules, column by column."""
    return _edges(np.array(grid.level), grid.xs, grid.ys, upright=False)


def upright_edges(grid: Grid) -> Edges:
    """Edges along upright rules, band by band."""
    return _edges(np.array(grid.upright), grid.xs, grid.ys, upright=True)


def _edges(
    presence: Floats, xs: tuple[float, ...], ys: tuple[float, ...], *, upright: bool
) -> Edges:
    at = np.argwhere(presence >= _EXISTS * max(1e-6, float(np.median(presence))))
    across, down = np.array(xs), np.array(ys)
    j, i = at[:, 0], at[:, 1]
    if upright:
        ends = np.stack(
            [np.stack([across[i], down[j]], 1), np.stack([across[i], down[j + 1]], 1)], 1
        )
    else:
        ends = np.stack(
            [np.stack([across[i], down[j]], 1), np.stack([across[i + 1], down[j]], 1)], 1
        )
    return Edges(ends.reshape(-1, 2, 2), at)
