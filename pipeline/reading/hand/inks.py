"""Ink maps of the handwritten cells of a scan, kept so that a scan is cut but once.

A copy, never the record: a file that is missing, damaged or of another version is made anew.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ink import InkLine

Packed = NDArray[np.uint8]
"""An ink map in 256 steps, as it is kept and travels."""
Place = tuple[int, str]
"""A cell on its scan: number of the entry, name of the field."""
_VERSION, _CELL = "version", "cell"


@dataclass(frozen=True)
class CellInk:
    """A cell that may be handwriting: its rows, top to bottom, and where it stands.

    ``chance`` is that of handwriting, ``centre`` and ``height`` its place in scan pixels.
    """

    rows: tuple[Packed, ...]
    chance: float
    centre: tuple[float, float]
    height: float


Inks = Mapping[Place, CellInk]


def packed(ink: InkLine) -> Packed:
    """An ink map in 256 steps."""
    return np.asarray(np.rint(ink * 255), np.uint8)


def unpacked(ink: Packed) -> InkLine:
    """As the net sees it again."""
    return ink.astype(np.float32) / np.float32(255)


def inks_path(root: Path, digest: str) -> Path:
    """Where the ink maps of a scan lie, by its digest."""
    return root / digest[:2] / f"{digest}.npz"


def write_inks(path: Path, inks: Inks, version: str) -> None:
    """Keeps the ink maps of a scan, whole or not at all.

    Raises:
        OSError: the disk does not take it.
    """
    arrays: dict[str, NDArray[np.generic]] = {
        _VERSION: np.frombuffer(version.encode(), np.uint8),
    }
    for (entry, field), cell in inks.items():
        arrays[f"{entry}/{field}/{_CELL}"] = np.array([cell.chance, *cell.centre, cell.height])
        for n, row in enumerate(cell.rows):
            arrays[f"{entry}/{field}/{n}"] = row
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with fresh.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read_inks(path: Path, version: str) -> Inks | None:
    """The ink maps of a scan; None where they must be made anew."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if arrays[_VERSION].tobytes().decode() != version:
                return None
            rows: dict[Place, dict[int, Packed]] = {}
            cells: dict[Place, list[float]] = {}
            for name in arrays.files:
                if name == _VERSION:
                    continue
                entry, field, what = name.split("/")
                place = (int(entry), field)
                if what == _CELL:
                    cells[place] = arrays[name].tolist()
                else:
                    rows.setdefault(place, {})[int(what)] = arrays[name]
            return {
                place: CellInk(
                    tuple(row for _, row in sorted(rows.get(place, {}).items())),
                    chance,
                    (x, y),
                    height,
                )
                for place, (chance, x, y, height) in cells.items()
            }
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
