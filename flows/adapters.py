"""Files of adapters in the home, which scan is read with which, and readers that use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models import AdapterRecord, AdapterState
from pipeline.errors import WeightsError
from pipeline.reading.recognizer import Recognizer
from pipeline.scan.store import file_digest
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.reading.hand.net import Net
    from pipeline.reading.hand.reader import HandRecognizer

SUFFIX = ".npz"
_NETS = 3
"""Nets a process holds at most, 12 MB of weights each: the hands of a book and the office's."""


@dataclass(frozen=True)
class AdapterFile:
    """An adapter as it travels to a child: its place and the digest it must have."""

    path: Path
    digest: str


def adapter_file(settings: Settings, digest: str) -> AdapterFile:
    """Where the adapter of a digest lies in the home."""
    return AdapterFile(settings.adapter_store / digest[:2] / f"{digest}{SUFFIX}", digest)


def adapter_for(number: int, in_force: Sequence[AdapterRecord]) -> AdapterRecord | None:
    """The adapter with which scan ``number`` of a book is read; None for none of its own.

    Clerks change on the way through a book, seldom back and forth: a scan that nobody has
    reviewed is taken for the hand of the nearest one that was.

    Args:
        number: of the scan, from 1.
        in_force: ``models.adapters_in_force`` of the book; hands that were rolled back among
            them.
    """
    nearest = _nearest(number, in_force)
    return nearest if nearest and nearest.state is AdapterState.ACTIVE else None


def hand_of(number: int, in_force: Sequence[AdapterRecord]) -> int:
    """The hand that wrote scan ``number``, by the same rule; 0 where none was told apart."""
    nearest = _nearest(number, in_force)
    return nearest.hand if nearest else 0


def _nearest(number: int, in_force: Sequence[AdapterRecord]) -> AdapterRecord | None:
    def far(one: AdapterRecord) -> tuple[int, bool, int]:
        distance = min((abs(number - scan) for scan in one.scans), default=1 << 30)
        return distance, one.state is not AdapterState.ACTIVE, -one.id

    return min(in_force, key=far, default=None)


def scan_adapter(
    number: int,
    book: Sequence[AdapterRecord],
    office: Sequence[AdapterRecord],
    settings: Settings,
) -> AdapterFile | None:
    """File of the adapter for a scan: of its hand, else the office's, else None."""
    chosen = adapter_for(number, book)
    if chosen is None:
        chosen = next((one for one in office if one.state is AdapterState.ACTIVE), None)
    return adapter_file(settings, chosen.digest) if chosen and chosen.digest else None


def adapted(reader: Recognizer, settings: Settings, adapter: AdapterFile) -> Recognizer:
    """The same reader with an adapter; print is read as before.

    Raises:
        WeightsError: the file is missing, damaged, or made for other weights.
    """
    from pipeline.reading.auto import AutoRecognizer
    from pipeline.reading.hand.reader import HandRecognizer

    if isinstance(reader, HandRecognizer):
        return _with(reader, settings, adapter)
    if isinstance(reader, AutoRecognizer) and isinstance(reader.hand, HandRecognizer):
        return replace(reader, hand=_with(reader.hand, settings, adapter))
    return reader


def check_file(adapter: AdapterFile) -> Path:
    """The path of an adapter whose bytes are what they should be.

    Raises:
        WeightsError: missing or damaged.
    """
    try:
        found = file_digest(adapter.path)
    except OSError as error:
        raise WeightsError(f"{adapter.path.name}?", where=str(adapter.path.parent)) from error
    if found != adapter.digest:
        raise WeightsError(f"sha256 {found[:12]}", where=str(adapter.path))
    return adapter.path


def _with(reader: HandRecognizer, settings: Settings, adapter: AdapterFile) -> HandRecognizer:
    return reader.with_learned(_net(settings.config, settings.hand_weights, adapter))


@lru_cache(maxsize=_NETS)
def _net(config: Path, weights: str, adapter: AdapterFile) -> Net:
    from pipeline.reading.hand.net import load_net

    return load_net(config, weights, check_file(adapter))
