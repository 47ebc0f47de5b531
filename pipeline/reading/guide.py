"""What is known of a field before its ink is read, handed in from rooms further on.

The reading room knows no meanings. ``pipeline.values.guide`` makes a guide out of the value
parsers and closed lists; candidate places come the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Listed = tuple[str, float]
"""A text that may stand in a field, and the logarithm of its weight there."""


def _always(_field: str, _text: str) -> float:
    return 1.0


def _nothing(_field: str) -> Sequence[Listed]:
    return ()


def _no_words(_field: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Guide:
    """Rules of the fields, by field name."""

    fits: Callable[[str, str], float] = _always
    """How well a text keeps a field's grammar: 1 as it should be, near 0 not understood."""
    listed: Callable[[str], Sequence[Listed]] = _nothing
    """All that may stand in a field, where that is known; empty where it is not."""
    words: Callable[[str], Sequence[str]] = _no_words
    """Words of which a field is made, where they are few (dates in words)."""


UNGUIDED = Guide()
"""Takes any text."""
