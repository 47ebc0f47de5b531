"""The upright page as a picture to look at, made of its scan by the way kept in the record."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
import psutil

from pipeline.page.points import as_matrix, grown, map_polygon
from pipeline.types import Grey, Matrix, Point, Polygon

SHOWN_DPI = 300.0
"""Finer than this no eye needs; a page of 600 dpi would be four times as heavy."""


@dataclass(frozen=True)
class Sheet:
    """A page and how it is shown. ``width`` and ``height`` are page pixels, ``to_scan`` of them."""

    scan_digest: str
    position: int
    to_scan: Matrix
    width: int
    height: int
    dpi: float

    @property
    def scale(self) -> float:
        """Pixels of the shown picture for one page pixel."""
        return min(1.0, SHOWN_DPI / self.dpi)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the shown picture."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))

    @property
    def shown_dpi(self) -> float:
        """Resolution of the shown picture."""
        return self.dpi * self.scale

    @property
    def key(self) -> str:
        """Name for caches; another one as soon as the page is laid straight in another way."""
        way = ",".join(f"{value:.6g}" for row in self.to_scan for value in row)
        text = f"{self.scan_digest}/{self.position}/{way}/{self.width}x{self.height}@{self.dpi:.3g}"
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def from_scan(self, polygon: Polygon) -> Polygon:
        """A polygon of scan pixels in pixels of the shown picture."""
        back = as_matrix(np.linalg.inv(np.asarray(self.to_scan)))
        scale = self.scale
        return tuple((x * scale, y * scale) for x, y in map_polygon(polygon, back))

    def into_scan(self, polygon: Polygon) -> Polygon:
        """A polygon of pixels of the shown picture in scan pixels."""
        return map_polygon(
            tuple((x / self.scale, y / self.scale) for x, y in polygon), self.to_scan
        )


def draw_sheet(scan: Grey, sheet: Sheet) -> Grey:
    """The page of a scan, upright, at the size in which it is shown."""
    way = np.asarray(sheet.to_scan) @ grown(1 / sheet.scale)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if sheet.scale < 1.0:
        # A warp that shrinks takes single pixels: average first, bend then.
        factor = sheet.scale
        small = cv2.resize(scan, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        scan, way = np.asarray(small, np.uint8), grown(factor) @ way
    page = cv2.warpPerspective(
        scan, way, sheet.size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(200,)
    )
    return np.asarray(page, np.uint8)


def box_of(polygon: Polygon) -> tuple[Point, Point]:
    """Upper left and lower right corner around a polygon."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return (min(xs), min(ys)), (max(xs), max(ys))


def _room() -> int:
    """Bytes for decoded pages: a sixteenth of the machine's memory, a gigabyte at the most."""
    return min(1 << 30, psutil.virtual_memory().total // 16)


class SheetMemory:
    """The pages of late, decoded: all crops of an entry come from one decoding.

    Fifty people sit at fifty pages, each for several entries: as many as there is room for stay,
    and a few in any case.
    """

    def __init__(self, keep: int = 4, room: int | None = None) -> None:
        self._keep = keep
        self._room = _room() if room is None else room
        self._used = 0
        self._sheets: OrderedDict[str, Grey] = OrderedDict()
        self._guard = Lock()
        self._making: dict[str, Lock] = {}

    def get(self, key: str, make: Callable[[], Grey]) -> Grey:
        """The page of this key; made once, however many ask at the same time."""
        with self._guard:
            if key in self._sheets:
                self._sheets.move_to_end(key)
                return self._sheets[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._guard:
                if key in self._sheets:
                    return self._sheets[key]
            page = make()
            with self._guard:
                self._sheets[key] = page
                self._used += page.nbytes
                self._making.pop(key, None)
                while len(self._sheets) > self._keep and self._used > self._room:
                    _, gone = self._sheets.popitem(last=False)
                    self._used -= gone.nbytes
        return page
