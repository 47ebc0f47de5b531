"""From literal to meaning: dates, numbers, closed lists, names; nothing is invented."""

from __future__ import annotations

from pipeline.values.context import Context
from pipeline.values.normalise import normalise, resolve_dittos
from pipeline.values.text import fold, nfc, unify_tone

__all__ = ["Context", "fold", "nfc", "normalise", "resolve_dittos", "unify_tone"]
