"""Lines of other hands that come with the weights, shown to a learner so that it does not forget.

An office's first book has no reviewed lines of other books to mix in. Learned from one hand's
doubtful fields alone, the net unlearns what it read right: digits, names it was not shown.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.reading.hand.examples import Example
from pipeline.reading.hand.inks import packed, unpacked

log = logging.getLogger("hotich.reading")

_TEXTS = "texts"


def rehearsal_file(config: Path) -> Path:
    """Where the lines of an ``ocr_config`` folder lie."""
    return config / "weights" / "rehearsal.npz"


def write_rehearsal(lines: Sequence[Example], path: Path) -> None:
    """Write lines that :func:`load_rehearsal` reads, in sixteen steps of ink: half the size."""
    inks = {str(n): packed(line.ink) // 16 * 17 for n, line in enumerate(lines)}
    with path.open("wb") as file:
        arrays = {**inks, _TEXTS: np.array([line.text for line in lines])}
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@lru_cache(maxsize=4)
def load_rehearsal(config: Path) -> tuple[Example, ...]:
    """The lines; none, with a warning, where the file is damaged: learning goes on without."""
    path = rehearsal_file(config)
    if not path.exists():
        return ()
    try:
        with np.load(path, allow_pickle=False) as arrays:
            texts = arrays[_TEXTS].tolist()
            return tuple(
                Example(unpacked(arrays[str(n)]), text, f"rehearsal/{n}")
                for n, text in enumerate(texts)
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        log.warning("%s: %s", path, error)
        return ()
