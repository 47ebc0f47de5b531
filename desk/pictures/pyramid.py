"""A page in tiles, level by level as they are asked for, kept on disk within a bound."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from desk.pictures.crops import jpeg
from pipeline.types import Grey

TILE = 512
_QUALITY = 72
_SHARE_KEPT = 0.8
"""After a sweep; sweeping to the bound itself would sweep with every page."""


def top_level(width: int, height: int) -> int:
    """The level of full size; each below it is half as wide, level 0 is one pixel."""
    return max(0, math.ceil(math.log2(max(width, height, 1))))


def first_level(width: int, height: int) -> int:
    """The finest level that fits into one tile: where looking begins."""
    return max(0, top_level(width, height) - math.ceil(math.log2(max(width, height, TILE) / TILE)))


@dataclass
class TileStore:
    """Tiles on disk, ``ab/abcd…/level/x_y.jpg``; pages nobody looks at go first."""

    root: Path
    most_bytes: int = 2_000_000_000
    _locks: dict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))
    _guard: Lock = field(default_factory=Lock)
    _swept: float = 0.0

    def tile(
        self, key: str, level: int, x: int, y: int, size: tuple[int, int], page: Callable[[], Grey]
    ) -> Path | None:
        """Where a tile lies, made with its level where it is not there yet; None for no tile.

        Args:
            key: of the page, as ``Sheet.key``.
            level: 0 .. ``top_level``.
            x: column of the tile.
            y: row of the tile.
            size: width and height of the full picture.
            page: gives the full picture.
        """
        top = top_level(*size)
        if not first_level(*size) <= level <= top:
            return None
        width, height = (max(1, math.ceil(side / 2 ** (top - level))) for side in size)
        if not (0 <= x < math.ceil(width / TILE) and 0 <= y < math.ceil(height / TILE)):
            return None
        folder = self.root / key[:2] / key / str(level)
        if not folder.is_dir():
            with self._guard:
                lock = self._locks[str(folder)]
            with lock:
                if not folder.is_dir():
                    self._cut(folder, page(), (width, height))
            with self._guard:
                self._locks.pop(str(folder), None)
            self.sweep()
        return folder / f"{x}_{y}.jpg"

    def _cut(self, folder: Path, picture: Grey, size: tuple[int, int]) -> None:
        if (picture.shape[1], picture.shape[0]) != size:
            small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            picture = np.asarray(small, np.uint8)
        private(self.root)
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
        try:
            for y in range(0, picture.shape[0], TILE):
                for x in range(0, picture.shape[1], TILE):
                    name = half / f"{x // TILE}_{y // TILE}.jpg"
                    name.write_bytes(jpeg(picture[y : y + TILE, x : x + TILE], _QUALITY))
            half.rename(folder)
        except OSError:
            shutil.rmtree(half, ignore_errors=True)
            if not folder.is_dir():  # else another process was faster; its tiles are the same
                raise

    def sweep(self, now: float | None = None) -> None:
        """Removes the pages looked at longest ago until the store is within its bound."""
        now = time.time() if now is None else now
        with self._guard:
            if now - self._swept < 60:
                return
            self._swept = now
        pages = []
        for page in self.root.glob("??/*"):
            files = [entry.stat() for level in page.iterdir() for entry in os.scandir(level)]
            used = max((one.st_atime for one in files), default=0.0)
            pages.append((used, sum(one.st_size for one in files), page))
        total = sum(size for _, size, _ in pages)
        if total <= self.most_bytes:
            return
        for _, size, page in sorted(pages):
            shutil.rmtree(page, ignore_errors=True)
            total -= size
            if total <= self.most_bytes * _SHARE_KEPT:
                return


def private(folder: Path) -> None:
    """Makes a folder that only the office's own account can look into."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
