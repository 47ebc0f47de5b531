"""One side of a ruled book while it is learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.ledger_columns import Heading
from pipeline.page.rules import Rules
from pipeline.types import PageImage, Side


@dataclass(frozen=True)
class RuledSide:
    """One side of a ruled book: its grid, its head's print and what was read in it."""

    side: Side
    grid: Grid
    pages: tuple[PageImage, ...]
    rules: tuple[Rules, ...]
    fits: tuple[GridFit, ...]
    scans: tuple[int, ...]
    """Which scan each page is of."""
    ends: tuple[tuple[int, float], ...] = ()
    """Numbers of bands the head may have, and how much worse than the best each would do."""
    headings: tuple[tuple[Heading, ...], ...] = ()
    """What was read for each of ``ends``."""

    @property
    def usual_support(self) -> float:
        """Support of the grid on the book's own pages that show it."""
        supports = np.array([found.support for found in self.fits])
        return float(np.median(supports[supports > 0.5 * supports.max()]))
